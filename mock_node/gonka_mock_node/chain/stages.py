"""What happens at which height of an epoch, reckoned from its first block (`protocol.md` §6.6)."""

from __future__ import annotations

from typing import Any, Final

from .params import EpochParams

_WIND_DOWN: Final = 0.8
"""The part of a stage after which nothing new is begun."""


def stages(number: int, start: int, params: EpochParams) -> dict[str, Any]:
    """The heights of an epoch, under the names of `epoch_stages`."""
    generated = start + params.poc_stage_duration
    validation = generated + params.poc_validation_delay
    validated = start + params.created_after
    effective = start + params.effective_after
    return {
        "epoch_index": number,
        "poc_start": start,
        "poc_generation_winddown": start + int(params.poc_stage_duration * _WIND_DOWN),
        "poc_generation_end": generated,
        "poc_validation_start": validation,
        "poc_validation_winddown": validation + int(params.poc_validation_duration * _WIND_DOWN),
        "poc_validation_end": validated,
        "set_new_validators": effective,
        "claim_money": effective + 1,
        "next_poc_start": start + params.epoch_length,
        "poc_exchange_window": {"start": start + 1, "end": generated + params.poc_exchange_duration},
        "poc_validation_exchange_window": {"start": validation + 1, "end": effective},
    }


def phase(start: int, params: EpochParams, height: int) -> str:
    """What the network does at a height."""
    heights = stages(0, start, params)
    bounds = (
        ("PoCGenerate", heights["poc_generation_winddown"]),
        ("PoCGenerateWindDown", heights["poc_validation_start"]),
        ("PoCValidate", heights["poc_validation_winddown"]),
        ("PoCValidateWindDown", heights["poc_validation_end"]),
    )
    return next((name for name, end in bounds if start <= height < end), "Inference")
