"""Pages of a list as CometBFT's RPC cuts them (0.38, `rpc/core/env.go`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")
_USUAL: Final = 30
_MOST: Final = 100


class PageError(ValueError):
    """A page that there is not, in CometBFT's words."""


def paged(items: Sequence[Item], page: int | None, per_page: int | None) -> Sequence[Item]:
    """The items of a page, counted from 1; 30 on one unless told, 100 at most. Raises `PageError`."""
    size = _USUAL if per_page is None or per_page < 1 else min(per_page, _MOST)
    pages = max((len(items) + size - 1) // size, 1)
    if page is not None and not 1 <= page <= pages:
        raise PageError(f"page should be within [1, {pages}] range, given {page}")
    first = ((page or 1) - 1) * size
    return items[first : first + size]
