"""Payload, endpoint, signer and time become a `SignedRequest`.

A mapping is encoded once, compactly and in UTF-8; bytes are taken as they are. From here on nobody touches the
body: what is signed is what is sent.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from . import canonical, jsontext
from .address import address_of, parse_address
from .canonical import Scheme
from .clock import SHARED
from .endpoints import Endpoint
from .errors import AddressMismatchError, GonkaError, PayloadError, SigningError
from .interfaces import Signer
from .keys import ORDER
from .types import Request, SignedRequest

Payload: TypeAlias = Mapping[str, Any] | bytes
"""An OpenAI-compatible chat payload, or the exact bytes of one."""

_address_of = lru_cache(maxsize=64)(address_of)
"""Deriving an address takes longer than the fastest signature; a program has few keys."""
_HALF_ORDER: Final = (ORDER // 2).to_bytes(32, "big")
_INT64_MAX: Final = 2**63 - 1


def encode(payload: Payload, *, stream: bool | None = None) -> bytes:
    """The body: bytes untouched, a mapping as compact JSON in UTF-8.

    With `stream` given, a mapping that asks for the other kind of answer is refused, and `"stream": true` is added
    where a stream is wanted and nothing is said. Raises `PayloadError`, before anything is signed.
    """
    if isinstance(payload, bytes):
        return payload
    if not isinstance(payload, Mapping):
        raise PayloadError(
            f"a payload is a mapping or bytes, not {type(payload).__name__}", "pass a dict, or encode it"
        )
    fields = dict(payload) if stream is None else _with_stream(dict(payload), stream)
    alike = _read_through(fields)
    try:
        return jsontext.dumps(fields, alike=alike)
    except UnicodeEncodeError:
        flaw = "it holds half of a surrogate pair, which has no UTF-8 form"
    except RecursionError:
        flaw = "it is nested too deeply"
    except (TypeError, ValueError) as error:
        flaw = str(error)
    raise PayloadError(f"the payload is not JSON ({flaw})", "use only str, int, finite float, bool, None, list, dict")


def _with_stream(fields: dict[str, Any], stream: bool) -> dict[str, Any]:
    asked = fields.get("stream")
    if stream and asked is None:
        return {**fields, "stream": True}
    if bool(asked) != stream:
        other = "chat" if stream else "stream"
        raise PayloadError(
            f'the payload says "stream": {json.dumps(asked)}', f"call {other}(payload), or change the field"
        )
    return fields


def _read_through(value: dict[Any, Any]) -> bool:
    """Whether every encoder writes it alike. Raises `PayloadError` for keys that are no text, and for a cycle.

    An encoder would turn 1 and "1" into the same key; what a mapping says must survive.
    """
    stack: list[Any] = [value]
    seen = 0
    alike = True
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            for key in node:
                if not isinstance(key, str):
                    raise PayloadError(f"the payload has a key of type {type(key).__name__}", "use str keys only")
            node = node.values()
        seen += len(node)
        if seen > 1_000_000:
            raise PayloadError("the payload is cyclic or has over a million values", "send a smaller one, or bytes")
        for item in node:
            if type(item) is str:  # most are, and need no more than this
                continue
            if isinstance(item, dict | list | tuple):
                stack.append(item)
            alike = alike and jsontext.written_alike(item)
    return alike


def sign(
    body: bytes, *, scheme: Scheme, timestamp_ns: int, provider_address: str, signer: Signer
) -> tuple[bytes, bytes]:
    """The digest (32 bytes) and the signature (64 bytes r‖s) over the message of `canonical`.

    The lowest step: neither the body nor the address is looked at. Raises `SigningError` when the signer fails or
    returns something else.
    """
    digest = canonical.digest(scheme, body, timestamp_ns, provider_address)
    return digest, signature_of(signer, digest)


def signature_of(signer: Signer, digest: bytes) -> bytes:
    """64 bytes r‖s over a digest of 32 bytes. Raises `SigningError` when the signer fails or returns something else."""
    try:
        signature = signer.sign_digest(digest)
    except GonkaError:
        raise
    except Exception as error:  # noqa: BLE001 - a library's error may quote its key
        reason = type(error).__name__
    else:
        if not isinstance(signature, bytes) or len(signature) != 64:
            raise SigningError("the signer returned something other than 64 bytes", _CERTIFY)
        if signature[32:] > _HALF_ORDER:
            raise SigningError("the signer returned a high s, which nodes reject", _CERTIFY)
        return signature
    raise SigningError(f"the signer failed ({reason}; its own words are withheld, they may quote the key)", _CERTIFY)


_CERTIFY: Final = "check it with `gonka conformance signer`, or use another signer"


def sign_request(
    payload: Payload,
    endpoint: Endpoint,
    signer: Signer,
    *,
    scheme: Scheme = "raw",
    timestamp_ns: int | None = None,
    address: str | None = None,
) -> SignedRequest:
    """One request, signed and ready to be sent as it stands.

    `timestamp_ns` is taken from the clock of the process when it is not given; `address` is the requester's account,
    derived from the signer when it is not given. Raises `PayloadError`, `SigningError`, `AddressMismatchError`, and
    `ConfigurationError` for an unknown scheme.
    """
    stamp = SHARED.timestamp_ns() if timestamp_ns is None else timestamp_ns
    if not 0 < stamp <= _INT64_MAX:
        raise PayloadError(f"{stamp} is not a timestamp", "give nanoseconds since the epoch, above zero, in 63 bits")
    body = encode(payload)
    return sign_body(
        body,
        endpoint,
        signer,
        digest=canonical.digest(scheme, body, stamp, endpoint.provider_address),
        scheme=scheme,
        timestamp_ns=stamp,
        address=requester_address(signer, address),
    )


def sign_body(
    body: bytes,
    endpoint: Endpoint,
    signer: Signer,
    *,
    digest: bytes,
    scheme: Scheme,
    timestamp_ns: int,
    address: str,
) -> SignedRequest:
    """`sign_request` for one who has encoded, stamped, hashed and checked already: the hot path.

    `digest`: the 32 bytes of `canonical.digest` for this scheme, body, timestamp and the endpoint's provider.
    """
    signature = signature_of(signer, digest)
    return SignedRequest(
        url=endpoint.chat_url,
        headers=headers(signature, address, timestamp_ns),
        body=body,
        endpoint=endpoint,
        requester_address=address,
        scheme=scheme,
        timestamp_ns=timestamp_ns,
        digest=digest,
        signature=signature,
    )


def bearer_body(body: bytes, endpoint: Endpoint) -> Request:
    """The request to a broker: its API key as `Authorization: Bearer`, and nothing that only nodes know (§11.3)."""
    assert endpoint.api_key is not None
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {endpoint.api_key.reveal()}"}
    return Request(url=endpoint.chat_url, headers=sent, body=body, endpoint=endpoint)


def reading(endpoint: Endpoint, path: str) -> Request:
    """A request that reads a route of a node, without signature or key; `path` begins behind the host."""
    return Request(url=endpoint.root + path, headers={}, body=b"", endpoint=endpoint, method="GET")


def headers(signature: bytes, address: str, timestamp_ns: int) -> dict[str, str]:
    """The four headers of a signed request (`protocol.md` §1.1)."""
    return {
        "Content-Type": "application/json",
        "Authorization": wire_form(signature),
        "X-Requester-Address": address,
        "X-Timestamp": str(timestamp_ns),
    }


def wire_form(signature: bytes) -> str:
    """The value of `Authorization`: standard base64 with padding, 88 characters (`protocol.md` §1.5)."""
    return b2a_base64(signature, newline=False).decode("ascii")


def requester_address(signer: Signer, given: str | None = None) -> str:
    """The account address of the signer. Raises `AddressMismatchError` when `given` is another account's."""
    own = _own_address(signer)
    if given is not None and parse_address(given, what="requester address") != parse_address(own):
        raise AddressMismatchError(
            f"the address {given} does not belong to the key, whose address is {own}",
            "unset GONKA_ADDRESS, or use the key of that account; a node would refuse the signature",
        )
    return own


def _own_address(signer: Signer) -> str:
    try:
        return _address_of(signer.public_key)
    except ValueError as error:
        raise SigningError(f"the signer has no usable public key ({error})", _CERTIFY) from None
