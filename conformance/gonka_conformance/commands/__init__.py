"""The command line of the kit: a module for each kind of subject, which names its arguments and runs its checks."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from gonka_conformance.report import Report
from gonka_conformance.reports import html_page, json_text, junit_xml
from gonka_conformance.reports.files import Destination, Form, require_writable
from gonka_conformance.runner import Told

if TYPE_CHECKING:
    Kinds: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
else:
    Kinds = argparse.Action

_FORMS: Final[Mapping[str, tuple[str, Form]]] = MappingProxyType(
    {
        "--json-file": ("JSON", json_text),
        "--junit": ("JUnit XML", junit_xml),
        "--html": ("one HTML page", html_page),
    }
)


class Command(Protocol):
    """What a module here is."""

    @property
    def NAME(self) -> str: ...

    def add(self, kinds: Kinds, /) -> None: ...

    def run(self, options: argparse.Namespace, told: Told, /) -> list[Report]: ...


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
    add_outputs(parser)


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Where reports go: text or JSON on stdout, and any form into files."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    for option, (form, _write) in _FORMS.items():
        parser.add_argument(option, type=Path, metavar="FILE", help=f"write the report as {form} into a file as well")


def destinations(options: argparse.Namespace) -> tuple[Destination, ...]:
    """The files asked for. Raises ValueError for one that cannot be written."""
    paths = {option: getattr(options, option.lstrip("-").replace("-", "_")) for option in _FORMS}
    wanted = tuple(Destination(path, _FORMS[option][1]) for option, path in paths.items() if path)
    require_writable(wanted)
    return wanted
