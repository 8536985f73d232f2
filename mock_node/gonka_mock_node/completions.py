"""Completions as nodes and gateways send them, whole and as a stream (`protocol.md` §5.2, §5.3, §11.4).

From a node the id is the request's `Authorization`, log probabilities with five alternatives and a usage chunk come
unasked, object keys are sorted, and `<`, `>`, `&` are escaped as Go does it. A gateway takes the log probabilities out.

Documents are written in the order of their keys, text by text: the frame of an answer is the same for all its chunks,
and an encoder that is handed the whole of each takes twice as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .answers import Said, ToolCall
from .reply import Pause, Reply, Step, go_json, go_text, whole
from .scores import scores_json

_DONE: Final = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Form:
    """How an answer is dressed: its id, model and time (seconds), and what the prompt counted.

    `text`: the shape of `/v1/completions`. `logprobs`: as a node sends them. `choices`: how many alike.
    """

    identity: str
    model: str
    prompt_tokens: int
    created: int
    text: bool = False
    logprobs: bool = True
    choices: int = 1

    def frame(self, kind: bytes) -> bytes:
        """What stands behind the choices in a document of that kind, up to the usage."""
        named = (self.created, go_text(self.identity), go_text(self.model), kind)
        return b'"created":%d,"id":%b,"model":%b,"object":"%b"' % named

    def usage(self, completion_tokens: int) -> bytes:
        """The counts, with their name and the comma in front."""
        counts = (completion_tokens, self.prompt_tokens, self.prompt_tokens + completion_tokens)
        return b',"usage":{"completion_tokens":%d,"prompt_tokens":%d,"total_tokens":%d}' % counts

    def scores(self, tokens: Sequence[str]) -> bytes:
        """The log probabilities of tokens, with their name and the comma in front; nothing where none are sent."""
        return b',"logprobs":%b' % scores_json(tokens) if self.logprobs else b""

    def no_scores(self) -> bytes:
        """The same for a chunk without tokens."""
        return b',"logprobs":null' if self.logprobs else b""


def whole_reply(said: Said, form: Form, headers: Mapping[str, str]) -> Reply:
    """The answer in one piece; no line feed behind it."""
    kind = b"text_completion" if form.text else b"chat.completion"
    choices = [_whole_choice(said, form, index) for index in range(form.choices)]
    body = _document(choices, form.frame(kind), form.usage(len(said.pieces) * form.choices))
    return whole(200, body, headers=tuple(headers.items()), before=(Pause(said.pause),) if said.pause else ())


def _whole_choice(said: Said, form: Form, index: int) -> bytes:
    head = b'"finish_reason":%b,"index":%d%b' % (go_text(said.reason), index, form.scores(said.pieces))
    if form.text:
        return b'{%b,"stop_reason":null,"text":%b}' % (head, go_text(said.text or ""))
    return b'{%b,"message":%b,"stop_reason":null}' % (head, _message(said))


def _message(said: Said) -> bytes:
    reasoning = b"" if said.reasoning is None else b'"reasoning_content":%b,' % go_text(said.reasoning)
    calls = go_json([_call(call) for call in said.calls]) if said.tool_calls else b"[]"
    content = b"null" if said.text is None else go_text(said.text)
    return b'{"content":%b,%b"role":"assistant","tool_calls":%b}' % (content, reasoning, calls)


def stream_reply(said: Said, form: Form, headers: Mapping[str, str]) -> Reply:
    """The answer as events: the role, a chunk a piece, the usage, `[DONE]`."""
    kind = ("Content-Type", "text/event-stream; charset=utf-8")
    return Reply(200, (kind, *headers.items()), _steps(said, form))


def _steps(said: Said, form: Form) -> Iterator[Step]:
    frame = form.frame(b"text_completion" if form.text else b"chat.completion.chunk")
    for index in range(form.choices):
        for number, choice in enumerate((_text_choices if form.text else _chat_choices)(said, form, index)):
            if said.pause and number:
                yield Pause(said.pause)
            yield _event(_document([choice], frame))
    yield _event(_document([], frame, form.usage(len(said.pieces) * form.choices)))
    yield _DONE


def _chat_choices(said: Said, form: Form, index: int) -> Iterator[bytes]:
    """The choices of the chunks of one answer; the last one carries the reason."""
    deltas = list(_deltas(said, form))
    for number, (delta, scores) in enumerate(deltas, start=1):
        reason, stop = _end(said, number == len(deltas))
        yield b'{"delta":%b,"finish_reason":%b,"index":%d%b%b}' % (delta, reason, index, scores, stop)


def _deltas(said: Said, form: Form) -> Iterator[tuple[bytes, bytes]]:
    """What is new in each chunk, and the log probabilities that go with it."""
    yield b'{"content":"","role":"assistant"}', form.no_scores()
    if said.reasoning is not None:
        yield b'{"reasoning_content":%b}' % go_text(said.reasoning), form.no_scores()
    for piece in said.pieces:
        yield b'{"content":%b}' % go_text(piece), form.scores((piece,))
    for number, call in enumerate(said.calls):
        for part in _call_parts(number, call):
            yield b'{"tool_calls":[%b]}' % go_json(part), form.no_scores()


def _text_choices(said: Said, form: Form, index: int) -> Iterator[bytes]:
    pieces = said.pieces or ("",)
    for number, piece in enumerate(pieces, start=1):
        reason, stop = _end(said, number == len(pieces))
        head = b'"finish_reason":%b,"index":%d%b%b' % (reason, index, form.scores((piece,)), stop)
        yield b'{%b,"text":%b}' % (head, go_text(piece))


def _end(said: Said, last: bool) -> tuple[bytes, bytes]:
    """The reason in a chunk, and what stands behind it in the last one."""
    return (go_text(said.reason), b',"stop_reason":null') if last else (b"null", b"")


def _call(call: ToolCall) -> dict[str, Any]:
    return {"function": {"arguments": call.arguments, "name": call.name}, "id": call.id, "type": "function"}


def _call_parts(index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
    """A call as it is streamed: its name first, then its arguments in two halves."""
    middle = len(call.arguments) // 2
    function = {"arguments": "", "name": call.name}
    yield {"function": function, "id": call.id, "index": index, "type": "function"}
    for half in (call.arguments[:middle], call.arguments[middle:]):
        yield {"function": {"arguments": half}, "index": index}


def _document(choices: Iterable[bytes], frame: bytes, usage: bytes = b"") -> bytes:
    return b'{"choices":[%b],%b%b}' % (b",".join(choices), frame, usage)


def _event(document: bytes) -> bytes:
    return b"data: " + document + b"\n\n"
