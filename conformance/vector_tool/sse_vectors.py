"""`sse.json`: streams cut into pieces, the events in them, and how an answer that streams has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from . import answer_stream, event_stream
from .error_kinds import KINDS
from .event_stream import Event
from .outline import Flag, Vector, VectorFile
from .schema import COUNT, HEX, TEXT, WORDS, array, nullable, one_of, record

FLAGS: Final = {
    "field": Flag("Names and values of fields.", "A space too many or too few; `datax:` or `Data:` taken for `data:`."),
    "line-ends": Flag("LF, CR and CRLF, mixed.", "Splitting at LF only, or at U+2028 and U+0085 as well."),
    "bom": Flag("A byte order mark.", "A mark that makes the first field unknown, or is dropped elsewhere too."),
    "comment": Flag("Lines that begin with a colon.", "A comment that ends an event, or is shown as data."),
    "multi-line": Flag("Several `data` lines in one event.", "Only the last one kept, or joined without line feeds."),
    "type-and-id": Flag("`event`, `id` and `retry`.", "A type that outlives its event; an id that does not."),
    "no-event": Flag("Blocks without data.", "An empty event dispatched."),
    "cut": Flag("The same stream cut at every byte.", "A decoder that needs whole lines or whole events in a piece."),
    "cut-character": Flag("Cut inside of a character.", "Decoding each piece by itself."),
    "cut-line-end": Flag("Cut between CR and LF.", "One line end seen as two: an event too early."),
    "not-utf8": Flag("Bytes that are no UTF-8.", "A decoder that fails, or that drops the event."),
    "answer": Flag("A chat answer that ends in `[DONE]`.", "`[DONE]` parsed as JSON; what follows it read."),
    "usage": Flag("The last chunk has no choices.", "`choices[0]` taken without looking (`protocol.md` §5.3)."),
    "keep-alive": Flag("Comments and blank data between chunks.", "Blank data parsed as JSON."),
    "truncated": Flag("It ends without `[DONE]`.", "Half an answer taken for a whole one."),
    "in-stream-error": Flag("An error that came as an event.", "An error taken for a chunk without text."),
    "not-json": Flag("An event that is no JSON object.", "A crash, or an event that is passed over in silence."),
    "unfinished": Flag(
        "Something is left without its blank line.", "The left-over taken for an event, or `[DONE]` lost."
    ),
}


def _chunk(text: str) -> bytes:
    return (
        b'data: {"choices":[{"delta":{"content":"%b"},"index":0}],"object":"chat.completion.chunk"}\n\n' % text.encode()
    )


_USAGE: Final = b'data: {"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":14,"total_tokens":16}}\n\n'
_DONE: Final = b"data: [DONE]\n\n"
_ANSWER: Final = _chunk("Pa") + _chunk("ris") + _USAGE + _DONE
_GLOBE: Final = _chunk("🌍") + _DONE
_AT: Final = _GLOBE.index("🌍".encode())
_ERROR: Final = b'data: {"error":{"message":"ran out of memory"}}\n\n'
_LIMITED: Final = b'data: {"error":{"message":"rate limit exceeded: too many concurrent requests"}}\n\n'
_BOM: Final = b"\xef\xbb\xbf"


def _bytes(stream: bytes) -> tuple[bytes, ...]:
    return tuple(stream[at : at + 1] for at in range(len(stream)))


_Pieces: TypeAlias = tuple[bytes, ...]
_STREAMS: Final[tuple[tuple[str, str, _Pieces], ...]] = (
    ("one event", "field", (b"data: one\n\n",)),
    ("no space", "field", (b"data:one\n\n",)),
    ("only the first space is dropped", "field", (b"data:  one\n\n",)),
    ("a colon in the value", "field", (b"data: a: b\n\n",)),
    ("a name without a colon is an empty value", "field", (b"data\n\n",)),
    ("two of them are a line feed", "field", (b"data\ndata\n\n",)),
    ("unknown names", "field", (b"datax: a\n data: b\nData: c\ndata: d\n\n",)),
    ("CRLF", "line-ends", (b"data: one\r\n\r\n",)),
    ("CR", "line-ends", (b"data: one\r\rdata: two\r\r",)),
    ("all three", "line-ends", (b"data: one\r\n\ndata: two\n\r\ndata: three\r\n\r",)),
    ("other separators are characters", "line-ends", ("data: a\u2028b\u0085c\x0bd\n\n".encode(),)),
    ("in front", "bom", (_BOM + b"data: one\n\n",)),
    ("two in front: the second belongs to the name", "bom", (_BOM + _BOM + b"data: no\n\n",)),
    ("between events", "bom", (b"data: one\n\n" + _BOM + b"data: no\n\n",)),
    ("cut inside of it", "bom", (_BOM[:1], _BOM[1:2], _BOM[2:] + b"data: one\n\n")),
    ("a comment alone", "comment", (b": ping\n\ndata: one\n\n",)),
    ("a comment between two lines", "comment", (b"data: one\n: ping\ndata: two\n\n",)),
    ("two lines", "multi-line", (b"data: one\ndata: two\n\n",)),
    ("an empty line in the middle", "multi-line", (b"data: one\ndata:\ndata: three\n\n",)),
    (
        "type for one event, id until the next",
        "type-and-id",
        (b"event: a\nid: 1\ndata: x\n\ndata: y\n\nid\ndata: z\n\n",),
    ),
    ("a type without data is lost", "type-and-id", (b"event: a\n\ndata: x\n\n",)),
    ("an id without data stays", "type-and-id", (b"id: 7\n\ndata: x\n\n",)),
    ("an id with a zero byte is none", "type-and-id", (b"id: 1\nid: \x00\ndata: x\n\n",)),
    ("retry in digits", "type-and-id", (b"retry: 250\ndata: x\n\n",)),
    ("retry in anything else", "type-and-id", (b"retry: 2.5\nretry: -1\nretry:\nretry: \xd9\xa3\ndata: x\n\n",)),
    ("nothing", "no-event", ()),
    ("blank lines", "no-event", (b"\n\n\r\n",)),
    ("data without its blank line", "unfinished", (b"data: one\n",)),
    ("a line without its end", "unfinished", (b"data: one\n\ndata: tw",)),
    ("two events, byte by byte", "cut", _bytes(b"data: one\r\n\r\nevent: e\ndata: two\n\n")),
    ("inside of a character", "cut-character", (b"data: \xf0\x9f", b"\x8c", b"\x8d\n\n")),
    ("behind CR", "cut-line-end", (b"data: one\r", b"\n\r", b"\ndata: two\r", b"", b"\n\n")),
    ("behind CR, between two lines of data", "cut-line-end", (b"data: one\r", b"\ndata: two\r", b"\n\r", b"\n")),
    ("behind CR, between type and data", "cut-line-end", (b"event: e\r", b"\ndata: one\r", b"\n\r\n")),
    ("an event ends at CR without waiting for LF", "cut-line-end", (b"data: one\r\n\r",)),
    ("half a character at the end of a line", "not-utf8", (b"data: \xf0\x9f\ndata: x\n\n",)),
    ("bytes that begin no character", "not-utf8", (b"data: a\xff\xfeb\n\n",)),
)
"""Any stream: comment, flag, pieces."""

_ANSWERS: Final[tuple[tuple[str, tuple[str, ...], _Pieces, str | None], ...]] = (
    ("two chunks, usage, [DONE]", ("answer", "usage"), (_ANSWER,), None),
    ("the same, byte by byte", ("answer", "cut"), _bytes(_ANSWER), None),
    ("the same with CRLF", ("answer", "line-ends"), (_ANSWER.replace(b"\n", b"\r\n"),), None),
    ("an emoji cut in two", ("answer", "cut-character"), (_GLOBE[: _AT + 2], _GLOBE[_AT + 2 :]), None),
    ("[DONE] without a space", ("answer",), (_chunk("Paris"), b"data:[DONE]\n\n"), None),
    ("nothing behind [DONE] counts", ("answer",), (_chunk("Paris") + _DONE + _chunk("no") + _ERROR,), None),
    ("an answer without words", ("answer",), (_DONE,), None),
    ("an error that is null is none", ("answer",), (b'data: {"choices":[],"error":null}\n\n' + _DONE,), None),
    ("pings", ("keep-alive",), (b": ping\n\n" + _chunk("Pa") + b"data:\n\n: ping\n\n" + _chunk("ris") + _DONE,), None),
    ("cut between chunks", ("truncated",), (_chunk("Pa"),), None),
    ("nothing at all", ("truncated",), (), None),
    ("only pings", ("truncated", "keep-alive"), (b": ping\n\n: ping\n\n",), None),
    ("usage came, [DONE] did not", ("truncated", "usage"), (_chunk("Paris") + _USAGE,), None),
    ("cut inside of a chunk", ("truncated", "unfinished"), (_chunk("Pa") + _chunk("ris")[:20],), None),
    ("a chunk without its blank line", ("truncated", "unfinished"), (_chunk("Pa") + _chunk("ris")[:-1],), None),
    ("[DONE] without its blank line", ("answer", "unfinished"), (_chunk("Paris") + _DONE[:-1],), None),
    ("[DONE] without its line end", ("answer", "unfinished"), (_chunk("Paris") + _DONE[:-2],), None),
    ("behind a chunk", ("in-stream-error",), (_chunk("Pa") + _ERROR,), "stream-failed"),
    ("as the first event", ("in-stream-error",), (_LIMITED + _DONE,), "rate-limited"),
    ("an error that is text", ("in-stream-error",), (b'data: {"error":"account not found"}\n\n',), "unknown-account"),
    (
        "named as an event",
        ("in-stream-error",),
        (b'event: error\ndata: {"message":"overloaded"}\n\n',),
        "stream-failed",
    ),
    (
        "as model servers did it",
        ("in-stream-error",),
        (b'data: {"object":"error","message":"overloaded","code":500}\n\n',),
        "stream-failed",
    ),
    ("without its blank line", ("in-stream-error", "unfinished"), (_chunk("Pa") + _ERROR[:-1],), "stream-failed"),
    ("words", ("not-json",), (_chunk("Pa") + b"data: oops\n\n" + _DONE,), None),
    ("an array", ("not-json",), (b"data: []\n\n" + _DONE,), None),
    ("two objects in one event", ("not-json", "multi-line"), (b"data: {}\ndata: {}\n\n" + _DONE,), None),
)
"""Answers to a chat request: comment, flags, pieces, and the kind of an error."""

_EVENT: Final = record({"type": WORDS, "data": TEXT, "last_event_id": TEXT})
_SCHEMA: Final = record(
    {"pieces_hex": array(HEX), "events": array(_EVENT), "retry_ms": nullable(COUNT), "unfinished": nullable(_EVENT)},
    {
        "stream_utf8": TEXT,
        "answer": record(
            {"chunks": COUNT, "text": TEXT, "ending": one_of(("done", "truncated", "error", "unusable"))},
            {"kind": one_of(tuple(KINDS))},
        ),
    },
)


def _event(event: Event) -> dict[str, str]:
    return {"type": event.type, "data": event.data, "last_event_id": event.last_event_id}


def _fields(pieces: _Pieces) -> tuple[event_stream.Stream, dict[str, Any]]:
    whole = b"".join(pieces)
    stream = event_stream.read(whole)
    text = {"stream_utf8": whole.decode("utf-8")} if _is_utf8(whole) else {}
    return stream, {
        "pieces_hex": [piece.hex() for piece in pieces],
        **text,
        "events": [_event(event) for event in stream.events],
        "retry_ms": stream.retry_ms,
        "unfinished": _event(stream.unfinished) if stream.unfinished else None,
    }


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _vectors() -> Iterator[Vector]:
    for comment, flag, pieces in _STREAMS:
        yield Vector(comment, (flag,), _fields(pieces)[1])
    for comment, flags, pieces, kind in _ANSWERS:
        stream, values = _fields(pieces)
        answer = answer_stream.read(stream)
        if (answer.ending == "error") != (kind is not None):
            raise ValueError(f"sse: {comment!r} ends as {answer.ending}")
        told = {"chunks": answer.chunks, "text": answer.text, "ending": answer.ending}
        yield Vector(comment, flags, {**values, "answer": told | ({"kind": kind} if kind else {})})


def file() -> VectorFile:
    """The whole file."""
    return VectorFile(
        "sse",
        "streams of server-sent events, and how a streamed answer ends",
        FLAGS,
        tuple(_vectors()),
        ("vector_tool", "gonka_core"),
        _SCHEMA,
    )
