"""The chain's parameters as its REST interface shows them: 64-bit numbers are strings (`protocol.md` §6.7)."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from gonka_mock_node.chain.params import Bandwidth, EpochParams, Params


def params(found: Params) -> dict[str, Any]:
    """The value under `params`, as far as a client of inference needs it."""
    return {
        "epoch_params": {name: str(value) for name, value in epoch_params(found.epochs).items()},
        "validation_params": {
            "expiration_blocks": str(found.bandwidth.expiration_blocks),
            "timestamp_expiration": str(found.timestamp_expiration_s),
            "timestamp_advance": str(found.timestamp_advance_s),
            "logprobs_mode": found.logprobs_mode,
        },
        "bandwidth_limits_params": _bandwidth(found.bandwidth),
        "developer_access_params": {
            "until_block_height": str(found.developer_gate_until),
            "allowed_developer_addresses": sorted(found.allowed_developers),
        },
        "transfer_agent_access_params": {"allowed_transfer_addresses": sorted(found.allowed_transfer_addresses)},
        "devshard_escrow_params": {"allowed_creator_addresses": sorted(found.allowed_creators)},
    }


def epoch_params(found: EpochParams) -> dict[str, int]:
    """Lengths in blocks."""
    return asdict(found)


def _bandwidth(limits: Bandwidth) -> dict[str, Any]:
    return {
        "estimated_limits_per_block_kb": str(limits.estimated_limits_per_block_kb),
        "kb_per_input_token": _decimal(limits.kb_per_input_token),
        "kb_per_output_token": _decimal(limits.kb_per_output_token),
        "max_inferences_per_block": str(limits.max_inferences_per_block),
    }


def _decimal(number: float) -> dict[str, Any]:
    """The chain's decimal: an integer and a power of ten."""
    sign, digits, exponent = Decimal(str(number)).as_tuple()
    value = int("".join(map(str, digits)))
    return {"value": str(-value if sign else value), "exponent": exponent}
