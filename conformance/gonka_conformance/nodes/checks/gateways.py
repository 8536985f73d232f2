"""A gateway or broker: Bearer keys, errors as objects, parameters from a closed list (`protocol.md` §11.3, §11.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gonka_conformance.checks import NotApplicable
from gonka_conformance.nodes.asking import Answer, Request
from gonka_conformance.nodes.drafts import CHAT, chat_payload, encoded
from gonka_conformance.nodes.judging import billed, require_document, require_field, served_model, wrong
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import NO_MODEL, Survey

from .answers import chunks_of
from .listing import NODE_CHECKS

_FLAWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "an unknown parameter": {"no_such_parameter": 1},
    "six choices": {"n": 6},
    "top_p of 0": {"top_p": 0},
    "max_tokens of 0": {"max_tokens": 0},
    "a part that is no text": {
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}]
    },
    "a model that is not offered": {"model": NO_MODEL},
}
_UNASKED: Final = (b'"token_ids"', b'"prompt_token_ids"', b'"prompt_logprobs"')


def _gateway(subject: NodeSubject) -> Survey:
    if subject.survey.generation.kind != "gateway":
        raise NotApplicable(f"{subject.survey.generation.name} is no gateway")
    return subject.survey


def _admitted(subject: NodeSubject) -> Survey:
    survey = _gateway(subject)
    if survey.api_key is None:
        raise NotApplicable("there is no API key; set GONKA_BROKER_API_KEY")
    return survey


def _asked(survey: Survey, payload: Mapping[str, Any], key: str | None = None) -> Answer:
    """The answer to a payload under a key; under the subject's without one, under none where it is empty."""
    if key is None and survey.api_key is not None:
        key = survey.api_key.reveal()
    bearer = (("Authorization", f"Bearer {key}"),) if key else ()
    request = Request("POST", CHAT, (("Content-Type", "application/json"), *bearer), encoded(payload))
    return survey.asker.ask(request)


def _require_error(answer: Answer, status: int, what: str) -> str:
    """The message of an error in the shape of a gateway; its content type is not looked at, as no client may."""
    error = (answer.json() or {}).get("error") if isinstance(answer.json(), dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    if answer.status != status or not isinstance(message, str) or not message:
        wrong(answer, f"{what}: it answered {answer.words} where {status} with error.message is due")
    return message


@NODE_CHECKS.add("gateway-key", "A request without a key is 401, with `error.message`.", source="protocol.md §11.4")
def gateway_key(subject: NodeSubject) -> None:
    survey = _gateway(subject)
    answer = _asked(survey, chat_payload(served_model(survey)), "")
    _require_error(answer, 401, "no key")


@NODE_CHECKS.add(
    "gateway-parameters",
    "Unknown parameters, values out of range, parts that are no text and models not offered are 400.",
    source="protocol.md §11.4",
)
def gateway_parameters(subject: NodeSubject) -> None:
    survey = _admitted(subject)
    for what, fields in _FLAWS.items():
        _require_error(_asked(survey, {**chat_payload(served_model(survey)), **fields}), 400, what)


@NODE_CHECKS.add(
    "gateway-json", "A body that is no chat request is 400, with `error.message`.", source="protocol.md §11.4"
)
def gateway_json(subject: NodeSubject) -> None:
    survey = _admitted(subject)
    assert survey.api_key is not None
    headers = (("Content-Type", "application/json"), ("Authorization", f"Bearer {survey.api_key.reveal()}"))
    for what, body in {"a body that breaks off": b"{", "a list": b"[]"}.items():
        _require_error(survey.asker.ask(Request("POST", CHAT, headers, body)), 400, what)


@NODE_CHECKS.add(
    "gateway-answer",
    "An answer is a completion with `X-Request-Id`, without token ids and prompt log probabilities.",
    source="protocol.md §11.4",
)
def gateway_answer(subject: NodeSubject) -> None:
    survey = _admitted(subject)
    billed(subject)
    answer = _asked(survey, chat_payload(served_model(survey)))
    document = require_document(answer, "a right request")
    if document.get("object") != "chat.completion":
        wrong(answer, f"object is {document.get('object')!r} instead of 'chat.completion'")
    require_field(answer, document, "choices", list, "the completion")
    _require_dressed(answer)


@NODE_CHECKS.add(
    "gateway-stream",
    "A stream ends with `[DONE]`, is not to be cached and has `X-Request-Id`.",
    source="protocol.md §11.4",
)
def gateway_stream(subject: NodeSubject) -> None:
    survey = _admitted(subject)
    billed(subject)
    answer = _asked(survey, chat_payload(served_model(survey), stream=True))
    chunks_of(answer)
    if answer.header("Cache-Control") != "no-cache":
        wrong(answer, f"Cache-Control is {answer.header('Cache-Control')!r} instead of 'no-cache'")
    _require_dressed(answer)


def _require_dressed(answer: Answer) -> None:
    if not answer.header("X-Request-Id"):
        wrong(answer, "there is no X-Request-Id")
    shown = [name.decode() for name in _UNASKED if name in answer.body]
    if shown:
        wrong(answer, f"what the gateway takes out is there: {', '.join(shown)}")
