"""Checks over everything that was seen: no key, anywhere, and nothing signed wrong in any scenario."""

from __future__ import annotations

from gonka_conformance.checks import fail
from gonka_conformance.leaks import spelling

from . import material
from .judge import require_signed
from .listed import CLIENT_CHECKS
from .subject import ClientSubject


@CLIENT_CHECKS.add(
    "all-signed",
    "In every scenario every call to a node is signed right, and so is whatever else carries a signature.",
    source="protocol.md §1, §14 client rule 2",
)
def all_signed(subject: ClientSubject) -> None:
    for transcript in subject.transcripts():
        require_signed(transcript)


@CLIENT_CHECKS.add(
    "no-key-sent",
    "No byte that is sent, to whomever, shows 8 consecutive bytes of the key: not raw, in hex or in base64.",
    source="protocol.md §14, client rule 7",
)
def no_key_sent(subject: ClientSubject) -> None:
    for transcript in subject.transcripts():
        name = transcript.task.scenario.name
        for received in transcript.received:
            if how := spelling(received, material.SECRET):
                fail(f"in the scenario {name!r} it sent part of the key ({how})")


@CLIENT_CHECKS.add(
    "no-key-printed",
    "Nothing that is printed shows 8 consecutive bytes of the key.",
    source="protocol.md §14, client rule 7",
)
def no_key_printed(subject: ClientSubject) -> None:
    for transcript in subject.transcripts():
        for run in transcript.runs:
            for name, data in (("output", run.stdout), ("error output", run.stderr)):
                if how := spelling(data, material.SECRET):
                    fail(f"in the scenario {transcript.task.scenario.name!r} its {name} shows part of the key ({how})")
