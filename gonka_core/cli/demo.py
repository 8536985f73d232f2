"""`gonka demo`: every pair of backends against a mock node, which really checks."""

from __future__ import annotations

from dataclasses import asdict

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gonka_core.errors import MissingLibraryError
from gonka_core.plugins import install_line

from . import given, shown
from .trial import Pair, Trial, pairs, run_pair

_QUESTION = "What is the capital city of France?"


@click.command()
@click.option(
    "--profile", "profiles", multiple=True, default=("seed",), show_default=True, metavar="NAME", help="Repeatable."
)
@given.as_json
def demo(profiles: tuple[str, ...], as_json: bool) -> int:
    """Start a mock node and send signed requests to it through every pair of backends.

    Each pair sends one request that is answered whole and one that is streamed. The verdict is the node's own.
    """
    usable, left_out = pairs()
    trials = [trial for profile in profiles for trial in _trials(profile, usable, quiet=as_json)]
    if as_json:
        shown.document({"trials": [asdict(trial) for trial in trials], "left_out": left_out})
    else:
        _print(trials, left_out)
    return 0 if trials and all(trial.verdict == "accepted" and not trial.error for trial in trials) else 1


def _trials(profile: str, usable: list[Pair], *, quiet: bool) -> list[Trial]:
    try:
        from gonka_mock_node import MockNode
        from gonka_mock_node.profiles import PROFILES

        signed = [name for name, rules in PROFILES.items() if rules.kind == "classic"]
        if profile not in signed:
            raise given.wrong(f"no profile {profile!r} takes signed requests", f"choose one of: {', '.join(signed)}")
        with (
            MockNode(profile=profile) as node,
            Progress(transient=True, disable=quiet or not Console().is_terminal) as progress,
        ):
            task = progress.add_task(f"asking a node of profile {profile}", total=len(usable))
            trials = []
            for pair in usable:
                trials.append(run_pair(pair, profile, node, _QUESTION))
                progress.advance(task)
            return trials
    except ModuleNotFoundError as error:
        raise MissingLibraryError(
            f"the mock node needs {error.name}, which is not installed", install_line("mock-node")
        ) from None


def _print(trials: list[Trial], left_out: list[str]) -> None:
    console = Console(highlight=False)
    for words in dict.fromkeys(trial.words for trial in trials if not trial.error):
        count = sum(trial.words == words for trial in trials)
        console.print(f"The assistant, {count} times alike:  {words}\n", markup=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("signer", "transport", "mode", "profile", "scheme"):
        table.add_column(heading, no_wrap=True)
    for heading in ("first byte", "of stream"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for trial in trials:
        table.add_row(
            trial.signer,
            trial.transport,
            trial.mode,
            trial.profile,
            trial.scheme,
            _milliseconds(trial.first_byte_whole_s),
            _milliseconds(trial.first_byte_streamed_s),
            trial.verdict,
        )
    console.print(table)
    for trial in trials:
        if trial.error:
            console.print(
                f"{trial.signer}, {trial.transport} ({trial.mode}): {trial.error}", markup=False, soft_wrap=True
            )
    for line in left_out:
        console.print(f"left out: {line}", markup=False, soft_wrap=True)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
