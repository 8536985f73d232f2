"""What kind of server an endpoint is, and which generation of the network's rules it plays (`protocol.md` §0.1, §11).

Only read: a node of v0.2.14 or later answers a GET of `/v1/chat/completions` with 410 as it does a POST, and no request
without a body is billed.
"""

from __future__ import annotations

import re
from typing import Any, Final

from gonka_core.asking import Heard
from gonka_core.discovery.identity import PATH as IDENTITY
from gonka_core.errors import RetiredError
from gonka_core.limits import OverLimitError, parse_object
from gonka_core.refusals import STEPS

from .findings import Finding, ok, unknown, wrong
from .patient import Patient, Place
from .web import MODELS, STATUS, front

_CHAT: Final = "/v1/chat/completions"
_VERSIONS: Final = "/v1/versions"
_HASH_SINCE: Final = (0, 2, 6)
_RETIRED_SINCE: Final = (0, 2, 14)
_VERSION: Final = re.compile(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})", re.ASCII)
_OF_A_GATEWAY: Final = ("pricing", "top_provider", "supported_parameters", "max_completion_tokens")


def generation(patient: Patient, place: Place) -> Finding:
    """Whether the endpoint is what it is called as: a node for signed requests, or a gateway for a key."""
    if not place.answers:
        return unknown("generation", "nobody answered who could tell", place.url)
    return _as_broker(patient, place) if place.broker else _as_node(patient, place)


def _as_node(patient: Patient, place: Place) -> Finding:
    if _is_gateway(patient, place):
        place.kind = "gateway"
        return wrong(
            "generation",
            f"{place.url} is a gateway, which takes an API key and no signatures",
            "make it the broker: set GONKA_BROKER_URL and GONKA_BROKER_API_KEY, and unset GONKA_ENDPOINT",
            place.url,
            generation="gateway",
        )
    version, text = _version(patient, place)
    gone = patient.asker.read(place.endpoint, _CHAT)
    if gone.status == 410 or (version is not None and version >= _RETIRED_SINCE):
        place.kind = "retired"
        return wrong(
            "generation",
            f"{place.url} is {text or 'a node of v0.2.14 or later'}: signed requests are retired there (410)",
            STEPS[RetiredError],
            place.url,
            generation="retired",
            version=text,
        )
    return _classic(patient, place, text, version, gone)


def _classic(patient: Patient, place: Place, text: str | None, version: tuple[int, ...] | None, chat: Heard) -> Finding:
    says_so = patient.asker.read(place.endpoint, STATUS).told.get("status") == "ok"
    named = _identified(patient, place)
    if not (version or says_so or named or _is_list_of_a_node(patient, place)):
        if _withheld(chat) or _withheld(patient.asker.read(place.endpoint, IDENTITY)):
            return unknown("generation", f"{place.url} leaves questions without an answer", place.url)
        place.kind = "other"
        return wrong(
            "generation",
            f"{place.url} answers, but not as a Gonka node does",
            f"correct the endpoint's URL: it ends in /v1, and a node tells its address at {place.url}/identity",
            place.url,
            generation="other",
        )
    place.kind = "node"
    if version is not None:
        scheme = "hash" if version >= _HASH_SINCE else "raw"
    else:
        scheme = "hash" if named or (chat.status == 400 and b"Id is required" in chat.body) else "raw"
    return ok(
        "generation",
        f"{place.url} is a node {text or 'of an unknown version'}, which takes signed requests; in the network's "
        f"releases by the scheme {scheme}",
        place.url,
        generation="classic",
        version=text,
        scheme=scheme,
    )


def _as_broker(patient: Patient, place: Place) -> Finding:
    if _identified(patient, place) or _is_list_of_a_node(patient, place):
        place.kind = "node"
        return wrong(
            "generation",
            f"{place.url} is a node, which wants signed requests and takes no API key",
            "make it the endpoint: set GONKA_ENDPOINT and GONKA_PROVIDER_ADDRESS, and unset GONKA_BROKER_URL",
            place.url,
            generation="node",
        )
    place.kind = "gateway"
    heard = front(patient, place)
    if heard.status == 401 or _withheld(heard):
        return unknown("generation", f"{place.url}/models answers {heard.status}, which anybody may", place.url)
    if not _rows(heard):
        place.kind = "other"
        return wrong(
            "generation",
            f"{place.url}/models is no list of models ({heard.status}), as a gateway or broker has one",
            "correct GONKA_BROKER_URL: it ends in /v1",
            place.url,
            generation="other",
        )
    return ok("generation", f"{place.url} is a gateway or broker", place.url, generation="gateway")


def _withheld(heard: Heard) -> bool:
    """Whether an answer says nothing about who gave it: it is refused, or bound to come another time."""
    return heard.answer is None or heard.status in (403, 429) or heard.status >= 500


def _is_gateway(patient: Patient, place: Place) -> bool:
    told = patient.asker.read(place.endpoint, STATUS).told
    if told.get("mode") == "gateway" or told.keys() >= {"escrow_id", "nonce"}:
        return True
    rows = _rows(patient.asker.read(place.endpoint, MODELS))
    marked = any(name in row for row in rows for name in _OF_A_GATEWAY)
    return marked and not _identified(patient, place)


def _is_list_of_a_node(patient: Patient, place: Place) -> bool:
    """Whether models are told as only nodes tell them: governance's list, or OpenAI's with the node's own fields."""
    heard = patient.asker.read(place.endpoint, MODELS)
    if "models" in heard.told and "data" not in heard.told:
        return True
    return any("max_output_length" in row and "input_modalities" in row for row in _rows(heard))


def _identified(patient: Patient, place: Place) -> bool:
    return bool(address_told(patient.asker.read(place.endpoint, IDENTITY)))


def address_told(heard: Heard) -> str | None:
    """`data.address` of the answer to `IDENTITY`, whatever it is worth (`protocol.md` §6.2)."""
    data = heard.told.get("data")
    address = data.get("address") if isinstance(data, dict) else None
    return address if isinstance(address, str) and address else None


def _version(patient: Patient, place: Place) -> tuple[tuple[int, ...] | None, str | None]:
    told = patient.asker.read(place.endpoint, _VERSIONS).told.get("api_version")
    text = told.get("version") if isinstance(told, dict) else None
    match = _VERSION.match(text) if isinstance(text, str) else None
    return (tuple(map(int, match.groups())), match[0]) if match else (None, None)


def _rows(heard: Heard) -> list[dict[str, Any]]:
    try:
        told = parse_object(heard.body) or {}
    except OverLimitError:
        return []
    rows = told.get("data") if heard.status == 200 else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
