"""What is seen while it measures: one bar on stderr, where somebody is looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Stage: TypeAlias = Callable[[str, int], Callable[[], object]]
"""Begin a stage of so many steps; what it returns is called at each of them."""


@contextmanager
def progress(stages: int) -> Iterator[Stage]:
    """A bar over so many stages; it is gone at the end, and not there at all where stderr is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(None), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=stages)
        begun = 0

        def stage(name: str, steps: int) -> Callable[[], object]:
            nonlocal begun
            begun += 1
            bar.update(task, description=name, completed=begun - 1)
            return lambda: bar.advance(task, 1 / steps)

        yield stage
