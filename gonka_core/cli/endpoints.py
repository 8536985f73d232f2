"""`gonka endpoints`."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from gonka_core import resolve
from gonka_core.discovery.directory import Directory
from gonka_core.discovery.learning import TIMEOUT_S, learn
from gonka_core.discovery.records import Discovered, Network
from gonka_core.driving import run_flow
from gonka_core.endpoints import Endpoint
from gonka_core.errors import DiscoveryError
from gonka_core.hookspecs import TransportOptions

from . import given, networks, shown

_SOON: Final = 120.0
_LONG: Final = 7200.0
_MANY: Final = 3
_WIDE: Final = 4096


@dataclass(frozen=True, slots=True)
class Found:
    """Endpoints that are given, and the list of a network. `trouble`: why the list comes from the disk."""

    static: tuple[Endpoint, ...]
    listed: Discovered | None
    trouble: str | None = None


@click.command()
@networks.options
@click.option("--all", "everybody", is_flag=True, help="Also those that may not be asked, each with its reason.")
@click.option("--cache/--no-cache", default=True, help="Keep the list on disk, and use it where no source answers.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=TIMEOUT_S, show_default=True, metavar="SECONDS")
@given.transport
@given.as_json
def endpoints(
    network: networks.NetworkChoice,
    everybody: bool,
    cache: bool,
    timeout: float,
    transport: str,
    as_json: bool,
) -> None:
    """The endpoints that would be called: given ones, and those of the network, with provider, weight and models.

    Without --source the environment decides: GONKA_ENDPOINTS, GONKA_ENDPOINT, GONKA_SOURCE_URL, GONKA_BROKER_URL.
    """
    static, chosen = network.places()
    found_in = None if chosen is None else replace(chosen, cache=cache)
    listed, trouble = (None, None) if found_in is None else _listed(found_in, transport, timeout)
    found = Found(static, listed, trouble)
    if as_json:
        shown.document(_document(found))
    else:
        _print(found, everybody=everybody)


def _listed(network: Network, transport: str, timeout: float) -> tuple[Discovered, str | None]:
    """The list as it is told now; that of the disk where no source tells anything."""
    kept, bound = Directory(network), resolve.transport(transport, TransportOptions())
    try:
        return kept.learned(run_flow(learn(network, time.monotonic, time.time, timeout), bound)), None
    except DiscoveryError as error:
        return kept.failed(error), error.problem
    finally:
        bound.close()


def _document(found: Found) -> dict[str, Any]:
    return {
        "static": [_row(endpoint) for endpoint in found.static],
        "network": None if found.listed is None else _network(found.listed, found.trouble),
    }


def _network(listed: Discovered, trouble: str | None) -> dict[str, Any]:
    return {
        "source": listed.source,
        "epoch": listed.epoch,
        "height": listed.height,
        "level": listed.level,
        "shortfall": listed.shortfall,
        "anchor": listed.anchor,
        "header_time": listed.header_time,
        "learned_at": listed.learned_at,
        "age_s": max(time.time() - listed.learned_at, 0.0),
        "from_cache": trouble is not None,
        "trouble": trouble,
        "allow_list": None if listed.allow_list is None else list(listed.allow_list),
        "endpoints": [_row(endpoint) for endpoint in listed.endpoints],
        "left_out": dict(listed.left_out),
    }


def _row(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "url": endpoint.url,
        "provider_address": endpoint.provider_address or None,
        "weight": endpoint.weight,
        "models": None if endpoint.models is None else sorted(endpoint.models),
    }


def _print(found: Found, *, everybody: bool) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("url", "provider", "weight", "models", "from"):
        table.add_column(heading, no_wrap=True)
    for endpoint in found.static:
        table.add_row(*_cells(endpoint), "given" if endpoint.signed else "broker")
    for endpoint in found.listed.endpoints if found.listed else ():
        table.add_row(*_cells(endpoint), "network")
    # Strangers wrote the models and URLs: nothing in them is markup. No URL is cut for a narrow terminal.
    Console(width=_WIDE, soft_wrap=True, markup=False, highlight=False, emoji=False).print(table)
    if found.listed is not None:
        _print_network(found.listed, found.trouble, everybody=everybody)


def _cells(endpoint: Endpoint) -> tuple[str, str, str, str]:
    models = sorted(endpoint.models or ())
    names = ", ".join(models[:_MANY]) + (f", and {len(models) - _MANY} more" if len(models) > _MANY else "")
    told = names or "not told"
    flat = "".join(character if character.isprintable() else " " for character in told)
    return endpoint.url, endpoint.provider_address or "-", str(endpoint.weight), flat


def _print_network(listed: Discovered, trouble: str | None, *, everybody: bool) -> None:
    lines = {
        "epoch": f"{listed.epoch}, written at height {listed.height}" if listed.height is not None else listed.epoch,
        "source": listed.source,
        "age": _age(time.time() - listed.learned_at) + (" (from the disk)" if trouble is not None else ""),
        "level": listed.level + (f": {listed.shortfall}" if listed.shortfall else ""),
        "anchor": listed.anchor or "nobody",
        "allow-list": _allowed(listed.allow_list),
        "left out": f"{len(listed.left_out)}" + ("" if everybody or not listed.left_out else " (--all shows them)"),
    }
    if trouble is not None:
        lines["trouble"] = trouble
    click.echo()
    shown.record(lines, as_json=False)
    if everybody and listed.left_out:
        click.echo()
        for name, reason in listed.left_out.items():
            click.echo(f"{name}  {reason}")


def _allowed(allow_list: tuple[str, ...] | None) -> str:
    if allow_list is None:
        return "nobody tells it: everyone is taken to be allowed"
    return f"{len(allow_list)} providers" if allow_list else "empty: everyone is allowed"


def _age(seconds: float) -> str:
    """How long ago, in the unit that is easiest to read."""
    if seconds < _SOON:
        return f"{max(seconds, 0):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < _LONG else f"{seconds / 3600:.0f} h"
