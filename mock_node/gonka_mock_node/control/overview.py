"""`/mock/state`: what the network is right now, and `/mock/reset`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from gonka_mock_node.chain.clock import BlockClock
from gonka_mock_node.node import Node

from .calls import Answer, Call, Route, json_route
from .fields import Fields
from .network import Network, is_listening
from .params import as_object as params_object

_NS: Final = 10**9


def state(network: Network) -> dict[str, Any]:
    """The state as a JSON object."""
    return {
        "version": _version(),
        "profile": network.nodes[0].profile.name,
        "nodes": [_node(network, node) for node in network.nodes],
        "clock": clock_object(network.chain.clock),
        "totals": network.journal.totals(),
        "kept": len(network.journal),
        "cleared_up_to": cleared_up_to(network),
        "accounts_mode": "open" if network.chain.open_accounts else "listed",
        "params": params_object(network.chain),
        "epoch": network.chain.epoch,
        "outages": sorted(network.chain.outages),
        "faults": len(network.faults),
        "expectations": len(network.expectations),
    }


def fingerprint(network: Network) -> tuple[object, ...]:
    """What is compared to see whether the state changed by something else than a request or the passing of time."""
    chain = network.chain
    return (
        chain.clock.setting,
        tuple(chain.accounts()),
        (chain.params, chain.price, frozenset(chain.outages), chain.open_accounts, chain.epoch),
        tuple(fault.id for fault in network.faults),
        tuple((node.url, node.switched_off) for node in network.nodes),
        cleared_up_to(network),
    )


def cleared_up_to(network: Network) -> int | None:
    """The number of the last request before the journal was cleared, 0 if it never was; None while it is empty."""
    latest = last_number(network)
    return latest - sum(network.journal.totals().values()) if latest else None


def last_number(network: Network) -> int:
    """The number of the latest request in the journal, 0 while it is empty."""
    return network.journal[-1].number if len(network.journal) else 0


def clock_object(clock: BlockClock) -> dict[str, Any]:
    """The clock as a JSON object. `time_ns` exceeds what JavaScript counts exactly; `time` is the same as a text."""
    setting, latest = clock.setting, clock.latest
    return {
        "time_ns": latest.time_ns,
        "time": _iso(latest.time_ns),
        "height": latest.height,
        "stopped": clock.stopped,
        "lag_s": setting.lag_ns / _NS,
        "offset_s": setting.offset_ns / _NS,
        "interval_s": latest.interval_ns / _NS,
    }


def _node(network: Network, node: Node) -> dict[str, Any]:
    return {
        "number": node.number,
        "url": node.url,
        "provider_address": node.provider_address,
        "switched_off": sorted(node.switched_off),
        "listening": is_listening(network, node),
    }


def _iso(time_ns: int) -> str | None:
    """UTC to the millisecond; None outside of the years that a calendar has."""
    try:
        return (
            datetime.fromtimestamp(time_ns // _NS, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            + f".{time_ns // 10**6 % 1000:03}Z"
        )
    except (OverflowError, OSError, ValueError):
        return None


@cache
def _version() -> str:
    try:
        return version("gonka-core")
    except PackageNotFoundError:
        return "unknown"


def _read(call: Call) -> Answer:
    return Answer(state(call.network))


def _reset(call: Call) -> Answer:
    Fields(call.payload or {}).require_no_more()
    call.network.reset()
    return Answer({"reset": True})


ROUTES: Final[tuple[Route, ...]] = (json_route("GET", "state", _read), json_route("POST", "reset", _reset))
