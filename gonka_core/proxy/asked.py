"""What the proxy reads of a request: its model, and whether it asks for a stream. The bytes go on as they are."""

from __future__ import annotations

from typing import NamedTuple

from gonka_core.limits import Limits, OverLimitError, parse_object

from .refused import Refused


class Asked(NamedTuple):
    """What was asked for."""

    model: str
    stream: bool


def asked(body: bytes, limits: Limits) -> Asked:
    """The model and the kind of answer that a body names.

    Raises `Refused` (400) for what is no JSON object, is nested deeper than `limits.json_depth`, names no model, or
    says something else than true or false of `stream`.
    """
    try:
        payload = parse_object(body, limits)
    except OverLimitError as over:
        raise Refused(400, f"the body is {over}", "flatten it, or raise --max-depth", code="too_deep") from None
    if payload is None:
        raise Refused(
            400,
            "the body is not a JSON object in UTF-8",
            "send one: {'model': …, 'messages': […]}",
            code="invalid_json",
        )
    model, stream = payload.get("model"), payload.get("stream")
    if not isinstance(model, str) or not model:
        raise Refused(
            400, "the body names no model", "name one; GET /v1/models lists those that are served", param="model"
        )
    if stream is not None and not isinstance(stream, bool):
        raise Refused(400, "stream is neither true nor false", "send one of them, or leave it out", param="stream")
    return Asked(model, bool(stream))
