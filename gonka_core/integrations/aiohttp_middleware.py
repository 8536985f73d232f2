"""`aiohttp.ClientSession(middlewares=[GonkaMiddleware()])`: signed requests from aiohttp, 3.12 or newer."""

from __future__ import annotations

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from aiohttp.payload import BytesIOPayload, BytesPayload

from gonka_core.answers import Answer
from gonka_core.errors import PayloadError

from .signing import Signing, following, reads_body, streams

__all__ = ["GonkaMiddleware"]


class GonkaMiddleware(Signing):
    """Signs what a `ClientSession` sends to one of the endpoints; see `Signing`. A redirect raises `MovedError`."""

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Sign it and send it, once more where a node wants the other scheme. Raises as `Signing.attempts`."""
        attempts = self.attempts(request.method, str(request.url), await self._whole(request))
        headers = next(attempts)
        while True:
            request.headers.update(headers)
            response = await handler(request)
            told = await response.read() if reads_body(response.status) else None
            again = following(attempts, Answer(response.status, response.headers, told))
            if again is None:
                return response
            headers = again

    async def _whole(self, request: ClientRequest) -> bytes:
        if request.compress:
            raise PayloadError("the body is compressed on its way, after it was signed", "send it without compress")
        body = request.body
        if isinstance(body, bytes | bytearray):
            return bytes(body)
        if isinstance(body, BytesPayload | BytesIOPayload):
            return await body.as_bytes()
        if not self._buffer:
            raise streams()
        whole = await body.as_bytes()
        request.headers.pop("Transfer-Encoding", None)
        request.chunked = None
        await request.update_body(whole)
        return whole
