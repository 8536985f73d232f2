"""`selector`: installed selectors by name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from gonka_conformance.report import Report
from gonka_conformance.runner import Told
from gonka_conformance.selectors import SelectorSubject, check_selector, installed_selector, installed_selectors

from . import Kinds, add_common

NAME: Final = "selector"
_ALL: Final = "all"


def add(kinds: Kinds) -> None:
    """Add the arguments of the kind."""
    parser = kinds.add_parser(NAME, help="check one selector or several")
    parser.add_argument(
        "--selector", action="append", required=True, metavar="NAME", help="an installed one, or all; may be repeated"
    )
    add_common(parser)


def run(options: argparse.Namespace, told: Told) -> list[Report]:
    """A report for each selector asked for."""
    return [check_selector(subject, dict(options.known_failure), told) for subject in _subjects(options.selector)]


def _subjects(names: Sequence[str]) -> tuple[SelectorSubject, ...]:
    """The selectors asked for, each once, in the order given."""
    if _ALL not in names:
        return tuple(installed_selector(name) for name in dict.fromkeys(names))
    subjects, left_out = installed_selectors()
    for line in left_out:
        print(f"conformance: {line}", file=sys.stderr)  # noqa: T201
    return subjects
