"""`python -m sabotage`: run the checks on subjects that are wrong on purpose, and say who caught whom.

Exit status: 0 all were caught as meant and no correct subject was blamed, 1 otherwise, 2 it could not be run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from . import table
from .kinds import FEWEST, Roster, kinds, rosters
from .verdict import Verdict, on_correct, on_sabotaged

AS_MEANT: Final = 0
NOT_AS_MEANT: Final = 1
COULD_NOT_RUN: Final = 2


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m sabotage",
        description="Run the conformance kit on subjects that are wrong on purpose, each in one way, and right ones.",
        epilog="Exit status: 0 all as meant, 1 a subject missed or blamed wrongly, 2 could not run.",
    )
    parser.add_argument("kind", nargs="*", metavar="KIND", help=f"{', '.join(FEWEST)}; all that there are without one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON document")
    form.add_argument("--markdown", action="store_true", help="print the table as it stands in a page")
    form.add_argument("--page", type=Path, metavar="FILE", help="write that table between the markers of a page")
    parser.add_argument("--only-meant", action="store_true", help="run on each subject only the check that is meant")
    parser.add_argument("--all-checks", action="store_true", help="run all on clients and nodes as well (long)")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit status. Raises SystemExit for `--help` and wrong arguments, as argparse does."""
    options = build_parser().parse_args(argv)
    try:
        _require_kinds(options.kind)
        _require_markers(options.page)
        verdicts = list(_verdicts(rosters(options.kind), options.only_meant, options.all_checks))
        _show(verdicts, options)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(f"sabotage: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    for verdict in verdicts:
        if verdict.flaw:
            print(f"sabotage: {verdict.kind} {verdict.subject}: {verdict.flaw}", file=sys.stderr)
    return NOT_AS_MEANT if any(verdict.flaw for verdict in verdicts) else AS_MEANT


def _require_kinds(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in kinds()]
    if unknown:
        raise ValueError(f"there are no sabotaged {unknown[0]!r}; choose from: {', '.join(kinds())}")


def _require_markers(page: Path | None) -> None:
    """Before any check runs: minutes later would be too late to say that the page cannot be written."""
    if page is not None:
        table.replaced(page.read_text("utf-8"), "")


def _verdicts(chosen: Sequence[Roster], only_meant: bool, all_checks: bool) -> Iterator[Verdict]:
    """One after the other, each announced before its checks run."""
    trials = [trial for roster in chosen for trial in _trials(roster, only_meant, all_checks)]
    shows_progress = sys.stderr.isatty()
    for number, (name, trial) in enumerate(trials, 1):
        if shows_progress:
            print(f"\r\x1b[K{number}/{len(trials)} {name}", end="", file=sys.stderr, flush=True)
        yield trial()
    if shows_progress:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _trials(roster: Roster, only_meant: bool, all_checks: bool) -> Iterator[tuple[str, Callable[[], Verdict]]]:
    only = only_meant or (roster.only_meant and not all_checks)
    for broken in roster.sabotaged:
        yield f"{roster.name} {broken.name}", partial(on_sabotaged, broken, only)
    for correct in roster.correct:
        yield f"{roster.name} {correct.name}", partial(on_correct, correct)


def _show(verdicts: Sequence[Verdict], options: argparse.Namespace) -> None:
    if options.page is not None:
        page = options.page.read_text("utf-8")
        options.page.write_text(table.replaced(page, table.markdown(verdicts)), "utf-8")
    elif options.json:
        print(json.dumps({"subjects": [verdict.to_json() for verdict in verdicts]}, indent=2))
    elif options.markdown:
        print(table.markdown(verdicts))
    elif not sys.stdout.isatty() or not _shown_by_rich(verdicts):
        print(table.plain(verdicts))


def _shown_by_rich(verdicts: Sequence[Verdict]) -> bool:
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        return False
    Console().print(table.rich_table(verdicts))
    return True


if __name__ == "__main__":
    sys.exit(main())
