"""What is seen while an exam goes on: a bar on stderr, and the check that is being made."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from gonka_conformance.report import BLAMES, Result
from gonka_conformance.runner import Audience

from .terminal import has_colours
from .visible import folded

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_ROOM_FOR_NAMES: Final = 80


class Bar(Audience):
    """A bar for each subject. The bars are drawn from the first exam on, so that questions before it can be seen."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", visible=False, present="", failures="")
        self._ids: Sequence[str] = ()
        self._done = self._blamed = 0

    def begins(self, subject: str, ids: Sequence[str]) -> None:
        self._ids, self._done, self._blamed = ids, 0, 0
        self._progress.reset(self._task, total=len(ids), visible=True, description=folded(subject))
        self._progress.start()
        self._show()

    def __call__(self, result: Result) -> None:
        self._done += 1
        self._blamed += result.status in BLAMES
        self._show()

    def _show(self) -> None:
        present = self._ids[self._done] if self._done < len(self._ids) else ""
        failures = f"{self._blamed} failed" if self._blamed else ""
        self._progress.update(self._task, completed=self._done, present=present, failures=failures)


@contextmanager
def progress() -> Iterator[Audience]:
    """An audience that shows how far it is, where stderr is a terminal and rich is there; else one that is silent."""
    if not has_colours(sys.stderr):
        yield Silent()
        return
    from rich.console import Console

    bars = bars_on(Console(stderr=True))
    try:
        yield Bar(bars)
    finally:
        bars.stop()


def bars_on(console: Console) -> Progress:
    """The columns of the bar, which is wiped away at the end. A narrow terminal goes without the check's name."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    name = TextColumn("{task.description}", markup=False)
    failures = TextColumn("{task.fields[failures]}", style="bold red", markup=False)
    present = TextColumn("{task.fields[present]}", style="dim", markup=False)
    columns = (name, BarColumn(None), MofNCompleteColumn(), TimeElapsedColumn(), failures, present)
    return Progress(*columns[: 6 if console.width >= _ROOM_FOR_NAMES else 5], console=console, transient=True)


class Silent(Audience):
    """Says nothing."""

    def begins(self, subject: str, ids: Sequence[str]) -> None:
        pass

    def __call__(self, result: Result) -> None:
        pass
