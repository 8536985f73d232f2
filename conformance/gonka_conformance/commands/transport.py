"""`transport`: installed transports by name, in each of their modes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Final

from gonka_conformance.report import Report
from gonka_conformance.runner import Told
from gonka_conformance.transports import (
    Mode,
    TransportSubject,
    check_transport,
    installed_modes,
    installed_transport,
    installed_transports,
)
from gonka_conformance.transports.subject import MODES

from . import Kinds, add_common

NAME: Final = "transport"
_ALL: Final = "all"


def add(kinds: Kinds) -> None:
    """Add the arguments of the kind."""
    parser = kinds.add_parser(NAME, help="check one transport or several")
    parser.add_argument(
        "--transport", action="append", required=True, metavar="NAME", help="an installed one, or all; may be repeated"
    )
    parser.add_argument("--mode", choices=MODES, help="one mode only; without it, each that the transport has")
    add_common(parser)


def run(options: argparse.Namespace, told: Told) -> list[Report]:
    """A report for each transport and mode asked for."""
    subjects = _all(options.mode) if _ALL in options.transport else _named(options.transport, options.mode)
    return [check_transport(subject, dict(options.known_failure), told) for subject in list(subjects)]


def _named(names: list[str], mode: Mode | None) -> Iterator[TransportSubject]:
    """The transports asked for, each once, in the order given."""
    for name in dict.fromkeys(names):
        for each in (mode,) if mode else installed_modes(name):
            yield installed_transport(name, each)


def _all(mode: Mode | None) -> Iterator[TransportSubject]:
    subjects, left_out = installed_transports()
    for line in left_out:
        print(f"conformance: {line}", file=sys.stderr)  # noqa: T201
    return (subject for subject in subjects if mode in (None, subject.mode))
