"""Checks of streams: put together whole, and never taken for whole when they are not."""

from __future__ import annotations

from .judge import require_signed
from .listed import CLIENT_CHECKS
from .outcome import require_answered, require_failed
from .subject import ClientSubject


@CLIENT_CHECKS.add(
    "streaming",
    "A streamed answer is put together from its events and printed whole.",
    source="protocol.md §5.3",
)
def streaming(subject: ClientSubject) -> None:
    transcript = subject.transcript("streaming")
    require_answered(transcript)
    require_signed(transcript)


@CLIENT_CHECKS.add(
    "stall",
    "A stream that falls silent ends the call by itself, with another exit status than 0.",
    source="protocol.md §5.3",
)
def stall(subject: ClientSubject) -> None:
    require_failed(subject.transcript("stall"), "its stream fell silent before the end")


@CLIENT_CHECKS.add(
    "cut-stream",
    "A stream whose connection breaks is no answer: the exit status is another than 0.",
    source="protocol.md §5.3",
)
def cut_stream(subject: ClientSubject) -> None:
    require_failed(subject.transcript("cut-stream"), "the connection broke in the middle of the stream")


@CLIENT_CHECKS.add(
    "no-done",
    "A stream that ends without `[DONE]` is truncated, however orderly: the exit status is another than 0.",
    source="protocol.md §5.3",
)
def no_done(subject: ClientSubject) -> None:
    require_failed(subject.transcript("no-done"), "the stream ended without [DONE]")
