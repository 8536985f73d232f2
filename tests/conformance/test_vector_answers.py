"""Streams and errors: the core reads them as the files say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import gonka_core
from gonka_conformance import vectors
from gonka_conformance.vectors import Ending, ErrorVector, StreamedAnswer, StreamEvent, StreamVector
from gonka_core import Endpoint, NodeError, PrivateKey, Request, StreamTruncatedError, UnusableAnswerError, sign_request
from gonka_core.answers import Answer
from gonka_core.nodetext import words
from gonka_core.reading import EventReader
from gonka_core.refusals import BY_STATUS, ROWS, refusal
from gonka_core.resolve import signer
from gonka_core.sse import Event, EventDecoder
from tests.core.test_refusals import EXPECTED, body_of
from vector_tool import event_stream
from vector_tool.published import K1, PROVIDER

STREAMS = [pytest.param(vector, id=vector.id) for vector in vectors.streams()]
ANSWERS = [pytest.param(vector, id=vector.id) for vector in vectors.streams() if vector.answer]
ERRORS = [pytest.param(vector, id=vector.id) for vector in vectors.errors()]

BROKER = Endpoint.broker("https://broker", "sk-0123456789abcdef")
REQUESTS: dict[str, Request] = {
    "signed": sign_request(b"{}", Endpoint("http://host", PROVIDER), signer("auto", lambda: PrivateKey(K1))),
    "bearer": Request("https://broker/v1/chat/completions", {}, b"{}", BROKER),
}


def shown(event: Event | None) -> StreamEvent | None:
    """An event of the core, whose data are bytes, as the standard has it."""
    return StreamEvent(event.type, event.data.decode("utf-8", "replace"), event.id) if event else None


def check_stream(vector: StreamVector, pieces: tuple[bytes, ...] | None = None) -> None:
    decoder = EventDecoder()
    events = [event for piece in (vector.pieces if pieces is None else pieces) for event in decoder.feed(piece)]
    assert tuple(map(shown, events)) == vector.events
    assert decoder.retry_ms == vector.retry_ms
    assert shown(decoder.finish()) == vector.unfinished


def kind_of(error: NodeError) -> str:
    """The word for an error of the core."""
    return next(name for name, kind in vectors.error_kinds().items() if kind.gonka_core == type(error).__name__)


def read_answer(vector: StreamVector) -> StreamedAnswer:
    """What the core makes of a streamed answer."""
    reader = EventReader(REQUESTS["signed"], 200)
    words: list[str] = []
    ending: Ending = "done"
    kind = None
    try:
        for piece in vector.pieces:
            words.extend(chunk.text for chunk in reader.feed(piece))
        reader.finish()
    except NodeError as error:
        ending, kind = "error", kind_of(error)
    except StreamTruncatedError as error:
        ending = "truncated"
        words = [chunk.text for chunk in error.received]
    except UnusableAnswerError:
        ending = "unusable"
    assert reader.done == (ending == "done")
    return StreamedAnswer(len(words), "".join(words), ending, kind)


def check_answer(vector: StreamVector) -> None:
    assert read_answer(vector) == vector.answer


def check_error(vector: ErrorVector) -> None:
    error = refused(vector)
    assert kind_of(error) == vector.kind
    assert error.maybe_billed == vector.may_be_billed
    assert details(error) == vector.details


def details(error: NodeError) -> dict[str, Any]:
    """What an error tells besides, in the words of the file."""
    names = ("until_height", "participants_url", "served", "new_url", "retry_after_s")
    told = {name: getattr(error, name, None) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items() if value}


@pytest.mark.parametrize("vector", STREAMS)
def test_events_however_they_are_cut(vector: StreamVector) -> None:
    whole = b"".join(vector.pieces)
    check_stream(vector)
    check_stream(vector, (whole,))
    check_stream(vector, tuple(bytes([byte]) for byte in whole))


@pytest.mark.parametrize("vector", ANSWERS)
def test_how_an_answer_ends(vector: StreamVector) -> None:
    check_answer(vector)


@pytest.mark.parametrize("vector", ERRORS)
def test_errors(vector: ErrorVector) -> None:
    check_error(vector)


def test_an_altered_event_is_found() -> None:
    for vector in vectors.streams():
        require_found(vector)


def require_found(vector: StreamVector) -> None:
    """Whatever is altered in a vector, its check fails."""
    for events in (vector.events[1:] or (StreamEvent("message", "x", ""),), (*vector.events, *vector.events[:1])):
        if events != vector.events:
            with pytest.raises(AssertionError):
                check_stream(replace(vector, events=events))
    for at, event in enumerate(vector.events):
        others = ({"data": event.data + "x"}, {"type": "x"}, {"last_event_id": "x"})
        for altered in (replace(event, **other) for other in others):
            events = (*vector.events[:at], altered, *vector.events[at + 1 :])
            with pytest.raises(AssertionError):
                check_stream(replace(vector, events=events))
    with pytest.raises(AssertionError):
        check_stream(replace(vector, retry_ms=99))
    with pytest.raises(AssertionError):
        check_stream(replace(vector, unfinished=StreamEvent("message", "y", "")))


@pytest.mark.parametrize("vector", ANSWERS)
def test_an_altered_answer_is_found(vector: StreamVector) -> None:
    assert vector.answer
    others: tuple[Ending, ...] = ("done", "truncated", "error", "unusable")
    for answer in (
        replace(vector.answer, chunks=vector.answer.chunks + 1),
        replace(vector.answer, text=vector.answer.text + "x"),
        replace(vector.answer, kind="moved"),
        *(replace(vector.answer, ending=ending) for ending in others if ending != vector.answer.ending),
    ):
        with pytest.raises(AssertionError):
            check_answer(replace(vector, answer=answer))


def test_an_altered_error_is_found() -> None:
    for vector in vectors.errors():
        for altered in (
            replace(vector, kind="moved" if vector.kind != "moved" else "retired"),
            replace(vector, may_be_billed=not vector.may_be_billed),
            replace(vector, details={**vector.details, "until_height": 1}),
        ):
            with pytest.raises(AssertionError):
                check_error(altered)


class TestDecodersThatAreWrong:
    """Each mistake that a flag of `sse.json` names is found by a vector with that flag."""

    @staticmethod
    def found_by(read: Callable[[tuple[bytes, ...]], list[str]]) -> set[str]:
        """The flags of vectors whose events' data come out otherwise."""
        return {
            flag
            for vector in vectors.streams()
            for flag in vector.flags
            if read(vector.pieces) != [event.data for event in vector.events]
        }

    @staticmethod
    def data(stream: str, end: str = "\n") -> list[str]:
        blocks = stream.split(end * 2)[:-1]
        lines = ([line[6:] for line in block.split(end) if line.startswith("data: ")] for block in blocks)
        return ["\n".join(each) for each in lines if each]

    def test_the_standard_itself_finds_nothing(self) -> None:
        def read(pieces: tuple[bytes, ...]) -> list[str]:
            return [event.data for event in event_stream.read(b"".join(pieces)).events]

        assert self.found_by(read) == set()

    def test_a_piece_that_is_decoded_by_itself(self) -> None:
        def read(pieces: tuple[bytes, ...]) -> list[str]:
            return self.data("".join(piece.decode("utf-8", "replace") for piece in pieces))

        assert "cut-character" in self.found_by(read)

    def test_a_decoder_that_needs_whole_events(self) -> None:
        def read(pieces: tuple[bytes, ...]) -> list[str]:
            return [data for piece in pieces for data in self.data(piece.decode("utf-8", "replace"))]

        assert {"cut", "cut-character", "cut-line-end"} <= self.found_by(read)

    def test_line_feeds_alone(self) -> None:
        def read(pieces: tuple[bytes, ...]) -> list[str]:
            return self.data(b"".join(pieces).decode("utf-8", "replace"))

        assert {"line-ends", "bom", "field", "cut-line-end"} <= self.found_by(read)

    def test_every_separator_that_a_language_knows(self) -> None:
        def read(pieces: tuple[bytes, ...]) -> list[str]:
            whole = b"".join(pieces).decode("utf-8", "replace")
            text = "".join(line + "\n" for line in whole.splitlines())
            return [event.data for event in event_stream.read(text.encode()).events]

        assert "line-ends" in self.found_by(read)

    def test_a_mark_that_is_dropped_everywhere(self) -> None:
        def read(pieces: tuple[bytes, ...]) -> list[str]:
            return [event.data for event in event_stream.read(b"".join(pieces).replace(b"\xef\xbb\xbf", b"")).events]

        assert self.found_by(read) == {"bom"}

    def test_an_end_that_dispatches_what_is_left(self) -> None:
        def read(pieces: tuple[bytes, ...]) -> list[str]:
            return [event.data for event in event_stream.read(b"".join(pieces) + b"\n\n").events]

        assert "unfinished" in self.found_by(read)


