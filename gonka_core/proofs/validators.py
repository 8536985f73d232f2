"""Sets of validators in each form in which nodes show them, and their hash (CometBFT 0.38, `protocol.md` §6.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gonka_core import bech32

from . import messages
from .merkle import sha256, simple_root
from .reasons import refused
from .strict import INT64, base64_bytes, malformed, mapping, number, rows

_MOST_VALIDATORS: Final = 10_000
_MOST_POWER: Final = INT64 // 8
"""CometBFT's bounds: votes of a commit, and the power of a whole set."""
_KEY: Final = 32
_HEX_ADDRESS: Final = re.compile(r"[0-9A-Fa-f]{40}", re.ASCII)
_KEY_FORMS: Final[Mapping[tuple[str, str], str]] = {
    ("type", "tendermint/PubKeyEd25519"): "value",
    ("@type", "/cosmos.crypto.ed25519.PubKey"): "key",
}
"""Member that names the kind of key, and that name -> member with its base64."""


@dataclass(frozen=True, slots=True)
class Validator:
    """An ed25519 key of 32 bytes, and its voting power of one or more."""

    key: bytes
    power: int

    @property
    def address(self) -> bytes:
        """20 bytes."""
        return sha256(self.key)[:20]


@dataclass(frozen=True, slots=True)
class ValidatorSet:
    """Validators in CometBFT's order: the most power first, then by address. Made by `validators_of`."""

    validators: tuple[Validator, ...]

    @property
    def power(self) -> int:
        """That of all together."""
        return sum(each.power for each in self.validators)

    @property
    def hash(self) -> bytes:
        """32 bytes: `validators_hash` of a header. What a user pins."""
        return simple_root([messages.encode(_message(each)) for each in self.validators])


def _message(validator: Validator) -> object:
    return messages.SimpleValidator(pub_key=messages.PublicKey(ed25519=validator.key), voting_power=validator.power)


def validators_of(told: object) -> ValidatorSet:
    """The set in its JSON rows, of all pages, in any order: of the participants' document, of RPC or of REST.

    Raises `ProofError`: `malformed` for a row that is none, `validators` for rows that cannot be a set.
    """
    listed = rows(told, "validators")
    if not 0 < len(listed) <= _MOST_VALIDATORS:
        raise refused("validators", f"there are no validators, or more than {_MOST_VALIDATORS}")
    validators = [_validator(mapping(row, "a validator")) for row in listed]
    if len({each.key for each in validators}) != len(validators):
        raise refused("validators", "a validator is there twice")
    found = ValidatorSet(tuple(sorted(validators, key=lambda each: (-each.power, each.address))))
    if found.power > _MOST_POWER:
        raise refused("validators", "the validators have more power together than CometBFT can count")
    return found


def _validator(row: Mapping[str, object]) -> Validator:
    power = number(row.get("voting_power"), "voting_power")
    if power == 0:
        raise malformed("voting_power", "one or more")
    validator = Validator(_key(row.get("pub_key")), power)
    if "address" in row and _address(row["address"]) != validator.address:
        raise refused("validators", "the address of a validator is not that of its key")
    return validator


def _key(told: object) -> bytes:
    encoded = told
    if isinstance(told, Mapping):
        forms = [member for (kind, name), member in _KEY_FORMS.items() if told.get(kind) == name]
        if len(forms) != 1:
            raise malformed("the key of a validator", "ed25519")
        encoded = told.get(forms[0])
    key = base64_bytes(encoded, "the key of a validator")
    if len(key) != _KEY:
        raise malformed("the key of a validator", f"{_KEY} bytes")
    return key


def _address(told: object) -> bytes:
    """Hex, or bech32 as REST has it."""
    if isinstance(told, str) and _HEX_ADDRESS.fullmatch(told):
        return bytes.fromhex(told)
    try:
        return bech32.decode(told)[1] if isinstance(told, str) else b""
    except bech32.Bech32Error:
        raise malformed("the address of a validator", "hex or bech32") from None
