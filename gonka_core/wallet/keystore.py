"""V3 keystores (Web3 Secret Storage): a key behind a passphrase, in a JSON file that every Ethereum wallet writes.

Ours hold the account's gonka address in `address`, where those of others hold one of Ethereum; the key is the same.
"""

from __future__ import annotations

import json
import os
from typing import Any, Final

from gonka_core.address import address_of
from gonka_core.errors import AddressMismatchError, ConfigurationError, InvalidKeyError
from gonka_core.keys import PrivateKey, secret_file
from gonka_core.resolve import AUTO, signer

from . import files
from .libraries import library
from .passphrase import Passphrase
from .shape import Checked, check_scrypt, checked

SCRYPT_N: Final = 2**18
"""What scrypt takes by default: 256 MiB and about a second, as in other wallets."""

_R: Final = 8
_P: Final = 1
_SALT_BYTES: Final = 32


def read(path: str | os.PathLike[str], passphrase: Passphrase | str) -> PrivateKey:
    """The key in a keystore file. Raises `InvalidKeyError` as `decrypt` does, and where the file cannot be read."""
    passphrase = Passphrase(passphrase)
    try:
        content = secret_file(path, "keystore")
    except InvalidKeyError:
        del path  # a key given where its path belongs
        raise
    return decrypt(content, passphrase)


def write(
    path: str | os.PathLike[str], key: PrivateKey, passphrase: Passphrase | str, *, scrypt_n: int = SCRYPT_N
) -> None:
    """Write a key into a new file, which only its owner can read (mode 0600).

    All of the file appears at once, and none where there is one already: that raises `ConfigurationError`, as a
    folder does that cannot be written to.
    """
    passphrase = Passphrase(passphrase)
    try:
        files.refuse_taken(path)
    except ConfigurationError:
        del path  # a key given where its path belongs
        raise
    files.write_new(path, encrypt(key, passphrase, scrypt_n=scrypt_n).encode("ascii"))


def decrypt(content: bytes, passphrase: Passphrase | str) -> PrivateKey:
    """The key in the JSON of a keystore, scrypt or pbkdf2.

    Raises `InvalidKeyError` for one that is damaged, for one that asks for more memory or time than wallets do, before
    any is spent, and for a wrong passphrase; `AddressMismatchError` where it tells another gonka address.
    """
    passphrase = Passphrase(passphrase)
    keystore = checked(content)
    opened = _opened(keystore, passphrase)
    if not isinstance(opened, PrivateKey):
        raise InvalidKeyError(*opened)
    if keystore.address not in (None, _address(opened)):
        raise AddressMismatchError(
            f"the keystore tells {keystore.address}, and its key belongs to {_address(opened)}",
            "take another copy of the file; somebody has changed one of the two",
        )
    return opened


def encrypt(key: PrivateKey, passphrase: Passphrase | str, *, scrypt_n: int = SCRYPT_N) -> str:
    """The JSON of a keystore with scrypt (r 8, p 1). `scrypt_n`: a power of two, for less or more work than usual.

    Raises `InvalidKeyError` for an empty passphrase.
    """
    passphrase = Passphrase(passphrase)
    if not passphrase:
        raise InvalidKeyError("the passphrase for the keystore is empty", "choose one; whoever has the file needs it")
    check_scrypt(scrypt_n, _R, _P)
    document = _sealed(library("eth_keyfile"), key, passphrase, scrypt_n)
    if isinstance(document, str):
        raise InvalidKeyError(f"the keystore cannot be made ({document})", "free some memory, and try again")
    return json.dumps({**document, "address": _address(key)}, indent=2) + "\n"


def told_address(content: bytes) -> str | None:
    """The gonka address that a keystore tells, before its passphrase is known. Raises `InvalidKeyError`."""
    return checked(content).address


def _opened(keystore: Checked, passphrase: Passphrase) -> PrivateKey | tuple[str, str]:
    """The key, or why there is none; the errors of the library go no further: their frames hold the passphrase."""
    library_ = library("eth_keyfile")
    try:
        return PrivateKey(library_.decode_keyfile_json(keystore.document, passphrase.reveal().encode()))
    except InvalidKeyError as error:
        return error.problem, error.next_step
    except ValueError:
        return "the passphrase does not open the keystore", "type it again; capitals and spaces count"
    except Exception as error:  # noqa: BLE001 - whatever happens, the words and frames of the library are withheld
        return f"the keystore cannot be opened ({type(error).__name__})", "free some memory, or take another copy of it"


def _sealed(library_: Any, key: PrivateKey, passphrase: Passphrase, scrypt_n: int) -> dict[str, Any] | str:
    """The document, or the name of what went wrong."""
    secret = passphrase.reveal().encode()
    try:
        document: dict[str, Any] = library_.create_keyfile_json(
            key.reveal(), secret, version=3, kdf="scrypt", iterations=scrypt_n, salt_size=_SALT_BYTES
        )
    except Exception as error:  # noqa: BLE001 - as above
        return type(error).__name__
    return document


def _address(key: PrivateKey) -> str:
    return address_of(signer(AUTO, lambda: key).public_key)
