"""Judging one request: whether it is signed, stamped and addressed as the network demands. No verdict of a node counts.

Written against `protocol.md` §1, with the kit's oracle; each function returns what is wrong, or None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from gonka_conformance import oracle
from gonka_conformance.checks import fail
from gonka_conformance.vectors import Scheme

from . import material
from .transcript import Place, Sent, Transcript

SCHEMES: Final[tuple[Scheme, ...]] = ("hash", "raw")
HEADERS: Final = ("authorization", "x-requester-address", "x-timestamp")
FRESH_NS: Final = 5_000_000_000
"""How far a timestamp may be from the instant at which it arrives: signing and connecting take less."""
_wire_flaw: Final = lru_cache(maxsize=8192)(oracle.wire_flaw)
"""A request is looked at by several checks."""
_DECIMAL: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_UNITS: Final = (("seconds", 10**9), ("milliseconds", 10**6), ("microseconds", 10**3))
_INVENTED: Final = re.compile(r"x-|.*(sign|stamp|requester|address|key|gonka|auth)", re.IGNORECASE)


def timestamp(sent: Sent) -> int | None:
    """The timestamp in nanoseconds, where it is written as one: decimal digits and nothing else."""
    text = sent.first("x-timestamp")
    return int(text) if _DECIMAL.fullmatch(text) else None


def header_flaw(sent: Sent) -> str | None:
    """Whether it has the headers of §1.1, each once, with values that can be what they are for."""
    for name in (*HEADERS, "content-type"):
        values = sent.values(name)
        if len(values) != 1:
            others = sorted({key for key, _ in sent.headers if _INVENTED.match(key) and key.lower() not in HEADERS})
            instead = f"; it has {', '.join(others)}" if others and not values else ""
            return f"{'no' if not values else f'{len(values)} times'} {name}{instead}"
    if sent.first("x-requester-address") != material.ADDRESS:
        return f"X-Requester-Address is not GONKA_ADDRESS but {sent.first('x-requester-address')[:80]!r}"
    if not sent.first("content-type").lower().startswith("application/json"):
        return f"Content-Type is {sent.first('content-type')[:80]!r}"
    if sent.first("authorization").lower().startswith("bearer "):
        return "Authorization begins with Bearer: it is the signature and nothing else"
    return None


def timestamp_flaw(sent: Sent) -> str | None:
    """Whether `X-Timestamp` is now, in nanoseconds."""
    stamp = timestamp(sent)
    if stamp is None:
        return f"X-Timestamp is {sent.first('x-timestamp')[:40]!r}, which is not a number in decimal digits"
    for unit, factor in _UNITS:
        if abs(stamp * factor - sent.arrived_ns) < 10**12:
            return f"X-Timestamp is {stamp}, which is {unit}: it has to be nanoseconds"
    age = sent.arrived_ns - stamp
    if abs(age) > FRESH_NS:
        return f"X-Timestamp is {abs(age) / 1e9:.1f} s {'older' if age > 0 else 'younger'} than the request"
    return None


def signature_flaw(sent: Sent, places: Iterable[Place] = ()) -> str | None:
    """Whether `Authorization` signs what was sent, for the node that it was sent to, under one scheme or the other.

    `places` are others that it may have been meant for.
    """
    text = sent.first("authorization")
    if not text:
        return "it has no Authorization"
    flaw = _flaw(sent, sent.place.provider_address)
    if flaw is None:
        return None
    for place in places:
        address = place.provider_address
        if address not in ("", sent.place.provider_address) and _flaw(sent, address) is None:
            return f"it is signed for the provider address of {place.name} and went to {sent.place.name}"
    if _flaw(sent, "") is None:
        return "its signature leaves the provider address out"
    return f"Authorization is no signature over what was sent: {flaw}"


def _flaw(sent: Sent, address: str) -> str | None:
    """What is wrong under either scheme, with that provider address."""
    flaw: str | None = None
    for scheme in SCHEMES:
        digest = oracle.digest(scheme, sent.body, timestamp(sent) or 0, address)
        flaw = _wire_flaw(material.PUBLIC_KEY, digest, sent.first("authorization"))
        if flaw is None:
            return None
    return flaw


def require_signed(transcript: Transcript, requests: Sequence[Sent] | None = None) -> None:
    """Raise `CheckFailed` for the first request that is not signed right."""
    judged = transcript.signed if requests is None else requests
    wrong = [(sent, flaw) for sent in judged if (flaw := signature_flaw(sent, transcript.places))]
    if wrong:
        sent, flaw = wrong[0]
        many = f" ({len(wrong)} of {len(judged)} requests)" if len(judged) > 1 else ""
        fail(f"{where(transcript, sent)}: {flaw}{many}", **details(sent))


def require_distinct(transcript: Transcript) -> None:
    """Raise `CheckFailed` where two signed requests share a timestamp, or a signature."""
    signed = transcript.signed
    for name, header in (("timestamp", "x-timestamp"), ("signature", "authorization")):
        used = [sent.first(header) for sent in signed]
        if len(set(used)) < len(used):
            fail(
                f"{len(signed)} requests of the scenario {transcript.task.scenario.name!r} "
                f"have {len(set(used))} different {name}s"
            )


def where(transcript: Transcript, sent: Sent) -> str:
    """Which request is meant, for evidence."""
    number = transcript.requests.index(sent) + 1
    return f"request {number} of the scenario {transcript.task.scenario.name!r}, {sent.method} to {sent.place.name}"


def details(sent: Sent) -> dict[str, str]:
    """A request for whoever has to find the mistake: its head, how its body begins, what the node says."""
    shown = {
        "request": sent.head.decode("latin-1")[:2000],
        "body": f"{len(sent.body)} bytes: {sent.body[:300].decode('utf-8', 'backslashreplace')}",
        "node": sent.told or f"{sent.status or 'no answer'} {sent.answer}".strip(),
    }
    return {name: text for name, text in shown.items() if text}
