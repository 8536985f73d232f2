"""The body of an answer as it comes in: its content coding undone, within limits. No I/O: others read the pieces.

A body that is read whole is counted before it is kept: what goes over a limit is not kept, and of a compressed one no
more is undone than fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn

from .answers import Answer
from .decoding import CodingError, Decoder, decoder
from .errors import UnusableAnswerError
from .limits import Limit, Limits, OverLimitError, check_headers, exceeded
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
        self._limits = limits
        self._arrived = 0
        self._body = bytearray()  # not a list: pieces of one byte, of which a node can send millions, would fill memory
        check_headers(headers, limits, request.endpoint, status)
        # Nearly every answer has none, and needs nothing that undoes it.
        self._coding = self._decoder() if "content-encoding" in headers else None

    def keep(self, piece: bytes) -> None:
        """Keep a piece of a body that is read whole."""
        self._arrived += len(piece)
        if self._arrived > self._limits.response_bytes:
            self._refuse("response_bytes", self._limits.response_bytes)
        for part in (piece,) if self._coding is None else self._fed(self._coding, piece):
            if len(self._body) + len(part) > self._limits.decompressed_bytes:
                self._refuse("decompressed_bytes", self._limits.decompressed_bytes)
            self._body += part

    def answer(self) -> Answer:
        """The answer with the body that was kept; the body is over."""
        if self._coding is not None:
            try:
                self._coding.finish()
            except CodingError as error:
                raise self._unusable(error) from None
        return Answer(self._status, self._headers, bytes(self._body))

    def plain(self, piece: bytes) -> Iterable[bytes]:
        """The plain bytes of a piece of a stream."""
        return (piece,) if self._coding is None else self._fed(self._coding, piece)

    def _fed(self, coding: Decoder, piece: bytes) -> Iterator[bytes]:
        try:
            yield from coding.feed(piece)
        except CodingError as error:
            raise self._unusable(error) from None

    def _decoder(self) -> Decoder:
        try:
            return decoder(self._headers)
        except CodingError as error:
            raise self._unusable(error) from None

    def _refuse(self, limit: Limit, allowed: int) -> NoReturn:
        self._body.clear()
        raise exceeded(OverLimitError(limit, allowed), self._request.endpoint, self._status)

    def _unusable(self, error: CodingError) -> UnusableAnswerError:
        return UnusableAnswerError(
            f"{self._request.endpoint} answered, but {error}",
            "use another endpoint, or ask what stands in front of this one; the request may have been billed",
            endpoint=self._request.endpoint,
            status=self._status,
        )
