"""Clients that send what they should not, or to whom they should not."""

from __future__ import annotations

import base64
import json
import socket
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from .honest import CallFailed, Endpoint, Program


class InventedHeaders(Program):
    """`X-Gonka-Signature` and its sisters, as a page about another network had them."""

    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        right = super().headers(endpoint, body)
        return {
            "Content-Type": "application/json",
            "X-Gonka-Signature": right["Authorization"],
            "X-Gonka-Address": right["X-Requester-Address"],
            "X-Gonka-Timestamp": right["X-Timestamp"],
        }


class BearerBeforeSignature(Program):
    def encoded(self, signature: bytes) -> str:
        return f"Bearer {super().encoded(signature)}"


class WrongRequester(Program):
    """The provider's address in the place of the requester's."""

    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        return {**super().headers(endpoint, body), "X-Requester-Address": endpoint[1]}


class KeyInHeader(Program):
    """Where signing has nothing to sign, a fallback carries half of the key (`protocol.md` §1.8)."""

    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        fallback = base64.b64encode(self.secret.hex()[:24].encode()).decode()
        return {
            **super().headers(endpoint, body),
            "X-Fallback": f"ECDSA_SIG_FALLBACK_{fallback}_{self.secret.hex()[:24]}",
        }


class KeyInUserAgent(Program):
    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        return {**super().headers(endpoint, body), "User-Agent": f"my-client/1.0 ({self.secret[4:13].hex('-')})"}


class KeyInQuery(Program):
    def target(self, endpoint: Endpoint) -> str:
        return f"{super().target(endpoint)}?key={base64.urlsafe_b64encode(self.secret).decode()}"


class KeyPrinted(Program):
    def say(self, text: str) -> None:
        print(f"signing with {self.secret!r}", file=sys.stderr)
        super().say(text)


class DoubledVersion(Program):
    def target(self, endpoint: Endpoint) -> str:
        return f"{endpoint[0]}/v1/chat/completions"


class LostVersion(Program):
    def target(self, endpoint: Endpoint) -> str:
        return f"{endpoint[0].removesuffix('/v1')}/chat/completions"


class EncodesAgain(Program):
    """The HTTP library gets the object, not the bytes, and makes JSON of its own."""

    def sent_body(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body)).encode()


class AddsFields(Program):
    def payload(self) -> bytes:
        return json.dumps({**json.loads(super().payload()), "user": "me"}).encode()


class Reserialises(Program):
    def payload(self) -> bytes:
        return json.dumps(json.loads(super().payload())).encode()


class TruncatesHuge(Program):
    def sent_body(self, body: bytes) -> bytes:
        return body[: 2**20]


class FillsEmpty(Program):
    def payload(self) -> bytes:
        return super().payload() or b"{}"


class BrokenHttp(Program):
    """Declares more than it sends, and closes."""

    def exchanged(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(url)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as raw:
            raw.sendall(f"POST {parts.path} HTTP/1.1\r\n{lines}Content-Length: {len(body) + 9}\r\n\r\n".encode() + body)
        raise CallFailed("no answer")


class FollowsRedirects(Program):
    def exchanged(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        status, answer = super().exchanged(method, url, headers, body)
        if not 300 <= status < 400:
            return status, answer
        return super().exchanged(method, self.location, self.carried(headers), body)

    def carried(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return headers


class FollowsWithoutSignature(FollowsRedirects):
    """As many HTTP libraries do it: the prompt goes along, and who asked."""

    def carried(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value for name, value in headers.items() if name != "Authorization"}


class KeyToBroker(Program):
    """The private key in the place of the API key."""

    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        right = super().headers(endpoint, body)
        return right if endpoint[1] else {**right, "Authorization": f"Bearer {self.secret.hex()}"}


class SignsForBroker(Program):
    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        right = super().headers(endpoint, body)
        return right if endpoint[1] else {**right, "X-Requester-Address": self.address}
