"""Transports that hand out something else than came, or too late, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from gonka_core.errors import TransportError
from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import Response
from gonka_core.types import Request

from .correct import Sound, Wrapped


class RaisesForStatus(Sound):
    def handed(self, response: Response) -> Response:
        if response.status >= 400:
            response.close()
            raise httpx.HTTPError(f"status {response.status}")
        return response


class Retired(Wrapped):
    @property
    def status(self) -> int:
        return 404 if self.response.status == 410 else self.response.status


class Generalises(Sound):
    def handed(self, response: Response) -> Response:
        return Retired(response)


class Bodyless(Wrapped):
    def __iter__(self) -> Iterator[bytes]:
        return iter(self.response if self.status < 500 else ())


class DropsErrorBodies(Sound):
    def handed(self, response: Response) -> Response:
        return Bodyless(response)


class Titled(Wrapped):
    @property
    def headers(self) -> Mapping[str, str]:
        return {name.title(): value for name, value in self.response.headers.items()}


class TitlesNames(Sound):
    def handed(self, response: Response) -> Response:
        return Titled(response)


class WithoutParameters(Wrapped):
    @property
    def headers(self) -> Mapping[str, str]:
        return {name: value.partition(";")[0] for name, value in self.response.headers.items()}


class CutsParameters(Sound):
    def handed(self, response: Response) -> Response:
        return WithoutParameters(response)


class WithoutDoubles(Wrapped):
    @property
    def headers(self) -> Mapping[str, str]:
        return {name: value for name, value in self.response.headers.items() if ", " not in value}


class LosesDoubles(Sound):
    def handed(self, response: Response) -> Response:
        return WithoutDoubles(response)


class Follows(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        self._client.follow_redirects = True


class FollowsAbroad(Sound):
    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        response = super().send(request, timeout=timeout)
        target = response.headers.get("location", "")
        if response.status != 307 or httpx.URL(target).port == httpx.URL(request.url).port:
            return response
        response.close()
        return super().send(replace(request, url=target), timeout=timeout)


class InText(Wrapped):
    def __iter__(self) -> Iterator[bytes]:
        return (piece.decode("utf-8", "replace").encode() for piece in self.response)


class ReadsText(Sound):
    def handed(self, response: Response) -> Response:
        return InText(response)


class Decoded(Wrapped):
    def __iter__(self) -> Iterator[bytes]:
        response: Any = self.response
        return iter(response._response.iter_bytes())


class Decodes(Sound):
    def handed(self, response: Response) -> Response:
        return Decoded(response)


class Whole(Wrapped):
    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self._body = b"".join(response)

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


class Buffers(Sound):
    def handed(self, response: Response) -> Response:
        return Whole(response)


class InOnePiece(Wrapped):
    def __iter__(self) -> Iterator[bytes]:
        yield b"".join(self.response)


class Gathers(Sound):
    def handed(self, response: Response) -> Response:
        return InOnePiece(response)


class Unclosed(Wrapped):
    def close(self) -> None:
        pass


class LeavesOpen(Sound):
    def handed(self, response: Response) -> Response:
        return Unclosed(response)


class ClosesOnceRead(Wrapped):
    read = False

    def __iter__(self) -> Iterator[bytes]:
        self.read = True
        return iter(self.response)

    def close(self) -> None:
        if self.read:
            self.response.close()


class LeavesUnreadOpen(Sound):
    def handed(self, response: Response) -> Response:
        return ClosesOnceRead(response)


class Lenient(Wrapped):
    def __iter__(self) -> Iterator[bytes]:
        with suppress(TransportError):
            yield from self.response


class SwallowsTruncation(Sound):
    def handed(self, response: Response) -> Response:
        return Lenient(response)
