"""Wrong ways to check a signature, and to read the headers around it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from typing import Final, get_args

from aiohttp import web

from gonka_conformance.reference import HALF_N, N
from gonka_mock_node import verification
from gonka_mock_node.app import _arrived
from gonka_mock_node.case import Arrived, Case
from gonka_mock_node.chain import Account
from gonka_mock_node.curve import CURVE
from gonka_mock_node.judgement import Refusal, Rule
from gonka_mock_node.rules import signature_verifies
from gonka_mock_node.verification import Scheme

_FLAWED: Final = "Unable to validate request against PubKey:"


def accepting(also: Callable[[Case], bool]) -> Rule:
    """The rule for signatures, which takes what it should not as well."""
    return lambda case: None if also(case) else signature_verifies(case)


def _verifies(case: Case, *, digest: bytes | None = None, authorization: str | None = None) -> bool:
    account = case.account
    if not isinstance(account, Account) or account.public_key is None:
        return False
    text = case.arrived.authorization if authorization is None else authorization
    try:
        verification.require_signature(account.public_key, case.digest if digest is None else digest, text)
    except verification.SignatureError:
        return False
    return True


def _digest(
    case: Case,
    scheme: Scheme | None = None,
    body: bytes | None = None,
    timestamp_ns: int | None = None,
    provider: str | None = None,
) -> bytes:
    return verification.message_digest(
        scheme or case.profile.scheme,
        case.arrived.body if body is None else body,
        case.timestamp_ns if timestamp_ns is None else timestamp_ns,
        case.provider_address if provider is None else provider,
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_" if "-" in text or "_" in text else None)
    except binascii.Error:
        return b""


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode()


def in_either_scheme(case: Case) -> bool:
    return any(_verifies(case, digest=_digest(case, scheme)) for scheme in get_args(Scheme))


def body_without_spaces(case: Case) -> bool:
    return _verifies(case, digest=_digest(case, body=case.arrived.body.strip()))


def without_timestamp(case: Case) -> bool:
    return _verifies(case, digest=_digest(case, timestamp_ns=0))


def without_provider(case: Case) -> bool:
    return _verifies(case, digest=_digest(case, provider=""))


def by_anybody(case: Case) -> bool:
    try:
        r, s = verification.read_signature(case.arrived.authorization)
    except verification.SignatureError:
        return False
    return any(CURVE.recovered_keys(case.digest, r, s))


def with_any_s(case: Case) -> bool:
    data = _decoded(case.arrived.authorization)
    s = int.from_bytes(data[32:], "big")
    return s > HALF_N and _verifies(case, authorization=_written(data[:32] + (N - s).to_bytes(32, "big")))


def filled_up(case: Case) -> bool:
    return _verifies(case, authorization=_written(_decoded(case.arrived.authorization).rjust(64, b"\0")))


def cut_off(case: Case) -> bool:
    return _verifies(case, authorization=_written(_decoded(case.arrived.authorization)[:64]))


def in_lenient_base64(case: Case) -> bool:
    data = _decoded(case.arrived.authorization)
    return len(data) == 64 and _verifies(case, authorization=_written(data))


def one_word(case: Case) -> Refusal | None:
    """Knows one word for everything that is wrong."""
    return signature_verifies(case) and nothing_verifies(case)


def canonical_base64_only(case: Case) -> Refusal | None:
    text = case.arrived.authorization
    if len(text) == 88 and _written(_decoded(text)) != text:
        return Refusal(
            "signature", 401, "Unable to validate request against PubKey:illegal base64 data at input byte 85"
        )
    return signature_verifies(case)


def nothing_verifies(case: Case) -> Refusal | None:
    return Refusal("signature", 401, f"{_FLAWED}invalid signature")


def last_header(request: web.Request, body: bytes) -> Arrived:
    """Reads the last of repeated headers."""
    read = _arrived(request, body)
    return replace(
        read,
        requester=request.headers.getall("X-Requester-Address", [""])[-1],
        timestamp=request.headers.getall("X-Timestamp", [""])[-1],
    )


def own_address_only(request: web.Request, body: bytes) -> Arrived:
    """Does not know `X-Transfer-Address`."""
    return replace(_arrived(request, body), transfer_address="")


def plain_digits_only(text: str) -> int:
    """Reads no sign and no leading zeros."""
    return int(text) if text.isdigit() and not text.startswith("0") and len(text) < 20 else 0


def as_python_reads(text: str) -> int:
    """Reads underscores."""
    try:
        number = int(text)
    except ValueError:
        return 0
    return number if -(2**63) <= number < 2**63 else 0
