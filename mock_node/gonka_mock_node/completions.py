"""Completions as nodes and gateways send them, whole and as a stream (`protocol.md` §5.2, §5.3, §11.4).

From a node the id is the request's `Authorization`, log probabilities with five alternatives and a usage chunk come
unasked, object keys are sorted, and `<`, `>`, `&` are escaped as Go does it. A gateway takes the log probabilities out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import scores
from .answers import Said, ToolCall
from .reply import Pause, Reply, Step, go_json, whole

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

    def document(self, kind: str, choices: list[dict[str, Any]], **more: Any) -> bytes:
        value = {"choices": choices, "created": self.created, "id": self.identity, "model": self.model, "object": kind}
        return scores.filled_in(go_json(value | more, sort_keys=True), choices)

    def usage(self, completion_tokens: int) -> dict[str, int]:
        return {
            "completion_tokens": completion_tokens,
            "prompt_tokens": self.prompt_tokens,
            "total_tokens": self.prompt_tokens + completion_tokens,
        }


def whole_reply(said: Said, form: Form, headers: Mapping[str, str]) -> Reply:
    """The answer in one piece; no line feed behind it."""
    choices = [_whole_choice(said, form, index) for index in range(form.choices)]
    kind = "text_completion" if form.text else "chat.completion"
    body = form.document(kind, choices, usage=form.usage(len(said.pieces) * form.choices))
    reply = whole(200, body, headers=tuple(headers.items()))
    return Reply(200, reply.headers, reply.steps, reply.length, (Pause(said.pause),) if said.pause else ())


def _whole_choice(said: Said, form: Form, index: int) -> dict[str, Any]:
    choice: dict[str, Any] = {"finish_reason": said.reason, "index": index, "stop_reason": None}
    if form.logprobs:
        choice["logprobs"] = scores.Scores(said.pieces)
    if form.text:
        return choice | {"text": said.text or ""}
    message: dict[str, Any] = {
        "content": said.text,
        "role": "assistant",
        "tool_calls": [_call(call) for call in said.calls],
    }
    if said.reasoning is not None:
        message["reasoning_content"] = said.reasoning
    return choice | {"message": message}


def stream_reply(said: Said, form: Form, headers: Mapping[str, str]) -> Reply:
    """The answer as events: the role, a chunk a piece, the usage, `[DONE]`."""
    kind = ("Content-Type", "text/event-stream; charset=utf-8")
    return Reply(200, (kind, *headers.items()), _steps(said, form))


def _steps(said: Said, form: Form) -> Iterator[Step]:
    kind = "text_completion" if form.text else "chat.completion.chunk"
    for index in range(form.choices):
        for number, choice in enumerate(_text_choices(said, form) if form.text else _chat_choices(said, form)):
            if said.pause and number:
                yield Pause(said.pause)
            yield _event(form.document(kind, [choice | {"index": index}]))
    yield _event(form.document(kind, [], usage=form.usage(len(said.pieces) * form.choices)))
    yield _DONE


def _chat_choices(said: Said, form: Form) -> Iterator[dict[str, Any]]:
    """The choices of the chunks of one answer; the last one carries the reason."""
    deltas: list[tuple[dict[str, Any], tuple[str, ...]]] = [({"content": "", "role": "assistant"}, ())]
    if said.reasoning is not None:
        deltas.append(({"reasoning_content": said.reasoning}, ()))
    deltas += [({"content": piece}, (piece,)) for piece in said.pieces]
    deltas += [({"tool_calls": [part]}, ()) for i, call in enumerate(said.calls) for part in _call_parts(i, call)]
    for number, (delta, tokens) in enumerate(deltas, start=1):
        yield _last(number == len(deltas), said, {"delta": delta, **_scores(form, tokens)})


def _text_choices(said: Said, form: Form) -> Iterator[dict[str, Any]]:
    pieces = said.pieces or ("",)
    for number, piece in enumerate(pieces, start=1):
        yield _last(number == len(pieces), said, {"text": piece, **_scores(form, (piece,))})


def _scores(form: Form, tokens: tuple[str, ...]) -> dict[str, Any]:
    if not form.logprobs:
        return {}
    return {"logprobs": scores.Scores(tokens) if tokens else None}


def _last(last: bool, said: Said, choice: dict[str, Any]) -> dict[str, Any]:
    return choice | ({"finish_reason": said.reason, "stop_reason": None} if last else {"finish_reason": None})


def _call(call: ToolCall) -> dict[str, Any]:
    return {"function": {"arguments": call.arguments, "name": call.name}, "id": call.id, "type": "function"}


def _call_parts(index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
    """A call as it is streamed: its name first, then its arguments in two halves."""
    middle = len(call.arguments) // 2
    yield {**_call(ToolCall(call.name, "", call.id)), "index": index}
    for half in (call.arguments[:middle], call.arguments[middle:]):
        yield {"function": {"arguments": half}, "index": index}


def _event(document: bytes) -> bytes:
    return b"data: " + document + b"\n\n"
