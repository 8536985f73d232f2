"""Completions as nodes and gateways send them, whole and as a stream (`protocol.md` §5.2, §5.3, §11.4).

From a node the id is the request's `Authorization`, log probabilities with five alternatives and a usage chunk come
unasked, object keys are sorted, and `<`, `>`, `&` are escaped as Go does it. A gateway takes the log probabilities out.

Documents are written in the order of their keys, text by text: the frame of an answer is the same for all its chunks,
and an encoder that is handed the whole of each takes twice as long. What is long is copied once: log probabilities are
nine tenths of an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from .answers import REPEATED, FinishReason, Said, ToolCall
from .reply import Pause, Reply, Step, go_bytes, json_text, whole
from .scores import scores_json

_DONE: Final = b"data: [DONE]\n\n"
_BEGINNING: Final = '{"content":"","role":"assistant"}'
_text: Final = encode_basestring


@dataclass(slots=True)
class Form:
    """How an answer is dressed: its id, model and time (seconds), and what the prompt counted.

    `text`: the shape of `/v1/completions`. `logprobs`: as a node sends them. `choices`: how many alike. Nobody changes
    one; it is not frozen because one is made for each request, which would take three times as long.
    """

    identity: str
    model: str
    prompt_tokens: int
    created: int
    text: bool = False
    logprobs: bool = True
    choices: int = 1

    def end(self, kind: str, completion_tokens: int | None = None) -> bytes:
        """The rest of a document of that kind behind its choices, with the counts where there are any."""
        named = f'"created":{self.created},"id":{_text(self.identity)},"model":{_text(self.model)},"object":"{kind}"'
        return go_bytes(f"],{named}{'' if completion_tokens is None else self._usage(completion_tokens)}}}")

    def _usage(self, completion_tokens: int) -> str:
        counts = f'"completion_tokens":{completion_tokens},"prompt_tokens":{self.prompt_tokens}'
        return f',"usage":{{{counts},"total_tokens":{self.prompt_tokens + completion_tokens}}}'

    def scores(self, tokens: Sequence[str]) -> tuple[bytes, ...]:
        """The log probabilities of tokens, with their name and the comma in front; nothing where none are sent."""
        return (b',"logprobs":{"content":[', scores_json(tokens), b"]}") if self.logprobs else ()

    def no_scores(self) -> tuple[bytes, ...]:
        """The same for a chunk without tokens."""
        return (b',"logprobs":null',) if self.logprobs else ()


def whole_reply(said: Said, form: Form, headers: Mapping[str, str]) -> Reply:
    """The answer in one piece; no line feed behind it."""
    parts = [b'{"choices":[']
    for index in range(form.choices):
        parts += _whole_choice(said, form, index)
    parts.append(form.end("text_completion" if form.text else "chat.completion", len(said.pieces) * form.choices))
    before = (Pause(said.pause),) if said.pause else ()
    return whole(200, b"".join(parts), headers=tuple(headers.items()), before=before)


def _whole_choice(said: Said, form: Form, index: int) -> tuple[bytes, ...]:
    """One of the choices, in parts, with a comma in front where it is not the first."""
    words_only = said.tokens is None and said.reasoning is None and not said.tool_calls
    if words_only and said.content is not None and len(said.content) <= REPEATED:
        return (_words(said.content, said.reason, index, form.text, form.logprobs),)
    return _choice(said, form, index)


@lru_cache(maxsize=64)
def _words(content: str, reason: FinishReason, index: int, text: bool, logprobs: bool) -> bytes:
    """A choice that is nothing but words, which tests have said again and again."""
    form = Form("", "", 0, 0, text, logprobs)
    return b"".join(_choice(Said(content, finish_reason=reason), form, index))


def _choice(said: Said, form: Form, index: int) -> tuple[bytes, ...]:
    head = f'{"," if index else ""}{{"finish_reason":{_text(said.reason)},"index":{index}'
    if form.text:
        tail = f',"stop_reason":null,"text":{_text(said.text or "")}}}'
    else:
        tail = f',"message":{_message(said)},"stop_reason":null}}'
    return (go_bytes(head), *form.scores(said.pieces), go_bytes(tail))


def _message(said: Said) -> str:
    reasoning = "" if said.reasoning is None else f'"reasoning_content":{_text(said.reasoning)},'
    calls = json_text([_call(call) for call in said.calls]) if said.tool_calls else "[]"
    content = "null" if said.text is None else _text(said.text)
    return f'{{"content":{content},{reasoning}"role":"assistant","tool_calls":{calls}}}'


def stream_reply(said: Said, form: Form, headers: Mapping[str, str]) -> Reply:
    """The answer as events: the role, a chunk a piece, the usage, `[DONE]`."""
    kind = ("Content-Type", "text/event-stream; charset=utf-8")
    return Reply(200, (kind, *headers.items()), _steps(said, form))


def _steps(said: Said, form: Form) -> Iterator[Step]:
    kind = "text_completion" if form.text else "chat.completion.chunk"
    end = form.end(kind)
    for index in range(form.choices):
        for number, choice in enumerate((_text_choices if form.text else _chat_choices)(said, form, index)):
            if said.pause and number:
                yield Pause(said.pause)
            yield _event(choice, end)
    yield _event((), form.end(kind, len(said.pieces) * form.choices))
    yield _DONE


def _chat_choices(said: Said, form: Form, index: int) -> Iterator[tuple[bytes, ...]]:
    """The choices of the chunks of one answer, in parts; the last one carries the reason."""
    deltas = list(_deltas(said, form))
    for number, (delta, scores) in enumerate(deltas, start=1):
        reason, stop = _end(said, number == len(deltas))
        yield go_bytes(f'{{"delta":{delta},"finish_reason":{reason},"index":{index}'), *scores, stop, b"}"


def _deltas(said: Said, form: Form) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """What is new in each chunk, and the log probabilities that go with it."""
    yield _BEGINNING, form.no_scores()
    if said.reasoning is not None:
        yield f'{{"reasoning_content":{_text(said.reasoning)}}}', form.no_scores()
    for piece in said.pieces:
        yield f'{{"content":{_text(piece)}}}', form.scores((piece,))
    for number, call in enumerate(said.calls):
        for part in _call_parts(number, call):
            yield f'{{"tool_calls":[{json_text(part)}]}}', form.no_scores()


def _text_choices(said: Said, form: Form, index: int) -> Iterator[tuple[bytes, ...]]:
    pieces = said.pieces or ("",)
    for number, piece in enumerate(pieces, start=1):
        reason, stop = _end(said, number == len(pieces))
        head, tail = f'{{"finish_reason":{reason},"index":{index}', f',"text":{_text(piece)}}}'
        yield go_bytes(head), *form.scores((piece,)), stop, go_bytes(tail)


def _end(said: Said, last: bool) -> tuple[str, bytes]:
    """The reason in a chunk, and what stands behind it in the last one."""
    return (_text(said.reason), b',"stop_reason":null') if last else ("null", b"")


def _call(call: ToolCall) -> dict[str, Any]:
    return {"function": {"arguments": call.arguments, "name": call.name}, "id": call.id, "type": "function"}


def _call_parts(index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
    """A call as it is streamed: its name first, then its arguments in two halves."""
    middle = len(call.arguments) // 2
    function = {"arguments": "", "name": call.name}
    yield {"function": function, "id": call.id, "index": index, "type": "function"}
    for half in (call.arguments[:middle], call.arguments[middle:]):
        yield {"function": {"arguments": half}, "index": index}


def _event(choice: Sequence[bytes], end: bytes) -> bytes:
    return b"".join((b'data: {"choices":[', *choice, end, b"\n\n"))
