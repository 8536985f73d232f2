"""Models and prices (`protocol.md` §6.4)."""

from __future__ import annotations

from typing import Any

from gonka_mock_node.chain.models import Model
from gonka_mock_node.reply import Reply

from .replies import answered, present, unavailable
from .routing import Ask


def models(ask: Ask) -> Reply:
    """The models that are served now, in OpenAI's shape from v0.2.12 on; before, the list of governance."""
    if ask.node.profile.routes.models == "governance":
        return governance_models(ask)
    if "epoch-group" in ask.chain.outages:
        return unavailable(ask)
    created = ask.chain.clock.time_ns // 10**9
    omit_empty = ask.node.profile.routes.numbers_as_strings
    listed = [_descriptor(model, created, omit_empty=omit_empty) for model in ask.chain.model_records]
    return answered(ask, {"object": "list", "data": listed})


def governance_models(ask: Ask) -> Reply:
    """Every model that governance registered."""
    return answered(ask, {"models": _records(ask) or None})


def legacy_models(ask: Ask) -> Reply:
    """The same under an older name."""
    return answered(ask, {"model": _records(ask) or None})


def pricing(ask: Ask) -> Reply:
    """Units of compute times their price: what no request has been charged by for long."""
    if "epoch-group" in ask.chain.outages:
        return unavailable(ask)
    return answered(ask, _pricing(ask, dynamic=False))


def governance_pricing(ask: Ask) -> Reply:
    """The price that requests are charged; the older one where it cannot be had."""
    if "epoch-group" in ask.chain.outages:
        return unavailable(ask)
    return answered(ask, _pricing(ask, dynamic="price" not in ask.chain.outages))


def _pricing(ask: Ask, *, dynamic: bool) -> dict[str, Any]:
    return {
        "unit_of_compute_price": ask.chain.unit_of_compute_price,
        "models": [_price(ask, model, dynamic=dynamic) for model in ask.chain.model_records],
        "dynamic_pricing_enabled": dynamic,
    }


def _price(ask: Ask, model: Model, *, dynamic: bool) -> dict[str, Any]:
    legacy = model.units_of_compute_per_token * ask.chain.unit_of_compute_price
    price = {
        "id": model.id,
        "units_of_compute_per_token": model.units_of_compute_per_token,
        "price_per_token": ask.chain.price_of(model.id) if dynamic else legacy,
    }
    if not dynamic:
        return price
    demand = {"utilization": model.utilization, "capacity": model.capacity}
    return price | {name: value for name, value in demand.items() if value is not None}


def _descriptor(model: Model, created: int, *, omit_empty: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "object": "model",
        "id": model.id,
        "hugging_face_id": model.repository,
        "name": model.id,
        "created": created,
        "description": model.description,
        "input_modalities": ["text"],
        "output_modalities": ["text"],
        "quantization": model.quantization,
        "context_length": model.context_window,
        "max_output_length": model.context_window,
    }
    optional = {"description", "quantization"} | ({"hugging_face_id"} if omit_empty else set())
    return {name: value for name, value in fields.items() if value or name not in optional}


def _records(ask: Ask) -> list[dict[str, Any]]:
    return [_record(model) for model in ask.chain.model_records]


def _record(model: Model) -> dict[str, Any]:
    threshold = model.validation_threshold
    return present(
        {
            "proposed_by": model.proposed_by,
            "id": model.id,
            "units_of_compute_per_token": model.units_of_compute_per_token,
            "context_window": model.context_window,
            "quantization": model.quantization,
            "coins_per_input_token": model.coins_per_input_token,
            "coins_per_output_token": model.coins_per_output_token,
            "hf_repo": model.repository,
            "hf_commit": model.hf_commit,
            "model_args": list(model.model_args),
            "v_ram": model.v_ram,
            "throughput_per_nonce": model.throughput_per_nonce,
            "validation_threshold": threshold and {"value": threshold[0], "exponent": threshold[1]},
        }
    )
