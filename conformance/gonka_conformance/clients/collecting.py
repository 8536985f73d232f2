"""From what went by on connections to the requests that were made, each with its answer and what the node says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, TypeAlias

from . import http_bytes
from .http_bytes import Message
from .tap import Recording
from .transcript import Place, Sent

if TYPE_CHECKING:
    from gonka_mock_node import Verdict

_ANSWER_SHOWN: Final = 300
_Told: TypeAlias = Mapping[tuple[str, str, str], str]


def arrived(recordings: Iterable[tuple[Place, Recording]], verdicts: Sequence[Verdict]) -> tuple[Sent, ...]:
    """Every request, in order of arrival."""
    told = {
        (verdict.node, verdict.timestamp, verdict.body_sha256): verdict.sentence()
        for verdict in verdicts
        if not verdict.accepted
    }
    found = [sent for place, recording in recordings for sent in _of_connection(place, recording, told)]
    return tuple(sorted(found, key=lambda sent: sent.arrived_ns))


def _of_connection(place: Place, recording: Recording, told: _Told) -> Iterator[Sent]:
    requests = http_bytes.requests(tuple(recording.sent))
    answers = http_bytes.answers(tuple(recording.answered))
    for request, answer in zip_longest(requests, answers):
        if request is not None:
            yield _sent(place, request, answer, told)


def _sent(place: Place, request: Message, answer: Message | None, told: _Told) -> Sent:
    method, _, rest = request.line.partition(" ")
    done = answer is not None and answer.complete
    key = (place.url, request.first("x-timestamp"), hashlib.sha256(request.body).hexdigest())
    return Sent(
        place=place,
        arrived_ns=request.began_ns,
        method=method,
        target=rest.rpartition(" ")[0] or rest,
        headers=request.headers,
        body=request.body,
        head=request.head,
        complete=request.complete,
        answered_ns=answer.ended_ns if answer is not None and done else None,
        status=answer.status if answer is not None else None,
        answer=answer.body[:_ANSWER_SHOWN].decode("utf-8", "replace") if answer is not None else "",
        told=told.get(key, ""),
    )
