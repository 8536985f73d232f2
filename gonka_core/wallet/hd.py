"""From a seed to the key of an account: private derivation of BIP-32, along a path.

    master          I = HMAC-SHA512("Bitcoin seed", seed);          key = I[:32], chain code = I[32:]
    child i < 2³¹   I = HMAC-SHA512(chain code, point(key) ‖ i);    key = I[:32] + key mod n, chain code = I[32:]
    child i ≥ 2³¹   I = HMAC-SHA512(chain code, 00 ‖ key ‖ i)       "hardened", written i - 2³¹ with ' behind

Points are computed by whichever signer is installed, so that nothing is installed for this.

**2026-11-30, no library for BIP-32.** The package `bip32` holds coincurve below 21, which our fastest signer does
not, and has no way without coincurve, for which Python 3.14 has no wheels. Others bring twenty packages. Twenty lines
and the vectors of BIP-32 are less to trust.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Final, NoReturn

from gonka_core.errors import ConfigurationError, InvalidKeyError
from gonka_core.keys import ORDER, PrivateKey
from gonka_core.resolve import AUTO, signer

DEFAULT_PATH: Final = "m/44'/1200'/0'/0/0"
"""Of the first account of a mnemonic, as the network's own command derives it (`protocol.md` §8)."""

HARDENED: Final = 2**31

_PATH: Final = re.compile(r"m(/(0|[1-9][0-9]{0,9})['hH]?)*", re.ASCII)
_DEEPEST: Final = 255
_SHOWN: Final = re.compile(r"[mM/0-9'hH]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExtendedKey:
    """A key with the 32 bytes of its chain code, from which its children follow."""

    key: PrivateKey
    chain_code: bytes = field(repr=False)

    def child(self, index: int) -> ExtendedKey:
        """The child of that index, 0 to 2³² - 1; from 2³¹ on hardened. Raises `InvalidKeyError` where there is none."""
        hardened = index >= HARDENED
        public_key = b"" if hardened else signer(AUTO, lambda: self.key).public_key
        start = b"\x00" + self.key.reveal() if hardened else public_key
        found = _extended(self.chain_code, start + index.to_bytes(4, "big"), self.key)
        del start
        return found or _nothing()


def master(seed: bytes) -> ExtendedKey:
    """The key at `m`, of a seed of 16 to 64 bytes."""
    found = _extended(b"Bitcoin seed", seed, None)
    del seed
    return found or _nothing()


def derive(seed: bytes, path: str = DEFAULT_PATH) -> PrivateKey:
    """The key at the end of a path. Raises `ConfigurationError` for a path that is none."""
    try:
        indices = parse_path(path)
    except ConfigurationError:
        del seed
        raise
    extended = _extended(b"Bitcoin seed", seed, None)
    del seed
    for index in indices:
        extended = (extended or _nothing()).child(index)
    return (extended or _nothing()).key


def parse_path(path: str) -> tuple[int, ...]:
    """The indices of a path such as `m/44'/1200'/0'/0/0`; `h` and `H` are taken for `'`.

    Raises `ConfigurationError` for anything else.
    """
    steps = path.split("/")[1:] if isinstance(path, str) and _PATH.fullmatch(path) else None
    if steps is not None and len(steps) <= _DEEPEST:
        indices = [(int(step.rstrip("'hH")), step[-1] in "'hH") for step in steps]
        if all(number < HARDENED for number, _ in indices):
            return tuple(number + HARDENED * hardened for number, hardened in indices)
    shown = repr(path) if isinstance(path, str) and _SHOWN.fullmatch(path) else "given"
    raise ConfigurationError(
        f"the HD path {shown} is none",
        f"write it as {DEFAULT_PATH}: m, then numbers below 2147483648, with ' behind those that are hardened",
    )


def _extended(chain_code: bytes, data: bytes, parent: PrivateKey | None) -> ExtendedKey | None:
    """The key that follows, or None; does not raise, so that no frame with the seed or a key is kept."""
    mixed = hmac.new(chain_code, data, hashlib.sha512).digest()
    left = int.from_bytes(mixed[:32], "big")
    number = (left + (int.from_bytes(parent.reveal(), "big") if parent else 0)) % ORDER
    if left >= ORDER or number == 0:
        return None
    return ExtendedKey(PrivateKey(number.to_bytes(32, "big")), mixed[32:])


def _nothing() -> NoReturn:
    raise InvalidKeyError("there is no key at this HD path (one in 2¹²⁷ has none)", "take the next number of the path")
