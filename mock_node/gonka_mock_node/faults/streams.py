"""Faults of server-sent events (`protocol.md` §5.3, §11.4). Replies that are no streams pass as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from gonka_mock_node.reply import Drop, Pause, Reply, Step

from .records import Change, Fault, Parameter, count, flag, header, seconds, text
from .steps import DONE, event, events, first_events, is_done, is_stream, json_object, with_stream

_MEBIBYTE: Final = 1024 * 1024
_NEWLINE: Final = re.compile(rb"\r?\n")
_AFTER: Final = count(2, 2**40, "events before it; never later than `[DONE]`")


def cut_stream(fault: Fault, steps: Iterable[Step]) -> Iterator[Step]:
    after = fault.integer("after")
    number = 0
    for step in first_events(steps, after + fault.flag("inside")):
        number += isinstance(step, bytes)
        yield step[: len(step) // 2] if isinstance(step, bytes) and number > after else step
    yield Drop(fault.flag("hard"))


def no_done(_fault: Fault, steps: Iterable[Step]) -> Iterator[Step]:
    return (step for step in events(steps) if not is_done(step))


def duplicate_done(_fault: Fault, steps: Iterable[Step]) -> Iterator[Step]:
    for step in events(steps):
        yield step
        if is_done(step):
            yield step


def error_event(fault: Fault, steps: Iterable[Step]) -> Iterator[Step]:
    yield from first_events(steps, fault.integer("after"))
    yield event({"error": {"message": fault.text("text")}})
    if fault.flag("done"):
        yield DONE


def keepalive_comments(fault: Fault, steps: Iterable[Step]) -> Iterator[Step]:
    comment = f": {fault.text('text')}\n\n".encode()
    for step in events(steps):
        if isinstance(step, bytes):
            yield comment
        yield step


def oversized_line(fault: Fault, steps: Iterable[Step]) -> Iterator[Step]:
    """The event behind so many gets a member that makes its data line as long as wanted; what it says stays."""
    number = 0
    for step in events(steps):
        number += isinstance(step, bytes)
        value = json_object(step) if number == fault.integer("after") + 1 else None
        yield step if value is None else _padded(value, fault.integer("size"))


def _padded(value: dict[str, Any], size: int) -> bytes:
    shortest = event({**value, "padding": ""})
    return event({**value, "padding": "x" * (size - len(shortest.rstrip()))})


def crlf(_fault: Fault, steps: Iterable[Step]) -> Iterator[Step]:
    return (_NEWLINE.sub(b"\r\n", step) if isinstance(step, bytes) else step for step in events(steps))


def split_utf8(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    return with_stream(reply, _split(reply.steps, fault.number("seconds"))) if is_stream(reply) else reply


def _split(steps: Iterable[Step], wait: float) -> Iterator[Step]:
    """Each character of several bytes is cut behind its first; a pause keeps the pieces from going out together."""
    for step in steps:
        if not isinstance(step, bytes):
            yield step
            continue
        start = 0
        for at in (at for at, byte in enumerate(step, start=1) if byte >= 0xC0):
            yield step[start:at]
            yield Pause(wait)
            start = at
        yield step[start:]


def _of_streams(
    name: str,
    change: Callable[[Fault, Iterable[Step]], Iterator[Step]],
    summary: str,
    stands_for: str,
    **parameters: Parameter,
) -> Change:
    def apply(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
        return with_stream(reply, change(fault, reply.steps)) if is_stream(reply) else reply

    return Change(name=name, summary=summary, stands_for=stands_for, parameters=parameters, fits="stream", apply=apply)


EFFECTS: Final = (
    _of_streams(
        "cut-stream",
        cut_stream,
        "some events of a stream, perhaps half of one more, then the end of the connection",
        "a node, an executor or a proxy that is stopped while the model speaks",
        after=_AFTER,
        inside=flag("write half of the next event"),
        hard=flag("reset the connection"),
    ),
    _of_streams(
        "no-done",
        no_done,
        "a stream that ends in good order but without `[DONE]`: it has to be taken for truncated",
        "a data line over 1 MiB, or a model server that is stopped",
    ),
    _of_streams(
        "duplicate-done",
        duplicate_done,
        "`[DONE]` twice",
        "a proxy that ends a stream which was ended already",
    ),
    _of_streams(
        "error-event",
        error_event,
        'some events, then `data: {"error":{"message":…}}`, and the end; after 0 events and with `done` it is how a '
        "gateway reports an error before the first word",
        "a gateway whose host fails in the middle of a stream",
        after=_AFTER,
        text=text("inference failed: host closed the stream", "the error's message"),
        done=flag("`[DONE]` behind the error"),
    ),
    _of_streams(
        "keepalive-comments",
        keepalive_comments,
        "a comment line, `: ping`, in front of every event",
        "proxies that keep a connection alive",
        text=header("ping", "the text of the comment"),
    ),
    _of_streams(
        "oversized-line",
        oversized_line,
        "one data line of that length: valid JSON, with a member `padding`; the text of the answer stays",
        "log probabilities or tool calls without a limit",
        after=count(1, 2**40, "events before it"),
        size=count(_MEBIBYTE + 1, 16 * _MEBIBYTE, "bytes of the line", minimum=4096),
    ),
    _of_streams(
        "crlf",
        crlf,
        "CRLF line ends, which the format allows",
        "a server that writes events in the older style",
    ),
    Change(
        name="split-utf8",
        summary="pieces cut inside every character that has several bytes; an answer in ASCII stays as it is",
        stands_for="packets that end where they like",
        parameters={"seconds": seconds(0.01, "seconds between two pieces")},
        fits="stream",
        apply=split_utf8,
    ),
)
