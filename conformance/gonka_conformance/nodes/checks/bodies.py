"""What a node says to a payload, before it looks at who sends it (`protocol.md` §3.1–3.3, §3.10, §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gonka_conformance.nodes.asking import Answer, Request
from gonka_conformance.nodes.drafts import CHAT, COMPLETIONS, chat_payload, encoded
from gonka_conformance.nodes.generations import Due
from gonka_conformance.nodes.judging import classic, require, with_row, wrong
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import NO_MODEL, Survey

from .listing import NODE_CHECKS

_JUNK: Final = "A" * 86 + "=="
"""An `Authorization` that no key has made, for steps that only ask whether there is one."""

_NOT_JSON: Final[Mapping[str, tuple[bytes, str]]] = {
    "an empty body": (b"", "unexpected end of JSON input"),
    "a body that breaks off": (b'{"model":"x"', "unexpected end of JSON input"),
    "a list": (b"[]", "json: cannot unmarshal array into Go value of type public.OpenAiRequest"),
    "max_tokens as text": (
        b'{"max_tokens":"5"}',
        "json: cannot unmarshal string into Go struct field OpenAiRequest.max_tokens of type int32",
    ),
    "max_tokens with a fraction": (
        b'{"max_tokens":1.5}',
        "json: cannot unmarshal number 1.5 into Go struct field OpenAiRequest.max_tokens of type int32",
    ),
    "a seed of more than 32 bits": (
        b'{"seed":2147483648}',
        "json: cannot unmarshal number 2147483648 into Go struct field OpenAiRequest.seed of type int32",
    ),
}

_CALL: Final = {"id": "a", "type": "function", "function": {"name": "f"}}
_SHAPES: Final[Mapping[str, tuple[list[dict[str, Any]], str]]] = {
    "blank content": ([{"role": "user", "content": " "}], "messages[0].content: must not be empty"),
    "no content": ([{"role": "user"}], "messages[0].content: is required"),
    "an unknown role": ([{"role": "x", "content": "a"}], 'messages[0].role has unsupported value "x"'),
    "tool calls of a user": (
        [{"role": "user", "content": "a", "tool_calls": None}],
        "messages[0]: tool_calls is not allowed for this role",
    ),
    "an assistant without anything": (
        [{"role": "assistant"}],
        "messages[0].content: is required unless tool_calls or function_call is provided",
    ),
    "no tool calls in a list of them": (
        [{"role": "assistant", "tool_calls": []}],
        "messages[0].tool_calls must not be empty",
    ),
    "a tool call twice": (
        [{"role": "assistant", "tool_calls": [_CALL, _CALL]}],
        "messages[0].tool_calls[1].id is duplicated",
    ),
    "a tool that nobody called": (
        [{"role": "user", "content": "a"}, {"role": "tool", "tool_call_id": "b", "content": "c"}],
        "messages[1].tool_call_id does not match any previous assistant tool_calls",
    ),
    "a text part without text": (
        [{"role": "user", "content": [{"type": "text"}]}],
        "messages[0].content: [0].text: is required",
    ),
}

_PROMPTS: Final[Mapping[str, tuple[bytes, str]]] = {
    "no JSON": (b"{", "invalid request format"),
    "no model": (b'{"prompt":"hi"}', "model is required"),
    "no prompt": (b'{"model":"x"}', "prompt is required"),
    "a blank prompt": (b'{"model":"x","prompt":" "}', "prompt is required"),
    "two prompts": (b'{"model":"x","prompt":["a","b"]}', "batch prompts are not supported"),
}


def post(survey: Survey, body: bytes, authorization: str = "", path: str = CHAT) -> Answer:
    """The answer to a body under a header that no key has made, or under none."""
    signed = (("Authorization", authorization),) if authorization else ()
    return survey.asker.ask(Request("POST", path, (("Content-Type", "application/json"), *signed), body))


@NODE_CHECKS.add(
    "error-shape",
    "An error is JSON, declared as such: an object whose `error` is a string, and a line feed behind it.",
    source="protocol.md §3.1",
)
def error_shape(subject: NodeSubject) -> None:
    survey = classic(subject)
    answer = post(survey, b"{")
    document = answer.json()
    if not isinstance(document, dict) or not isinstance(document.get("error"), str):
        wrong(answer, f"a body that is no JSON: it answered {answer.words}, and no object whose error is a string")
    if set(document) != {"error"}:
        wrong(answer, f"the error's object has {', '.join(document)} where it has error alone")
    if not answer.body.endswith(b"}\n"):
        wrong(answer, "there is no line feed behind the error")
    _require_json_type(answer)


def _require_json_type(answer: Answer) -> None:
    """With or without a charset: where that changed is derived, and a proxy may set it."""
    kind, _, parameter = answer.header("Content-Type").lower().partition(";")
    if kind.strip() != "application/json" or parameter.strip() not in ("", "charset=utf-8"):
        wrong(answer, f"the error's content type is {answer.header('Content-Type')!r} instead of application/json")


@NODE_CHECKS.add(
    "json",
    "A body that is no chat request is refused with Go's words, before anything else.",
    source="protocol.md §3.3",
)
def json_texts(subject: NodeSubject) -> None:
    survey = with_row(subject, "json")
    for what, (body, text) in _NOT_JSON.items():
        mapped = f"invalid chat completion request: {text}"
        due = Due(400, mapped) if survey.generation.json_mapped else Due(500, text)
        require(post(survey, body), (due,), what)


@NODE_CHECKS.add(
    "messages-required",
    "A chat request without messages is refused, also where nothing authorizes it.",
    source="protocol.md §3.2, row 3",
)
def messages_required(subject: NodeSubject) -> None:
    survey = with_row(subject, "messages")
    for what, messages in {"no messages": ..., "an empty list of messages": [], "messages null": None}.items():
        for authorization in ("", _JUNK):
            answer = post(survey, encoded(chat_payload(NO_MODEL, messages=messages)), authorization)
            require(answer, survey.generation.due("messages"), what)


@NODE_CHECKS.add(
    "authorization-required",
    "A request without `Authorization`, or with an empty one, is refused with 401 and its words.",
    source="protocol.md §3.2, row 5",
)
def authorization_required(subject: NodeSubject) -> None:
    survey = with_row(subject, "authorization")
    body = encoded(chat_payload(NO_MODEL))
    due = survey.generation.due("authorization")
    require(post(survey, body), due, "no Authorization")
    empty = Request("POST", CHAT, (("Content-Type", "application/json"), ("Authorization", "")), body)
    require(survey.asker.ask(empty), due, "an empty Authorization")


@NODE_CHECKS.add(
    "model-required",
    "A request that names no model is refused with 400 and its words.",
    source="protocol.md §3.2, row 6",
)
def model_required(subject: NodeSubject) -> None:
    survey = with_row(subject, "model")
    unnamed = chat_payload("")
    for what, payload in {"an empty model": unnamed, "no model": {"messages": unnamed["messages"]}}.items():
        answer = post(survey, encoded(payload), _JUNK)
        require(answer, survey.generation.due("model"), what)


@NODE_CHECKS.add(
    "message-shapes", "The shape of each message is checked, and the first flaw named.", source="protocol.md §4"
)
def message_shapes(subject: NodeSubject) -> None:
    survey = with_row(subject, "message-shape")
    for what, (messages, text) in _SHAPES.items():
        answer = post(survey, encoded(chat_payload(NO_MODEL, messages=messages)), _JUNK)
        require(answer, (Due(400, text),), what)


@NODE_CHECKS.add(
    "completions",
    "`/v1/completions` makes its own checks first, with its own words; up to v0.2.11 there is no such route.",
    source="protocol.md §3.10",
)
def completions(subject: NodeSubject) -> None:
    survey = classic(subject)
    if not survey.generation.completions:
        require(post(survey, b"{}", _JUNK, COMPLETIONS), (Due(404),), f"POST {COMPLETIONS}")
        return
    for what, (body, text) in _PROMPTS.items():
        require(post(survey, body, _JUNK, COMPLETIONS), (Due(400, text),), what)
