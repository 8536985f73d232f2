"""Answers to signed requests, in the order of `protocol.md`. The expected kinds are read off its text."""

from __future__ import annotations

from typing import Final

from .error_answers import HTML, JSON, PLAIN, Case, event, node, page, rpc

PUBKEY: Final = "Unable to validate request against PubKey:"
_CAPACITY: Final = "Transfer Agent capacity reached"
_PARTICIPANTS: Final = "http://node1.example:8000/v1/epochs/current/participants"
_ML: Final = "Inference node response with an error. code = {}. error = {}."
_INT32: Final = "Go struct field OpenAiRequest.max_tokens of type int32"

_ARRAY: Final = "json: cannot unmarshal array into Go value of type public.OpenAiRequest"

_SIGNATURE: Final = (
    node("signature-rejected", 401, PUBKEY + "invalid signature"),
    node("signature-rejected", 401, PUBKEY + "illegal base64 data at input byte 6"),
    node("authorization-missing", 401, "Authorization is required"),
    node("timestamp-too-old", 400, "signature is too old"),
    node("timestamp-in-future", 400, "signature is in the future"),
    node("timestamp-too-old", 400, "Request timestamp is too old", "text-decides", "old-generation"),
    node("timestamp-in-future", 400, "Request timestamp is in the future", "text-decides", "old-generation"),
    node("replayed", 400, "AuthKey has already been used for a transfer request"),
)
_ACCOUNT: Final = (
    node("requester-address-invalid", 500, rpc("InvalidArgument", "invalid address: invalid request"), "wrapped"),
    node("requester-address-invalid", 400, rpc("InvalidArgument", "invalid address: invalid request", 1), "wrapped"),
    node("unknown-account", 500, rpc("NotFound", "account not found: key not found"), "wrapped"),
    node("unknown-account", 404, rpc("NotFound", "account not found: key not found", 1), "wrapped"),
    node("public-key-missing", 500, rpc("NotFound", "account has no public key: key not found"), "wrapped"),
    node("public-key-missing", 404, rpc("NotFound", "account has no public key: key not found", 1), "wrapped"),
    node("requester-address-invalid", 500, "invalid address"),
    node("unknown-account", 500, "account not found"),
    node("public-key-missing", 500, "account has no public key"),
    node("unknown-account", 404, "Account not found"),
    node("unknown-account", 404, "Inference participant not found", "text-decides", "old-generation"),
    node(
        "public-key-missing",
        500,
        "runtime error: invalid memory address or nil pointer dereference",
        "text-decides",
        "old-generation",
        comment="an unpublished key made nodes up to v0.2.5 panic",
    ),
    node("insufficient-balance", 402, "Insufficient balance"),
)
_ACCESS: Final = (
    node("provider-not-allowed", 403, "Transfer Agent not allowed"),
    Case(
        "403: nginx blocks the route",
        ("text-decides",),
        "provider-not-allowed",
        403,
        b'{"error": "Access Denied", "message": "This route is currently blocked."}',
    ),
    node(
        "developer-not-allowed",
        403,
        "inference requests are restricted until block height 2294222",
        "text-decides",
        "detail",
        until_height=2_294_222,
    ),
    node("model-not-found", 404, "model not found"),
)
_BUSY: Final = (
    node(
        "capacity-reached",
        429,
        f"{_CAPACITY}. Try another TA from {_PARTICIPANTS}",
        "text-decides",
        "detail",
        participants_url=_PARTICIPANTS,
    ),
    node("capacity-reached", 429, _CAPACITY, comment="429: the same, cut short"),
    node("no-executor", 503, "no executors available for model"),
    node("no-executor", 500, "no executors available for model", "text-decides", "old-generation"),
    node("no-executor", 503, "selected executor does not support /v1/completions; upgrade required"),
    node("chain-unavailable", 503, "unable to fetch chain params"),
    node("chain-unavailable", 503, "unable to fetch chain status"),
    node("chain-unavailable", 503, "unable to fetch current epoch group data"),
    node("chain-unavailable", 500, rpc("Unavailable", "connection refused", 1), "text-decides", "wrapped"),
    node(
        "chain-unavailable",
        500,
        'post failed: Post "http://node:26657": dial tcp 10.0.0.1:26657: connect: connection refused',
    ),
)
_EXECUTOR: Final = (
    node(
        "executor-failed", 500, 'Post "http://10.0.0.7:8000/v1/chat/completions": dial tcp 10.0.0.7:8000: i/o timeout'
    ),
    node("executor-failed", 401, "Unable to validate request against TransferSignature:invalid signature"),
    node("executor-failed", 400, "AuthKey has already been used for an executor request"),
    node("executor-failed", 400, "Failed to compute prompt hash"),
    node("executor-failed", 400, "Prompt hash is missing"),
    node("executor-failed", 400, "Prompt hash mismatch"),
    node("executor-failed", 503, "no inference nodes available"),
    node("executor-failed", 500, _ML.format(503, '{"message":"overloaded"}'), "text-decides", "quoted-words"),
    node("payload-rejected", 400, _ML.format(400, '{"message":"too many tokens"}'), "text-decides", "quoted-words"),
    node("payload-rejected", 422, _ML.format(422, "{}"), "text-decides", "quoted-words"),
    node("payload-rejected", 500, _ML.format(400, "{}"), "text-decides", "quoted-words", "old-generation"),
    node("executor-failed", 500, _ML.format(500, "account not found"), "quoted-words", comment="a model's own account"),
    node("executor-failed", 500, _ML.format(500, "model not found"), "quoted-words", comment="a server's own model"),
    Case(
        "500: plain text of an executor",
        ("plain-text", "text-decides"),
        "executor-failed",
        500,
        b"Failed to process inference node response. inferenceId = MRy1WdrKjO6id",
        PLAIN,
    ),
)
_PAYLOAD: Final = (
    node("payload-rejected", 413, "Request Entity Too Large"),
    node("payload-rejected", 413, "request body too large"),
    node("payload-rejected", 500, "http: request body too large", "text-decides", "old-generation"),
    node("request-incomplete", 400, "malformed request body"),
    node("request-incomplete", 408, "request body read timeout"),
    node("request-incomplete", 400, "request body read cancelled"),
    node("request-incomplete", 400, "failed to read request body"),
    node("payload-rejected", 400, "invalid chat completion request: unexpected end of JSON input"),
    node("payload-rejected", 400, f"invalid chat completion request: json: cannot unmarshal string into {_INT32}"),
    node("payload-rejected", 500, "unexpected end of JSON input", "text-decides", "old-generation"),
    node("payload-rejected", 400, f"invalid chat completion request: {_ARRAY}"),
    node("payload-rejected", 500, _ARRAY, "text-decides", "old-generation"),
    node("payload-rejected", 500, f"json: cannot unmarshal string into {_INT32}", "text-decides", "old-generation"),
    node("payload-rejected", 500, f"json: cannot unmarshal number 1.5 into {_INT32}", "text-decides", "old-generation"),
    node(
        "payload-rejected",
        500,
        "invalid character 'x' looking for beginning of value",
        "text-decides",
        "old-generation",
    ),
    node("payload-rejected", 500, "message role must be a non-empty string", "text-decides", "old-generation"),
    node(
        "payload-rejected",
        500,
        "message content must be a string or an array of typed content parts",
        "text-decides",
        "old-generation",
    ),
    node("payload-rejected", 400, "messages is required"),
    node("payload-rejected", 400, "No model specified"),
    node("payload-rejected", 400, "invalid request format"),
    node("payload-rejected", 400, "model is required"),
    node("payload-rejected", 400, "prompt is required"),
    node("payload-rejected", 400, "batch prompts are not supported"),
    node("payload-rejected", 404, "Not Found", "status-decides"),
    node("payload-rejected", 405, "Method Not Allowed", "status-decides"),
)
_SHAPES: Final = tuple(
    node("payload-rejected", 400, text)
    for text in (
        "messages must be an array",
        "messages[3] must be an object",
        "messages[3].role: is required",
        "messages[3].role: must be a string",
        "messages[3].role: must not be empty",
        'messages[3].role has unsupported value "x"',
        "messages[3]: tool_calls is not allowed for this role",
        "messages[3].content: is required",
        "messages[3].content: is required unless tool_calls or function_call is provided",
        "messages[3].content: must not be empty",
        "messages[3].content: must be a string or an array of typed content parts",
        "messages[3].content: [0] must be an object",
        "messages[3].content: [0].type: is required",
        "messages[3].content: [0].text: is required",
        "messages[3].tool_calls must be an array",
        "messages[3].tool_calls must not be empty",
        "messages[3].tool_calls[0] must be an object",
        "messages[3].tool_calls[0].id is duplicated",
        'messages[3].tool_calls[0].type must be "function"',
        "messages[3].tool_calls[0].function is required",
        "messages[3].tool_calls[0].function.arguments: must be a string",
        "messages[3].function_call must be an object",
        "messages[3].function_call.arguments: must be a string",
        "messages[3].tool_call_id does not match any previous assistant tool_calls",
    )
)
_GONE: Final = (
    Case(
        "410: the network's signed routes are closed",
        ("text-decides",),
        "retired",
        410,
        b'{"error":"deprecated","message":"classic inference is deprecated; use devshard"}\n',
        {**JSON, "deprecation": "true", "link": '</devshard/{version}>; rel="successor-version"'},
    ),
    Case(
        "410: another route",
        ("text-decides",),
        "retired",
        410,
        b'{"error":"deprecated","message":"/v1/devshard is deprecated; use /devshard/{version}"}\n',
    ),
    Case(
        "308: a gateway that moved says so in its body",
        ("redirect", "detail"),
        "moved",
        308,
        b'{"message":"gateway disabled","new_url":"https://new.example/v1","status":308}',
        JSON,
        {"new_url": "https://new.example/v1"},
    ),
    Case(
        "302: a proxy says so in a header",
        ("redirect", "html", "detail"),
        "moved",
        302,
        b"<html></html>",
        {**HTML, "location": "https://login.example/"},
        {"new_url": "https://login.example/"},
    ),
    Case("307 without a target", ("redirect", "odd-body"), "moved", 307, b"", {}),
)
_UNKNOWN: Final = (
    page("rate-limited", 503, "503 Service Temporarily Unavailable"),
    page("unavailable", 502, "502 Bad Gateway"),
    page("unavailable", 504, "504 Gateway Time-out"),
    page("payload-rejected", 413, "413 Request Entity Too Large"),
    page("provider-not-allowed", 403, "403 Forbidden"),
    node("payload-rejected", 400, "something new", "status-decides"),
    node("api-key-rejected", 401, "who are you", "status-decides", comment="401 in unknown words: this is no node"),
    node("insufficient-balance", 402, "something new", "status-decides"),
    node("provider-not-allowed", 403, "something new", "status-decides"),
    node("retired", 410, "something new", "status-decides"),
    node("payload-rejected", 418, "something new", "status-decides"),
    node("rate-limited", 429, "something new", "status-decides"),
    node("unavailable", 500, "something new", "status-decides"),
    node("request-incomplete", 408, "something new", "status-decides"),
    Case("500 and no body", ("odd-body", "status-decides"), "unavailable", 500, b"", {}),
    Case("an array", ("odd-body", "status-decides"), "unavailable", 500, b"[1,2]"),
    Case("an error that is a number", ("odd-body", "status-decides"), "unavailable", 502, b'{"error":7}'),
    Case("bytes that are no text", ("odd-body", "status-decides"), "unavailable", 500, b"\xff\xfe\x00"),
    Case(
        "429 with seconds to wait",
        ("retry-after", "status-decides"),
        "rate-limited",
        429,
        b"{}",
        {**JSON, "retry-after": "17"},
        {"retry_after_s": 17},
    ),
    Case(
        "503 with a wait that is no number",
        ("retry-after", "status-decides"),
        "rate-limited",
        503,
        b"{}",
        {**JSON, "retry-after": "soon"},
    ),
)
_EVENTS: Final = (
    event("stream-failed", {"error": {"message": "ran out of memory"}}, "unknown words"),
    event("rate-limited", {"error": {"message": "rate limit exceeded: too many concurrent requests"}}, "known words"),
    event("no-executor", {"error": {"message": 'model "x" is temporarily unavailable'}}, "a gateway's own words"),
)

CASES: Final = (*_SIGNATURE, *_ACCOUNT, *_ACCESS, *_BUSY, *_EXECUTOR, *_PAYLOAD, *_SHAPES, *_GONE, *_UNKNOWN, *_EVENTS)
