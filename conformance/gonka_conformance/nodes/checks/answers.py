"""What a model's answer looks like when it comes through a node (`protocol.md` §5). Each request is billed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gonka_conformance.nodes.asking import Answer
from gonka_conformance.nodes.drafts import CHAT, COMPLETIONS, chat_payload, encoded
from gonka_conformance.nodes.judging import (
    billed,
    classic,
    heard,
    require_document,
    require_field,
    served_model,
    wrong,
)
from gonka_conformance.nodes.subject import NodeSubject

from .listing import NODE_CHECKS

DONE: Final = "[DONE]"


def _answer(subject: NodeSubject, payload: Mapping[str, Any], path: str = CHAT) -> Answer:
    """The answer to a right request, which is billed."""
    survey = heard(subject)
    billed(subject)
    body = encoded({"model": served_model(survey), **payload})
    return survey.send(replace(survey.draft(body, survey.now().time_ns), path=path))


def _fields(**more: Any) -> dict[str, Any]:
    payload = chat_payload("", **more)
    del payload["model"]
    return payload


def authorization_of(answer: Answer) -> str:
    """What the request had in `Authorization`."""
    return next(value for name, value in answer.request.headers if name == "Authorization")


@NODE_CHECKS.add(
    "answer",
    "A right request is answered 200: a completion whose id is the request's `Authorization`, with its usage.",
    source="protocol.md §5.2",
)
def answer_whole(subject: NodeSubject) -> None:
    answer = _answer(subject, _fields())
    document = require_document(answer, "a right request")
    _require_completion(answer, document, "chat.completion")
    choice = document["choices"][0]
    message = require_field(answer, choice, "message", dict, "the choice")
    if message.get("role") != "assistant" or "content" not in message:
        wrong(answer, f"the message has role {message.get('role')!r} and {', '.join(message)}")


def _require_completion(answer: Answer, document: dict[str, Any], kind: str) -> None:
    expected = {"object": kind, "id": authorization_of(answer)}
    for name, value in expected.items():
        if document.get(name) != value:
            wrong(answer, f"{name} is {document.get(name)!r} where {value!r} is due")
    require_field(answer, document, "created", int, "the completion")
    usage = require_field(answer, document, "usage", dict, "the completion")
    for name in ("completion_tokens", "prompt_tokens", "total_tokens"):
        require_field(answer, usage, name, int, "usage")
    if not require_field(answer, document, "choices", list, "the completion"):
        wrong(answer, "there is no choice")


@NODE_CHECKS.add(
    "answer-encoding",
    "The answer is JSON with its keys sorted and without spaces, `<`, `>` and `&` escaped.",
    source="protocol.md §5.2",
)
def answer_encoding(subject: NodeSubject) -> None:
    answer = _answer(subject, _fields())
    document = require_document(answer, "a right request")
    if list(document) != sorted(document):
        wrong(answer, f"the keys are not sorted: {', '.join(document)}")
    if answer.body.startswith((b"{ ", b"{\n")) or b'": ' in answer.body[:64]:
        wrong(answer, "there are spaces between the tokens")
    unescaped = [letter for letter in "<>&" if letter.encode() in answer.body]
    if unescaped:
        wrong(answer, f"{', '.join(unescaped)} stand in the answer without being escaped")


@NODE_CHECKS.add(
    "answer-logprobs",
    "Log probabilities come unasked, with five alternatives a token.",
    source="protocol.md §5.1",
)
def answer_logprobs(subject: NodeSubject) -> None:
    answer = _answer(subject, _fields())
    document = require_document(answer, "a right request")
    choices = require_field(answer, document, "choices", list, "the completion")
    scores = require_field(answer, choices[0] if choices else None, "logprobs", dict, "the choice")
    for token in require_field(answer, scores, "content", list, "logprobs"):
        alternatives = require_field(answer, token, "top_logprobs", list, "a token")
        if len(alternatives) != 5:
            wrong(answer, f"a token has {len(alternatives)} alternatives instead of 5")


@NODE_CHECKS.add(
    "stream",
    "A stream is `text/event-stream`: chunks with one id, a last one with the usage and no choice, then `[DONE]`.",
    source="protocol.md §5.3",
)
def stream(subject: NodeSubject) -> None:
    answer = _answer(subject, _fields(stream=True))
    chunks = chunks_of(answer)
    for chunk in chunks:
        if chunk.get("object") != "chat.completion.chunk" or chunk.get("id") != authorization_of(answer):
            wrong(answer, f"a chunk has object {chunk.get('object')!r} and id {chunk.get('id')!r}")
    if chunks[-1].get("choices") != [] or not isinstance(chunks[-1].get("usage"), dict):
        wrong(answer, "the last chunk is not the one with the usage and no choice")


def chunks_of(answer: Answer) -> list[dict[str, Any]]:
    """The chunks of a stream that ended in good order; fails for any other answer."""
    if answer.status != 200 or not answer.header("Content-Type").startswith("text/event-stream"):
        wrong(answer, f"it answered {answer.status} with {answer.header('Content-Type')!r} where a stream is due")
    events = [line[6:] for line in answer.body.decode("utf-8", "replace").splitlines() if line.startswith("data: ")]
    if not events or events[-1] != DONE:
        wrong(answer, f"the stream of {len(events)} events does not end with [DONE]")
    if len(events) < 2:
        wrong(answer, "there is no chunk in front of [DONE]")
    return [_chunk(answer, event) for event in events[:-1]]


def _chunk(answer: Answer, event: str) -> dict[str, Any]:
    try:
        chunk = json.loads(event)
    except ValueError:
        chunk = None
    if not isinstance(chunk, dict):
        wrong(answer, f"an event is no JSON object: {event[:80]}")
    return chunk


@NODE_CHECKS.add(
    "completions-answer",
    "`/v1/completions` answers a signed prompt with a text completion; the signature is over that very body.",
    source="protocol.md §1.6, §3.10",
)
def completions_answer(subject: NodeSubject) -> None:
    classic(subject, wants=subject.survey.generation.completions, what="/v1/completions")
    answer = _answer(subject, {"prompt": "hi", "max_tokens": 1}, COMPLETIONS)
    document = require_document(answer, "a right request")
    _require_completion(answer, document, "text_completion")
    require_field(answer, document["choices"][0], "text", str, "the choice")
