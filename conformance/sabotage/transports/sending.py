"""Transports that send something else than they are given."""

from __future__ import annotations

import base64
import json
import netrc
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from gonka_core.hookspecs import TransportOptions
from gonka_core.types import Request
from gonka_httpx.transport import HttpxResponse

from .correct import Sound


class Recodes(Sound):
    def given(self, request: Request) -> Request:
        with suppress(ValueError):
            return replace(request, body=json.dumps(json.loads(request.body)).encode())
        return request


class EndsTheLine(Sound):
    def given(self, request: Request) -> Request:
        return replace(request, body=request.body + b"\n")


class Strips(Sound):
    def given(self, request: Request) -> Request:
        return replace(request, body=request.body.strip())


class Chunks(Sound):
    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        headers = {"Accept-Encoding": "identity", **request.headers}
        built = self._client.build_request(request.method, request.url, headers=headers, content=iter([request.body]))
        return HttpxResponse(self._failing, self._client.send(built, stream=True), self._options.read_timeout)


class Unquotes(Sound):
    def given(self, request: Request) -> Request:
        return replace(request, url=request.url.replace("%2F", "/"))


class DropsQuery(Sound):
    def given(self, request: Request) -> Request:
        return replace(request, url=request.url.partition("?")[0])


class AlwaysPosts(Sound):
    def given(self, request: Request) -> Request:
        return replace(request, method="POST")


class WrongHost(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers["Host"] = "gateway.internal"


class ChangesHeaders(Sound):
    """One that rewrites the headers given."""

    def changed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return headers

    def given(self, request: Request) -> Request:
        return replace(request, headers=self.changed(request.headers))


class DropsAuthorization(ChangesHeaders):
    def changed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value for name, value in headers.items() if name != "Authorization"}


class AddsBearer(ChangesHeaders):
    def changed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        authorization = headers.get("Authorization", "")
        bearing = authorization if authorization.startswith("Bearer ") else f"Bearer {authorization}"
        return {**headers, "Authorization": bearing}


class LowersValues(ChangesHeaders):
    def changed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value.lower() for name, value in headers.items()}


class EscapesPlus(ChangesHeaders):
    def changed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value.replace("+", "%2B") for name, value in headers.items()}


class Milliseconds(ChangesHeaders):
    def changed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        stamp = headers.get("X-Timestamp")
        return {**headers, "X-Timestamp": stamp[:13]} if stamp else headers


class Twice(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers = httpx.Headers([*request.headers.raw, (b"X-Timestamp", b"1")])


class SecondType(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers = httpx.Headers([*request.headers.raw, (b"Content-Type", b"text/plain")])


class Expects(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers["Expect"] = "100-continue"


class NamesCoding(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers["Content-Encoding"] = "identity"


class NamesProvider(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers["X-Transfer-Address"] = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


class Upgrades(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers["Connection"] = "Upgrade, HTTP2-Settings"


class AsksForGzip(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers["Accept-Encoding"] = "gzip, deflate"


class KeepsCookies(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        self._client.cookies = httpx.Cookies()

    def outgoing(self, request: httpx.Request) -> None:
        self._client.cookies.set_cookie_header(request)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class ReadsNetrc(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        found = netrc.netrc(os.environ["NETRC"]).authenticators(request.url.host) if "NETRC" in os.environ else None
        if found:
            request.headers["Authorization"] = _basic(found[0], found[2] or "")


class TakesCredentials(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        if request.url.username:
            request.headers["Authorization"] = _basic(request.url.username, request.url.password)
