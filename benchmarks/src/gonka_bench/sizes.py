"""Sizes of payloads as people write them: 200, 4KB, "256 KB", 10MB."""

from __future__ import annotations

import re
from typing import Final

from .workload import chat_payload

_UNITS: Final = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2}
_WRITTEN: Final = re.compile(r"(\d{1,9}) *([KM]?B|)", re.IGNORECASE | re.ASCII)
_LARGEST: Final = 64 * 1024**2


def parsed(text: str) -> int:
    """Bytes; a KB has 1024. Raises ValueError, in words for the user, for what is no size or none of a chat payload."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(f"{text!r} is not a size; write it as 200, 4KB or 10MB")
    size = int(written[1]) * _UNITS[written[2].upper()]
    if size > _LARGEST:
        raise ValueError(f"{text!r} is too large; give at most {told(_LARGEST)}")
    chat_payload(min(size, 1024))  # raises for a size below the frame of a payload
    return size


def told(size: int) -> str:
    """The size in the largest unit that holds it without a fraction."""
    for unit in ("MB", "KB"):
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]} {unit}"
    return f"{size:,} B"