class TestClassifiersThatAreWrong:
    """The mistakes that the flags of `errors.json` name."""

    @staticmethod
    def found_by(kind: Callable[[ErrorVector], str]) -> set[str]:
        return {flag for vector in vectors.errors() if kind(vector) != vector.kind for flag in vector.flags}

    @staticmethod
    def status_alone(vector: ErrorVector) -> str:
        """The kind that most vectors of that status have."""
        kinds = [each.kind for each in vectors.errors() if each.status == vector.status]
        return max(sorted(set(kinds)), key=kinds.count)

    @staticmethod
    def told(vector: ErrorVector, body: bytes) -> str:
        return kind_of(refusal(REQUESTS[vector.request], Answer(vector.status, vector.headers, body)))

    def test_the_status_alone(self) -> None:
        found = self.found_by(self.status_alone)
        assert {"text-decides", "wrapped", "quoted-words", "in-stream"} <= found

    def test_a_table_that_looks_anywhere_in_the_text(self) -> None:
        def kind(vector: ErrorVector) -> str:
            text = vector.body.decode("utf-8", "replace")
            return "unknown-account" if "account not found" in text else vector.kind

        assert self.found_by(kind) == {"quoted-words"}

    def test_an_object_that_is_not_looked_into(self) -> None:
        found = self.found_by(lambda vector: self.told(vector, vector.body.replace(b'"message"', b'"x"')))
        assert "openai-shape" in found

    def test_success_that_is_trusted(self) -> None:
        assert all(vector.may_be_billed for vector in vectors.errors() if vector.status < 300)
        kinds = vectors.error_kinds()
        assert any(vector.may_be_billed and not kinds[vector.kind].may_be_billed for vector in vectors.errors())


