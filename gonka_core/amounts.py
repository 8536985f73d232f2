"""Amounts of coins: read from a stranger's JSON, and told in GNK, of which one is 10⁹ ngonka (`protocol.md` §8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from decimal import Decimal

DENOM: Final = "ngonka"
"""The unit in which the chain counts."""
_DIGITS: Final = 9


def gnk(ngonka: int) -> Decimal:
    """The same amount in GNK, exact, without zeros at its end."""
    from decimal import Decimal  # every client imports this module, and few show an amount

    shown = f"{'-' if ngonka < 0 else ''}{abs(ngonka) // 10**_DIGITS}.{abs(ngonka) % 10**_DIGITS:0{_DIGITS}}"
    return Decimal(shown.rstrip("0").rstrip("."))
