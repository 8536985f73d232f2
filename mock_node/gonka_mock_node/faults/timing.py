"""Faults of time: the reply is the node's own, only later or slower."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gonka_mock_node.reply import Pause, Reply, Step

from .records import Change, Fault, count, seconds
from .steps import after_byte, after_event, is_stream


def latency(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    return reply._replace(before=(Pause(fault.number("seconds")), *reply.before))


def stall(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    put_in = after_event if is_stream(reply) else after_byte
    return reply._replace(steps=put_in(reply.steps, fault.integer("after"), Pause(fault.number("seconds"))))


def trickle(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    return reply._replace(steps=_dripped(reply.steps, fault.integer("size"), Pause(fault.number("seconds"))))


def _dripped(steps: Iterable[Step], size: int, pause: Pause) -> Iterator[Step]:
    for step in steps:
        if not isinstance(step, bytes):
            yield step
            continue
        for start in range(0, len(step), size):
            yield step[start : start + size]
            yield pause


EFFECTS: Final = (
    Change(
        name="latency",
        summary="silence before the status line, then the answer",
        stands_for="a long prompt, a queue, a slow link",
        parameters={"seconds": seconds(1.0, "seconds before the status line")},
        apply=latency,
    ),
    Change(
        name="stall",
        summary="headers and a part of the body, then silence, then the rest",
        stands_for="a model that thinks, an executor that swaps, a link that loses packets",
        parameters={
            "seconds": seconds(5.0, "seconds of silence"),
            "after": count(1, 2**40, "events of a stream, or bytes of another body, before it"),
        },
        apply=stall,
    ),
    Change(
        name="trickle",
        summary="the body a few bytes at a time, events cut anywhere",
        stands_for="a slow link, or a proxy that does not gather what it passes on",
        parameters={
            "size": count(8, 2**20, "bytes at a time", minimum=1),
            "seconds": seconds(0.01, "seconds between two pieces"),
        },
        apply=trickle,
    ),
)
