"""A developer written with `ecdsa` and http.client alone: what the node meets shares nothing with our client."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

import ecdsa
from ecdsa.util import sigencode_string_canonize

from gonka_core.address import address_of

BODY = b'{"model": "test", "messages": [{"role": "user", "content": "hello"}]}'


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> Any:
        return json.loads(self.body)["error"]


@dataclass(frozen=True)
class Requester:
    """Signs for one provider; `replace` a field to make a mistake."""

    provider_address: str
    scheme: Literal["raw", "hash"] = "raw"
    key: bytes = (42).to_bytes(32, "big")
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def signing_key(self) -> Any:
        return ecdsa.SigningKey.from_string(self.key, curve=ecdsa.SECP256k1)

    @property
    def public_key(self) -> bytes:
        encoded: bytes = self.signing_key.verifying_key.to_string("compressed")
        return encoded

    @property
    def address(self) -> str:
        return address_of(self.public_key)

    def signature(self, body: bytes, timestamp: str) -> bytes:
        head = body if self.scheme == "raw" else hashlib.sha256(body).hexdigest().encode()
        message = head + timestamp.encode() + self.provider_address.encode()
        signed: bytes = self.signing_key.sign_deterministic(
            message, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize
        )
        return signed

    def headers(self, body: bytes = BODY, timestamp: int | None = None) -> dict[str, str]:
        stamp = str(time.time_ns() if timestamp is None else timestamp)
        return {
            "Content-Type": "application/json",
            "Authorization": base64.b64encode(self.signature(body, stamp)).decode(),
            "X-Requester-Address": self.address,
            "X-Timestamp": stamp,
            **self.extra,
        }

    def ask(self, url: str, body: bytes = BODY, timestamp: int | None = None, **changed: str | None) -> Reply:
        """Send it. `changed` replaces headers (underscores for hyphens); None leaves one out."""
        headers: dict[str, str | None] = dict(self.headers(body, timestamp))
        names = {name.lower(): name for name in headers}
        for name, value in changed.items():
            headers[names.get(name.replace("_", "-").lower(), name.replace("_", "-"))] = value
        return send(url, {name: value for name, value in headers.items() if value is not None}, body)

    def but(self, **changes: Any) -> Requester:
        return replace(self, **changes)


def send(url: str, headers: dict[str, str], body: bytes | None, method: str = "POST", path: str = "") -> Reply:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, path or f"{parts.path}/chat/completions", body, headers)
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def get(url: str, path: str) -> Reply:
    return send(url, {}, None, "GET", path)
