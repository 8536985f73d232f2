"""Reports on a terminal: with rich where it is installed and a person is looking, as plain text everywhere else.

rich keeps to `NO_COLOR` and to the width of the terminal by itself.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, TextIO

from gonka_conformance.report import Report, Result, Status

from .plain import fact_lines, text, versions
from .visible import folded, listed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_ROOM_FOR_REQUIREMENTS: Final = 90
_STYLES: Final = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.SKIPPED: "dim",
    Status.KNOWN_FAILURE: "yellow",
    Status.RECOVERED: "bold red",
}


def has_colours(stream: TextIO) -> bool:
    """Somebody looks at it, on a terminal that can do more than write lines, and rich is there."""
    capable = stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
    return capable and importlib.util.find_spec("rich") is not None


def show(reports: Sequence[Report]) -> None:
    """Print the reports on stdout."""
    if not has_colours(sys.stdout):
        _write(text(reports))
        return
    from rich.console import Console

    show_on(Console(highlight=False), reports)


def show_on(console: Console, reports: Sequence[Report]) -> None:
    """A table for each subject and below it the evidence of what did not pass; at last everybody's verdict."""
    for report in reports:
        _show_report(console, report)
    if len(reports) > 1:
        console.print(_summary(reports))
        console.print()
    for line in versions(reports):
        _line(console, line, "dim")


def _show_report(console: Console, report: Report) -> None:
    _line(console, f"{report.kind} {folded(report.subject)} (claims: {listed(report.claims)})", "bold")
    console.print(_results(report, with_requirements=console.width >= _ROOM_FOR_REQUIREMENTS))
    for result in report.results:
        if result.status not in (Status.PASSED, Status.SKIPPED):
            _show_evidence(console, result)
    console.print()
    verdict = f"{folded(report.subject)} {report.verdict}: {report.counts}"
    _line(console, verdict, "bold green" if report.conforms else "bold red")
    console.print()


def _show_evidence(console: Console, result: Result) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print()
    _line(console, f"{result.status}  {folded(result.id)}", _STYLES[result.status])
    for line in fact_lines(result):
        console.print(Padding(Text(line), (0, 0, 0, 4), expand=False))


def _results(report: Report, *, with_requirements: bool) -> Table:
    headings = ("status", "check", "requirement, or why it was skipped")[: 3 if with_requirements else 2]
    table = _table(headings)
    for result in report.results:
        skipped = result.status is Status.SKIPPED
        cells = (result.status, folded(result.id), folded(result.evidence if skipped else result.requirement))
        _row(table, cells[: len(headings)], _STYLES[result.status])
    return table


def _summary(reports: Iterable[Report]) -> Table:
    table = _table(("verdict", "kind", "subject", "results"))
    for report in reports:
        cells = (report.verdict, report.kind, folded(report.subject), report.counts)
        _row(table, cells, "green" if report.conforms else "bold red")
    return table


def _table(headings: Iterable[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _row(table: Table, cells: Iterable[str], style: str) -> None:
    """The first cell in the style. Text and not strings, in which rich would read markup."""
    from rich.text import Text

    first, *others = cells
    table.add_row(Text(first, style), *map(Text, others))


def _line(console: Console, line: str, style: str) -> None:
    from rich.text import Text

    console.print(Text(line, style))


def _write(content: str) -> None:
    """To stdout, with escapes for what its encoding lacks: no report is lost to a terminal of long ago."""
    encoding = sys.stdout.encoding or "utf-8"
    print(content.encode(encoding, "backslashreplace").decode(encoding))  # noqa: T201
