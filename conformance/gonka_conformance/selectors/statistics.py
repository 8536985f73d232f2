"""When counts are too far from what they should be to be chance: Pearson's chi-squared test.

The tail of the distribution is exact; that the statistic follows it is an approximation, which is good where each
count is expected to be some dozens. The limit is therefore a thousand times stricter than what the kit promises: a
selector that is right is blamed in less than one of 10⁹ runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

LIMIT: Final = 1e-12
"""A probability; counts whose like chance brings more seldom are held against the selector."""


def chance_of(observed: Sequence[int], shares: Sequence[float]) -> float:
    """How often chance alone strays at least as far from the shares, which add up to one.

    Raises ValueError where a share is not above zero.
    """
    if min(shares) <= 0:
        raise ValueError("a share of zero has no place in a chi-squared test")
    total = sum(observed)
    statistic = sum(
        (count - total * share) ** 2 / (total * share) for count, share in zip(observed, shares, strict=True)
    )
    return tail(statistic, len(shares) - 1)


def tail(statistic: float, freedom: int) -> float:
    """P(χ² ≥ statistic) with that many degrees of freedom: the regularised gamma function Q(freedom/2, statistic/2)."""
    half = statistic / 2
    if half <= 0:
        return 1.0
    order, total = (0.5, math.erfc(math.sqrt(half))) if freedom % 2 else (1.0, math.exp(-half))
    while order < freedom / 2:
        total += math.exp(order * math.log(half) - half - math.lgamma(order + 1))
        order += 1
    return min(total, 1.0)
