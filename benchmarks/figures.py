"""The figures that stand in the README: kept as JSON, and written as a table between two marks of a page.

A row is replaced when it is measured again; what was not measured stays as it was, with a day and machine of its own.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.rows.row import Measured, Row
from gonka_bench.machine import machine

STORED: Final = Path(__file__).with_name("figures.json")
BEGINS: Final = "<!-- performance table: `make bench-targets WRITE=1` writes it -->"
ENDS: Final = "<!-- end of performance table -->"

Figures: TypeAlias = dict[str, dict[str, Any]]
"""By the name of a row."""


def read(path: Path = STORED) -> Figures:
    """What is stored; nothing where there is no file yet."""
    found: Figures = json.loads(path.read_text()) if path.exists() else {}
    return found


def renewed(before: Figures, rows: Mapping[str, Row], measured: Mapping[str, Measured], day: datetime.date) -> Figures:
    """With what was measured in place of what was there; a row that could not be measured keeps its figure."""
    where = machine()
    after = dict(before)
    for name, found in measured.items():
        if found.figure is not None:
            after[name] = {"figure": found.figure, "detail": found.detail, "on": day.isoformat(), "machine": where}
    return {name: after[name] for name in rows if name in after}


def write(figures: Figures, path: Path = STORED) -> None:
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def table(rows: Iterable[Row], figures: Figures) -> str:
    """The rows that have a figure, as Markdown."""
    lines = ["| what | target | measured |", "|---|---|---|"]
    for row in rows:
        if row.target.name in figures:
            figure = figures[row.target.name]["figure"]
            missed = "" if row.target.holds(figure) else ", missed"
            lines.append(f"| {row.target.what} | {row.target.told()} | {row.target.shown(figure)}{missed} |")
    return "\n".join([*lines, "", *_places(figures)])


def page_with(page: str, text: str) -> str:
    """The page with `text` between its marks. Raises ValueError for a page without them."""
    head, begins, rest = page.partition(BEGINS)
    _, ends, tail = rest.partition(ENDS)
    if not begins or not ends:
        raise ValueError(f"the page has no lines {BEGINS!r} and {ENDS!r}: put them where the table belongs")
    return f"{head}{BEGINS}\n\n{text}\n\n{ENDS}{tail}"


def _places(figures: Figures) -> list[str]:
    """A sentence for each day and machine on which figures were taken."""
    told = dict.fromkeys(_place(found) for found in figures.values())
    return [f"Measured on {', and on '.join(told)}."] if told else []


def _place(found: Mapping[str, Any]) -> str:
    where, versions = found["machine"], found["machine"]["versions"]
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "gonka-core")
    parts = (found["on"], where["processor"], f"{where['cores']} cores", where["system"], where["python"], libraries)
    return ", ".join(parts)
