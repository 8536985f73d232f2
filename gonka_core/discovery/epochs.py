"""Which epoch is under way: a small question, for those who have a list and want to know whether it is of today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gonka_core.limits import OverLimitError, parse_object
from gonka_core.numbers import whole
from gonka_core.steps import Steps

from .asking import Asking

PATH: Final = "/v1/epochs/latest"
_TIMEOUT_S: Final = 10.0


def latest_epoch(source: str, seconds: Callable[[], float]) -> Steps[int | None]:
    """The number of the latest epoch, as the node at `source` tells it (`protocol.md` §6.6); None where it does not.

    It is told from its first block on, a while before its participants serve.
    """
    told = yield from Asking(seconds, seconds() + _TIMEOUT_S).read(source, PATH)
    try:
        document = parse_object(told.body) if told.trouble is None else None
    except OverLimitError:
        return None
    epoch = document.get("latest_epoch") if document is not None else None
    return whole(epoch.get("index")) if isinstance(epoch, dict) else None
