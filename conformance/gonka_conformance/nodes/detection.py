"""Which generation a node is of, from what can be seen without paying: routes, the order of refusals, their words.

Generations that answer alike cannot be told apart; `/v1/versions` decides between them where it names one, and the
latest is taken where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

from gonka_conformance.vectors import Scheme

from .asking import Answer, Asker, Request
from .drafts import CHAT
from .generations import GENERATIONS, NO_AUTHORIZATION, NOT_ALLOWED, Generation, Kind

SchemeProbe: TypeAlias = Callable[[Scheme], Answer | None]
"""Sends a request that is signed in a scheme, stale and for no model; None where nothing can be signed."""

_JUNK: Final = "A" * 86 + "=="
_PAST_SIGNATURE: Final = (400, 402, 404)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a node, or is to be seen of a generation; None where it could not be."""

    kind: Kind
    messages_first: bool | None = None
    model_required: bool | None = None
    allow_list: bool | None = None
    identity: bool | None = None
    charset: bool | None = None
    models_legacy: bool | None = None
    deprecated: bool | None = None
    scheme: Scheme | None = None
    too_old: str | None = None

    def agreement(self, other: Sighting) -> int:
        """How many of the things seen are the same; -1 for another kind."""
        if self.kind != other.kind:
            return -1
        pairs = ((getattr(self, each.name), getattr(other, each.name)) for each in fields(self))
        return sum(mine is not None and mine == theirs for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Detected:
    """The generation taken, and the names of all that fit what was seen equally well."""

    generation: Generation
    fitting: tuple[str, ...]


def detect(asker: Asker, probe: SchemeProbe) -> Detected:
    """The generation of a node. Raises `UnreachableError`."""
    seen = _seen(asker, probe)
    scores = {name: _expected(each).agreement(seen) for name, each in GENERATIONS.items()}
    fitting = tuple(name for name, score in scores.items() if score == max(scores.values()))
    if len(fitting) == 1:
        return Detected(GENERATIONS[fitting[0]], fitting)
    told = _told_version(asker)
    return Detected(GENERATIONS[told if told in fitting else fitting[-1]], fitting)


def _expected(generation: Generation) -> Sighting:
    if generation.kind == "gateway":
        return Sighting("gateway")
    if generation.kind == "gone":
        return Sighting("gone", deprecated=generation.deprecated)
    return Sighting(
        "classic",
        messages_first="messages" in generation.rows,
        model_required="model" in generation.rows,
        allow_list="provider-allowed" in generation.rows,
        identity=generation.identity,
        charset=generation.charset,
        models_legacy=generation.models_legacy,
        scheme=generation.scheme,
        too_old=generation.too_old,
    )


def _seen(asker: Asker, probe: SchemeProbe) -> Sighting:
    empty = _post(asker, b"{}")
    if empty.status == 410:
        return Sighting("gone", deprecated=bool(asker.get("/v1/status").header("Deprecation")))
    document = empty.json()
    if isinstance(document, dict) and isinstance(document.get("error"), dict):
        return Sighting("gateway")
    scheme, too_old = _signed(probe)
    return Sighting(
        "classic",
        messages_first=empty.error == "messages is required",
        model_required=_requires_model(asker),
        allow_list=True if empty.error == NOT_ALLOWED else None,
        identity=_has(asker, "/v1/identity"),
        charset="charset" in empty.header("Content-Type").lower(),
        models_legacy=_has(asker, "/v1/governance/models-legacy"),
        scheme=scheme,
        too_old=too_old,
    )


def _requires_model(asker: Asker) -> bool | None:
    answer = _post(asker, b'{"messages":[{"role":"user","content":"hi"}]}', _JUNK)
    return None if answer.status == 403 or answer.error == NO_AUTHORIZATION else answer.error == "No model specified"


def _signed(probe: SchemeProbe) -> tuple[Scheme | None, str | None]:
    """The scheme whose signature is not refused, and the words for an old timestamp, where those were the answer."""
    schemes: tuple[Scheme, Scheme] = ("hash", "raw")
    answers: dict[Scheme, Answer | None] = {scheme: probe(scheme) for scheme in schemes}
    taken: list[Scheme] = [scheme for scheme, answer in answers.items() if answer and answer.status in _PAST_SIGNATURE]
    if len(taken) != 1:
        return None, None
    words = (answer.error or "" for answer in answers.values() if answer is not None)
    return taken[0], next((text for text in words if text.endswith("is too old")), None)


def _has(asker: Asker, path: str) -> bool | None:
    """Whether a route is there; None where the operator may have closed it."""
    return {200: True, 404: False}.get(asker.get(path).status)


def _post(asker: Asker, body: bytes, authorization: str = "") -> Answer:
    signed = (("Authorization", authorization),) if authorization else ()
    return asker.ask(Request("POST", CHAT, (("Content-Type", "application/json"), *signed), body))


def _told_version(asker: Asker) -> str:
    document: Any = asker.get("/v1/versions").json()
    version = document.get("api_version") if isinstance(document, dict) else None
    return str(version.get("version", "")) if isinstance(version, dict) else ""
