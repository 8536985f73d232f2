"""What may stand in a V3 keystore, looked at before any work is done for it.

A keystore is a stranger's file until its passphrase has opened it, and it says itself how much memory and time that
takes. So every field is checked, and what goes on to the library is a new document made of checked fields alone.

    version 3
    crypto    cipher aes-128-ctr, cipherparams.iv 16 bytes, ciphertext 32 bytes, mac 32 bytes
              kdf scrypt: n, r, p, dklen 32, salt    or    kdf pbkdf2: c, dklen 32, prf hmac-sha256, salt
    address   told, not trusted: of Ethereum in files of others, gonka1… in ours

Names in any case, as old wallets wrote `Crypto` (Web3 Secret Storage Definition).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gonka_core.address import parse_address
from gonka_core.errors import InvalidAddressError, InvalidKeyError

MOST_WORK: Final = 2**22
"""n·r·p of scrypt: twice the default of all wallets (n 2¹⁸, r 8, p 1). Its memory, 128·n·r bytes, is then 512 MiB."""
MOST_BLOCKS: Final = 1024
"""r·p of scrypt: twenty times what wallets write (r 8, p 6). A small n would leave room for half a gigabyte of blocks,
which the library makes in pure Python."""
MOST_ROUNDS: Final = 10_000_000
"""c of pbkdf2: ten times the default."""
_LONGEST_SALT: Final = 256

_HEX: Final = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2})*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checked:
    """A keystore whose fields are sound; `address` is the gonka address that it tells, None where it tells none."""

    document: Mapping[str, Any]
    address: str | None


def checked(content: bytes) -> Checked:
    """The keystore in the bytes of a file. Raises `InvalidKeyError` for one that is damaged or asks for too much."""
    try:
        outer = _lowered(json.loads(content.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        outer = None
    if outer is None:
        raise _damaged("it is not a JSON object")
    if outer.get("version") != 3:
        raise InvalidKeyError("the keystore is not of version 3", "export the key again as a V3 keystore, or as hex")
    crypto = _lowered(outer.get("crypto"))
    if crypto is None:
        raise _damaged("it has no object 'crypto'")
    return Checked({"version": 3, "crypto": _crypto(crypto)}, _address(outer.get("address")))


def check_scrypt(n: int, r: int, p: int) -> None:
    """Raise `InvalidKeyError` for parameters that scrypt does not take (RFC 7914 §2) or that would take too much.

    That n be below 2^(16·r) is not asked for: the vector of the definition itself has n 2¹⁸ and r 1.
    """
    if n < 2 or n & (n - 1) or r < 1 or p < 1:
        raise _damaged("n, r and p are no parameters of scrypt")
    if n * r * p > MOST_WORK or r * p > MOST_BLOCKS:
        raise InvalidKeyError(
            "the keystore asks for more memory or time than any wallet writes into one",
            f"do not trust it; if it is yours, export the key again with the program that wrote it (n·r·p up to "
            f"{MOST_WORK}, r·p up to {MOST_BLOCKS})",
        )


def _crypto(crypto: Mapping[str, Any]) -> dict[str, Any]:
    if crypto.get("cipher") != "aes-128-ctr":
        raise _damaged("its cipher is not aes-128-ctr")
    parameters = _lowered(crypto.get("kdfparams"))
    cipher = _lowered(crypto.get("cipherparams"))
    if parameters is None or cipher is None:
        raise _damaged("it has no object 'kdfparams' or 'cipherparams'")
    return {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": _hex(cipher, "iv", 16)},
        "ciphertext": _hex(crypto, "ciphertext", 32),
        "mac": _hex(crypto, "mac", 32),
        **_derivation(crypto.get("kdf"), parameters),
    }


def _derivation(kdf: object, told: Mapping[str, Any]) -> dict[str, Any]:
    if _whole(told, "dklen") != 32:
        raise _damaged("its dklen is not 32")
    common = {"dklen": 32, "salt": _hex(told, "salt", None)}
    if kdf == "scrypt":
        n, r, p = (_whole(told, name) for name in "nrp")
        check_scrypt(n, r, p)
        return {"kdf": "scrypt", "kdfparams": {**common, "n": n, "r": r, "p": p}}
    if kdf == "pbkdf2":
        return {"kdf": "pbkdf2", "kdfparams": {**common, "c": _rounds(told), "prf": "hmac-sha256"}}
    raise _damaged("its kdf is neither scrypt nor pbkdf2")


def _rounds(told: Mapping[str, Any]) -> int:
    rounds = _whole(told, "c")
    if told.get("prf") != "hmac-sha256" or rounds < 1:
        raise _damaged("its prf is not hmac-sha256, or c is not above zero")
    if rounds > MOST_ROUNDS:
        raise InvalidKeyError(
            "the keystore asks for more time than any wallet writes into one",
            f"do not trust it; if it is yours, export the key again with the program that wrote it (c up to "
            f"{MOST_ROUNDS})",
        )
    return rounds


def _lowered(value: object) -> dict[str, Any] | None:
    return {str(name).lower(): item for name, item in value.items()} if isinstance(value, dict) else None


def _whole(told: Mapping[str, Any], name: str) -> int:
    value = told.get(name)
    if type(value) is not int:
        raise _damaged(f"its {name!r} is not a whole number")
    return value


def _hex(told: Mapping[str, Any], name: str, length: int | None) -> str:
    value = told.get(name)
    match = _HEX.fullmatch(value) if isinstance(value, str) else None
    if match is None or (length is not None and len(match[1]) != 2 * length) or len(match[1]) > 2 * _LONGEST_SALT:
        raise _damaged(f"its {name!r} is not {length or f'up to {_LONGEST_SALT}'} bytes in hex")
    return match[1]


def _address(told: object) -> str | None:
    try:
        parse_address(told if isinstance(told, str) else "")
    except InvalidAddressError:
        return None
    return str(told)


def _damaged(why: str) -> InvalidKeyError:
    return InvalidKeyError(f"the keystore is damaged or none: {why}", "take another copy of it, or export it again")
