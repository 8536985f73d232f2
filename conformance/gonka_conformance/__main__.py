"""`python -m gonka_conformance`: the kit on the command line. `gonka conformance` hands its arguments to `main`.

Exit status: 0 all conform, 1 one does not, 2 it could not be found out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from gonka_core.errors import PluginError

from .commands import Command, CouldNotRunError, client, destinations, node, report, selector, signer, transport
from .report import Report
from .reports import json_text
from .reports.files import Destination, write
from .reports.progress import progress
from .reports.terminal import show

CONFORMS: Final = 0
DOES_NOT_CONFORM: Final = 1
COULD_NOT_RUN: Final = 2

_COMMANDS: Final[tuple[Command, ...]] = (signer, transport, selector, client, node, report)


def build_parser(prog: str = "python -m gonka_conformance") -> argparse.ArgumentParser:
    """The arguments; `prog` is what the help calls the command."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Say whether a plug-in does what the network demands, and what is wrong where it does not.",
        epilog="Exit status: 0 conforms, 1 does not, 2 could not run.",
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for command in _COMMANDS:
        command.add(kinds)
    return parser


def main(argv: Sequence[str] | None = None, prog: str = "python -m gonka_conformance") -> int:
    """Run the command; the exit status. Raises SystemExit for `--help` and wrong arguments, as argparse does."""
    options = build_parser(prog).parse_args(argv)
    try:
        # Before the exam, which may take minutes: a report that has no place to go is known at once.
        places = destinations(options)
        reports = _reports(options)
    except (CouldNotRunError, PluginError, ModuleNotFoundError, ValueError) as error:
        return _could_not_run(error)
    # Before they are shown: whoever reads only the first lines of that closes the pipe.
    problem = _written(places, reports)
    if options.json:
        print(json_text(reports), end="")
    else:
        show(reports)
    if problem is not None:
        return _could_not_run(problem)
    return CONFORMS if all(report.conforms for report in reports) else DOES_NOT_CONFORM


def _reports(options: argparse.Namespace) -> list[Report]:
    command = next(command for command in _COMMANDS if options.kind == command.NAME)
    with progress() as told:
        reports = command.run(options, told)
    if not reports:
        raise CouldNotRunError("nothing was examined, so nothing can be said; name a subject that is installed")
    return reports


def _written(places: Iterable[Destination], reports: Sequence[Report]) -> CouldNotRunError | None:
    """Write every file that can be written; what is wrong with the last that could not."""
    problem = None
    for place in places:
        try:
            write(place, reports)
        except OSError as error:
            words = f"{place.path} could not be written: {error.strerror or error}; make room for it, or name another"
            problem = CouldNotRunError(words)
    return problem


def _could_not_run(error: Exception) -> int:
    print(f"conformance: {error}", file=sys.stderr)
    return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
