"""`/mock/requests`: what was asked and how it was judged."""

from __future__ import annotations

import itertools
from typing import Any, Final

from gonka_mock_node.expectations import WANTED, ExpectationError, Wanted, sound_wanted

from .calls import Answer, Call, ControlError, Route, json_route
from .detail import detail
from .expectations import node_url
from .fields import Fields, query_fields

_USUAL: Final = 100
_MOST: Final = 1000


def _list(call: Call) -> Answer:
    fields = query_fields(call)
    wanted = _wanted(call)
    since, limit = fields.integer("since") or 0, fields.integer("limit", 0, _MOST)
    oldest_first = _oldest_first(fields)
    fields.require_no_more(*WANTED)
    found = [verdict for verdict in call.network.journal if verdict.number > since and wanted.fits(verdict)]
    ordered = found if oldest_first else found[::-1]
    some = itertools.islice(ordered, _USUAL if limit is None else limit)
    return Answer({"total": len(found), "requests": [verdict.as_event() for verdict in some]})


def _wanted(call: Call) -> Wanted:
    """The filter in a query. Names and models may look like numbers, so only what must be one becomes one."""
    plain = query_fields(call)
    given: dict[str, Any] = {name: value for name, value in call.query.items() if name in WANTED}
    given |= {"status": plain.integer("status"), "stream": plain.flag("stream")}
    if "node" in given:
        given["node"] = node_url(call.network, given["node"])
    try:
        return sound_wanted(given)
    except ExpectationError as error:
        raise ControlError(400, str(error), error.field) from None


def _oldest_first(fields: Fields) -> bool:
    order = fields.text("order")
    if order not in (None, "oldest", "newest"):
        raise ControlError(400, "there is no such order; choose newest or oldest", "order")
    return order == "oldest"


def _one(call: Call) -> Answer:
    text = call.parameters["number"]
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0
    verdict = call.network.journal.find(number)
    if verdict is None:
        raise ControlError(404, "no such request is kept; GET /mock/requests lists those that are", "number")
    return Answer(detail(call.network, verdict))


def _clear(call: Call) -> Answer:
    count = len(call.network.journal)
    call.network.journal.clear()
    return Answer({"removed": count})


ROUTES: Final[tuple[Route, ...]] = (
    json_route("GET", "requests", _list),
    json_route("GET", "requests/{number}", _one),
    json_route("DELETE", "requests", _clear),
)
