"""`requests.post(…, auth=GonkaAuth())`: signed requests from requests."""

from __future__ import annotations

from functools import partial
from typing import Any

from requests import PreparedRequest, Response
from requests.auth import AuthBase

from .once import Once
from .signing import Attempts, Headers, Signing, answered, following, streams

__all__ = ["GonkaAuth"]


class GonkaAuth(Signing, AuthBase):
    """Signs what is prepared for one of the endpoints; see `Signing`. A redirect raises `MovedError`.

    A `PreparedRequest` is signed when it is prepared, and can be sent once: sent again, by hand or by an adapter that
    retries, it raises `ConfigurationError`.
    """

    def __call__(self, prepared: PreparedRequest) -> PreparedRequest:
        """Sign it. Raises as `Signing.attempts`."""
        body = self._whole(prepared)
        attempts = self.attempts(prepared.method or "", prepared.url or "", body)
        _put(next(attempts), body, prepared)
        hooks: Any = prepared
        hooks.register_hook("response", partial(self._answered, attempts, body))
        return prepared

    def _answered(self, attempts: Attempts, body: bytes, response: Response, **sending: Any) -> Response:
        headers = following(attempts, answered(response))
        if headers is None:
            return response
        again = response.request.copy()
        _put(headers, body, again)
        repeated: Response = response.connection.send(again, **sending)
        repeated.history.append(response)
        return self._answered(attempts, body, repeated, **sending)

    def _whole(self, prepared: PreparedRequest) -> bytes:
        body: Any = prepared.body
        if isinstance(body, str):
            return body.encode("utf-8")
        if body is None or isinstance(body, bytes):
            return body or b""
        if not self._buffer:
            raise streams()
        prepared.headers.pop("Transfer-Encoding", None)
        return bytes(body.read()) if hasattr(body, "read") else b"".join(body)


def _put(headers: Headers, body: bytes, prepared: PreparedRequest) -> None:
    prepared.headers.update(headers)
    if headers and body:
        sent: Any = Once(body, prepared.headers)
        prepared.body = sent
