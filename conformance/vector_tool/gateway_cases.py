"""Answers to requests with an API key: of gateways (`protocol.md` §11.4), and of nodes that were taken for one."""

from __future__ import annotations

from typing import Final

from .error_answers import Case, gateway, node
from .error_cases import PUBKEY

_ADMIN: Final = (
    b'{"error":{"message":"Invalid admin API key.","type":"invalid_request_error","code":"invalid_api_key"}}\n'
)
BEARER_CASES: Final = (
    gateway("api-key-rejected", 401, 'model "x" requires an API key'),
    gateway("api-key-rejected", 401, 'model "x" requires an admin API key'),
    Case("an admin route", ("text-decides", "openai-shape"), "api-key-rejected", 401, _ADMIN),
    gateway("api-key-rejected", 401, "our own words", "status-decides"),
    gateway(
        "model-not-found",
        400,
        'unsupported model "x"; supported models: a/b, c',
        "text-decides",
        "detail",
        served=["a/b", "c"],
    ),
    gateway("payload-rejected", 400, "use /devshard/{id} prefix to choose one"),
    gateway("payload-rejected", 400, "unknown parameter: guided_json", "status-decides"),
    gateway("payload-rejected", 405, "method not allowed"),
    gateway("payload-rejected", 413, "request body too large"),
    gateway("rate-limited", 429, "rate limit exceeded: too many concurrent requests"),
    gateway("rate-limited", 429, "rate limit exceeded: too many input tokens in flight"),
    gateway("rate-limited", 429, "participant request budget exhausted for gonka1x"),
    gateway("rate-limited", 429, "no available escrows: participant request budget exhausted"),
    gateway("no-executor", 503, 'model "x" is temporarily unavailable'),
    gateway("no-executor", 503, "devshard temporarily unavailable during PoC"),
    gateway("executor-failed", 504, "inference: no non-empty response after retrying with reduced max_tokens"),
    gateway("unavailable", 502, "something new", "status-decides"),
    node(
        "api-key-rejected",
        401,
        PUBKEY + "illegal base64 data at input byte 6",
        "bearer",
        comment="a key sent to a node",
    ),
    node("api-key-rejected", 401, "Authorization is required", "bearer", comment="a key that did not reach the node"),
    node("retired", 410, "deprecated", "bearer", comment="a key sent to a node that is retired"),
)
