"""What `GonkaAuth` does for httpx and for httpx2: the two share their API, not their types."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, ClassVar

from .once import Once
from .signing import Headers, Signing, answered, following, reads_body, streams


class HttpxSigning(Signing):
    """The two flows of an `Auth`, which differ in how a body is read."""

    _once: ClassVar[type[Once]]
    _not_read: ClassVar[type[Exception]]

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """For `Client`. Raises as `Signing.attempts`."""
        if self._buffer:
            request.read()
        attempts = self.attempts(request.method, str(request.url), self._whole(request))
        headers: Headers | None = next(attempts)
        while headers is not None:
            response = yield self._with(headers, request)
            if reads_body(response.status_code):
                response.read()
            headers = following(attempts, answered(response))

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        """For `AsyncClient`. Raises as `Signing.attempts`."""
        if self._buffer:
            await request.aread()
        attempts = self.attempts(request.method, str(request.url), self._whole(request))
        headers: Headers | None = next(attempts)
        while headers is not None:
            response = yield self._with(headers, request)
            if reads_body(response.status_code):
                await response.aread()
            headers = following(attempts, answered(response))

    def _whole(self, request: Any) -> bytes:
        try:
            body: bytes = request.content
        except self._not_read:
            raise streams() from None
        return body

    def _with(self, headers: Headers, request: Any) -> Any:
        request.headers.update(headers)
        if headers and request.content:
            if request.headers.pop("Transfer-Encoding", None):  # it was read into memory
                request.headers["Content-Length"] = str(len(request.content))
            request.stream = self._once(request.content, request.headers)
        return request
