"""The body of an answer as it comes in: its content coding undone, within limits. No I/O: others read the pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .answers import Answer
from .decoding import CodingError, decoder
from .errors import UnusableAnswerError
from .limits import BodyGuard, Limits, check_headers
from .types import Request


class Incoming:
    """One answer whose headers are there.

    Raises `LimitExceededError` for what is more than the limits, and `UnusableAnswerError` for a content coding that is
    unknown or damaged.
    """

    def __init__(self, request: Request, status: int, headers: Mapping[str, str], limits: Limits) -> None:
        self._request = request
        self._status = status
        self._headers = headers
        check_headers(headers, limits, request.endpoint, status)
        with self._readable():
            self._coding = decoder(headers)
        self._guard = BodyGuard(limits, request.endpoint, status, self._coding)

    def keep(self, piece: bytes) -> None:
        """Keep a piece of a body that is read whole."""
        with self._readable():
            self._guard.add(piece)

    def answer(self) -> Answer:
        """The answer with the body that was kept; the body is over."""
        with self._readable():
            return Answer(self._status, self._headers, self._guard.body())

    def plain(self, piece: bytes) -> Iterator[bytes]:
        """The plain bytes of a piece of a stream."""
        with self._readable():
            yield from self._coding.feed(piece)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except CodingError as error:
            raise UnusableAnswerError(
                f"{self._request.endpoint} answered, but {error}",
                "use another endpoint, or ask what stands in front of this one; the request may have been billed",
                endpoint=self._request.endpoint,
                status=self._status,
            ) from None