def refused(vector: ErrorVector) -> NodeError:
    return refusal(REQUESTS[vector.request], Answer(vector.status, vector.headers, vector.body))


class TestKinds:
    def test_every_class_of_a_refusal_has_a_word_and_every_word_a_class(self) -> None:
        named = {getattr(gonka_core, kind.gonka_core) for kind in vectors.error_kinds().values()}
        refusals = {row.kind for row in ROWS} | {kind for kind, _ in BY_STATUS.values()}
        assert refusals <= named
        assert all(issubclass(kind, NodeError) for kind in named)
        assert {name for name, kind in vectors.error_kinds().items()} == {vector.kind for vector in vectors.errors()}

    @pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in vectors.error_kinds().values()])
    def test_what_may_be_billed_is_what_the_class_says(self, kind: vectors.ErrorKind) -> None:
        assert getattr(gonka_core, kind.gonka_core).billed == kind.may_be_billed

    @pytest.mark.parametrize("row", [pytest.param(row, id=row.pattern.pattern) for row in ROWS])
    def test_every_text_that_the_core_knows_has_a_vector(self, row: Any) -> None:
        told = [
            (vector.status, refusal(REQUESTS["signed"], Answer(vector.status, {}, vector.body)).node_text)
            for vector in vectors.errors()
        ]
        first = {next((known.pattern.pattern for known in ROWS if known.match(*each)), None) for each in told}
        assert row.pattern.pattern in first

    def test_every_text_of_the_wire_page_has_a_vector(self) -> None:
        said = [(type(told).__name__, told.node_text) for told in map(refused, vectors.errors())]
        for text, (kind, _) in EXPECTED.items():
            known = re.split("…|<|\\[ for|{id}", words(body_of(text)) if text.startswith(("{", "404")) else text)[0]
            fixed = known.replace("messages[i]", "messages[3]").replace("[j]", "[0]").removesuffix("height N").strip()
            assert any(name == kind.__name__ and fixed in told for name, told in said), text

    @pytest.mark.parametrize("status", sorted(BY_STATUS))
    def test_every_status_that_decides_has_a_vector(self, status: int) -> None:
        decided = {vector.status for vector in vectors.errors() if "status-decides" in vector.flags}
        # A proxy's 444 is a connection that is closed: no client sees the number.
        assert status in decided or status == 444
