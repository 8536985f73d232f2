"""`signer`: installed signers by name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from gonka_conformance.report import Report
from gonka_conformance.runner import Told
from gonka_conformance.signers import SignerSubject, check_signer, installed_signer, installed_signers

from . import Kinds, add_common

NAME: Final = "signer"
_ALL: Final = "all"


def add(kinds: Kinds) -> None:
    """Add the arguments of the kind."""
    parser = kinds.add_parser(NAME, help="check one signer or several")
    parser.add_argument(
        "--signer", action="append", required=True, metavar="NAME", help="an installed one, or all; may be repeated"
    )
    add_common(parser)


def run(options: argparse.Namespace, told: Told) -> list[Report]:
    """A report for each signer asked for."""
    return [check_signer(subject, dict(options.known_failure), told) for subject in _subjects(options.signer)]


def _subjects(names: Sequence[str]) -> tuple[SignerSubject, ...]:
    """The signers asked for, each once, in the order given."""
    if _ALL not in names:
        return tuple(installed_signer(name) for name in dict.fromkeys(names))
    subjects, left_out = installed_signers()
    for line in left_out:
        print(f"conformance: {line}", file=sys.stderr)  # noqa: T201
    return subjects
