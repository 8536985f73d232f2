"""Faults of what a reply carries: cut, replaced, compressed; also its id, and the answer of an earlier request."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from gonka_mock_node.reply import Drop, Reply, Step, go_json, whole

from .records import Change, Fault, choice, count, flag, header, text
from .steps import body_of, event, events, first_bytes, is_done, is_stream, json_object, parsed, with_body, with_stream

_GZIP: Final = 31
"""zlib's window bits for the gzip format."""
_MEGABYTE: Final = 1024 * 1024
_OTHERS: Final = {
    "truncated": None,
    "empty": b"",
    "text": b"upstream connect error or disconnect/reset before headers",
    "array": b"[]",
    "null": b"null",
}


def cut_body(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    """At least one byte is missing, or, in a body of chunks, its end."""
    kept = fault.integer("after")
    if reply.length is not None:
        kept = min(kept, max(reply.length - 1, 0))
    return reply._replace(steps=_cut(reply.steps, kept, Drop(fault.flag("hard"))))


def _cut(steps: Iterable[Step], kept: int, drop: Drop) -> Iterator[Step]:
    yield from first_bytes(steps, kept)
    yield drop


def garbage_json(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    other = _OTHERS[fault.text("kind")]
    if is_stream(reply):
        return with_stream(reply, _spoilt(reply.steps, fault.integer("after"), other))
    body = body_of(reply)
    return with_body(reply, body[: len(body) // 2] if other is None else other)


def _spoilt(steps: Iterable[Step], after: int, other: bytes | None) -> Iterator[Step]:
    """The events, of which the one behind so many carries something else than its JSON."""
    number = 0
    for step in events(steps):
        number += isinstance(step, bytes)
        if isinstance(step, bytes) and number == after + 1 and not is_done(step):
            step = (step[: len(step) // 2] if other is None else b"data: " + other) + b"\n\n"
        yield step


def html_instead(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    page = (
        f"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>{fault.text('text')}</p></body></html>\n"
    )
    return whole(200, page.encode("utf-8", "replace"), "text/html; charset=utf-8", before=reply.before)


def wrong_content_type(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    return reply.with_header("Content-Type", fault.text("value"))


def truncated_gzip(_fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    """The length is that of what is sent: only the compressed data says that something is missing."""
    encoded = reply.with_header("Content-Encoding", "gzip")
    if is_stream(reply):
        return with_stream(encoded, _unfinished(reply.steps))
    squeezer = zlib.compressobj(wbits=_GZIP)
    data = squeezer.compress(body_of(reply)) + squeezer.flush()
    return with_body(encoded, data[: len(data) // 2])


def _unfinished(steps: Iterable[Step]) -> Iterator[Step]:
    """Compressed event by event, without the end of the data and the checksum behind it."""
    squeezer = zlib.compressobj(wbits=_GZIP)
    for step in steps:
        yield squeezer.compress(step) + squeezer.flush(zlib.Z_SYNC_FLUSH) if isinstance(step, bytes) else step


def gzip_bomb(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    encoded = reply.with_header("Content-Encoding", "gzip")
    return with_stream(encoded, _zeros(fault.integer("megabytes")))


def _zeros(megabytes: int) -> Iterator[bytes]:
    squeezer = zlib.compressobj(wbits=_GZIP)
    for _ in range(megabytes):
        yield squeezer.compress(bytes(_MEGABYTE)) + squeezer.flush(zlib.Z_SYNC_FLUSH)
    yield squeezer.flush()


def wrong_id(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    if is_stream(reply):
        return with_stream(reply, _renamed(reply.steps, fault.text("value")))
    body = body_of(reply)
    value = parsed(body)
    if value is None or "id" not in value:
        return with_body(reply, body)
    return with_body(reply, go_json({**value, "id": fault.text("value")}, sort_keys=True))


def _renamed(steps: Iterable[Step], name: str) -> Iterator[Step]:
    for step in events(steps):
        value = json_object(step)
        yield step if value is None else event({**value, "id": name})


def replayed_answer(_fault: Fault, reply: Reply, earlier: Reply | None) -> Reply:
    """Where nothing is kept yet, the cache asks the node."""
    return reply if earlier is None else earlier._replace(before=reply.before)


EFFECTS: Final = (
    Change(
        name="cut-body",
        summary="fewer bytes than the declared length (in chunks: no last chunk), then the end of the connection",
        stands_for="a node or a proxy that is stopped while it answers",
        parameters={"after": count(20, 2**40, "bytes before the cut"), "hard": flag("reset the connection")},
        apply=cut_body,
    ),
    Change(
        name="garbage-json",
        summary="the right status and content type, and a body of the right length that is not the JSON one expects",
        stands_for="a proxy with a mind of its own, or a serialiser that failed half-way",
        parameters={
            "kind": choice(tuple(_OTHERS), "what is in the place of the answer: its first half, or something else"),
            "after": count(1, 2**40, "in a stream: good events before the bad one"),
        },
        apply=garbage_json,
    ),
    Change(
        name="html-instead-of-json",
        summary="200 with an HTML page",
        stands_for="a captive portal, or a load balancer's sign-in page",
        parameters={"text": text("Please sign in to use this network.", "the text of the page")},
        apply=html_instead,
    ),
    Change(
        name="wrong-content-type",
        summary="the node's answer under another content type",
        stands_for="gateways that declare JSON as plain text, proxies that guess",
        parameters={"value": header("text/plain; charset=utf-8", "the content type")},
        apply=wrong_content_type,
    ),
    Change(
        name="truncated-gzip",
        summary="`Content-Encoding: gzip`, and compressed data without its end; asked for or not",
        stands_for="a compressing proxy that is stopped while it answers",
        apply=truncated_gzip,
    ),
    Change(
        name="gzip-bomb",
        summary="`Content-Encoding: gzip`, and zeros that are a thousand times as long as what is sent",
        stands_for="a hostile node",
        parameters={"megabytes": count(50, 200, "length of the zeros, in MiB", minimum=1)},
        apply=gzip_bomb,
    ),
    Change(
        name="wrong-id",
        summary="another `id` than the signature of the request, in every chunk of a stream",
        stands_for="an executor that lets the model server's id through",
        parameters={"value": text("chatcmpl-0123456789abcdef0123456789abcdef", "the id")},
        fits="completion",
        apply=wrong_id,
    ),
    Change(
        name="replayed-answer",
        summary="the latest complete answer of that route, with its old id; the node's own where there is none yet",
        stands_for="a proxy that caches answers",
        fits="completion",
        apply=replayed_answer,
    ),
)
