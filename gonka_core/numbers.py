"""Whole numbers as the network writes them: some nodes write them as text (`protocol.md` §6.6)."""

from __future__ import annotations

import re
from typing import Final

_TOO_LONG: Final = 10**30
_DIGITS: Final = re.compile(r"\d{1,30}", re.ASCII)


def whole(value: object) -> int | None:
    """The number of zero or more that a JSON value is, as a number or as its decimal digits; None for anything else.

    Of up to 30 digits: nothing that the network counts has more.
    """
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_LONG
    return value if sound else None  # type: ignore[return-value]
