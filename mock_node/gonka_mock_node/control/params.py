"""`/mock/params` and `/mock/epoch`: what the chain decides for every node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from gonka_core.address import parse_address
from gonka_core.errors import InvalidAddressError
from gonka_mock_node.chain import OUTAGES, Chain

from .calls import Answer, Call, ControlError, Route, json_route
from .fields import Fields, payload_fields

_MOST_ADDRESSES: Final = 10_000


def as_object(chain: Chain) -> dict[str, Any]:
    """The parameters that can be changed, as a JSON object."""
    params = chain.params
    return {
        "timestamp_expiration_s": params.timestamp_expiration_s,
        "timestamp_advance_s": params.timestamp_advance_s,
        "allowed_transfer_addresses": sorted(params.allowed_transfer_addresses),
        "developer_gate_until": params.developer_gate_until,
        "allowed_developers": sorted(params.allowed_developers),
        "outages": sorted(chain.outages),
        "price": chain.price,
    }


def _read(call: Call) -> Answer:
    return Answer(as_object(call.network.chain))


def _write(call: Call) -> Answer:
    chain, fields = call.network.chain, payload_fields(call)
    given: dict[str, Any] = {
        "timestamp_expiration_s": fields.integer("timestamp_expiration_s", 0, 10**9),
        "timestamp_advance_s": fields.integer("timestamp_advance_s", 0, 10**9),
        "allowed_transfer_addresses": _addresses(fields, "allowed_transfer_addresses"),
        "developer_gate_until": fields.integer("developer_gate_until"),
        "allowed_developers": _addresses(fields, "allowed_developers"),
    }
    outages, price = _outages(fields), fields.integer("price")
    fields.require_no_more()
    chain.params = replace(chain.params, **{name: value for name, value in given.items() if value is not None})
    chain.outages = chain.outages if outages is None else outages
    chain.price = chain.price if price is None else price
    return _read(call)


def _addresses(fields: Fields, name: str) -> frozenset[str] | None:
    addresses = fields.texts(name)
    if addresses is None:
        return None
    if len(addresses) > _MOST_ADDRESSES:
        raise ControlError(400, f"{name} has {len(addresses)} entries; give at most {_MOST_ADDRESSES}", name)
    try:
        for address in addresses:
            parse_address(address)
    except InvalidAddressError:
        raise ControlError(
            400, f"{name} has an entry that is no account address; give gonka1… addresses", name
        ) from None
    return frozenset(addresses)


def _outages(fields: Fields) -> set[str] | None:
    outages = fields.texts("outages")
    if outages is not None and set(outages) - OUTAGES:
        raise ControlError(400, f"outages has an unknown name; choose from: {', '.join(sorted(OUTAGES))}", "outages")
    return None if outages is None else set(outages)


def _next_epoch(call: Call) -> Answer:
    fields = payload_fields(call)
    wanted = fields.flag("next")
    fields.require_no_more()
    if not wanted:
        raise ControlError(400, 'an epoch can only be followed by the next; send {"next": true}', "next")
    epoch = call.network.chain.next_epoch()
    return Answer({"epoch": epoch.number, "height": call.network.chain.clock.height})


ROUTES: Final[tuple[Route, ...]] = (
    json_route("GET", "params", _read),
    json_route("PATCH", "params", _write),
    json_route("POST", "epoch", _next_epoch),
)
