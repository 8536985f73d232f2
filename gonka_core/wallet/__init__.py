"""Keys from where people keep them; what comes out is always a `PrivateKey`.

    Mnemonic      words (BIP-39) and a path (BIP-32) that leads from them to the key of an account
    keystore      files with a passphrase, V3 of Web3 Secret Storage
    system        the keyring of the operating system

Needs the extra `keys`, whose libraries are imported when they are first used. Passphrases and mnemonics are objects
that show nothing; as with keys, functions let go of texts before they raise.
"""

from . import files, keystore, system
from .hd import DEFAULT_PATH
from .mnemonic import Mnemonic
from .passphrase import Passphrase

__all__ = ["DEFAULT_PATH", "Mnemonic", "Passphrase", "files", "keystore", "system"]
