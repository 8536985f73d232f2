"""Wrong in what they answer: nodes, retired ones, gateways, and all of them when much is asked."""

from __future__ import annotations

from typing import Final

from gonka_mock_node import gateway, service

from . import answering as a
from .making import sabotaged, without

ANSWERS: Final = (
    sabotaged("OtherId", "answer", "id is '.*' where", "the id of the model's server", fault="wrong-id"),
    sabotaged("Spaced", "answer-encoding", "spaces between", "JSON with spaces", edit=a.spaced),
    sabotaged(
        "NoScores",
        "answer-logprobs",
        "'logprobs' is missing",
        "takes log probabilities out",
        edit=a.at("/v1/chat/completions", a.without_scores),
    ),
    sabotaged("NoDone", "stream", r"does not end with \[DONE\]", "streams without an end", fault="no-done"),
    sabotaged("StreamType", "stream", "where a stream is due", "another content type", fault="wrong-content-type"),
    sabotaged(
        "AlwaysChat",
        "completions-answer",
        "object is 'chat.completion' where 'text_completion'",
        "answers a prompt as a chat",
        edit=a.at("/v1/completions", a.put(object="chat.completion")),
    ),
)

GONE: Final = (
    sabotaged(
        "NoSuccessor",
        "gone",
        "the header Deprecation of the 410 is ''",
        "410 without its headers",
        profile="v0.2.14",
        patches=[(service, "_SUCCESSOR", ())],
    ),
    sabotaged(
        "AsksFirst",
        "gone",
        "nothing authorizes: it answered 401",
        "looks for an authorization first",
        profile="v0.2.14",
        edit=a.asks_first,
    ),
    sabotaged(
        "OneMessage",
        "gone-devshard",
        "without the message '/v1/devshard is deprecated",
        "one message for all",
        profile="v0.2.14",
        edit=a.at("/v1/devshard", a.put(message="classic inference is deprecated; use devshard"), status=410),
    ),
    sabotaged(
        "Unannounced",
        "gone-announced",
        "Deprecation is '' instead",
        "does not announce what is deprecated",
        profile="v0.2.14",
        judged_as="v0.2.15",
    ),
)

GATEWAYS: Final = (
    sabotaged(
        "NoKeyAsked",
        "gateway-key",
        "no key: it answered 200",
        "asks for no key",
        profile="gateway",
        patches=[(gateway, "GATEWAY_RULES", without(gateway.GATEWAY_RULES, "api-key"))],
    ),
    sabotaged(
        "FlatErrors",
        "gateway-json",
        "where 400 with error.message is due",
        "errors are strings",
        profile="gateway",
        edit=a.flat_errors,
    ),
    sabotaged(
        "AnyParameter",
        "gateway-parameters",
        "an unknown parameter: it answered 200",
        "lets every parameter through",
        profile="gateway",
        patches=[(gateway, "GATEWAY_RULES", without(gateway.GATEWAY_RULES, "parameters"))],
    ),
    sabotaged(
        "NoRequestId",
        "gateway-answer",
        "no X-Request-Id",
        "does not name the request",
        profile="gateway",
        edit=a.without_request_id,
    ),
    sabotaged(
        "GatewayNoDone",
        "gateway-stream",
        r"does not end with \[DONE\]",
        "streams without an end",
        profile="gateway",
        fault="no-done",
    ),
)

ROUGHLY: Final = (
    sabotaged(
        "RawLimit",
        "body-limit",
        '500 "http: request body too large"',
        "Go's error for a long body",
        change={"body_limit": "raw"},
    ),
    sabotaged(
        "EveryFifth",
        "many-at-once",
        "one of 40 requests at once: it answered 500",
        "fails now and then",
        edit=a.every_fifth(),
    ),
)
