"""The text of `Authorization`, read more leniently than a node reads it (`protocol.md` §1.5).

What stands around the signature is peeled off, its spelling is decoded, and its bytes are split into r and s. Each
departure from the one right form has its id. A header may have several readings: 64 bytes may have their halves
swapped, which only a verification can tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from . import spelling
from .halves import Reading, readings

_LAYERS: Final = 4
_LONGEST: Final = 4096
_SHAPES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("bearer", re.compile(r"bearer(?:\s+|:\s*|$)(?P<rest>.*)", re.IGNORECASE)),
    ("python-bytes", re.compile(r"""b(?P<quote>['"])(?P<rest>.*)(?P=quote)""")),
    ("quotes", re.compile(r"""(?P<quote>['"`])(?P<rest>.*)(?P=quote)""")),
    ("quotes", re.compile(r"<(?P<rest>.*)>")),
    ("authorization-prefix", re.compile(r"[A-Za-z][\w-]{0,31}(?:\s*[:=]\s*|\s+)(?P<rest>\S{8}.*)", re.ASCII)),
)
_API_KEY: Final = re.compile(r"(?:sk|pk|gk|api|key|token)[-_]|eyJ|mock-api-key", re.IGNORECASE)
_SDK_FALLBACK: Final = "ECDSA_SIG_"


@dataclass(frozen=True, slots=True)
class Header:
    """`visible` are the mistakes that the text shows by itself; `readings` its possible r and s, each with all its ids.

    `size` is the number of bytes that were decoded, None where none were.
    """

    visible: tuple[str, ...]
    readings: tuple[Reading, ...] = ()
    size: int | None = None


def read_header(text: str) -> Header:
    """Read the value of `Authorization`."""
    text = text.strip()
    if not text:
        return Header(("authorization-missing",))
    if text.startswith(_SDK_FALLBACK):
        return Header(("sdk-fallback",))
    if len(text) > _LONGEST:
        return Header(("signature-length",), size=len(text) * 3 // 4)
    around, inner = _peeled(text)
    return _read_inner(around, inner)


def _peeled(text: str) -> tuple[tuple[str, ...], str]:
    """What stands around a signature, outermost first, and what is left."""
    found: list[str] = []
    for _ in range(_LAYERS):
        name, rest = _peel(text)
        if name is None:
            break
        found.append(name)
        text = rest
    if re.search(r"%(?:2[BbFf]|3[Dd])", text):
        text = unquote(text)
        found.append("percent-encoded")
    if re.search(r"\s", text):
        text = re.sub(r"\s", "", text)
        found.append("white-space")
    return tuple(dict.fromkeys(found)), text


def _peel(text: str) -> tuple[str | None, str]:
    for name, shape in _SHAPES:
        match = shape.fullmatch(text)
        if match:
            return name, match["rest"].strip()
    return None, text


def _read_inner(around: tuple[str, ...], text: str) -> Header:
    decoded = spelling.decode(text)
    if decoded is None:
        return Header(_without_signature(around, text, "not-base64"))
    found = readings(decoded.raw if decoded.digits is None else decoded.digits)
    spelled = (*around, *decoded.mistakes)
    size = len(decoded.raw)
    if not found.readings:
        return Header(_without_signature(spelled, text, found.visible or "signature-length"), size=size)
    visible = (*spelled, found.visible) if found.visible else spelled
    return Header(visible, tuple(reading.behind(spelled) for reading in found.readings), size)


def _without_signature(around: tuple[str, ...], text: str, otherwise: str) -> tuple[str, ...]:
    """A text that holds no signature: an API key where one is likely."""
    if "bearer" in around and not text:
        return around
    if "bearer" in around or _API_KEY.match(text):
        kept = tuple(name for name in around if name in ("bearer", "authorization-prefix", "quotes"))
        return (*kept, "api-key")
    return (*around, otherwise)
