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

from .report import document, text
from .runner import check_signer
from .subjects import SignerSubject, installed_signer, installed_signers

CONFORMS: Final = 0
DOES_NOT_CONFORM: Final = 1
COULD_NOT_RUN: Final = 2

_ALL: Final = "all"


def build_parser(prog: str = "python -m gonka_conformance") -> argparse.ArgumentParser:
    """The arguments; `prog` is what the help calls the command."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Say whether a plug-in does what the network demands, and what is wrong where it does not.",
        epilog="Exit status: 0 conforms, 1 does not, 2 could not run.",
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    signer = kinds.add_parser("signer", help="check one signer or several")
    signer.add_argument(
        "--signer", action="append", required=True, metavar="NAME", help="an installed one, or all; may be repeated"
    )
    signer.add_argument(
        "--known-failure",
        action="append",
        default=[],
        type=_declaration,
        metavar="ID=REASON",
        help="a check that is known to fail, and why; may be repeated",
    )
    signer.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    return parser


def main(argv: Sequence[str] | None = None, prog: str = "python -m gonka_conformance") -> int:
    """Run the command; the exit status. Raises SystemExit for `--help` and wrong arguments, as argparse does."""
    options = build_parser(prog).parse_args(argv)
    try:
        reports = [check_signer(subject, dict(options.known_failure)) for subject in _subjects(options.signer)]
    except (PluginError, ModuleNotFoundError, ValueError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    print(json.dumps(document(reports), indent=2) if options.json else text(reports))
    return CONFORMS if all(report.conforms for report in reports) else DOES_NOT_CONFORM


def _subjects(names: Sequence[str]) -> tuple[SignerSubject, ...]:
    """The signers asked for, each once, in the order given."""
    if _ALL not in names:
        return tuple(installed_signer(name) for name in dict.fromkeys(names))
    subjects, left_out = installed_signers()
    for line in left_out:
        print(f"conformance: {line}", file=sys.stderr)
    return subjects


def _declaration(argument: str) -> tuple[str, str]:
    identity, separator, reason = argument.partition("=")
    if not separator or not reason.strip():
        raise argparse.ArgumentTypeError("write it as ID=REASON, such as signer.pickle='keys live in a token'")
    return identity, reason


if __name__ == "__main__":
    sys.exit(main())
