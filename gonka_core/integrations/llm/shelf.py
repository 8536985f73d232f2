"""Which models were served when somebody last asked: every command of `llm` wants to know, and few go on to use one."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from gonka_core import settings
from gonka_core.errors import CallError, ConfigurationError, GonkaError

DAY_S: Final = 86_400.0
PAUSE_S: Final = 600.0
"""Seconds after which nodes that did not answer are asked again."""


class _Kept(NamedTuple):
    """What is in the file: where was asked, the names, and when to ask again, in seconds since the epoch."""

    places: list[str]
    names: list[str]
    until: float


class Shelf:
    """The names in a file, which is asked for anew once a day, and where the endpoints are others. `now` is a clock."""

    def __init__(self, file: Path, now: Callable[[], float]) -> None:
        self._file = file
        self._now = now

    def names(self, ask: Callable[[], list[str]]) -> list[str]:
        """The names as they are known. Never raises: without settings there are none, and of old ones those."""
        try:
            places = _places()
        except GonkaError:
            return []
        kept = self._read()
        known = kept.names if kept is not None and kept.places == places else []
        if kept is not None and kept.places == places and 0 <= kept.until - self._now() <= DAY_S:
            return known
        try:
            return self._asked(places, ask)
        except ConfigurationError:
            return known  # another setting is missing: whoever asks a model is told which
        except CallError:
            self._keep(_Kept(places, known, self._now() + PAUSE_S))
            return known

    def refreshed(self, ask: Callable[[], list[str]]) -> list[str]:
        """The names, asked for now. Raises what `ask` raises, and `ConfigurationError` where no endpoint is set."""
        return self._asked(_places(), ask)

    def _asked(self, places: list[str], ask: Callable[[], list[str]]) -> list[str]:
        names = ask()
        self._keep(_Kept(places, names, self._now() + DAY_S))
        return names

    def _read(self) -> _Kept | None:
        try:
            told: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
            names = [name for name in told["names"] if isinstance(name, str)]
            return _Kept(list(told["places"]), names, float(told["until"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _keep(self, kept: _Kept) -> None:
        with suppress(OSError):  # it is asked for again then
            self._file.write_text(json.dumps(kept._asdict()), encoding="utf-8")


def _places() -> list[str]:
    """The URLs that answers come from. Raises `ConfigurationError` where none is set."""
    endpoints, network = settings.places(None)
    return sorted([*(endpoint.url for endpoint in endpoints), *(network.sources if network is not None else ())])
