"""`/mock/faults`: what goes wrong on purpose, and the catalogue of what could."""

from __future__ import annotations

from typing import Any, Final

from gonka_mock_node.faults import CATALOGUE, Effect, Fault, FaultError, Parameter

from .calls import Answer, Call, ControlError, Route, json_route
from .fields import payload_fields
from .network import Network, is_listening

_KINDS: Final = {int: "integer", float: "number", str: "text", bool: "flag"}


def _list(call: Call) -> Answer:
    return Answer({"faults": [_active(call.network, fault) for fault in call.network.faults]})


def _add(call: Call) -> Answer:
    payload_fields(call)
    try:
        fault = call.network.faults.add_object(call.payload)
    except FaultError as error:
        raise ControlError(400, str(error), error.field) from None
    _require_a_way_back(call.network, fault)
    return Answer(_active(call.network, fault), 201)


def _require_a_way_back(network: Network, fault: Fault) -> None:
    """Where every port is closed nobody can open one through this API any more: such a fault is taken back at once."""
    closes = CATALOGUE[fault.name].stage == "connection"
    if closes and not any(is_listening(network, node) for node in network.nodes):
        network.faults.remove(fault.id)
        raise ControlError(
            409, f"{fault.name} would close the last port and this API with it; name one node of several", "node"
        )


def _remove(call: Call) -> Answer:
    try:
        call.network.faults.remove(call.parameters["id"])
    except FaultError as error:
        raise ControlError(404, str(error), error.field) from None
    return Answer({"removed": 1})


def _clear(call: Call) -> Answer:
    count = len(call.network.faults)
    call.network.faults.clear()
    return Answer({"removed": count})


def _catalogue(_call: Call) -> Answer:
    return Answer({"faults": [_effect(effect) for effect in CATALOGUE.values()]})


def _active(network: Network, fault: Fault) -> dict[str, Any]:
    """A fault with how often it struck; another thread may have removed it since it was looked up."""
    try:
        strikes = network.faults.strikes(fault.id)
    except FaultError:
        strikes = 0
    return {**fault.as_object(), "strikes": strikes}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "name": effect.name,
        "summary": effect.summary,
        "stands_for": effect.stands_for,
        "stage": effect.stage,
        "fits": effect.fits,
        "route": effect.route,
        "parameters": [_parameter(name, parameter) for name, parameter in effect.parameters.items()],
    }


def _parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    return {
        "name": name,
        "type": _KINDS[parameter.type],
        "default": parameter.default,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "choices": list(parameter.choices),
        "summary": parameter.summary,
    }


ROUTES: Final[tuple[Route, ...]] = (
    json_route("GET", "faults", _list),
    json_route("GET", "faults/catalogue", _catalogue),
    json_route("POST", "faults", _add),
    json_route("DELETE", "faults", _clear),
    json_route("DELETE", "faults/{id}", _remove),
)
