"""The records that travel: frozen, and with a `repr` that shows no prompt, no signature and no key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from . import canonical
from .canonical import Scheme
from .endpoints import Endpoint

SchemeChoice: TypeAlias = Literal["raw", "hash", "auto"]
"""What a client is told: one scheme for good, or whichever a provider accepts."""

__all__ = [
    "Endpoint",
    "Outcome",
    "Request",
    "Scheme",
    "SchemeChoice",
    "SelectionContext",
    "SignedRequest",
]


class SelectionContext(NamedTuple):
    """What a selector may know about the attempt: its number (from 1), the model asked for, if known, and a key.

    `affinity` is the caller's own: a conversation, a user. Selectors that stick keep it with one endpoint.
    """

    attempt: int
    model: str | None = None
    affinity: str | None = None


class Outcome(NamedTuple):
    """How an attempt ended: the status of the answer, or None where none arrived; seconds to its headers.

    `error` is the name of the error's class where the attempt failed, None where it did not.
    """

    status: int | None
    seconds: float
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was an answer with a status of success, and no error."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Request:
    """What a transport sends, as it stands: method, URL, headers and body."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    endpoint: Endpoint
    method: str = field(default="POST", kw_only=True)


@dataclass(frozen=True, init=False)
class SignedRequest(Request):
    """One attempt, signed and ready to be sent, with the values on the way for debugging.

    `body` is what was signed; `digest` the 32 bytes of SHA-256 over `message`; `signature` 64 bytes r‖s;
    `headers` the four of `protocol.md` §1.1.
    """

    requester_address: str
    scheme: Scheme
    timestamp_ns: int
    digest: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        endpoint: Endpoint,
        *,
        requester_address: str,
        scheme: Scheme,
        timestamp_ns: int,
        digest: bytes,
        signature: bytes,
        method: str = "POST",
    ) -> None:
        # All at once. One by one, as a frozen dataclass does it, takes an eighth of what `sign_request` itself costs
        # (`make bench-instructions`, subject sign-itself).
        self.__dict__.update(
            url=url,
            headers=headers,
            body=body,
            endpoint=endpoint,
            method=method,
            requester_address=requester_address,
            scheme=scheme,
            timestamp_ns=timestamp_ns,
            digest=digest,
            signature=signature,
        )

    @cached_property
    def message(self) -> bytes:
        """The signed bytes in one piece, built when asked for; signing itself never concatenates them."""
        return canonical.message(self.scheme, self.body, self.timestamp_ns, self.endpoint.provider_address)
