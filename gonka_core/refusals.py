"""From a node's answer to the error that it means (`protocol.md` §2 to §4, §11).

`ROWS` holds every text that a client can meet, one row each. A text is looked for by the part of it that does not
change: the same error comes wrapped once or twice by gRPC, with a status of its own from newer generations and as a
bare 500 from older ones. Where no text is known, `BY_STATUS` decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .answers import Answer
from .errors import (
    ApiKeyError,
    AuthorizationMissingError,
    CapacityError,
    ChainUnavailableError,
    DeveloperNotAllowedError,
    ExecutorError,
    IncompleteRequestError,
    InsufficientBalanceError,
    ModelNotFoundError,
    MovedError,
    NodeError,
    NoExecutorError,
    PayloadRejectedError,
    ProviderNotAllowedError,
    PublicKeyMissingError,
    RateLimitedError,
    ReplayedError,
    RequesterAddressError,
    RetiredError,
    SignatureRejectedError,
    StreamFailedError,
    TimestampInFutureError,
    TimestampTooOldError,
    UnavailableError,
    UnknownAccountError,
)
from .nodetext import fields, quoted, retry_after_s, words
from .types import Request, SignedRequest

__all__ = ["BY_STATUS", "ROWS", "STEPS", "Row", "quoted", "refusal"]

STEPS: Final[Mapping[type[NodeError], str]] = {
    SignatureRejectedError: "compare the provider address {provider} with the one that {url}/identity tells, and "
    "the key with the account {address}; try the other scheme than {scheme}; `gonka verify` finds what was signed",
    AuthorizationMissingError: "find out what on the way to {url} takes the header Authorization out",
    TimestampTooOldError: "set this machine's clock, which is behind that of the chain's blocks",
    TimestampInFutureError: "set this machine's clock, or wait for the chain's next block",
    ReplayedError: "sign again with a new timestamp: a signature is good once",
    RequesterAddressError: "correct the requester's address {address}",
    UnknownAccountError: "send some coins to {address}, which the chain does not know",
    PublicKeyMissingError: "publish the key of {address} with its first transaction: "
    "inferenced publish-pubkey --from NAME --node {root}/chain-rpc/ --chain-id gonka-mainnet",
    InsufficientBalanceError: "add coins to {address}, or ask for a smaller max_tokens",
    ModelNotFoundError: "choose a model that {url}/models lists",
    ProviderNotAllowedError: "use another endpoint, whose provider is allowed to pass requests on",
    DeveloperNotAllowedError: "wait for that height, or have {address} put on the list of developers",
    CapacityError: "use another endpoint, or wait for some blocks",
    RateLimitedError: "use another endpoint, or wait",
    NoExecutorError: "use another endpoint, or wait until somebody computes the model",
    ChainUnavailableError: "use another endpoint: this one cannot ask the chain",
    ExecutorError: "use another endpoint; the request may have been billed",
    RetiredError: "use a broker with an API key instead (GONKA_BROKER_URL, GONKA_BROKER_API_KEY)",
    MovedError: "make {new_url} the endpoint's URL if you trust it; redirects are not followed",
    ApiKeyError: "check the API key for {url} (GONKA_BROKER_API_KEY)",
    PayloadRejectedError: "change the payload as the text says",
    UnavailableError: "use another endpoint, or try again later; the request may have been billed",
    IncompleteRequestError: "try again: the request did not arrive whole",
    StreamFailedError: "ask again, or use another endpoint; the request may have been billed",
}
"""What to do about each kind of refusal, unless a row knows better."""

_SIZE: Final = "send less: a node takes 10 MiB"
_SHUT: Final = "use another endpoint: the operator of this one shut the route"
_NO_KEY: Final = "give {url} an API key (Endpoint.broker), or use an endpoint that takes signed requests"
_NO_BROKER: Final = "give the endpoint {url} its provider address rather than an API key: it is a node"


@dataclass(frozen=True, slots=True)
class Row:
    """A known text: what is searched for in an answer, what it means, and what to do.

    `statuses`: those that it comes with; none for any. Named groups become what the error carries.
    """

    pattern: re.Pattern[str]
    kind: type[NodeError]
    step: str
    statuses: frozenset[int]

    def match(self, status: int, text: str) -> re.Match[str] | None:
        # An error inside of a stream has the status of the stream.
        asked = not self.statuses or status in self.statuses or status < 300
        return self.pattern.search(text) if asked else None


def _row(pattern: str, kind: type[NodeError], *statuses: int, step: str = "") -> Row:
    return Row(re.compile(pattern), kind, step or STEPS[kind], frozenset(statuses))


ROWS: Final[tuple[Row, ...]] = (
    # An executor's words first: they quote others, and resemble those of the node in front of it (§2, §3.2 row 21).
    _row(r"^Inference node response with an error\. code = (400|422)\.", PayloadRejectedError),
    _row(r"^Inference node response with an error\. code =", ExecutorError),
    _row(r"^Failed to process inference node response\.", ExecutorError),
    _row(r"^Unable to validate request against TransferSignature:", ExecutorError, 401),
    _row(r"^AuthKey has already been used for an executor request", ExecutorError),
    _row(r"^Failed to compute prompt hash", ExecutorError),
    _row(r"^Prompt hash is missing", ExecutorError),
    _row(r"^Prompt hash mismatch", ExecutorError),
    _row(r"^no inference nodes available", ExecutorError),
    _row(r"^selected executor does not support", NoExecutorError),
    _row(r"post failed: Post \"http", ChainUnavailableError, 500, 503),
    _row(r"Post \"http", ExecutorError, 500),
    # The signature and its time (§3.2 rows 5, 11, 15, 16; §3.5).
    _row(r"^Unable to validate request against PubKey:", SignatureRejectedError, 401),
    _row(r"^Authorization is required", AuthorizationMissingError, 401),
    _row(r"^signature is too old", TimestampTooOldError),
    _row(r"^signature is in the future", TimestampInFutureError),
    _row(r"^Request timestamp is too old", TimestampTooOldError),
    _row(r"^Request timestamp is in the future", TimestampInFutureError),
    _row(r"^AuthKey has already been used for a transfer request", ReplayedError),
    # The account (§3.4, §3.6, §6.3; the last three of older generations, §3.11).
    _row(r"\binvalid address\b", RequesterAddressError, 400, 500),
    _row(r"\baccount not found\b", UnknownAccountError, 404, 500),
    _row(r"\baccount has no public key\b", PublicKeyMissingError, 404, 500),
    _row(r"^Account not found", UnknownAccountError, 404),
    _row(r"^Inference participant not found", UnknownAccountError, 404, 500),
    _row(r"\bnil pointer dereference\b", PublicKeyMissingError, 500),
    _row(r"^Insufficient balance", InsufficientBalanceError),
    # Who may ask whom for what (§3.2, §3.8, §3.9, §11.4).
    _row(r"^Transfer Agent not allowed", ProviderNotAllowedError),
    _row(r"^Access Denied", ProviderNotAllowedError, 403, step=_SHUT),
    _row(r"requests are restricted until block height (?P<height>\d{1,18})\b", DeveloperNotAllowedError),
    _row(r"(^|desc = )model not found", ModelNotFoundError),
    _row(r"^unsupported model .*; supported models: (?P<served>.*)", ModelNotFoundError, step="choose one of those"),
    _row(r"^model .* requires an (admin )?API key", ApiKeyError, 401),
    _row(r"^Invalid admin API key", ApiKeyError, 401),
    _row(r"\bis deprecated; use /?devshard", RetiredError),
    # How busy everybody is (§3.2 rows 17, 18; §3.8; §11.4).
    _row(r"^Transfer Agent capacity reached\. Try another TA from (?P<url>\S{1,300})", CapacityError),
    _row(r"^Transfer Agent capacity reached", CapacityError),
    _row(r"^rate limit exceeded:", RateLimitedError),
    _row(r"\brequest budget exhausted", RateLimitedError),
    _row(r"^no executors available for model", NoExecutorError),
    _row(r"^model .* is temporarily unavailable", NoExecutorError),
    _row(r"^devshard temporarily unavailable during", NoExecutorError),
    _row(r"\bno non-empty response after retrying", ExecutorError),
    # What the node itself is short of (§3.2 rows 7, 12, 14). Raw gRPC errors come from the chain.
    _row(r"^unable to fetch chain params", ChainUnavailableError),
    _row(r"^unable to fetch chain status", ChainUnavailableError),
    _row(r"^unable to fetch current epoch group data", ChainUnavailableError),
    _row(r"^rpc error: code = ", ChainUnavailableError, 500, 503),
    # The body did not arrive, or is too much (§3.2 rows 0, 1).
    _row(r"^Request Entity Too Large", PayloadRejectedError, 413, step=_SIZE),
    _row(r"\brequest body too large", PayloadRejectedError, step=_SIZE),
    _row(r"^malformed request body", IncompleteRequestError),
    _row(r"^request body read timeout", IncompleteRequestError),
    _row(r"^request body read cancelled", IncompleteRequestError),
    _row(r"^failed to read request body", IncompleteRequestError),
    # What the body says (§3.2 rows 2, 3, 6; §3.3; §3.10; §4; §11.4).
    _row(r"^invalid chat completion request:", PayloadRejectedError),
    _row(r"^unexpected end of JSON input", PayloadRejectedError),
    _row(r"^json: cannot unmarshal", PayloadRejectedError),
    _row(r"^invalid character .* (looking for|in|after) ", PayloadRejectedError),
    _row(r"^message role must be", PayloadRejectedError),
    _row(r"^message content must be", PayloadRejectedError),
    _row(r"^messages is required", PayloadRejectedError),
    _row(r"^messages must be an array", PayloadRejectedError),
    _row(r"^messages\[\d+\]", PayloadRejectedError),
    _row(r"^No model specified", PayloadRejectedError, step="name a model that {url}/models lists"),
    _row(r"^invalid request format", PayloadRejectedError),
    _row(r"^model is required", PayloadRejectedError, step="name a model that {url}/models lists"),
    _row(r"^prompt is required", PayloadRejectedError),
    _row(r"^batch prompts are not supported", PayloadRejectedError, step="send one request for each prompt"),
    _row(r"^use /devshard/", PayloadRejectedError, step="correct the endpoint's URL as the text says"),
    _row(r"^method not allowed", PayloadRejectedError, 405, step="correct the endpoint's URL {url}"),
)
"""The texts, in the order in which they are looked for."""

BY_STATUS: Final[Mapping[int, tuple[type[NodeError], str]]] = {
    401: (ApiKeyError, ""),
    402: (InsufficientBalanceError, ""),
    403: (ProviderNotAllowedError, "use another endpoint: this one refuses to serve you"),
    404: (PayloadRejectedError, "check the endpoint's URL {url}, and the model"),
    405: (PayloadRejectedError, "correct the endpoint's URL {url}"),
    408: (IncompleteRequestError, ""),
    410: (RetiredError, ""),
    413: (PayloadRejectedError, _SIZE),
    429: (RateLimitedError, ""),
    444: (RateLimitedError, ""),
    503: (RateLimitedError, ""),
}
"""What a status means where the text is not known; no step for that of the kind. Proxies answer like this (§3.8)."""


def refusal(request: Request, answer: Answer, *, now_s: float | None = None) -> NodeError:
    """The error for an answer that is none: an error status, or an error that came as an event of a stream.

    `now_s` (seconds since the epoch) is what a date in `Retry-After` is measured from, by default the present.
    """
    text = words(answer.body or b"")
    kind, step, match = _meaning(request, answer.status, text)
    quote = quoted(text)
    error = kind(
        f"{request.endpoint} answered {answer.status}: {quote}",
        step.format_map(_names(request, answer)),
        endpoint=request.endpoint,
        status=answer.status,
        node_text=quote,
    )
    error.retry_after_s = retry_after_s(answer.headers.get("retry-after", ""), now_s)
    return _detailed(error, answer, match.groupdict() if match else {})


def _meaning(request: Request, status: int, text: str) -> tuple[type[NodeError], str, re.Match[str] | None]:
    if 300 <= status < 400:
        return MovedError, STEPS[MovedError], None
    signed = isinstance(request, SignedRequest)
    for row in ROWS:
        match = row.match(status, text)
        if match and not signed and row.kind in (SignatureRejectedError, AuthorizationMissingError):
            return ApiKeyError, _NO_BROKER, None
        if match:
            return row.kind, row.step, match
    if status == 401 and signed:
        return ApiKeyError, _NO_KEY, None
    kind, step = BY_STATUS.get(status) or (_kind_of(status), "")
    return kind, step or STEPS[kind], None


def _kind_of(status: int) -> type[NodeError]:
    if status < 300:
        return StreamFailedError
    return PayloadRejectedError if status < 500 else UnavailableError


def _names(request: Request, answer: Answer) -> Mapping[str, str]:
    """What a next step may name."""
    signed = request if isinstance(request, SignedRequest) else None
    return {
        "url": request.endpoint.url,
        "root": request.endpoint.root,
        "provider": request.endpoint.provider_address,
        "scheme": signed.scheme if signed else "none",
        "address": signed.requester_address if signed else "your account there",
        "new_url": _new_url(answer) or "the URL that it names",
    }


def _detailed(error: NodeError, answer: Answer, found: Mapping[str, str | None]) -> NodeError:
    """The error with what its text tells besides."""
    if isinstance(error, CapacityError):
        error.participants_url = found.get("url")
    elif isinstance(error, DeveloperNotAllowedError):
        error.until_height = int(found.get("height") or 0) or None
    elif isinstance(error, ModelNotFoundError):
        names = (found.get("served") or "").split(",")
        error.served = tuple(name.strip() for name in names if name.strip())
    elif isinstance(error, MovedError):
        error.new_url = _new_url(answer)
    return error


def _new_url(answer: Answer) -> str | None:
    named = fields(answer.body or b"").get("new_url")
    found = named if isinstance(named, str) else answer.headers.get("location")
    return quoted(found) if found else None
