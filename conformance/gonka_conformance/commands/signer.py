"""`signer`: installed signers by name, and programs in any language by their command."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from typing import Final

from gonka_conformance.report import Report
from gonka_conformance.runner import Told
from gonka_conformance.signers import SignerProgram, SignerSubject, check_signer, installed_signer, installed_signers
from gonka_conformance.signers.subject import SIGNER_CLAIMS

from . import CouldNotRunError, Kinds, add_common

NAME: Final = "signer"
_ALL: Final = "all"


def add(kinds: Kinds) -> None:
    """Add the arguments of the kind."""
    parser = kinds.add_parser(NAME, help="check one signer or several")
    parser.add_argument(
        "--signer", action="append", default=[], metavar="NAME", help="an installed one, or all; may be repeated"
    )
    parser.add_argument(
        "--signer-cmd",
        action="append",
        default=[],
        metavar="COMMAND",
        help="a program that answers JSON lines (docs/signer-exam.md), such as './sign --hsm'; may be repeated",
    )
    parser.add_argument(
        "--claim",
        action="append",
        default=[],
        choices=sorted(SIGNER_CLAIMS),
        help="what the programs claim beside what they say themselves; may be repeated",
    )
    parser.add_argument(
        "--answer-timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="how long a program may take for an answer (10)",
    )
    add_common(parser)


def run(options: argparse.Namespace, told: Told) -> list[Report]:
    """A report for each signer asked for, programs last."""
    if not options.signer and not options.signer_cmd:
        raise CouldNotRunError("no signer is named; add --signer NAME, or --signer-cmd COMMAND for a program")
    if options.claim and not options.signer_cmd:
        raise CouldNotRunError("installed signers bring their claims with them; use --claim with --signer-cmd only")
    known = dict(options.known_failure)
    reports = [check_signer(subject, known, told) for subject in _subjects(options.signer)]
    return [*reports, *(_examined(command, options, told) for command in options.signer_cmd)]


def _seconds(argument: str) -> float:
    seconds = float(argument)
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("seconds are more than 0 and at most 3600")
    return seconds


def _examined(command: str, options: argparse.Namespace, told: Told) -> Report:
    """The report on a program. Raises `CouldNotRunError` for one that cannot be started."""
    try:
        words = shlex.split(command)
        program = SignerProgram(words, claims=frozenset(options.claim), timeout=options.answer_timeout)
    except (OSError, ValueError, IndexError) as error:
        raise CouldNotRunError(
            f"cannot start {command!r}: {error}; name a program with its arguments, and sh -c '…' for what a shell does"
        ) from error
    with program:
        return check_signer(program.subject, dict(options.known_failure), told)


def _subjects(names: Sequence[str]) -> tuple[SignerSubject, ...]:
    """The signers asked for, each once, in the order given."""
    if _ALL not in names:
        return tuple(installed_signer(name) for name in dict.fromkeys(names))
    subjects, left_out = installed_signers()
    for line in left_out:
        print(f"conformance: {line}", file=sys.stderr)  # noqa: T201
    return subjects
