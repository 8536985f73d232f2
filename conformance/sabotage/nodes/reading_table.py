"""Wrong in what is read, and in what is said to payloads and accounts."""

from __future__ import annotations

from typing import Final

from gonka_mock_node import rules

from . import answering as a
from . import judging as j
from .making import routes, sabotaged, without, wrong_order

NOBODY: Final = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"

READING: Final = (
    sabotaged(
        "Fine", "status", "where status is ok", "another word for ok", edit=a.at("/v1/status", a.put(status="fine"))
    ),
    sabotaged(
        "OtherIdentity",
        "identity",
        f"it names {NOBODY}, and the provider address was given as",
        "names another node in its identity",
        edit=a.at("/v1/identity", a.in_data(address=NOBODY)),
    ),
    sabotaged(
        "UnsignedIdentity",
        "identity",
        "is not 64 bytes with low s, but 0 bytes",
        "does not sign its identity",
        edit=a.at("/v1/identity", a.put(signature="")),
    ),
    sabotaged(
        "EarlyIdentity",
        "identity",
        "where 404 is due",
        "an old node with a route of a later one",
        profile="v0.2.5",
        change=routes(chat_by_id="path"),
    ),
    sabotaged(
        "GovernanceModels",
        "models",
        "object is None",
        "lists models in the older shape",
        change=routes(models="governance"),
    ),
    sabotaged(
        "NobodyExcluded",
        "participants",
        "'excluded_participants' is missing",
        "does not say who is excluded",
        change=routes(excluded=False),
    ),
    sabotaged(
        "EpochZero",
        "epoch-errors",
        'epochs/0/participants: it answered 400 "Invalid epoch id"',
        "one error for all epochs that there are not",
        edit=a.at("/v1/epochs/", a.put(error="Invalid epoch id"), status=400),
    ),
    sabotaged(
        "PlainNotFound",
        "unknown-route",
        "it answered 404 404: Not Found",
        "a page instead of JSON",
        edit=a.plain_not_found,
    ),
    sabotaged(
        "ByPath",
        "chat-by-id",
        "without an id: it answered 405",
        "asks for inferences by path, as older nodes",
        change=routes(chat_by_id="path"),
    ),
    sabotaged(
        "ClosedByPage", "chain-routes", "it answered 404 <html>", "closes routes with a page", edit=a.disabled_by_page
    ),
)

BODIES: Final = (
    sabotaged(
        "ErrorObject", "error-shape", "no object whose error is a string", "errors are objects", edit=a.error_objects
    ),
    sabotaged(
        "HtmlType",
        "error-shape",
        "content type is 'text/html'",
        "declares its errors as HTML",
        change={"content_type": "text/html"},
    ),
    sabotaged("NoLineFeed", "error-shape", "no line feed behind", "errors end with their brace", edit=a.no_line_feed),
    sabotaged(
        "RawJsonErrors", "json", '500 "unexpected end of JSON', "Go's errors come out", change={"json_errors": "raw"}
    ),
    sabotaged(
        "OldMappedErrors",
        "json",
        '400 "invalid chat completion request: .* where 500',
        "an older node that maps errors as a later one",
        profile="v0.2.11",
        change={"json_errors": "mapped"},
    ),
    wrong_order(
        "MessagesLate",
        "messages-required",
        '401 "Authorization is required"',
        "looks for messages after the authorization",
        move="messages",
        behind="authorization",
    ),
    sabotaged(
        "Unauthorized",
        "authorization-required",
        '401 "Unauthorized" where',
        "401 with other words",
        rules={"authorization": j.other_words_without_authorization},
    ),
    wrong_order("AnyModel", "model-required", "an empty model: it answered", "does without a model", without="model"),
    wrong_order("AnyShape", "message-shapes", "blank content: it", "takes any message", without="message-shape"),
    sabotaged(
        "BatchPrompts",
        "completions",
        "no prompt: it answered",
        "takes any prompt",
        patches=[(rules, "COMPLETIONS_RULES", without(rules.COMPLETIONS_RULES, "completions-prompt"))],
    ),
)

ACCOUNTS: Final = (
    sabotaged(
        "OthersKey",
        "account",
        "pubkey is 'AAAA'",
        "shows another public key",
        edit=a.at("/v2/accounts/", a.put(pubkey="AAAA")),
    ),
    sabotaged(
        "MissingIsAnError",
        "account-missing",
        "it answered 500",
        "500 for an account that there is not",
        edit=a.missing_is_an_error,
    ),
    sabotaged(
        "UnknownIsUnauthorized",
        "unknown-requester",
        '401 "unknown account"',
        "401 for an unknown account",
        rules={"account": j.unauthorized_where_unknown},
    ),
    sabotaged(
        "UnpublishedIsMissing",
        "unpublished-key",
        "it answered 404",
        "404 for a public key that is not published",
        rules={"account": j.unpublished_is_missing},
    ),
    wrong_order(
        "NoEscrow", "balance", '400 "signature is too old" where 402', "no look at balances", without="balance"
    ),
    wrong_order(
        "BalanceLast",
        "balance",
        '400 "signature is too old" where 402',
        "looks at the balance after the time",
        move="balance",
        behind="timestamp",
    ),
)
