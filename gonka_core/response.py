"""What a node answered becomes a result or an error. No I/O: the bytes were read by somebody else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .errors import (
    NodeError,
    SignatureRejectedError,
    StreamTruncatedError,
    TimestampRejectedError,
    UnusableAnswerError,
)
from .sse import Decoder, EventTooLongError
from .types import Chunk, Completion, SignedRequest

_LONGEST_QUOTE: Final = 300
_EVENT_STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: status, headers with names in lower case, and the body; None for a body that streams."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def is_stream(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the answer is a stream of events: decided by its type alone (`protocol.md` §5.3)."""
    return 200 <= status < 300 and headers.get("content-type", "").lower().startswith(_EVENT_STREAM)


def completion(request: SignedRequest, answer: Answer) -> Completion:
    """The completion in a successful answer. Raises `UnusableAnswerError` when it is not a JSON object."""
    data = _json_object(answer.body or b"")
    if data is not None:
        return Completion(data=data, body=answer.body or b"", request=request)
    what = "a stream" if is_stream(answer.status, answer.headers) else "something that is not a JSON object"
    step = "call stream(payload)" if what == "a stream" else "check that the endpoint URL leads to a node"
    raise UnusableAnswerError(
        f"{request.endpoint} answered {what}: {_quote(answer.body or b'')}",
        f"{step}; the request may have been billed",
        endpoint=request.endpoint,
        status=answer.status,
    )


def not_a_stream(request: SignedRequest, answer: Answer) -> UnusableAnswerError:
    """The error for a successful answer that is whole where a stream was asked for."""
    return UnusableAnswerError(
        f"{request.endpoint} answered without a stream: {_quote(answer.body or b'')}",
        'call chat(payload), or say "stream": true in the payload; the request may have been billed',
        endpoint=request.endpoint,
        status=answer.status,
    )


def refusal(request: SignedRequest, answer: Answer) -> NodeError:
    """The error for an answer with an error status; the node's text decides, then the status."""
    text = _node_text(answer.body or b"")
    kind, step = _kind(answer.status, text, request)
    return kind(
        f"{request.endpoint} answered {answer.status}: {text}",
        step,
        endpoint=request.endpoint,
        status=answer.status,
        node_text=text,
    )


# `protocol.md` §3.2–3.5: a part of the node's text, the error it means, and what to do about it.
_KNOWN: Final[tuple[tuple[int, str, type[NodeError], str], ...]] = (
    (
        401,
        "Unable to validate request against PubKey",
        SignatureRejectedError,
        "check that the provider address is this node's own ({url}/identity tells it) and try the other scheme than "
        "{scheme!r}; `gonka verify` shows what was signed",
    ),
    (400, "signature is too old", TimestampRejectedError, "set this machine's clock (it is behind the chain's)"),
    (400, "timestamp is too old", TimestampRejectedError, "set this machine's clock (it is behind the chain's)"),
    (
        400,
        "in the future",
        TimestampRejectedError,
        "set this machine's clock, or wait: the chain's block time is behind",
    ),
    (400, "already been used", NodeError, "sign again with a new timestamp; a signature is good for one request"),
    (500, "account not found", NodeError, "send some coins to {address}: the chain does not know it yet"),
    (
        500,
        "account has no public key",
        NodeError,
        "publish the key: inferenced publish-pubkey --from NAME",
    ),
    (500, "invalid address", NodeError, "check the requester address {address}"),
    (403, "Transfer Agent not allowed", NodeError, "use another endpoint; this node may not pass requests on"),
    (402, "Insufficient balance", NodeError, "add coins to {address}, or ask for fewer max_tokens"),
    (404, "model not found", NodeError, "choose a model that {url}/models lists"),
)

_BY_STATUS: Final[Mapping[int, str]] = {
    400: "change the request as the node says",
    401: "check key, scheme and provider address",
    404: "check the endpoint URL and the model",
    410: "use a broker with an API key: this node no longer takes signed requests",
    413: "send a smaller payload (the limit is 10 MiB)",
    429: "try again later, or use another endpoint",
}


def _kind(status: int, text: str, request: SignedRequest) -> tuple[type[NodeError], str]:
    names = {"url": request.endpoint.url, "scheme": request.scheme, "address": request.requester_address}
    for known_status, part, kind, step in _KNOWN:
        if status == known_status and part in text:
            return kind, step.format_map(names)
    if 300 <= status < 400:
        return NodeError, "correct the endpoint URL: a redirect is not followed, a signature is bound to one node"
    return NodeError, _BY_STATUS.get(status, "try again later, or use another endpoint")


class EventReader:
    """The pieces of a streamed answer become chunks; knows whether `[DONE]` was seen."""

    def __init__(self, request: SignedRequest, status: int) -> None:
        self._request = request
        self._status = status
        self._decoder = Decoder()
        self._received: list[Chunk] = []
        self.done = False

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """The chunks completed by a piece; none after `[DONE]`.

        Raises `NodeError` for an error sent as an event, `UnusableAnswerError` for an event that is not JSON.
        """
        try:
            for data in self._decoder.feed(piece):
                if self.done or data.startswith(b"[DONE]"):
                    self.done = True
                    return
                yield self._chunk(data)
        except EventTooLongError as error:
            raise self._unusable(f"sent an event that does not end ({error})") from None

    def finish(self) -> None:
        """The connection ended. Raises `StreamTruncatedError` when `[DONE]` did not come (`protocol.md` §5.3)."""
        if not self.done:
            raise StreamTruncatedError(
                f"{self._request.endpoint} ended the stream without [DONE] after {len(self._received)} chunks",
                "use what arrived (`received`) or ask again; a repeat is billed again",
                endpoint=self._request.endpoint,
                status=self._status,
                received=tuple(self._received),
            )

    def _chunk(self, data: bytes) -> Chunk:
        fields = _json_object(data)
        if fields is None:
            raise self._unusable(f"sent an event that is not a JSON object: {_quote(data)}")
        if "error" in fields:
            raise refusal(self._request, Answer(self._status, {}, data))
        chunk = Chunk(data=fields)
        self._received.append(chunk)
        return chunk

    def _unusable(self, what: str) -> UnusableAnswerError:
        return UnusableAnswerError(
            f"{self._request.endpoint} {what}",
            "ask again, or use another endpoint; the request may have been billed",
            endpoint=self._request.endpoint,
            status=self._status,
        )


def _node_text(body: bytes) -> str:
    """The node's own words: `error` as text or as an object with a message, else the beginning of the body."""
    error = (_json_object(body) or {}).get("error")
    if isinstance(error, dict):
        error = error.get("message")
    return _shorten(error) if isinstance(error, str) and error else _quote(body)


def _json_object(body: bytes) -> Mapping[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _quote(body: bytes) -> str:
    return _shorten(body.decode("utf-8", "replace")) or "(empty)"


def _shorten(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[:_LONGEST_QUOTE] + "…"
