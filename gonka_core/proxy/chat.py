"""`POST /v1/chat/completions`: the body goes upstream as it is, signed; the answer comes back as it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from gonka_core import AsyncClient, Limits
from gonka_core.errors import GonkaError
from gonka_core.integrations.refusing import Refusal, refusal
from gonka_core.relaying import AsyncRelayed

from .asked import asked
from .entries import Entry
from .hand import Hand
from .options import ProxyOptions
from .refused import Refused, stopping

Headers = Mapping[str, str]

_PASSED: Final = frozenset(("content-type", "x-request-id", "retry-after"))
_PASSED_FAMILIES: Final = ("x-ratelimit-", "openai-")
"""Headers of a node that reach the program. A node is a stranger: it has no say in cookies, redirects, or CORS."""


class Chat:
    """Answers chat requests with one client."""

    def __init__(self, client: AsyncClient, options: ProxyOptions, hand: Hand, seconds: Callable[[], float]) -> None:
        self._client = client
        self._limits = Limits(json_depth=options.json_depth)
        self._body_bytes = options.body_bytes
        self._read_s = options.read_s
        self._hand = hand
        self._seconds = seconds

    async def answer(self, request: web.BaseRequest, entry: Entry, began: float, extra: Headers) -> web.StreamResponse:
        """Raises `Refused`, and the `GonkaError` that a call ends in before its answer has begun."""
        body = await self._body(request)
        entry.model, entry.stream = wanted = asked(body, self._limits)
        async with await self._client.relay(body, model=wanted.model, stream=wanted.stream) as relayed:
            if not wanted.stream:
                return await self._whole(request, relayed, entry, began, extra)
            return await self._stream(request, relayed, entry, began, extra)

    async def _body(self, request: web.BaseRequest) -> bytes:
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refused(415, "the body is compressed", "send it plain: what is sent is what is signed", close=True)
        if (request.content_length or 0) > self._body_bytes:
            raise self._too_large()
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            if request.content.is_eof():
                return await request.read()
            async with asyncio.timeout(self._read_s):
                return await request.read()
        except TimeoutError:
            late = "the body did not arrive in time"
            raise Refused(408, late, "send it faster, or raise --read-timeout", code="timeout", close=True) from None
        except web.HTTPRequestEntityTooLarge:
            raise self._too_large() from None
        except web.RequestPayloadError:
            raise Refused(400, "the body is cut, or its chunks are none", "send it whole", close=True) from None

    def _too_large(self) -> Refused:
        return Refused(
            413,
            f"the body has more than {self._body_bytes} bytes",
            "send less: a node takes no more than 10 MiB",
            code="body_too_large",
            close=True,
        )

    async def _whole(
        self, request: web.BaseRequest, relayed: AsyncRelayed, entry: Entry, began: float, extra: Headers
    ) -> web.Response:
        assert relayed.completion is not None
        headers = {**_passed(relayed.headers), **extra}
        response = web.Response(status=relayed.status, headers=headers, body=relayed.completion.body)
        entry.first_s = self._seconds() - began
        await response.prepare(request)
        await response.write_eof()  # here rather than later: it is in hand until its last byte is out
        return response

    async def _stream(
        self, request: web.BaseRequest, relayed: AsyncRelayed, entry: Entry, began: float, extra: Headers
    ) -> web.StreamResponse:
        events = aiter(relayed)
        first = await anext(events, b"")  # what goes wrong up to here still has a status
        response = web.StreamResponse(status=relayed.status, headers={**_passed(relayed.headers), **extra})
        await response.prepare(request)
        if first:
            await response.write(first)
        entry.first_s = self._seconds() - began
        error = await self._rest(events, response.write)
        if error is not None:
            entry.error = str(error.body["error"]["code"])
            response.force_close()
            await response.write(error.event())
        return response

    async def _rest(self, events: AsyncIterator[bytes], write: Callable[[bytes], Awaitable[None]]) -> Refusal | None:
        """Hand on what comes; how it went wrong, where it did."""
        try:
            async for complete in events:
                await write(complete)
        except GonkaError as error:
            return refusal(error)
        except asyncio.CancelledError:
            if not self._hand.cutting:
                raise
            return stopping().refusal
        return None


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in _PASSED or name.startswith(_PASSED_FAMILIES)}
