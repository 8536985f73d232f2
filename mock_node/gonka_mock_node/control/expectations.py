"""`/mock/expectations`: what a test expects of its client, and whether it came."""

from __future__ import annotations

from typing import Final

from gonka_mock_node.expectations import ExpectationError, Finding

from .calls import Answer, Call, ControlError, Route, json_route
from .fields import payload_fields
from .network import Network, url_of
from .overview import last_number


def _findings(network: Network) -> tuple[Finding, ...]:
    return network.expectations.findings(network.journal)


def _list(call: Call) -> Answer:
    return Answer({"expectations": [finding.as_object() for finding in _findings(call.network)]})


def _add(call: Call) -> Answer:
    payload_fields(call)
    given = dict(call.payload or {})
    if "since" in given:
        raise ControlError(400, "since is when it was set, which the node knows; leave it out", "since")
    if given.get("node") is not None:
        given["node"] = node_url(call.network, given["node"])
    try:
        made = call.network.expectations.add(since=last_number(call.network), **given)
    except ExpectationError as error:
        raise ControlError(400, str(error), error.field) from None
    return Answer(made.as_object(), 201)


def node_url(network: Network, named: object) -> str:
    """The URL of the node that a call names. Raises `ControlError`."""
    is_name = isinstance(named, str) or (isinstance(named, int) and not isinstance(named, bool))
    url = url_of(network, named) if is_name and isinstance(named, int | str) else None
    if url is None:
        raise ControlError(400, "no node goes by that; give its number from 1, its URL or its provider address", "node")
    return url


def _verify(call: Call) -> Answer:
    """409 where an expectation is not met, each told in a sentence."""
    findings = _findings(call.network)
    unmet = [finding for finding in findings if not finding.met]
    value = {
        "met": not unmet,
        "expectations": len(findings),
        "unmet": [finding.as_object() for finding in unmet],
    }
    if not unmet:
        return Answer(value)
    told = ". ".join(finding.explanation() for finding in unmet[:20])
    return Answer({"error": told, "field": None, **value}, 409)


def _clear(call: Call) -> Answer:
    count = len(call.network.expectations)
    call.network.expectations.clear()
    return Answer({"removed": count})


ROUTES: Final[tuple[Route, ...]] = (
    json_route("GET", "expectations", _list),
    json_route("GET", "expectations/verify", _verify),
    json_route("POST", "expectations", _add),
    json_route("DELETE", "expectations", _clear),
)
