"""A stream of events read as the HTML standard has it (§9.2.6), character by character over the whole text.

Written from the standard for the vectors, slow and plain: what it shares with any decoder is the standard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Event:
    """One event that was dispatched: text, with U+FFFD for what was no UTF-8."""

    type: str
    data: str
    last_event_id: str


@dataclass(frozen=True, slots=True)
class Stream:
    """What a whole stream came to. `retry_ms` is what it asked for last; `unfinished` what its end cut off.

    The standard drops an event that no blank line ends; `unfinished` is what a blank line would have dispatched.
    """

    events: tuple[Event, ...]
    retry_ms: int | None
    unfinished: Event | None


@dataclass(frozen=True, slots=True)
class _State:
    """The buffers of the standard, by its names."""

    data: str = ""
    type: str = ""
    last_id: str = ""
    retry_ms: int | None = None
    events: tuple[Event, ...] = field(default=())


def read(stream: bytes) -> Stream:
    """The events of a stream that ended."""
    text = stream.decode("utf-8", errors="replace").removeprefix("\ufeff")
    *lines, rest = _lines(text)
    state = _State()
    for line in lines:
        state = _line(state, line)
    left = _dispatch(_line(state, rest) if rest else state)
    unfinished = left.events[len(state.events) :]
    return Stream(state.events, state.retry_ms, unfinished[0] if unfinished else None)


def _lines(text: str) -> Iterator[str]:
    """Lines that are ended by CRLF, LF or CR, and the rest behind the last end."""
    line = ""
    after_return = False
    for character in text:
        if character == "\n" and after_return:
            after_return = False
            continue
        after_return = character == "\r"
        if character in "\r\n":
            yield line
            line = ""
        else:
            line += character
    yield line


def _line(state: _State, line: str) -> _State:
    if not line:
        return _dispatch(state)
    name, colon, value = line.partition(":")
    if colon and not name:
        return state
    return _field(state, name, value[1:] if value.startswith(" ") else value)


def _field(state: _State, name: str, value: str) -> _State:
    if name == "event":
        return replace(state, type=value)
    if name == "data":
        return replace(state, data=state.data + value + "\n")
    if name == "id" and "\0" not in value:
        return replace(state, last_id=value)
    if name == "retry" and value and all(character in "0123456789" for character in value):
        return replace(state, retry_ms=int(value))
    return state


def _dispatch(state: _State) -> _State:
    cleared = replace(state, data="", type="")
    if not state.data:
        return cleared
    event = Event(state.type or "message", state.data.removesuffix("\n"), state.last_id)
    return replace(cleared, events=(*state.events, event))
