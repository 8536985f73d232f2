"""Answers as typed views over the JSON they came in.

A view looks a value up when it is asked for it and keeps nothing else. Servers differ in what they leave out and what
they add (`protocol.md` §5), so a view never raises: what is missing, or is not of its type, is empty or None. `data` is
the object itself, for everything that has no name here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from .limits import OverLimitError, parse_object

if TYPE_CHECKING:
    from .types import Request


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that were counted, and are billed. What the server does not tell is 0."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model wants to be called. `arguments` is JSON text, as far as the model got it right."""

    id: str
    name: str
    arguments: str = field(default="", repr=False)

    def json(self) -> Mapping[str, Any] | None:
        """The arguments as an object, empty where there are none; None where they are not a JSON object."""
        if not self.arguments.strip():
            return {}
        try:
            return parse_object(self.arguments.encode("utf-8", "surrogatepass"))
        except OverLimitError:
            return None


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """What a chunk adds to the tool call number `index`: id and name once, the text of the arguments bit by bit."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Words:
    """What choices of both kinds have. `data` is the choice."""

    data: Mapping[str, Any] = field(repr=False)

    @property
    def _said(self) -> Mapping[str, Any]:
        return {}

    @property
    def index(self) -> int:
        """The number of the choice, from 0."""
        return _count(self.data.get("index")) or 0

    @property
    def finish_reason(self) -> str | None:
        """Why the model stopped: `stop`, `length`, `tool_calls`, …; None while it has not."""
        return _name(self.data.get("finish_reason"))

    @property
    def logprobs(self) -> Mapping[str, Any] | None:
        """Log probabilities, as they came."""
        return _object(self.data.get("logprobs")) or None

    @property
    def role(self) -> str | None:
        """Whose words they are: `assistant`, where the server tells."""
        return _name(self._said.get("role"))

    @property
    def content(self) -> str | None:
        """The words; None where there is no text, which is not the same as an empty one."""
        return _content(self._said, self.data)

    @property
    def text(self) -> str:
        """The words; empty where there are none."""
        return self.content or ""

    @property
    def reasoning(self) -> str | None:
        """What the model thought before it spoke: `reasoning_content`, or `reasoning` as newer servers call it."""
        thoughts = (self._said.get("reasoning_content"), self._said.get("reasoning"))
        return next((text for text in thoughts if isinstance(text, str)), None)

    @property
    def refusal(self) -> str | None:
        """The model's words for not answering, where it gives them apart."""
        return _name(self._said.get("refusal"))


@dataclass(frozen=True, slots=True)
class Delta(_Words):
    """What one event adds to one choice."""

    @property
    def _said(self) -> Mapping[str, Any]:
        return _object(self.data.get("delta"))

    @property
    def tool_calls(self) -> tuple[ToolCallDelta, ...]:
        return tuple(_call_delta(place, call) for place, call in _objects(self._said.get("tool_calls")))


@dataclass(frozen=True, slots=True)
class Choice(_Words):
    """One of the answers of a completion."""

    @property
    def _said(self) -> Mapping[str, Any]:
        return _object(self.data.get("message"))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(_call(call) for _, call in _objects(self._said.get("tool_calls")))


