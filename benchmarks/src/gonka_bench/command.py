"""The arguments of `gonka bench`, and what becomes of its results."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Final

from rich.console import Console

from .document import document
from .page import show
from .progress import progress
from .results import Results
from .run import Bench, Wanted
from .sizes import parsed
from .workload import SIZES

DONE: Final = 0
NOT_RIGHT: Final = 1
INTERRUPTED: Final = 130
_SECONDS: Final = 40.0


def build_parser(prog: str) -> argparse.ArgumentParser:
    """The arguments; `prog` is what the help calls the command."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="What signers and transports cost on this machine, beside the network's documented program and C.",
        epilog="Exit status: 0 measured, 1 a signer or transport is wrong or failed, 2 wrongly asked, 130 interrupted. "
        "The key is one for nothing; yours is not read.",
    )
    parser.add_argument(
        "--signer", action="append", default=[], metavar="NAME", help="only this one beside the baselines; repeatable"
    )
    parser.add_argument(
        "--size",
        action="append",
        type=_size,
        metavar="SIZE",
        help="of a payload, such as 10MB; repeatable (200, 4KB, 256KB)",
    )
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=_SECONDS,
        metavar="N",
        help="how long to measure, about (%(default)g)",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--no-signers", action="store_true", help="measure transports only")
    which.add_argument("--no-transports", action="store_true", help="measure signers only")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")
    return parser


def run(argv: Sequence[str] | None, prog: str) -> int:
    """Measure and print; the exit status. Raises `PluginError` for a signer that is asked for and cannot be used."""
    parser = build_parser(prog)
    options = parser.parse_args(argv)
    if options.signer and options.no_signers:
        parser.error("argument --signer: not allowed with argument --no-signers")
    bench = Bench(_wanted(options))
    interrupted = _measured(bench)
    results = bench.results()
    if options.json:
        print(json.dumps(document(results), ensure_ascii=False, indent=2))
    else:
        show(Console(highlight=False), results)
    return INTERRUPTED if interrupted else _status(results)


def _wanted(options: argparse.Namespace) -> Wanted:
    return Wanted(
        sizes=sorted(set(options.size or SIZES.values())),
        seconds=options.seconds,
        signers=options.signer,
        with_signers=not options.no_signers,
        with_transports=not options.no_transports,
    )


def _measured(bench: Bench) -> bool:
    """Whether Ctrl-C ended it early."""
    try:
        with progress(bench.wanted.stages) as stage:
            bench.run(stage)
    except KeyboardInterrupt:
        return True
    return False


def _status(results: Results) -> int:
    return NOT_RIGHT if results.named("wrong") or results.named("failed") else DONE


def _size(argument: str) -> int:
    try:
        return parsed(argument)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seconds(argument: str) -> float:
    seconds = float(argument)
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("seconds are more than 0 and at most 3600")
    return seconds
