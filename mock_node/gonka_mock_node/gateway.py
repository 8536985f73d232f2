"""What a gateway checks in a request with a Bearer key (`protocol.md` §11.4), and how it puts a refusal.

A gateway verifies no signature and knows no provider address. Its list of parameters is closed, its errors are objects,
and those raised before a model is asked come as text/plain although they are JSON.
"""

from __future__ import annotations

import json
from typing import Any, Final

from .case import Case
from .go.json_value import GoJsonError, Number
from .judgement import Judgement, NamedRule, Order, Refusal, run
from .reply import Reply, go_json, json_reply, whole

MOST_MESSAGES: Final = 2048
MOST_CHOICES: Final = 5
DEEPEST: Final = 32
PARAMETERS: Final = frozenset(
    {
        "bad_words", "chat_template_kwargs", "frequency_penalty", "functions", "function_call", "ignore_eos",
        "include_reasoning", "include_stop_str_in_output", "length_penalty", "logit_bias", "logprobs",
        "max_completion_tokens", "max_tokens", "messages", "metadata", "min_p", "min_tokens", "model", "n",
        "parallel_tool_calls", "presence_penalty", "reasoning", "reasoning_effort", "repetition_penalty",
        "response_format", "seed", "service_tier", "skip_special_tokens", "stop", "stop_token_ids", "store", "stream",
        "stream_options", "temperature", "tool_choice", "tools", "top_k", "top_logprobs", "top_p", "user",
    }
)  # fmt: skip
"""The parameters of chat that a mock gateway lets through: the usual ones of OpenAI's API and of vLLM."""

_PLAIN: Final = (("X-Content-Type-Options", "nosniff"),)


def is_open(case: Case) -> Refusal | None:
    """The operator may have moved: 308 without a `Location`, the new place in the body."""
    return Refusal("gateway-open", 308, "gateway disabled") if case.access.moved_to else None


def json_decodes(case: Case) -> Refusal | None:
    if isinstance(case.parsed, GoJsonError):
        return Refusal("json", 400, f"invalid chat request: {case.parsed}")
    if not case.fields.data:
        return Refusal("json", 400, "messages is required")
    return None


def parameters_are_known(case: Case) -> Refusal | None:
    unknown = next((name for name in case.fields.data if name not in PARAMETERS), None)
    return None if unknown is None else _bad(f"unsupported chat parameter: {unknown}")


def values_are_in_range(case: Case) -> Refusal | None:
    data = case.fields.data
    flaws = {
        f"n must be between 1 and {MOST_CHOICES}": not _within(data.get("n"), 1, MOST_CHOICES),
        "top_p must be in (0, 1]": not _within(data.get("top_p"), 0, 1) or _number(data.get("top_p")) == 0,
        "max_tokens must be at least 1": not _within(data.get("max_tokens"), 1, None),
        f"messages must have at most {MOST_MESSAGES} items": len(case.fields.messages) > MOST_MESSAGES,
        f"request is nested deeper than {DEEPEST} levels": _depth(data) > DEEPEST,
    }
    return next((_bad(text) for text, found in flaws.items() if found), None)


def content_is_text(case: Case) -> Refusal | None:
    if not case.fields.messages:
        return _bad("messages is required")
    for i, message in enumerate(case.fields.messages):
        content = message.get("content") if isinstance(message, dict) else None
        for j, part in enumerate(content if isinstance(content, list) else ()):
            if not isinstance(part, dict) or part.get("type") != "text":
                return _bad(f"messages[{i}].content: [{j}]: only text content parts are supported")
    return None


def model_is_supported(case: Case) -> Refusal | None:
    model = asked_model(case)
    if case.chain.serves(model):
        return None
    supported = ", ".join(case.chain.model_names())
    return _bad(f"unsupported model {json.dumps(model)}; supported models: {supported}", rule="model")


def key_is_known(case: Case) -> Refusal | None:
    if case.access.admits(bearer_key(case.arrived.authorization)):
        return None
    return Refusal("api-key", 401, f"model {json.dumps(asked_model(case))} requires an API key")


def model_is_available(case: Case) -> Refusal | None:
    if "executors" in case.chain.outages:
        return Refusal("available", 503, f"model {json.dumps(asked_model(case))} is temporarily unavailable")
    return None


def has_capacity(case: Case) -> Refusal | None:
    if "capacity" in case.chain.outages:
        return Refusal("capacity", 429, "rate limit exceeded: too many concurrent requests")
    return None


GATEWAY_RULES: Final[tuple[NamedRule, ...]] = (
    ("gateway-open", is_open),
    ("json", json_decodes),
    ("parameters", parameters_are_known),
    ("values", values_are_in_range),
    ("content", content_is_text),
    ("model", model_is_supported),
    ("api-key", key_is_known),
    ("available", model_is_available),
    ("capacity", has_capacity),
)


def judge(case: Case) -> Judgement:
    return run(Order.of(GATEWAY_RULES), case)


def asked_model(case: Case) -> str:
    """The model of the payload, or the gateway's own where it names none."""
    return case.fields.model or next(iter(case.chain.model_names()), "")


def bearer_key(authorization: str) -> str:
    """The key behind `Bearer `; empty where there is none."""
    kind, _, key = authorization.partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""


def refusal_reply(refusal: Refusal, moved_to: str) -> Reply:
    """The error as a gateway writes it before it has asked a model."""
    if refusal.status == 308:
        return json_reply(308, {"message": refusal.error, "new_url": moved_to, "status": 308})
    body = go_json({"error": {"message": refusal.error}}) + b"\n"
    return whole(refusal.status, body, "text/plain; charset=utf-8", _PLAIN)


def _bad(text: str, rule: str = "parameters") -> Refusal:
    return Refusal(rule, 400, text)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, Number) else None


def _within(value: Any, least: float, most: float | None) -> bool:
    """Whether a number is in a range; what is absent is, what is no number is not."""
    if value is None:
        return True
    number = _number(value)
    return number is not None and least <= number and (most is None or number <= most)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return deepest
