"""Requests: the bytes that are signed, and the headers that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from .files import vectors_of
from .known import Scheme


@dataclass(frozen=True, slots=True)
class MessageVector:
    """The parts of a message; `body_sha256` and `digest` are 32 bytes."""

    id: str
    flags: tuple[str, ...]
    scheme: Scheme
    body: bytes = field(repr=False)
    timestamp_ns: int
    provider_address: str
    body_sha256: bytes
    message: bytes = field(repr=False)
    digest: bytes


@dataclass(frozen=True, slots=True)
class HeadersVector:
    """A key (32 bytes) and a request, and everything up to the headers.

    `r` and `s` are 32 bytes each, `signature` both; `low_s_normalised` says whether n - s was taken for s.
    """

    id: str
    flags: tuple[str, ...]
    private_key: bytes = field(repr=False)
    public_key: bytes
    requester_address: str
    scheme: Scheme
    body: bytes = field(repr=False)
    timestamp_ns: int
    provider_address: str
    message: bytes = field(repr=False)
    digest: bytes
    low_s_normalised: bool
    r: bytes
    s: bytes
    signature: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BearerVector:
    """A request to a broker, and its headers."""

    id: str
    flags: tuple[str, ...]
    api_key: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@cache
def messages() -> tuple[MessageVector, ...]:
    """`message.json`."""
    return tuple(
        MessageVector(
            id=item["id"],
            flags=tuple(item["flags"]),
            scheme=item["scheme"],
            body=bytes.fromhex(item["body_hex"]),
            timestamp_ns=int(item["timestamp_ns"]),
            provider_address=item["provider_address"],
            body_sha256=bytes.fromhex(item["body_sha256"]),
            message=bytes.fromhex(item["message_hex"]),
            digest=bytes.fromhex(item["digest"]),
        )
        for item in vectors_of("message")
    )


@cache
def headers() -> tuple[HeadersVector, ...]:
    """The signed requests of `headers.json`."""
    return tuple(
        HeadersVector(
            id=item["id"],
            flags=tuple(item["flags"]),
            private_key=bytes.fromhex(item["private_key_hex"]),
            public_key=bytes.fromhex(item["public_key_hex"]),
            requester_address=item["requester_address"],
            scheme=item["scheme"],
            body=bytes.fromhex(item["body_hex"]),
            timestamp_ns=int(item["timestamp_ns"]),
            provider_address=item["provider_address"],
            message=bytes.fromhex(item["message_hex"]),
            digest=bytes.fromhex(item["digest"]),
            low_s_normalised=item["low_s_normalised"],
            r=bytes.fromhex(item["r_hex"]),
            s=bytes.fromhex(item["s_hex"]),
            signature=bytes.fromhex(item["signature_hex"]),
            headers=item["headers"],
        )
        for item in vectors_of("headers")
        if item["type"] == "signed"
    )


@cache
def bearer_headers() -> tuple[BearerVector, ...]:
    """The requests to brokers of `headers.json`."""
    return tuple(
        BearerVector(
            item["id"], tuple(item["flags"]), item["api_key"], bytes.fromhex(item["body_hex"]), item["headers"]
        )
        for item in vectors_of("headers")
        if item["type"] == "bearer"
    )
