"""`python -m gonka_conformance`: the kit on the command line. `gonka conformance` hands its arguments to `main`.

Exit status: 0 all conform, 1 one does not, 2 it could not be found out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Final

from gonka_core.errors import PluginError

from .commands import CouldNotRunError, signer
from .report import document, text

CONFORMS: Final = 0
DOES_NOT_CONFORM: Final = 1
COULD_NOT_RUN: Final = 2

_COMMANDS: Final = (signer,)


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
    command = next(command for command in _COMMANDS if options.kind == command.NAME)
    try:
        reports = command.run(options, lambda result: None)
    except (CouldNotRunError, PluginError, ModuleNotFoundError, ValueError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    print(json.dumps(document(reports), indent=2) if options.json else text(reports))
    return CONFORMS if all(report.conforms for report in reports) else DOES_NOT_CONFORM


if __name__ == "__main__":
    sys.exit(main())
