"""The record of a scenario, and what a client may claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

CLIENT_CLAIMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "payload": "asks what is in the file {payload}",
        "exact": "sends the bytes of that file as they are",
        "streaming": "streams where {stream} is true",
        "count": "makes {count} calls in one process",
        "parallel": "makes {parallel} of them at a time",
        "fail-over": "goes to another endpoint of GONKA_ENDPOINTS when one fails",
        "retry": "asks again when a node is busy",
        "clock": "learns how far its clock is from block time",
        "other-scheme": "finds out which scheme a node verifies",
        "no-redirects": "fails where a node redirects",
        "timeout": "ends a call after {timeout} seconds of silence",
        "discovery": "finds nodes through GONKA_SOURCE_URL",
        "broker": "calls the broker of GONKA_BROKER_URL",
        "json-lines": "prints a line of JSON for each call",
    }
)
"""What a client may say that it does; scenarios that need something else are left out."""

Payload: TypeAlias = Literal["plain", "unicode", "empty", "huge"]
Told: TypeAlias = Literal["endpoints", "source", "broker"]
Amount: TypeAlias = Literal["one", "two", "few", "many", "burst"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`asks` is what the program has to do, `network` what happens to it, `outcome` how a call has to end.

    `needs` are the claims without which it is left out. `told`: where the environment says that nodes are. `stage`
    names what is prepared in `stagings`; without it the network is well. `other`: nodes of the other generation.
    `explains`: refusals are diagnosed, which takes too long where there may be a thousand.
    """

    number: int
    name: str
    asks: str
    network: str
    outcome: Literal["answered", "failed", "either"] = "answered"
    needs: frozenset[str] = frozenset()
    payload: Payload = "plain"
    stream: bool = False
    amount: Amount = "one"
    parallel: bool = False
    nodes: int = 1
    told: Told = "endpoints"
    stage: str = ""
    other: bool = False
    explains: bool = True
