"""What a text is that was given as a private key: hex digits, or a form in which people keep keys elsewhere.

Nothing here quotes the text, and nothing raises: who holds it lets go of it before the error goes out.
"""

from __future__ import annotations

import re
from typing import Final

_HEX_KEY: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{64}", re.ASCII)
_HEX_RUN: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{48,}", re.ASCII)
_WORDS: Final = re.compile(r"\b[a-z]{3,8}(?: [a-z]{3,8}){10,}\b", re.ASCII)
_EXPORT: Final = "export it as hex: inferenced keys export NAME --unarmored-hex --unsafe"
MNEMONIC_LENGTHS: Final = (12, 15, 18, 21, 24)
"""Words (BIP-39)."""

EXPOSED: Final = (
    "put the key into a file and give its path, or set GONKA_PRIVATE_KEY; what stands on a command line is seen by "
    "other users and kept in the shell's history: move to a new key if that has happened"
)


def is_keystore(text: str) -> bool:
    """Whether a text that was given as a key is the JSON of a V3 keystore, sound or not."""
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def is_mnemonic(text: str) -> bool:
    """Whether a text that was given as a key is words, as many as a mnemonic has (BIP-39), right or wrong ones."""
    words = text.split()
    return len(words) in MNEMONIC_LENGTHS and all(word.isalpha() for word in words)


def is_hex_key(text: str) -> bool:
    """Whether a text is 64 hex digits, which is a key wherever else it stands."""
    return bool(_HEX_KEY.fullmatch(text.strip()))


def is_secret(text: str) -> bool:
    """Whether a text that was given as a name or a path is rather a key or a mnemonic itself."""
    return is_hex_key(text) or is_mnemonic(text)


def flaw(text: str) -> tuple[str, str] | None:
    """Why the text is no hex key, as the end of a sentence and the next step; None where it may be one."""
    if not isinstance(text, str):
        return (
            f"is a {type(text).__name__}, not text",
            "give a str of 64 hex digits, or use PrivateKey(bytes)",
        )
    if _HEX_KEY.fullmatch(text):
        return None
    if other := _flaw_of_another_form(text):
        return other
    if text != text.strip():
        return "has white space around it", "remove the spaces and line breaks; exactly 64 hex digits remain"
    digits = text.removeprefix("0x")
    if all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return f"has {len(digits)} hex digits instead of 64", "copy it again, whole; leading zeros count"
    return "is not hex", "give 64 characters out of 0-9 and a-f, with or without 0x in front"


def _flaw_of_another_form(text: str) -> tuple[str, str] | None:
    """What to do with a key in another form than hex."""
    if "-----BEGIN TENDERMINT PRIVATE KEY" in text:
        return "is an armored export", _EXPORT
    if "-----BEGIN" in text:
        return "is a PEM block", f"give the 32 bytes of the key as 64 hex digits; an account of inferenced: {_EXPORT}"
    if is_mnemonic(text):
        return (
            "looks like a mnemonic",
            "give it as a file: --mnemonic-file PATH (in Python: gonka_core.wallet.Mnemonic), "
            "or do without it: inferenced keys export NAME --unarmored-hex --unsafe",
        )
    if is_keystore(text):
        return (
            "looks like a V3 keystore",
            "give it as a file: --key-file PATH, whose passphrase is asked for "
            "(in Python: gonka_core.wallet.keystore.read)",
        )
    return None


def withheld(text: str) -> str:
    """The text without what looks like a key or a mnemonic: somebody may have typed one where it does not belong."""
    return _WORDS.sub("(withheld)", _HEX_RUN.sub("(withheld)", text))
