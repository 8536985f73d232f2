"""The results on a terminal: the machine, the tables, what went wrong, and what to use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .advice import advice
from .results import Advice, Complaint, Results
from .table import signers_table, transports_table

_STYLES: Final = {"wrong": "bold red", "failed": "red", "missing": "dim", "broken": "yellow", "cut short": "yellow"}
_SIGNERS: Final = (
    "A payload to a signed request, with the key held. × documented: how many times as fast as the network's "
    "documented program, which knows raw only. × C: how many times as long as the same work in C on libsecp256k1."
)
_WAITS: Final = "(waits): most of its time passes elsewhere, so it was measured by wall clock, the others by CPU."
_TRANSPORTS: Final = (
    "A signed call of 200 B and its answer, against a mock node in a process of its own. CPU is what the client's "
    "process pays; wall includes waiting for the node. × best: times the least CPU."
)


def show(console: Console, results: Results) -> None:
    """Print everything that was found."""
    _heading(console, results)
    if results.signers:
        waiting = any(figure.waits for figure in results.signers)
        _section(console, "Signers", signers_table(results.signers), _SIGNERS + f" {_WAITS}" * waiting)
    if results.transports:
        _section(console, "Transports", transports_table(results.transports), _TRANSPORTS)
    _complaints(console, results)
    _recommendation(console, advice(results))
    if not results.complete:
        _line(console, "\ninterrupted: what is missing above was not measured", "yellow")


def _heading(console: Console, results: Results) -> None:
    machine = results.machine
    _line(
        console, f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, {machine['python']}", "bold"
    )
    _line(console, ", ".join(f"{name} {version}" for name, version in results.versions.items()), "dim")


def _section(console: Console, title: str, table: Table, note: str) -> None:
    _line(console, f"\n{title}", "bold")
    console.print(table)
    _line(console, note, "dim")


def _complaints(console: Console, results: Results) -> None:
    if results.unknown or results.complaints:
        console.print()
    for what, why in results.unknown.items():
        _line(console, f"{what}: unknown: {why}", "dim")
    for complaint in results.complaints:
        _line(console, _words(complaint), _STYLES[complaint.state])


def _words(complaint: Complaint) -> str:
    state = complaint.state.upper() if complaint.state == "wrong" else complaint.state
    return f"{complaint.kind} {complaint.name}: {state}: {complaint.reason}"


def _recommendation(console: Console, lines: Sequence[Advice]) -> None:
    if not lines:
        return
    _line(console, "\nWhat to use here", "bold")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        table.add_row(line.about, Text(line.text))
    console.print(table)


def _line(console: Console, words: str, style: str) -> None:
    console.print(Text(words), style=style)
