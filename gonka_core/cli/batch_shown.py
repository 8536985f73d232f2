"""What `gonka batch` prints: how far it is, on stderr, and how it ended, on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from gonka_core.amounts import gnk
from gonka_core.batch import Progress, Summary

from . import shown

Report = Callable[[Progress], None]

EVERY_S: Final = 10.0
"""Seconds between two lines where no bar can be drawn."""


@contextmanager
def reporter(*, quiet: bool) -> Iterator[Report | None]:
    """Who is told how far it is: nobody, a bar on a terminal, or a line now and then."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        yield lines()
    else:
        columns = (BarColumn(), TextColumn("{task.fields[told]}", markup=False))
        with Bar(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
            task = bar.add_task("", told="")

            def report(progress: Progress) -> None:
                bar.update(task, total=progress.total, completed=progress.finished, told=line(progress), refresh=True)

            yield report


def lines(print_line: Callable[[str], None] | None = None) -> Report:
    """A report as lines, on stderr: at the start and then every ten seconds."""
    due = 0.0

    def report(progress: Progress) -> None:
        nonlocal due
        if progress.seconds >= due:
            due = progress.seconds + EVERY_S
            (print_line or _on_stderr)(line(progress))

    return report


def line(progress: Progress) -> str:
    """How far it is, in a line."""
    told = [
        f"{progress.finished}/{progress.total}",
        f"{progress.failed} failed",
        f"{progress.tokens_per_second:.0f} tokens/s",
        _cost(progress.ngonka),
    ]
    if progress.seconds_left is not None and progress.finished < progress.total:
        told.append(f"{_time(progress.seconds_left)} left")
    return ", ".join(told)


def summary(told: Summary, *, as_json: bool) -> None:
    """How it ended."""
    if as_json:
        shown.document(_document(told))
        return
    progress = told.progress
    shown.record(
        {
            "answered": f"{progress.answered} of {progress.total}",
            "failed": progress.failed,
            "left": told.left,
            "before this run": progress.earlier,
            "sent again": f"{progress.again}{' (they were under way when a run was killed)' if progress.again else ''}",
            "tokens": progress.tokens,
            "cost": _cost(progress.ngonka),
            "time": f"{progress.seconds:.1f} s, {progress.lines_per_second:.0f} lines/s",
        },
        as_json=False,
    )
    if told.unknown:
        click.echo(f"{told.unknown} lines were under way, and may have been paid for; they are sent again next time")
    if told.problem:
        click.echo(f"gonka: {told.problem}", err=True)


def _document(told: Summary) -> dict[str, Any]:
    progress = told.progress
    return {
        "end": told.end,
        "total": progress.total,
        "answered": progress.answered,
        "failed": progress.failed,
        "left": told.left,
        "before_this_run": progress.earlier,
        "sent_again": progress.again,
        "unknown": told.unknown,
        "tokens": progress.tokens,
        "cost_ngonka": progress.ngonka,
        "cost_gnk": None if progress.ngonka is None else f"{gnk(progress.ngonka):f}",
        "seconds": round(progress.seconds, 3),
        "lines_per_second": round(progress.lines_per_second, 1),
        "problem": told.problem,
    }


def _on_stderr(text: str) -> None:
    click.echo(f"gonka: {text}", err=True)


def _cost(ngonka: int | None) -> str:
    return "cost unknown" if ngonka is None else f"{gnk(ngonka):f} GNK"


def _time(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"
