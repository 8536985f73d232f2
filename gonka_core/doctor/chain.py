"""What the chain itself says: its parameters, its latest block. Whoever of the nodes tells is believed (§6.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gonka_core import chaintime
from gonka_core.asking import Heard
from gonka_core.discovery.choosing import PARAMS
from gonka_core.endpoints import Endpoint
from gonka_core.numbers import whole

from .patient import Patient

_HEIGHTS: Final = {
    "/chain-rpc/status": ("result", "sync_info", "latest_block_height"),
    "/chain-api/cosmos/base/tendermint/v1beta1/blocks/latest": ("block", "header", "height"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """The latest block as a node told it; times in nanoseconds since the epoch.

    `local_ns` is this machine's clock halfway through the asking, `date_ns` the node's own in the header `Date`, None
    without one. `catching_up`: the node says that it has not all blocks yet.
    """

    source: str
    time_ns: int
    local_ns: int
    date_ns: int | None
    height: int | None
    catching_up: bool


def params(patient: Patient) -> Mapping[str, Any] | None:
    """The chain's parameters; None where nobody tells them."""
    for endpoint in patient.readers():
        told = patient.asker.read(endpoint, PARAMS).told.get("params")
        if isinstance(told, dict):
            return told
    return None


def table(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of the parameters; empty where it is missing or no table."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def listed(of: Mapping[str, Any], name: str) -> list[str] | None:
    """A list of addresses in small letters; empty where it is null, None where it is no list."""
    found = of.get(name)
    if found is None:
        return []
    return [entry.lower() for entry in found if isinstance(entry, str)] if isinstance(found, list) else None


def latest_block(patient: Patient, endpoint: Endpoint) -> Block | None:
    """The latest block as that node tells it; None where it does not."""
    for path in chaintime.SOURCES:
        heard = patient.asker.read(endpoint, path)
        time_ns = chaintime.block_time_of(path, heard.body) if heard.status == 200 else None
        if time_ns is not None:
            return Block(
                source=endpoint.root,
                time_ns=time_ns,
                local_ns=heard.local_ns,
                date_ns=chaintime.date_of(heard.headers),
                height=_height(heard, path),
                catching_up=_catching_up(heard),
            )
    return None


def height(patient: Patient) -> int | None:
    """The height of the latest block; None where nobody tells it."""
    for endpoint in patient.readers():
        for path in _HEIGHTS:
            found = _height(patient.asker.read(endpoint, path), path)
            if found is not None:
                return found
    return None


def _height(heard: Heard, path: str) -> int | None:
    value: Any = heard.told
    for key in _HEIGHTS[path]:
        value = value.get(key) if isinstance(value, dict) else None
    return whole(value)


def _catching_up(heard: Heard) -> bool:
    sync = table(table(heard.told, "result"), "sync_info")
    return sync.get("catching_up") is True
