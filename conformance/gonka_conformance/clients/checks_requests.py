"""Checks of single requests: where they go, what they carry, what is signed."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from gonka_conformance.checks import NotApplicable, fail
from gonka_conformance.reference import HALF_N

from .judge import details, header_flaw, require_signed, timestamp_flaw, where
from .listed import CLIENT_CHECKS
from .outcome import require_answered, require_failed
from .subject import ClientSubject
from .transcript import Sent, Transcript


@CLIENT_CHECKS.add(
    "plain",
    "A call is answered: the program prints the answer and ends with exit status 0.",
    source="protocol.md §3, §5.2",
)
def plain(subject: ClientSubject) -> None:
    require_answered(subject.transcript("plain"))


@CLIENT_CHECKS.add(
    "target",
    "A call goes by POST to `/chat/completions` behind the base URL, whose `/v1` is neither doubled nor lost.",
    source="protocol.md §3, §10",
)
def target(subject: ClientSubject) -> None:
    transcript = subject.transcript("plain")
    for sent in _calls(transcript):
        if not sent.complete:
            fail(f"{where(transcript, sent)}: it broke off, or is no HTTP/1.1", **details(sent))
        if (sent.method, sent.target) != ("POST", "/v1/chat/completions"):
            fail(f"it asked {sent.method} {sent.target[:200]} instead of POST /v1/chat/completions")


@CLIENT_CHECKS.add(
    "headers",
    "A call has Content-Type, Authorization, X-Requester-Address and X-Timestamp, each once and as documented.",
    source="protocol.md §1.1",
)
def headers(subject: ClientSubject) -> None:
    transcript = subject.transcript("plain")
    for sent in _calls(transcript):
        if flaw := header_flaw(sent):
            fail(f"{where(transcript, sent)}: {flaw}", **details(sent))


@CLIENT_CHECKS.add(
    "signature",
    "Authorization is a signature (base64, 64 bytes, low s) over the body as sent, the timestamp and the provider "
    "address.",
    source="protocol.md §1.2, §1.5",
)
def signature(subject: ClientSubject) -> None:
    transcript = subject.transcript("plain")
    _calls(transcript)
    require_signed(transcript)


@CLIENT_CHECKS.add(
    "timestamp",
    "X-Timestamp is the present instant in nanoseconds, in decimal digits.",
    source="protocol.md §1.1, §3.5",
)
def timestamp(subject: ClientSubject) -> None:
    transcript = subject.transcript("plain")
    for sent in _calls(transcript):
        if flaw := timestamp_flaw(sent):
            fail(f"{where(transcript, sent)}: {flaw}", **details(sent))


@CLIENT_CHECKS.add(
    "payload",
    "The body is the JSON value that was given, nothing more and nothing less.",
    source="protocol.md §14, client rule 1",
    claim="payload",
)
def payload(subject: ClientSubject) -> None:
    transcript = subject.transcript("plain")
    wanted = json.loads(transcript.task.payload)
    for sent in _calls(transcript):
        if (found := _json(sent.body)) != wanted:
            fail(f"the body is another than what {{payload}} holds: {_difference(found, wanted)}", **details(sent))


@CLIENT_CHECKS.add(
    "exact",
    "The body is the payload byte for byte, spaces and escapes included.",
    source="protocol.md §14, client rule 1",
    claim="exact",
)
def exact(subject: ClientSubject) -> None:
    transcript = subject.transcript("plain")
    wanted = transcript.task.payload
    for sent in _calls(transcript):
        if sent.body != wanted:
            at = next((i for i, (got, meant) in enumerate(zip(sent.body, wanted, strict=False)) if got != meant), -1)
            first = f"; byte {at} is the first that differs" if at >= 0 else ""
            fail(f"the body has {len(sent.body)} bytes where {{payload}} has {len(wanted)}{first}", **details(sent))


@CLIENT_CHECKS.add(
    "unicode",
    "Letters of any script arrive, are signed as they are sent, and come back as they were said.",
    source="protocol.md §1.2",
)
def unicode(subject: ClientSubject) -> None:
    transcript = subject.transcript("unicode")
    _calls(transcript)
    require_signed(transcript)
    require_answered(transcript)


@CLIENT_CHECKS.add(
    "empty",
    "A payload without bytes is refused by the program, or sent as it is and signed; either way the call fails.",
    source="protocol.md §3.3",
)
def empty(subject: ClientSubject) -> None:
    transcript = subject.transcript("empty")
    require_signed(transcript)
    for sent in transcript.calls:
        if sent.body:
            fail(f"it sent {len(sent.body)} bytes for a payload that has none", **details(sent))
    if transcript.runs:
        require_failed(transcript, "the payload is no JSON", may_send_nothing=True)


@CLIENT_CHECKS.add(
    "huge",
    "A payload of 4 MB is sent whole, signed and answered.",
    source="protocol.md §3.2 row 0b",
)
def huge(subject: ClientSubject) -> None:
    transcript = subject.transcript("huge")
    require_answered(transcript)
    require_signed(transcript)


@CLIENT_CHECKS.add(
    "short-halves",
    "A signature whose r or s is short is padded to 64 bytes; of 1,000 signatures some eight are.",
    source="protocol.md §1.5, §1.8",
)
def short_halves(subject: ClientSubject) -> None:
    transcript = subject.transcript("many")
    signed = [_decoded(sent) for sent in transcript.signed]
    cut = [raw for raw in signed if raw is not None and len(raw) < 64]
    if cut:
        fail(f"{len(cut)} of {len(signed)} signatures have {len(cut[0])} bytes instead of 64: pad numbers on the left")
    require_signed(transcript)
    if not any(raw is not None and (raw[0] == 0 or raw[32] == 0) for raw in signed):
        raise NotApplicable(f"none of {len(signed)} signatures has a short r or s; run it again, or with more calls")


@CLIENT_CHECKS.add(
    "low-s",
    "s is at most n/2 in every signature.",
    source="protocol.md §1.5",
)
def low_s(subject: ClientSubject) -> None:
    transcript = subject.transcript("many") if "count" in subject.claims else subject.transcript("plain")
    signed = [raw for sent in transcript.signed if (raw := _decoded(sent)) is not None]
    high = sum(int.from_bytes(raw[32:], "big") > HALF_N for raw in signed)
    if high:
        fail(f"s is above n/2 in {high} of {len(signed)} signatures; nodes answer 401 to these")


def _calls(transcript: Transcript) -> tuple[Sent, ...]:
    """The calls; fails where there are none."""
    if not transcript.calls:
        require_answered(transcript)
    return transcript.calls


def _decoded(sent: Sent) -> bytes | None:
    try:
        return base64.b64decode(sent.first("authorization"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _difference(found: Any, wanted: Any) -> str:
    if not isinstance(found, dict):
        return "it is no JSON object"
    names = sorted(name for name in {*found, *wanted} if found.get(name, ...) != wanted.get(name, ...))
    return f"in {', '.join(names)}"
