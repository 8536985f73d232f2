"""`report`: JSON reports made earlier, by other runs or on other machines, as one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from gonka_conformance.report import Report
from gonka_conformance.reports import merged, read
from gonka_conformance.reports.merge import Batch
from gonka_conformance.runner import Told

from . import CouldNotRunError, Kinds, add_outputs

NAME: Final = "report"


def add(kinds: Kinds) -> None:
    """Add the arguments of the command."""
    parser = kinds.add_parser(NAME, help="join JSON reports made earlier into one")
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a JSON report; LABEL=FILE adds the label to the names of its subjects",
    )
    add_outputs(parser)


def run(options: argparse.Namespace, told: Told) -> list[Report]:
    """What the documents say, each subject once. Nothing is examined, so that nobody is told of results."""
    return merged([_batch(argument) for argument in options.files])


def _batch(argument: str) -> Batch:
    label, separator, path = argument.partition("=")
    if not separator or Path(argument).exists():
        label, path = "", argument
    try:
        return Batch(path, read(Path(path).read_bytes()), label)
    except OSError as error:
        raise CouldNotRunError(f"{path} cannot be read: {error.strerror or error}; name a JSON report") from None
    except ValueError as error:
        raise CouldNotRunError(f"{path} is no report of this kit: {error}") from None
