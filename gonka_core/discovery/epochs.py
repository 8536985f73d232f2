"""Which epoch is under way: a small question, for those who have a list and want to know whether it is of today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gonka_core.asking import Asking, object_of
from gonka_core.numbers import whole
from gonka_core.steps import Steps

PATH: Final = "/v1/epochs/latest"
_TIMEOUT_S: Final = 10.0


def latest_epoch(source: str, seconds: Callable[[], float]) -> Steps[int | None]:
    """The number of the latest epoch, as the node at `source` tells it (`protocol.md` §6.6); None where it does not.

    It is told from its first block on, a while before its participants serve.
    """
    return (yield from told_epoch(Asking.within(seconds, _TIMEOUT_S), source))


def told_epoch(asking: Asking, source: str) -> Steps[int | None]:
    """`latest_epoch`, within the time of an asking."""
    epoch = (object_of((yield from asking.read(source, PATH)).content) or {}).get("latest_epoch")
    return whole(epoch.get("index")) if isinstance(epoch, dict) else None
