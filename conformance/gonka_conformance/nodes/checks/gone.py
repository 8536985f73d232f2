"""Where signed requests are retired: 410, whatever is sent (`protocol.md` §11.1)."""

from __future__ import annotations

from typing import Final

from gonka_conformance.checks import NotApplicable
from gonka_conformance.nodes.asking import Answer, Request
from gonka_conformance.nodes.drafts import CHAT, COMPLETIONS, chat_payload, encoded
from gonka_conformance.nodes.generations import RETIRED
from gonka_conformance.nodes.judging import wrong
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import NO_MODEL, Survey

from .listing import NODE_CHECKS

_JSON: Final = (("Content-Type", "application/json"),)
_DEVSHARD: Final = "/v1/devshard is deprecated; use /devshard/{version}"
_SUCCESSOR: Final = '</devshard/{version}>; rel="successor-version"'


def _gone(subject: NodeSubject) -> Survey:
    if subject.survey.generation.kind != "gone":
        raise NotApplicable(f"{subject.survey.generation.name} does not answer 410")
    return subject.survey


def _require_gone(answer: Answer, what: str, message: str = RETIRED) -> None:
    if answer.status != 410:
        wrong(answer, f"{what}: it answered {answer.words} where 410 is due")
    if answer.json() != {"error": "deprecated", "message": message}:
        wrong(answer, f"{what}: the body of the 410 is {answer.words}, without the message {message!r}")
    headers = {"Deprecation": "true", "Link": _SUCCESSOR}
    for name, value in headers.items():
        if answer.header(name) != value:
            wrong(answer, f"{what}: the header {name} of the 410 is {answer.header(name)!r} instead of {value!r}")


@NODE_CHECKS.add(
    "gone",
    "Requests for inference are 410 with body, `Deprecation` and `Link`, before anything of them is looked at.",
    source="protocol.md §11.1",
)
def gone(subject: NodeSubject) -> None:
    survey = _gone(subject)
    signed = survey.draft(encoded(chat_payload(NO_MODEL)), survey.stale_ns).request()
    requests = {
        "a signed request": signed,
        "a request that nothing authorizes": Request("POST", CHAT, _JSON, encoded(chat_payload(NO_MODEL))),
        "a body that is no JSON": Request("POST", CHAT, _JSON, b"{"),
        "an inference by its id": Request("GET", f"{CHAT}?id=x"),
        COMPLETIONS: Request("POST", COMPLETIONS, _JSON, b'{"model":"x","prompt":"hi"}'),
    }
    for what, request in requests.items():
        _require_gone(survey.asker.ask(request), what)


@NODE_CHECKS.add(
    "gone-devshard", "Every method under `/v1/devshard` is 410, with a message of its own.", source="protocol.md §11.1"
)
def gone_devshard(subject: NodeSubject) -> None:
    survey = _gone(subject)
    for method, path in (("GET", "/v1/devshard"), ("POST", "/v1/devshard/sessions/1"), ("DELETE", "/v1/devshard/x")):
        _require_gone(survey.asker.ask(Request(method, path)), f"{method} {path}", _DEVSHARD)


@NODE_CHECKS.add(
    "gone-announced", "From v0.2.15 on, routes that are read say `Deprecation: true`.", source="protocol.md §6.6"
)
def gone_announced(subject: NodeSubject) -> None:
    survey = _gone(subject)
    if not survey.generation.deprecated:
        raise NotApplicable(f"{survey.generation.name} announces nothing")
    for path in ("/v1/status", "/v1/models"):
        answer = survey.asker.get(path)
        if answer.header("Deprecation") != "true":
            wrong(answer, f"GET {path}: Deprecation is {answer.header('Deprecation')!r} instead of 'true'")
