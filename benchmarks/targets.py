"""The targets with the figures of this machine beside them.

    python -m benchmarks.targets [NAME …] [--write]

Without names every row is measured. Ends with 1 where a target is missed, and with 2 for a name that there is none of.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks import figures
from benchmarks.rows.row import Measured, Row

README: Final = Path(__file__).parents[1] / "README.md"

GROUPS: Final = ("signing", "instructions", "pure_python", "clients", "streams", "node", "proxy", "imports", "peers")
"""The files in `rows`."""


def rows(groups: Sequence[str] = GROUPS) -> dict[str, Row]:
    """Every row by name, in the order in which they are shown."""
    found = [row for group in groups for row in importlib.import_module(f"benchmarks.rows.{group}").ROWS]
    return {row.target.name: row for row in found}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.targets", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a row, or a group: " + ", ".join(GROUPS))
    parser.add_argument("--write", action="store_true", help="keep the figures, and write the table of the README")
    given = parser.parse_args(argv)
    chosen = _chosen(given.names)
    if chosen is None:
        print(f"no such row; there are: {', '.join([*GROUPS, *rows()])}", file=sys.stderr)
        return 2
    measured = {name: _shown(row) for name, row in chosen.items()}
    if given.write:
        _write(measured)
    missed = [name for name, row in chosen.items() if _verdict(row, measured[name]) == "MISSED"]
    print(f"missed: {', '.join(missed)}" if missed else "no target is missed")
    return 1 if missed else 0


def _write(measured: Mapping[str, Measured]) -> None:
    known = rows()
    kept = figures.renewed(figures.read(), known, measured, datetime.date.today())
    figures.write(kept)
    README.write_text(figures.page_with(README.read_text(), figures.table(known.values(), kept)))


def _chosen(names: Sequence[str]) -> dict[str, Row] | None:
    groups = [name for name in names if name in GROUPS]
    others = [name for name in names if name not in GROUPS]
    known = rows() if others or not names else {}
    if any(name not in known for name in others):
        return None
    found = rows(groups) | {name: known[name] for name in others}
    return found if names else known


def _shown(row: Row) -> Measured:
    measured = row.measure()
    figure = "–" if measured.figure is None else row.target.shown(measured.figure)
    print(
        f"{_verdict(row, measured):8} {figure:>9}  {row.target.told():>9}  {row.target.what}  ({measured.detail})",
        flush=True,
    )
    return measured


def _verdict(row: Row, measured: Measured) -> str:
    if measured.figure is None:
        return "unknown"
    return "holds" if row.target.holds(measured.figure) else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
