"""A list as JSON, for the shelf, and back. What comes back is looked at as closely as what a source tells."""

from __future__ import annotations

import math
from typing import Any, Final

from gonka_core.endpoints import Endpoint
from gonka_core.errors import GonkaError
from gonka_core.limits import OverLimitError, parse_object

from .records import LEVELS, Discovered, Level, Network
from .urls import Reach, origin, reach_of, refused

_INT64: Final = 2**63 - 1


def shelved(discovered: Discovered) -> dict[str, Any]:
    """The fields of a list as JSON has them."""
    return {
        "epoch": discovered.epoch,
        "source": discovered.source,
        "level": discovered.level,
        "learned_at": discovered.learned_at,
        "height": discovered.height,
        "shortfall": discovered.shortfall,
        "anchor": discovered.anchor,
        "header_time": discovered.header_time,
        "allow_list": None if discovered.allow_list is None else list(discovered.allow_list),
        "left_out": dict(discovered.left_out),
        "endpoints": [_row(endpoint) for endpoint in discovered.endpoints if endpoint.signed],
    }


def unshelved(data: bytes, version: int, key: str, network: Network) -> Discovered | None:
    """The list, or None for anything that is not one of this version, for this network, and proven far enough."""
    try:
        fields = parse_object(data) or {}
        if fields.get("version") != version or fields.get("key") != key:
            return None
        return _discovered(fields, network)
    except (OverLimitError, GonkaError, KeyError, TypeError, ValueError, OverflowError):
        return None


def _row(endpoint: Endpoint) -> dict[str, Any]:
    models = None if endpoint.models is None else sorted(endpoint.models)
    return {"url": endpoint.url, "address": endpoint.provider_address, "weight": endpoint.weight, "models": models}


def _discovered(fields: Any, network: Network) -> Discovered:
    source, level = _text(fields["source"]), _level(fields["level"], network.verify)
    if origin(source) not in {origin(known) for known in network.sources}:
        raise ValueError("a source that is not asked")
    reach = reach_of(source, network.private)
    endpoints = tuple(_endpoint(row, reach) for row in _list(fields["endpoints"]))
    if not endpoints:
        raise ValueError("no endpoints")
    allow_list = fields["allow_list"]
    return Discovered(
        epoch=_whole(fields["epoch"]),
        source=source,
        endpoints=endpoints,
        level=level,
        learned_at=_time(fields["learned_at"]),
        height=None if fields["height"] is None else _whole(fields["height"]),
        shortfall=None if fields["shortfall"] is None else _text(fields["shortfall"]),
        left_out={_text(name): _text(reason) for name, reason in dict(fields["left_out"]).items()},
        allow_list=None if allow_list is None else tuple(map(_text, _list(allow_list))),
        anchor=None if fields["anchor"] is None else _text(fields["anchor"]),
        header_time=None if fields["header_time"] is None else _time(fields["header_time"]),
    )


def _endpoint(row: Any, reach: Reach) -> Endpoint:
    url, models = _text(row["url"]), row["models"]
    if refused(url, reach) is not None:
        raise ValueError("a URL that is not asked")
    named = None if models is None else frozenset(map(_text, _list(models)))
    return Endpoint(url, _text(row["address"]), weight=_whole(row["weight"]), models=named)


def _level(value: Any, least: Level) -> Level:
    for level in LEVELS[LEVELS.index(least) :]:
        if value == level:
            return level
    raise ValueError("not proven as far as is asked")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _INT64:
        raise TypeError("no whole number")
    return value


def _time(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise TypeError("no time")
    return float(value)
