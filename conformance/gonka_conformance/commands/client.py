"""`client`: a client in any language, as a command that the exam runs, or one that somebody else runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Final

from gonka_conformance.clients import ALL_CLAIMS, CLIENT_CLAIMS, ClientSubject, ExamLimits, check_client
from gonka_conformance.clients.scenarios import SCENARIOS
from gonka_conformance.clients.subject import DEFAULT_PROFILE
from gonka_conformance.clients.waiting import WaitDriver
from gonka_conformance.report import Report
from gonka_conformance.runner import Told

from . import CouldNotRunError, Kinds, add_common

NAME: Final = "client"
_DEFAULTS: Final = ExamLimits()
_WAIT_S: Final = 300.0


def add(kinds: Kinds) -> None:
    """Add the arguments of the kind."""
    parser = kinds.add_parser(NAME, help="examine a client in any language (docs/client-exam.md)")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--cmd",
        metavar="COMMAND",
        help="the program to run in each scenario, such as './my-client {base_url}'",
    )
    how.add_argument("--wait", action="store_true", help="run no program: say what to do, and wait for requests")
    how.add_argument("--list", action=_List, nargs=0, help="print the scenarios and the claims, and end")
    parser.add_argument("--name", default="", help="what the report calls the client")
    parser.add_argument(
        "--claims",
        action="append",
        metavar="CLAIM,…",
        help="what the client does; may be repeated; without it everything is asked",
    )
    parser.add_argument(
        "--without", action="append", default=[], metavar="CLAIM,…", help="what it does not do; may be repeated"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="SCENARIO", help="this scenario only; may be repeated"
    )
    parser.add_argument("--profile", default=DEFAULT_PROFILE, help=f"the generation of the nodes ({DEFAULT_PROFILE})")
    parser.add_argument(
        "--seconds", type=float, help=f"for one run ({_DEFAULTS.seconds:g}), or to wait for ({_WAIT_S:g})"
    )
    parser.add_argument(
        "--timeout", type=float, default=_DEFAULTS.timeout, metavar="SECONDS", help="of silence, for {timeout} (3)"
    )
    parser.add_argument(
        "--many", type=int, default=_DEFAULTS.many, metavar="N", help="calls of the scenario many (1000)"
    )
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        type=_variable,
        metavar="NAME=VALUE",
        help="for the program; repeatable",
    )
    add_common(parser)


def run(options: argparse.Namespace, told: Told) -> list[Report]:
    """The report on the client. Raises `CouldNotRunError` where nobody called."""
    subject = _subject(options)
    report = check_client(subject, dict(options.known_failure), told)
    if options.wait and not subject.was_called:
        raise CouldNotRunError("nobody called, so there is nothing to judge; start your client while the exam waits")
    return [report]


class _List(argparse.Action):
    """Prints what there is and ends, as `--help` does."""

    def __call__(self, parser: argparse.ArgumentParser, *others: Any) -> None:
        scenarios = [f"{each.number:>4}  {each.name:<17} {each.asks}" for each in SCENARIOS.values()]
        claims = [f"      {name:<17} {meaning}" for name, meaning in CLIENT_CLAIMS.items()]
        print("\n".join(["scenarios", *scenarios, "claims", *claims]))  # noqa: T201
        parser.exit()


def _subject(options: argparse.Namespace) -> ClientSubject:
    """The client. Raises ValueError for a claim, a scenario, a limit or a command that is none."""
    seconds = options.seconds or (_WAIT_S if options.wait else _DEFAULTS.seconds)
    limits = ExamLimits(seconds=seconds, timeout=options.timeout, many=options.many)
    claims = _claims(options.claims, options.without)
    if options.wait:
        driver = WaitDriver(_say, seconds, interactive=sys.stdin.isatty())
        name = options.name or "client"
        return ClientSubject(name, driver, claims, options.profile, limits, frozenset(options.only), same_ports=True)
    return ClientSubject.running(
        options.cmd,
        name=options.name,
        claims=claims,
        profile=options.profile,
        limits=limits,
        only=options.only,
        environment=dict(options.env),
    )


def _claims(named: Sequence[str] | None, without: Sequence[str]) -> frozenset[str]:
    claims, denied = ALL_CLAIMS if named is None else _several(named), _several(without)
    unknown = sorted(denied - set(CLIENT_CLAIMS))
    if unknown:
        raise ValueError(f"no client can claim {unknown[0]!r}; claims are: {', '.join(CLIENT_CLAIMS)}")
    return claims - denied


def _several(given: Sequence[str]) -> frozenset[str]:
    return frozenset(name for part in given for name in part.split(",") if name)


def _variable(argument: str) -> tuple[str, str]:
    name, separator, value = argument.partition("=")
    if not name or not separator:
        raise argparse.ArgumentTypeError("write it as NAME=VALUE, such as JAVA_HOME=/opt/java")
    return name, value


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201
