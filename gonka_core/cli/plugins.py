"""`gonka plugins`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gonka_core.errors import MissingLibraryError, PluginError
from gonka_core.hookspecs import SignerPlugin, TransportPlugin
from gonka_core.plugins import Entry, load, registry

from . import given, shown


@dataclass(frozen=True, slots=True)
class State:
    """A plug-in as it stands: `ready`, `missing` (its library) or `broken`, with the reason and the next step."""

    kind: str
    name: str
    distribution: str
    capabilities: tuple[str, ...]
    state: str
    reason: str | None
    summary: str


@click.command()
@given.as_json
def plugins(as_json: bool) -> None:
    """Signers, transports and selectors: what is there, from where, what is broken and why."""
    states = list(found())
    if as_json:
        shown.document([asdict(state) for state in states])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("kind", "name", "state", "capabilities", "distribution"):
        table.add_column(heading, no_wrap=True)
    for state in states:
        table.add_row(state.kind, state.name, state.state, ", ".join(state.capabilities), state.distribution)
    Console(soft_wrap=True).print(table)
    for state in states:
        if state.reason:
            click.echo(f"\n{state.name}: {state.reason}")


def found() -> Iterator[State]:
    """Every plug-in; each is loaded, so that the state is the truth."""
    for entry in registry().entries:
        problem = _problem(entry)
        yield State(
            kind=entry.kind,
            name=entry.name,
            distribution=entry.distribution,
            capabilities=entry.plugin.capabilities,
            state="ready" if problem is None else "missing" if isinstance(problem, MissingLibraryError) else "broken",
            reason=None if problem is None else str(problem),
            summary=entry.plugin.summary,
        )
    for broken in registry().broken:
        yield State("unknown", broken.name, broken.distribution, (), "broken", broken.reason, "")


def _problem(entry: Entry) -> PluginError | None:
    try:
        for loader in loaders(entry):
            load(entry, loader)
    except PluginError as error:
        return error
    return None


def loaders(entry: Entry) -> list[Callable[[], Any]]:
    """The loaders of an entry: one, or one for each kind of transport."""
    if isinstance(entry.plugin, TransportPlugin):
        return [loader for loader in (entry.plugin.load_sync, entry.plugin.load_async) if loader is not None]
    if isinstance(entry.plugin, SignerPlugin):
        return [loader for loader in (entry.plugin.load, entry.plugin.load_own) if loader is not None]
    return [entry.plugin.load]
