"""The story of one call, without a network."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gonka_core import ConnectError, Endpoint, NodeError, Outcome, PrivateKey, SelectionContext, SignedRequest
from gonka_core.address import address_of
from gonka_core.clock import WallClock
from gonka_core.errors import SignatureRejectedError
from gonka_core.exchange import Party, SchemeMemory, exchange
from gonka_core.resolve import signer
from gonka_core.response import Answer
from gonka_core.types import SchemeChoice

SIGNER = signer("coincurve", lambda: PrivateKey((1).to_bytes(32, "big")))
ENDPOINT = Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
WRONG_SIGNATURE = Answer(401, {}, b'{"error":"Unable to validate request against PubKey:invalid signature"}')
NO_SIGNATURE = Answer(401, {}, b'{"error":"Authorization is required"}')
FINE = Answer(200, {}, b"{}")


class Watching:
    """A selector that remembers what it was asked and told."""

    def __init__(self) -> None:
        self.contexts: list[SelectionContext] = []
        self.outcomes: list[Outcome] = []

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self.contexts.append(context)
        return candidates[0]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self.outcomes.append(outcome)


def party(scheme: SchemeChoice = "auto", selector: Watching | None = None) -> Party:
    seconds = iter(range(1000))
    return Party(
        signer=SIGNER,
        address=address_of(SIGNER.public_key),
        endpoints=(ENDPOINT,),
        selector=selector or Watching(),
        schemes=SchemeMemory(scheme),
        clock=WallClock(lambda: 1_766_422_712_000_000_000),
        seconds=lambda: float(next(seconds)),
    )


def run(caller: Party, *answers: Answer) -> tuple[list[SignedRequest], SignedRequest | None]:
    """The requests that the flow wants sent, and the one that was accepted."""
    flow = exchange(caller, b"{}", "test")
    sent = [next(flow)]
    for given in answers:
        try:
            sent.append(flow.send(given))
        except StopIteration as finished:
            return sent, finished.value[0]
    return sent, None


def test_a_call_that_is_answered_is_one_request() -> None:
    sent, accepted = run(party(), FINE)
    assert [request.scheme for request in sent] == ["raw"]
    assert accepted is sent[0]
    assert sent[0].body == b"{}"


def test_auto_tries_the_other_scheme_once_with_a_new_timestamp_and_signature() -> None:
    sent, accepted = run(party(), WRONG_SIGNATURE, FINE)
    assert [request.scheme for request in sent] == ["raw", "hash"]
    assert accepted is sent[1]
    assert sent[0].timestamp_ns < sent[1].timestamp_ns
    assert sent[0].signature != sent[1].signature
    assert sent[0].endpoint == sent[1].endpoint


def test_auto_gives_up_after_the_other_scheme() -> None:
    flow = exchange(party(), b"{}")
    next(flow)
    flow.send(WRONG_SIGNATURE)
    with pytest.raises(SignatureRejectedError):
        flow.send(WRONG_SIGNATURE)


def test_auto_remembers_what_a_provider_accepted() -> None:
    caller = party()
    run(caller, WRONG_SIGNATURE, FINE)
    assert [request.scheme for request in run(caller, FINE)[0]] == ["hash"]
    # A provider that goes back a generation is found again.
    assert [request.scheme for request in run(caller, WRONG_SIGNATURE, FINE)[0]] == ["hash", "raw"]


@pytest.mark.parametrize("scheme", ["raw", "hash"])
def test_a_pinned_scheme_is_not_left(scheme: SchemeChoice) -> None:
    flow = exchange(party(scheme), b"{}")
    assert next(flow).scheme == scheme
    with pytest.raises(SignatureRejectedError):
        flow.send(WRONG_SIGNATURE)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 429, 500, 503])
def test_no_other_refusal_is_repeated(status: int) -> None:
    flow = exchange(party(), b"{}")
    next(flow)
    with pytest.raises(NodeError) as caught:
        flow.send(Answer(status, {}, NO_SIGNATURE.body))
    assert caught.value.status == status


def test_a_transport_error_ends_the_call() -> None:
    selector = Watching()
    flow = exchange(party(selector=selector), b"{}")
    next(flow)
    with pytest.raises(ConnectError):
        flow.throw(ConnectError("unreachable", "try another"))
    assert selector.outcomes == [Outcome(None, 1.0)]


def test_the_selector_is_told_of_every_attempt() -> None:
    selector = Watching()
    run(party(selector=selector), WRONG_SIGNATURE, FINE)
    assert selector.contexts == [SelectionContext(1, "test")]
    assert selector.outcomes == [Outcome(401, 1.0), Outcome(200, 1.0)]
    assert [outcome.ok for outcome in selector.outcomes] == [False, True]
