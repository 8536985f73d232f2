"""Checks of what a client does when a node fails, is busy, disagrees about time, or is not to be called."""

from __future__ import annotations

from gonka_conformance.checks import fail

from . import material
from .judge import details, require_distinct, require_signed, where
from .listed import CLIENT_CHECKS
from .outcome import require_answered, require_failed
from .subject import ClientSubject
from .transcript import Transcript


@CLIENT_CHECKS.add(
    "fail-over",
    "When a node answers 503 another is asked, with a new timestamp and a signature for its provider address.",
    source="protocol.md §14, client rules 2 to 4",
)
def fail_over(subject: ClientSubject) -> None:
    transcript = subject.transcript("fail-over")
    require_signed(transcript)
    require_distinct(transcript)
    require_answered(transcript)


@CLIENT_CHECKS.add(
    "unreachable",
    "When a node cannot be reached another is asked.",
    source="protocol.md §14, client rule 4",
)
def unreachable(subject: ClientSubject) -> None:
    transcript = subject.transcript("unreachable")
    require_answered(transcript)
    require_signed(transcript)


@CLIENT_CHECKS.add(
    "resign",
    "After 429 a call is repeated with a new timestamp and a new signature: the old one is used up.",
    source="protocol.md §3.2, §14 client rule 2",
)
def resign(subject: ClientSubject) -> None:
    transcript = subject.transcript("busy")
    require_distinct(transcript)
    require_answered(transcript)
    require_signed(transcript)


def _clock(subject: ClientSubject, scenario: str) -> None:
    transcript = subject.transcript(scenario)
    require_signed(transcript)
    require_answered(transcript)


@CLIENT_CHECKS.add(
    "clock-behind",
    "A clock that is two minutes late is corrected by the nodes' time, and the call is answered.",
    source="protocol.md §3.5, §6.7",
)
def clock_behind(subject: ClientSubject) -> None:
    _clock(subject, "clock-behind")


@CLIENT_CHECKS.add(
    "clock-ahead",
    "A clock that is two minutes early is corrected by the nodes' time, and the call is answered.",
    source="protocol.md §3.5, §6.7",
)
def clock_ahead(subject: ClientSubject) -> None:
    _clock(subject, "clock-ahead")


@CLIENT_CHECKS.add(
    "block-lag",
    "Where the latest block is 45 s old, timestamps follow block time, which `/chain-rpc/status` tells.",
    source="protocol.md §3.5, §6.7",
)
def block_lag(subject: ClientSubject) -> None:
    _clock(subject, "block-lag")


@CLIENT_CHECKS.add(
    "other-generation",
    "At a node that verifies the other scheme the call is signed under that one, and answered.",
    source="protocol.md §1.2",
)
def other_generation(subject: ClientSubject) -> None:
    transcript = subject.transcript("other-generation")
    require_signed(transcript)
    require_answered(transcript)


@CLIENT_CHECKS.add(
    "redirect",
    "A redirect is not followed: the call fails, and the stranger that it leads to gets nothing.",
    source="protocol.md §14, client rule 2",
    claim="no-redirects",
)
def redirect(subject: ClientSubject) -> None:
    transcript = subject.transcript("redirect")
    for sent in transcript.requests:
        if sent.place.role == "stranger":
            fail(f"it followed the redirect with {sent.method} {sent.target[:100]}", **details(sent))
    if transcript.runs:
        require_failed(transcript, "the node only redirected")


@CLIENT_CHECKS.add(
    "strangers",
    "An origin that the client was not told of never gets a signature.",
    source="protocol.md §14, client rule 2",
)
def strangers(subject: ClientSubject) -> None:
    transcript = subject.transcript("redirect")
    for sent in transcript.requests:
        if sent.place.role == "stranger" and sent.values("authorization"):
            fail("it followed the redirect to a stranger, and gave it the signature", **details(sent))


@CLIENT_CHECKS.add(
    "final-errors",
    "An error that no repeat mends (402) is told by the exit status, and the request is not repeated.",
    source="protocol.md §14, client rule 4",
)
def final_errors(subject: ClientSubject) -> None:
    transcript = subject.transcript("no-balance")
    told = sum(sent.status == 402 for sent in transcript.calls)
    if told > 1:
        fail(f"it asked {told} times although the first answer was 402 Insufficient balance")
    if transcript.runs:
        require_failed(transcript, "the node refused the call")


@CLIENT_CHECKS.add(
    "discovery",
    "Of the participants that a node lists, those that are excluded are not called; an empty allow-list allows all.",
    source="protocol.md §3.9, §6.6",
)
def discovery(subject: ClientSubject) -> None:
    transcript = subject.transcript("discovery")
    _require_no_trap(transcript, "is excluded from the epoch")
    require_answered(transcript)
    require_signed(transcript)


@CLIENT_CHECKS.add(
    "allow-list",
    "Participants that the chain's allow-list does not name are not called.",
    source="protocol.md §3.9, §10",
)
def allow_list(subject: ClientSubject) -> None:
    transcript = subject.transcript("allow-list")
    _require_no_trap(transcript, "is not in the allow-list")
    require_answered(transcript)
    require_signed(transcript)


@CLIENT_CHECKS.add(
    "broker",
    "A broker is called with its Bearer key, without signature and without the headers that belong to one.",
    source="protocol.md §11.3",
)
def broker(subject: ClientSubject) -> None:
    transcript = subject.transcript("broker")
    for sent in transcript.calls:
        extra = [name for name in ("X-Requester-Address", "X-Timestamp") if sent.values(name.lower())]
        if extra:
            fail(f"{where(transcript, sent)}: it carries {' and '.join(extra)}", **details(sent))
        if sent.values("authorization") != (f"Bearer {material.API_KEY}",):
            fail(f"{where(transcript, sent)}: Authorization is not Bearer and GONKA_BROKER_API_KEY")
    require_answered(transcript)


def _require_no_trap(transcript: Transcript, what: str) -> None:
    wrong = [sent for sent in transcript.calls if sent.place.role == "trap"]
    if wrong:
        fail(f"{len(wrong)} of {len(transcript.calls)} calls went to a participant that {what}", **details(wrong[0]))
