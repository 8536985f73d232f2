"""The body of an answer as it comes in: its content coding undone, within limits. No I/O: others read the pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
        try:
            self._coding = decoder(headers)
        except CodingError as error:
            raise self._unusable(error) from None
        self._guard = BodyGuard(limits, request.endpoint, status, self._coding)

    def keep(self, piece: bytes) -> None:
        """Keep a piece of a body that is read whole."""
        try:
            self._guard.add(piece)
        except CodingError as error:
            raise self._unusable(error) from None

    def answer(self) -> Answer:
        """The answer with the body that was kept; the body is over."""
        try:
            return Answer(self._status, self._headers, self._guard.body())
        except CodingError as error:
            raise self._unusable(error) from None

    def plain(self, piece: bytes) -> Iterator[bytes]:
        """The plain bytes of a piece of a stream."""
        try:
            yield from self._coding.feed(piece)
        except CodingError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: CodingError) -> UnusableAnswerError:
        return UnusableAnswerError(
            f"{self._request.endpoint} answered, but {error}",
            "use another endpoint, or ask what stands in front of this one; the request may have been billed",
            endpoint=self._request.endpoint,
            status=self._status,
        )
