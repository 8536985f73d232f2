"""The last link: credentials. A broker's key is shown to its list of models; with `send` a chat is really sent."""

from __future__ import annotations

from gonka_core.client import Client
from gonka_core.errors import GonkaError, NodeError
from gonka_core.limits import Limits
from gonka_core.refusals import refusal
from gonka_core.request import reading
from gonka_core.retry import RetryPolicy
from gonka_core.types import SignedRequest

from .account import MAX_TOKENS, model_of, small_payload
from .findings import Finding, ok, unknown, wrong
from .patient import Patient, Place
from .web import MODELS


def scheme(patient: Patient, place: Place) -> Finding:
    """Which scheme the node accepts, or why it refuses; only with `send`, and only where nothing else is wrong."""
    if not patient.given.send:
        told = f"not tried: that sends a request, which costs {_cost(patient, place)}"
        return unknown("scheme", told, place.url, remedy="gonka doctor --send")
    before = _in_the_way(patient, place)
    if before is not None:
        return unknown("scheme", before, place.url)
    return _sent(patient, place, "scheme")


def api_key(patient: Patient, place: Place) -> Finding:
    """Whether a broker knows the key."""
    if place.endpoint.api_key is None:
        return unknown("api-key", "there is no key to try", place.url)
    if not place.answers:
        return unknown("api-key", "nobody answered to whom it could be shown", place.url)
    heard = patient.asker.read(place.endpoint, MODELS, with_key=True)
    if heard.answer is not None and heard.status in (401, 403):
        error = refusal(reading(place.endpoint, MODELS), heard.answer)
        return wrong("api-key", f"the key is refused: {error.problem}", error.next_step, place.url, status=heard.status)
    if patient.given.send and _in_the_way(patient, place) is None:
        return _sent(patient, place, "api-key")
    if heard.status == 200 and patient.asker.read(place.endpoint, MODELS).status == 200:
        return unknown(
            "api-key",
            "the list of models is shown without a key as well, so that only a request can tell",
            place.url,
            remedy="gonka doctor --send",
        )
    if heard.status == 200:
        return ok("api-key", "the key is accepted for the list of models", place.url)
    return unknown("api-key", f"{place.url}/models answers {heard.status}", place.url)


def _in_the_way(patient: Patient, place: Place) -> str | None:
    """Why nothing is sent: it would cost, or be refused for what is known already."""
    troubles = patient.troubles(place)
    if troubles:
        return f"not tried: mend {', '.join(dict.fromkeys(troubles))} first"
    if not place.answers:
        return "not tried: nobody answered"
    if not place.broker and (patient.signer is None or not place.endpoint.signed):
        return "not tried: there is no key or no provider address to sign with"
    return None


def _sent(patient: Patient, place: Place, name: str) -> Finding:
    model = model_of(patient) or _offered(patient, place)
    if model is None:
        return unknown(name, "not tried: no model is known", place.url, remedy="give --model NAME, or set GONKA_MODEL")
    cost = _cost(patient, place)
    try:
        with _client(patient, place) as client:
            answer = client.chat(small_payload(model))
    except NodeError as error:
        return wrong(name, error.problem, error.next_step, place.url, status=error.status, error=type(error).__name__)
    except GonkaError as error:
        return wrong(name, error.problem, error.next_step, place.url, error=type(error).__name__)
    if isinstance(answer.request, SignedRequest):
        accepted = answer.request.scheme
        told = f"a signature by the scheme {accepted} was accepted, and {model} answered (cost: {cost})"
        return ok(name, told, place.url, scheme=accepted, model=model, most_ngonka=patient.escrow_ngonka)
    return ok(name, f"the key was accepted, and {model} answered (cost: {cost})", place.url, model=model)


def _cost(patient: Patient, place: Place) -> str:
    most = None if place.broker else patient.escrow_ngonka
    return f"the price of a word and {MAX_TOKENS} tokens" if most is None else f"at most {most} ngonka"


def _client(patient: Patient, place: Place) -> Client:
    return Client(
        place.endpoint,
        signer=patient.signer or "auto",
        address=patient.address,
        transport=patient.asker.transport,
        clock=patient.given.clock,
        retry=RetryPolicy(attempts=1, deadline=patient.asker.timeout_s * 3),
        limits=Limits(),
    )


def _offered(patient: Patient, place: Place) -> str | None:
    told = patient.asker.read(place.endpoint, MODELS, with_key=place.broker).told.get("data")
    rows = told if isinstance(told, list) else []
    names = (row.get("id") for row in rows if isinstance(row, dict))
    return next((name for name in names if isinstance(name, str) and name), None)