@dataclass(frozen=True, slots=True)
class _Document:
    """What completions and chunks have. What is said of words is about the first of its choices."""

    data: Mapping[str, Any] = field(repr=False)

    _said_in: ClassVar[str] = ""

    @property
    def id(self) -> str | None:
        """The answer's name; a node takes the request's `Authorization` for it (`protocol.md` §5.2)."""
        return _name(self.data.get("id"))

    @property
    def model(self) -> str | None:
        """The model that answers, as the server names it."""
        return _name(self.data.get("model"))

    @property
    def created(self) -> int | None:
        """When the answer was begun, in seconds since the epoch."""
        return _count(self.data.get("created"))

    @property
    def usage(self) -> Usage | None:
        """What was counted; None where the server does not tell, as in all chunks but the last."""
        return _usage(_object(self.data.get("usage")))

    @property
    def _first(self) -> _Words:
        return _Words(_first(self.data.get("choices")))

    @property
    def text(self) -> str:
        """The assistant's words, in a chunk those that it adds; empty where there are none."""
        # Asked of every chunk of a stream, so without the view of its choice that `_first` makes.
        choice = _first(self.data.get("choices"))
        return _content(_object(choice.get(self._said_in)), choice) or ""

    @property
    def role(self) -> str | None:
        """Whose words they are: `assistant`, where the server tells."""
        return self._first.role

    @property
    def reasoning(self) -> str | None:
        """What the model thought before it spoke, where the server tells."""
        return self._first.reasoning

    @property
    def finish_reason(self) -> str | None:
        """Why the model stopped: `stop`, `length`, `tool_calls`, …; None while it has not."""
        return self._first.finish_reason

    @property
    def logprobs(self) -> Mapping[str, Any] | None:
        """Log probabilities of the words, as they came."""
        return self._first.logprobs


@dataclass(frozen=True, slots=True)
class Chunk(_Document):
    """One event of a stream: `data` is its JSON object. What is said of words is about the first of its choices."""

    _said_in: ClassVar[str] = "delta"

    @property
    def choices(self) -> tuple[Delta, ...]:
        """Every choice that this chunk adds to; none in the chunk that carries the usage."""
        return tuple(Delta(choice) for _, choice in _objects(self.data.get("choices")))

    @property
    def _first(self) -> Delta:
        return Delta(_first(self.data.get("choices")))

    @property
    def index(self) -> int:
        """The number of the choice that is added to; with several choices each chunk is about one of them."""
        return self._first.index

    @property
    def tool_calls(self) -> tuple[ToolCallDelta, ...]:
        """Parts of the calls of tools; a `Collector` puts them together."""
        return self._first.tool_calls


@dataclass(frozen=True, slots=True)
class Completion(_Document):
    """The answer to `chat`: `data` is the JSON object of the node, `body` the bytes it came in.

    What is said of words is about the first of its choices.
    """

    body: bytes = field(repr=False)
    request: Request

    _said_in: ClassVar[str] = "message"

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All answers, of which a request with `n` has several."""
        return tuple(Choice(choice) for _, choice in _objects(self.data.get("choices")))

    @property
    def _first(self) -> Choice:
        return Choice(_first(self.data.get("choices")))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The functions that the model wants to be called."""
        return self._first.tool_calls


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects in an array, each with its place."""
    entries: Sequence[object] = value if isinstance(value, list) else ()
    return ((place, entry) for place, entry in enumerate(entries) if isinstance(entry, dict))


def _first(value: object) -> Mapping[str, Any]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return value[0]
    return next((entry for _, entry in _objects(value)), {})


def _content(said: Mapping[str, Any], choice: Mapping[str, Any]) -> str | None:
    """The words of a choice, in what it says or, from completions of text, beside it."""
    content = said.get("content") if said else choice.get("text")
    return content if isinstance(content, str) else None


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _usage(data: Mapping[str, Any]) -> Usage | None:
    if not data:
        return None
    prompt, completion, total = (
        _count(data.get(name)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    if prompt is None and completion is None and total is None:
        return None
    counted = (prompt or 0) + (completion or 0)
    return Usage(prompt or 0, completion or 0, counted if total is None else total)


def _call(data: Mapping[str, Any]) -> ToolCall:
    part = _call_delta(0, data)
    return ToolCall(part.id or "", part.name or "", part.arguments)


def _call_delta(place: int, data: Mapping[str, Any]) -> ToolCallDelta:
    function = _object(data.get("function"))
    index, arguments = _count(data.get("index")), function.get("arguments")
    return ToolCallDelta(
        index=place if index is None else index,
        id=_name(data.get("id")),
        name=_name(function.get("name")),
        arguments=arguments if isinstance(arguments, str) else "",
    )
