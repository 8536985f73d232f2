"""Events as lines in the logging of the standard library: the name of the event, then what it holds as `key=value`.

    retry_scheduled call=5f0c2a9b71de attempt=1 reason=ConnectError wait_s=0.212

A line stays one line whatever a model is called: values that are not plain words are quoted as in JSON.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import re
from typing import Final

from gonka_core.events import CANCELLED, LOGGER, CallFinished, Event, RetryScheduled

_PLAIN: Final = re.compile(r"[\w.:/+@;\[\]-]+", re.ASCII)
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


class LoggingObserver:
    """Logs every event: a retry at the level `retry`, a call that failed at `failure`, everything else at `detail`.

    `logger` is the library's own, `gonka`, unless given. Each record has the event itself as its attribute
    `gonka_event`, for formatters that want more than a line.
    """

    def __init__(
        self,
        logger: logging.Logger = LOGGER,
        *,
        detail: int = logging.DEBUG,
        retry: int = logging.WARNING,
        failure: int = logging.ERROR,
    ) -> None:
        self._logger = logger
        self._detail = detail
        self._retry = retry
        self._failure = failure

    def __call__(self, event: Event) -> None:
        level = self._level(event)
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", line(event), extra={"gonka_event": event})

    def _level(self, event: Event) -> int:
        if isinstance(event, RetryScheduled):
            return self._retry
        failed = isinstance(event, CallFinished) and event.error not in (None, CANCELLED)
        return self._failure if failed else self._detail


def line(event: Event) -> str:
    """The event in one line; fields that are None are left out."""
    values = ((field.name, getattr(event, field.name)) for field in dataclasses.fields(event))
    parts = (f"{name}={_shown(value)}" for name, value in values if value is not None)
    return " ".join((_CAPITAL.sub("_", type(event).__name__).lower(), *parts))


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
