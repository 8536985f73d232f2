"""A developer's request before it is signed: what is said and what is signed may differ, which is how it goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gonka_conformance import oracle
from gonka_conformance.vectors import Scheme

from .asking import Headers, Request
from .developer import Developer, spelled

CHAT: Final = "/v1/chat/completions"
COMPLETIONS: Final = "/v1/completions"


@dataclass(frozen=True, slots=True)
class Draft:
    """One request. Without `signed_…` what is sent is what is signed.

    `timestamp_text` is what `X-Timestamp` says instead of the decimal number; an empty one leaves the header out, and
    so does an empty `authorization`, which otherwise replaces the signature. `spell` writes the 64 bytes as text;
    `first` and `more` are headers in front of and behind the usual ones.
    """

    body: bytes
    timestamp_ns: int
    scheme: Scheme
    provider: str
    developer: Developer
    path: str = CHAT
    requester: str | None = None
    signed_body: bytes | None = None
    signed_timestamp_ns: int | None = None
    timestamp_text: str | None = None
    authorization: str | None = None
    spell: Callable[[bytes], str] = spelled
    first: Headers = ()
    more: Headers = ()

    @property
    def digest(self) -> bytes:
        """The 32 bytes that are signed."""
        body = self.body if self.signed_body is None else self.signed_body
        stamp = self.timestamp_ns if self.signed_timestamp_ns is None else self.signed_timestamp_ns
        return oracle.digest(self.scheme, body, stamp, self.provider)

    def request(self) -> Request:
        """The request, signed."""
        authorization = self.authorization
        if authorization is None:
            authorization = self.spell(self.developer.sign(self.digest))
        said = {
            "Authorization": authorization,
            "X-Requester-Address": self.developer.address if self.requester is None else self.requester,
            "X-Timestamp": str(self.timestamp_ns) if self.timestamp_text is None else self.timestamp_text,
        }
        usual = tuple((name, value) for name, value in said.items() if value)
        kind = (("Content-Type", "application/json"),)
        return Request("POST", self.path, (*kind, *self.first, *usual, *self.more), self.body)


def encoded(payload: Mapping[str, Any]) -> bytes:
    """Compact JSON."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def chat_payload(model: str, **fields: Any) -> dict[str, Any]:
    """A chat payload of one short message that asks for one token; fields that are `...` are left out."""
    whole = {"model": model, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1} | fields
    return {name: value for name, value in whole.items() if value is not ...}
