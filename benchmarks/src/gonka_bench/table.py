"""The figures as two tables. Names may wrap, numbers are never cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.table import Table
from rich.text import Text

from .results import SignerFigure, TransportFigure
from .sizes import told

Row: TypeAlias = tuple[tuple[str, ...], tuple[Text | str, ...]]
"""The words that a row shares with its neighbours, and its own cells."""


def signers_table(figures: Iterable[SignerFigure]) -> Table:
    """By size and scheme, fastest first; baselines in italics."""
    table = _table(("size", "scheme", "signer"), ("µs", "a second", "× documented", "× C"))
    order = sorted(figures, key=lambda row: (row.payload_bytes, row.scheme != "raw", row.timing.best_s))
    return _filled(table, map(_signer_row, order))


def transports_table(figures: Iterable[TransportFigure]) -> Table:
    """By kind of client and calls at once, cheapest first."""
    table = _table(("client", "at once", "transport"), ("CPU µs", "a CPU second", "wall µs", "× best"))
    order = sorted(figures, key=lambda row: (row.mode != "sync", row.in_flight, row.timing.best_s))
    return _filled(table, map(_transport_row, order))


def _signer_row(row: SignerFigure) -> Row:
    name = Text(row.name + " (waits)" * row.waits, style="" if row.role == "signer" else "italic")
    ratios = (_ratio(row.faster_than_documented), _ratio(row.slower_than_limit))
    return (told(row.payload_bytes), row.scheme), (name, *_cost(row.timing.best_s), *ratios)


def _transport_row(row: TransportFigure) -> Row:
    name = Text(row.name + ", uvloop" * (row.loop == "uvloop"))
    cells = (name, *_cost(row.timing.best_s), _microseconds(row.wall_s), _ratio(row.times_fastest))
    return (row.mode, str(row.in_flight)), cells


def _table(words: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in words[:-1]:
        table.add_column(heading, no_wrap=True)
    table.add_column(words[-1], overflow="fold", min_width=10)
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _filled(table: Table, rows: Iterable[Row]) -> Table:
    """Say a shared word once, and leave a line free before the first of them changes."""
    above: tuple[str, ...] = ()
    for shared, cells in rows:
        if above and above[0] != shared[0]:
            table.add_row()
        said = ("" if above[: n + 1] == shared[: n + 1] else word for n, word in enumerate(shared))
        table.add_row(*said, *cells)
        above = shared
    return table


def _cost(seconds: float) -> tuple[str, str]:
    return _microseconds(seconds), f"{1 / seconds:,.0f}" if seconds < 0.1 else f"{1 / seconds:.2f}"


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f}" if seconds < 1e-4 else f"{seconds * 1e6:,.0f}"


def _ratio(number: float | None) -> str:
    if number is None:
        return "–"
    if number < 0.1:
        return f"{number:.2g}"
    return f"{number:.2f}" if number < 10 else f"{number:,.1f}"
