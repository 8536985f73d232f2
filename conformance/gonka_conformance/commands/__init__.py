"""The command line of the kit: a module for each kind of subject, which names its arguments and runs its checks."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Kinds: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
else:
    Kinds = argparse.Action


class CouldNotRunError(Exception):
    """The exam could not be held; `str()` says why and what to do. Exit status 2."""


def declaration(argument: str) -> tuple[str, str]:
    """A known failure, written `ID=REASON`."""
    identity, separator, reason = argument.partition("=")
    if not separator or not reason.strip():
        raise argparse.ArgumentTypeError("write it as ID=REASON, such as signer.pickle='keys live in a token'")
    return identity, reason


def add_common(parser: argparse.ArgumentParser) -> None:
    """What every kind understands: known failures, and where reports go."""
    parser.add_argument(
        "--known-failure",
        action="append",
        default=[],
        type=declaration,
        metavar="ID=REASON",
        help="a check that is known to fail, and why; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
