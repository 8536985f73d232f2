"""How header values are read: numbers as Go reads them, and the first of several (`protocol.md` §1.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gonka_conformance.nodes.developer import Developer
from gonka_conformance.nodes.judging import heard
from gonka_conformance.nodes.subject import NodeSubject

from .listing import NODE_CHECKS
from .signatures import refused, taken

_NO_NUMBERS: Final = ("0x10", "1_000", "1e18", "12.5", "9223372036854775808", "soon")
"""What Go's ParseInt(text, 10, 64) refuses."""


@NODE_CHECKS.add(
    "timestamp-text",
    "A sign and leading zeros in `X-Timestamp` are read over; what is no int64 counts as no timestamp.",
    source="protocol.md §1.4",
)
def timestamp_text(subject: NodeSubject) -> None:
    survey = heard(subject)
    probe = survey.probe()
    number = str(probe.timestamp_ns)
    for text in (f"0{number}", f"000{number}", f"+{number}"):
        taken(survey, replace(probe, timestamp_text=text), f"X-Timestamp: {text}")
    for text in _NO_NUMBERS:
        unsigned = replace(probe, timestamp_text=text, signed_timestamp_ns=0)
        taken(survey, unsigned, f"X-Timestamp: {text}, and no timestamp signed")


@NODE_CHECKS.add("first-header", "Of a header that stands twice, the first value counts.", source="protocol.md §1.4")
def first_header(subject: NodeSubject) -> None:
    # Not Authorization: newer versions of nginx refuse a request in which that stands twice.
    survey = heard(subject)
    probe = survey.probe()
    others = {"X-Timestamp": str(probe.timestamp_ns + 1), "X-Requester-Address": Developer.unknown().address}
    for name, other in others.items():
        taken(survey, replace(probe, more=((name, other),)), f"another {name} behind the right one")
    stamp = str(probe.timestamp_ns + 1)
    refused(survey, replace(probe, first=(("X-Timestamp", stamp),)), "another X-Timestamp in front of the right one")
