"""How the bytes of a signature are spelled: base64 of both alphabets, padded or not, hex, or one within another."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

_HEX: Final = re.compile(r"[0-9A-Fa-f]{100,}")
_BASE64: Final = re.compile(r"([A-Za-z0-9+/_-]+)(={0,4})")
_SIGNATURE_AGAIN: Final = re.compile(r"[A-Za-z0-9+/_-]{80,140}={0,2}")
_HEX_PREFIX: Final = re.compile(r"0[xX]")


@dataclass(frozen=True, slots=True)
class Spelled:
    """The bytes behind a text. `digits` is the text where it is hex: r and s may have lost half a byte there."""

    raw: bytes
    mistakes: tuple[str, ...] = ()
    digits: str | None = None


def decode(text: str) -> Spelled | None:
    """The bytes, with an id for each departure from standard base64 with padding; None where there are none."""
    bare = _HEX_PREFIX.sub("", text, count=1) if _HEX_PREFIX.match(text) else text
    if _HEX.fullmatch(bare):
        return Spelled(bytes.fromhex(bare + "0" * (len(bare) % 2)), ("hex",), bare)
    found = _base64(text)
    if bare != text and (found is None or len(found.raw) != 64):
        inner = _base64(bare)
        if inner is not None and (found is None or len(inner.raw) == 64):
            return Spelled(inner.raw, ("0x-prefix", *inner.mistakes), inner.digits)
    return found


def _base64(text: str) -> Spelled | None:
    match = _BASE64.fullmatch(text)
    if match is None or len(match[1]) % 4 == 1:
        return None
    symbols, padding = match.groups()
    wanted = -len(symbols) % 4
    mistakes = ("url-safe",) if "-" in symbols or "_" in symbols else ()
    if len(padding) != wanted:
        mistakes = (*mistakes, "padding")
    try:
        raw = base64.b64decode(symbols.translate(str.maketrans("-_", "+/")) + "=" * wanted)
    except binascii.Error:
        return None
    return _unwrapped(Spelled(raw, mistakes))


def _unwrapped(outer: Spelled) -> Spelled:
    """Text within text: base64 of hex digits, or of base64."""
    text = outer.raw.decode("latin-1").removeprefix("0x")
    if _HEX.fullmatch(text):
        return Spelled(bytes.fromhex(text + "0" * (len(text) % 2)), (*outer.mistakes, "base64-of-hex"), text)
    if _SIGNATURE_AGAIN.fullmatch(text):
        inner = _base64(text)
        if inner is not None and inner.digits is None:
            return Spelled(inner.raw, (*outer.mistakes, "base64-twice", *inner.mistakes))
    return outer
