"""Whether what answers over HTTP may be a node at all, rather than a proxy, a portal or a page."""

from __future__ import annotations

import re
from typing import Final

from gonka_core.asking import Heard
from gonka_core.nodetext import fields, quoted, words

from .findings import Finding, ok, unknown, wrong
from .patient import Patient, Place

STATUS: Final = "/v1/status"
MODELS: Final = "/v1/models"

_TITLE: Final = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
_OTHER: Final = "use another endpoint"


def front(patient: Patient, place: Place) -> Heard:
    """The first route that is asked: a broker may serve nothing but models, and those for its key only."""
    if place.broker:
        return patient.asker.read(place.endpoint, MODELS, with_key=True)
    return patient.asker.read(place.endpoint, STATUS)


def http(patient: Patient, place: Place) -> Finding:
    """Whether an answer comes that a node or a gateway may have written."""
    if not place.reached:
        return unknown("http", "nobody was reached who could answer", place.url)
    heard = front(patient, place)
    if heard.error is not None:
        return wrong("http", heard.error.problem, heard.error.next_step, place.url)
    flaw = _flaw(heard, place)
    if flaw is not None:
        return wrong("http", *flaw, place.url, status=heard.status)
    place.answers = True
    return ok("http", f"{place.url} answers ({heard.status})", place.url, status=heard.status)


def _flaw(heard: Heard, place: Place) -> tuple[str, str] | None:
    status, said = heard.status, quoted(words(heard.body))[:120]
    if status == 400 and "https" in said.lower() and not place.secure:
        return f"{place.url} wants TLS", f"write https://{place.where}/v1 as the endpoint's URL"
    if status in (407, 511):
        return f"a proxy or the network wants a login first ({status})", "sign in to it, or go around it (NO_PROXY)"
    if 300 <= status < 400:
        return _moved(heard, place)
    page = _is_page(heard)
    if status >= 500 or status == 429:
        who = "the server in front of the node" if page else place.url
        return f"{who} answers {status}: {_title(heard) if page else said}", f"try again later, or {_OTHER}"
    if page:
        return (
            f"{place.url} answers {status} with a web page ({_title(heard)}): a captive portal or a proxy, no node",
            "sign in to the network with a browser, or correct the endpoint's URL",
        )
    return None


def _moved(heard: Heard, place: Place) -> tuple[str, str]:
    named = fields(heard.body).get("new_url") or heard.headers.get("location") or "another place"
    target = quoted(str(named))
    return (
        f"{place.url} points to {target} ({heard.status}), and redirects are never followed",
        f"make {target} the endpoint's URL if you trust it; a captive portal wants a login in a browser",
    )


def _is_page(heard: Heard) -> bool:
    return heard.body.lstrip()[:1] == b"<" or "html" in heard.headers.get("content-type", "").lower()


def _title(heard: Heard) -> str:
    match = _TITLE.search(heard.body[:65536])
    return quoted((match[1] if match else heard.body[:200]).decode("utf-8", "replace"))[:80]
