"""A streamed answer, read: bytes become chunks, until `[DONE]` or an error (`protocol.md` §5.3, §11.4). No I/O.

Before its first byte an answer has a status to say what went wrong. Afterwards there are three ways: an event with an
error in it, which may also be the first one of a stream with status 200; something that is not JSON; and an end without
`[DONE]`. Each of them raises: a stream never just stops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .answers import Answer
from .chunks import Chunk
from .errors import StreamTruncatedError, UnusableAnswerError
from .limits import DEFAULT, Limits, OverLimitError, exceeded, parse_object
from .refusals import quoted, refusal
from .sse import Event, EventDecoder
from .types import Request

KEPT: Final = 8 * 1024 * 1024
"""Bytes of events, the first ones of a stream, that are kept for `StreamTruncatedError.received`."""

_DONE: Final = b"[DONE]"
_QUOTED: Final = 2000


class EventReader:
    """Feed it the pieces of the answer to `request`; `done` says whether `[DONE]` was seen.

    What arrives is kept as bytes, up to `KEPT` of them, so that an end before its time can hand back what came before.
    """

    def __init__(self, request: Request, status: int, limits: Limits = DEFAULT) -> None:
        self._request = request
        self._status = status
        self._limits = limits
        self._decoder = EventDecoder(limits)
        self._bytes = 0
        self._chunks = 0
        self._kept: list[bytes] = []
        self._room = KEPT
        self.done: bool = False

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """The chunks that a piece completes; none after `[DONE]`. Blank events, sent to keep a connection, are none.

        Raises `NodeError` for an error sent as an event, `UnusableAnswerError` for an event that is no JSON object, and
        `LimitExceededError` for a line, an event, its nesting or a stream over the limits.
        """
        if self.done:
            return
        try:
            self._count(piece)
            for event in self._decoder.feed(piece):
                if not event.data.startswith(b"{"):  # most do, and are neither the end nor blank
                    if self._ends(event):
                        return
                    if not event.data.strip():
                        continue
                yield self._chunk(event)
        except OverLimitError as over:
            raise exceeded(over, self._request.endpoint, self._status) from None

    def finish(self) -> None:
        """The connection has ended. Raises `StreamTruncatedError` when `[DONE]` did not come.

        An event that was not ended by a blank line counts when it is `[DONE]`, behind which nothing can be missing, or
        an error, which raises as in `feed`.
        """
        try:
            last = None if self.done else self._decoder.finish()
            if last and not self._ends(last):
                self._raise_error(last, parse_object(last.data, self._limits) or {})
        except OverLimitError as over:
            raise exceeded(over, self._request.endpoint, self._status) from None
        if not self.done:
            raise self.truncated()

    def truncated(self) -> StreamTruncatedError:
        """The error for a stream that is over before `[DONE]`, with the chunks that arrived and are kept."""
        return StreamTruncatedError(
            f"{self._request.endpoint} ended the stream without [DONE] after {self._told()}",
            "use what arrived (`received`) or ask again; a repeat is billed again",
            endpoint=self._request.endpoint,
            status=self._status,
            received=tuple(Chunk(parse_object(data, self._limits) or {}) for data in self._kept),
        )

    def _told(self) -> str:
        told = f"{self._chunks} chunk{'' if self._chunks == 1 else 's'}"
        return told if len(self._kept) == self._chunks else f"{told}, of which the first {len(self._kept)} are kept"

    def _count(self, piece: bytes) -> None:
        self._bytes += len(piece)
        if self._bytes > self._limits.stream_bytes:
            raise OverLimitError("stream_bytes", self._limits.stream_bytes)

    def _ends(self, event: Event) -> bool:
        self.done = self.done or event.data.lstrip().startswith(_DONE)
        return self.done

    def _chunk(self, event: Event) -> Chunk:
        data = parse_object(event.data, self._limits)
        if data is None:
            self._raise_error(event, {})
            raise self._unusable(event.data)
        self._raise_error(event, data)
        self._chunks += 1
        self._room -= len(event.data)
        if self._room >= 0:  # the first that finds none closes it for all later ones: what is kept has no gaps
            self._kept.append(event.data)
        return Chunk(data)

    def _raise_error(self, event: Event, data: Mapping[str, Any]) -> None:
        """Gateways send `error` (§11.4), model servers did so with `object`; others name the event. A null is none."""
        if event.type == "error" or data.get("error") or data.get("object") == "error":
            raise refusal(self._request, Answer(self._status, {}, event.data))

    def _unusable(self, data: bytes) -> UnusableAnswerError:
        return UnusableAnswerError(
            f"{self._request.endpoint} sent an event that is not a JSON object: {_beginning(data)}",
            "ask again, or use another endpoint; the request may have been billed",
            endpoint=self._request.endpoint,
            status=self._status,
        )


def _beginning(data: bytes) -> str:
    return quoted(data[:_QUOTED].decode("utf-8", "replace"))
