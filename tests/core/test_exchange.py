"""The story of one call, without a network: second by second, with a clock that moves when the flow waits."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import (
    CallError,
    CapacityError,
    ConnectError,
    DeadlineError,
    Endpoint,
    InsufficientBalanceError,
    ModelNotFoundError,
    NodeError,
    Outcome,
    PluginError,
    PrivateKey,
    ProviderNotAllowedError,
    ReplayedError,
    Request,
    RetryPolicy,
    SelectionContext,
    SignatureRejectedError,
    SignedRequest,
    TimestampInFutureError,
    TransportTimeout,
    UnusableAnswerError,
)
from gonka_core.address import address_of
from gonka_core.answers import Answer
from gonka_core.canonical import HashedBody
from gonka_core.clock import WallClock
from gonka_core.events import Emitter
from gonka_core.exchange import FAIR_S, Accepted, Call, exchange
from gonka_core.party import Party, SchemeMemory
from gonka_core.pool import Pool
from gonka_core.resolve import signer
from gonka_core.steps import Send, Wait
from gonka_core.types import SchemeChoice

NOW = 1_766_422_712 * 10**9
SIGNER = signer("auto", lambda: PrivateKey((1).to_bytes(32, "big")))
PROVIDERS = ("gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le", "gonka1kx9mca3xm8u8ypzfuhmxey66u0ufxhs7nm6wc5",
             "gonka1d7p03cu2y2yt3vytq9wlfm6tlz0lfhlgv9h82p")  # fmt: skip
ENDPOINTS = tuple(Endpoint(f"http://node{i}", address) for i, address in enumerate(PROVIDERS))
BROKER = Endpoint.broker("http://broker", "sk-1")


def refused(status: int, text: str, **headers: str) -> Answer:
    return Answer(status, headers, b'{"error":"%s"}' % text.encode())


FINE = Answer(200, {}, b'{"choices":[]}')
WRONG_SIGNATURE = refused(401, "Unable to validate request against PubKey:invalid signature")
CAPACITY = refused(429, "Transfer Agent capacity reached. Try another TA from http://x/v1/epochs/current/participants")
FUTURE = refused(400, "signature is in the future")
REPLAYED = refused(400, "AuthKey has already been used for a transfer request")
UNREACHABLE = ConnectError("unreachable", "try another")
LOST = TransportTimeout("lost", "try another", sent=True)
Said = Answer | CallError


class Watching:
    """A selector that takes the first and remembers what it was asked and told."""

    def __init__(self) -> None:
        self.contexts: list[SelectionContext] = []
        self.outcomes: list[tuple[Endpoint, Outcome]] = []

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self.contexts.append(context)
        return candidates[0]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self.outcomes.append((endpoint, outcome))


@dataclass
class World:
    """Who calls, what time it is, and everything that the flow wanted."""

    endpoints: tuple[Endpoint, ...] = ENDPOINTS[:1]
    scheme: SchemeChoice = "auto"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    seconds: float = 1000.0
    events: list[Any] = field(default_factory=list)
    steps: list[Send | Wait] = field(default_factory=list)
    selector: Watching = field(default_factory=Watching)
    routes: dict[str, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.party = Party(
            signer=SIGNER,
            address=address_of(SIGNER.public_key),
            pool=Pool(self.endpoints, selector=self.selector, seconds=lambda: self.seconds),
            schemes=SchemeMemory(self.scheme),
            retry=self.retry,
            emitter=Emitter(self.events.append),
            clock=WallClock(lambda: NOW),
            seconds=lambda: self.seconds,
            chance=random.Random(7),
        )

    def run(self, *said: Said, took: float = 1.0, stream: bool = False) -> Accepted:
        """Drive one call with these answers; each takes so many seconds. Raises what the call ends in."""
        flow = exchange(self.party, Call(HashedBody(b"{}"), "test", stream=stream))
        answers = iter(said)
        step = next(flow)
        try:
            while True:
                self.steps.append(step)
                if isinstance(step, Wait):
                    self.seconds += step.seconds
                    step = flow.send(None)
                    continue
                self.seconds += took
                answer = self.on_route(step.request) or next(answers)
                step = flow.throw(answer) if isinstance(answer, CallError) else flow.send(answer)
        except StopIteration as finished:
            assert not list(answers), "it was not asked as often as expected"
            accepted: Accepted = finished.value
            return accepted

    def on_route(self, request: Request) -> Said | None:
        """The answer of a public route that tells of accounts, models or prices: 404 where a test names none."""
        path = request.url.removeprefix(request.endpoint.root)
        if request.method == "GET" and any(part in path for part in ("accounts/", "participants/", "models", "pric")):
            return self.routes.get(path, refused(404, "Not Found"))
        return None

    def fails(self, kind: type[CallError], *said: Said, **settings: Any) -> Any:
        with pytest.raises(kind) as caught:
            self.run(*said, **settings)
        return caught.value

    @property
    def sent(self) -> list[SignedRequest]:
        found = [step.request for step in self.steps if isinstance(step, Send)]
        return [request for request in found if isinstance(request, SignedRequest)]

    @property
    def waits(self) -> list[float]:
        return [step.seconds for step in self.steps if isinstance(step, Wait)]

    @property
    def asked(self) -> list[Endpoint]:
        return [request.endpoint for request in self.sent]

    def told(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


def fresh(requests: list[SignedRequest]) -> None:
    """No timestamp and no signature twice, and each signature bound to the endpoint it goes to."""
    assert len({request.timestamp_ns for request in requests}) == len(requests)
    assert len({request.signature for request in requests}) == len(requests)
    for request in requests:
        assert request.message.endswith(request.endpoint.provider_address.encode())


def test_a_call_that_is_answered_is_one_request() -> None:
    world = World()
    accepted = world.run(FINE)
    assert accepted.request is world.sent[0]
    assert [attempt.status for attempt in accepted.attempts] == [200]
    assert world.told() == ["CallStarted", "AttemptStarted", "RequestSigned", "ResponseReceived", "CallFinished"]
    assert world.party.pool.states()[0].in_flight == 0


class TestScheme:
    def test_auto_tries_the_other_one_once_with_a_new_timestamp_and_signature(self) -> None:
        world = World()
        world.run(WRONG_SIGNATURE, FINE)
        assert [request.scheme for request in world.sent] == ["raw", "hash"]
        fresh(world.sent)

    def test_it_gives_up_after_the_other_one(self) -> None:
        error = World().fails(SignatureRejectedError, WRONG_SIGNATURE, WRONG_SIGNATURE)
        assert [attempt.scheme for attempt in error.attempts] == ["raw", "hash"]

    def test_it_remembers_what_a_provider_accepted(self) -> None:
        world = World()
        world.run(WRONG_SIGNATURE, FINE)
        world.run(FINE)
        # A provider that goes back a generation is found again.
        world.run(WRONG_SIGNATURE, FINE)
        assert [request.scheme for request in world.sent] == ["raw", "hash", "hash", "hash", "raw"]

    @pytest.mark.parametrize("scheme", ["raw", "hash"])
    def test_a_pinned_one_is_not_left(self, scheme: SchemeChoice) -> None:
        world = World(scheme=scheme)
        world.fails(SignatureRejectedError, WRONG_SIGNATURE)
        assert [request.scheme for request in world.sent] == [scheme]


class TestGoingOn:
    @pytest.mark.parametrize(
        "refusal",
        [UNREACHABLE, CAPACITY, refused(403, "Transfer Agent not allowed"),
         refused(503, "no executors available for model"), refused(410, "deprecated"), Answer(308, {}, b'{"new_url":"https://new"}'),
         Answer(503, {}, b"<html>503</html>")],
        ids=["unreachable", "429", "403", "503", "410", "308", "nginx"],
    )  # fmt: skip
    def test_to_another_endpoint_at_once_with_a_signature_of_its_own(self, refusal: Said) -> None:
        world = World(ENDPOINTS[:2])
        world.run(refusal, FINE)
        assert world.asked == list(ENDPOINTS[:2])
        assert world.waits == []
        fresh(world.sent)

    @pytest.mark.parametrize(
        "refusal",
        [refused(402, "Insufficient balance"), refused(400, "messages is required"), refused(404, "model not found"),
         refused(500, "rpc error: code = NotFound desc = account not found: key not found"), refused(413, "x"),
         refused(403, "inference requests are restricted until block height 9"),
         refused(401, "Authorization is required")],
        ids=lambda refusal: refusal.body.decode()[10:35],
    )  # fmt: skip
    def test_not_where_every_node_would_say_the_same(self, refusal: Answer) -> None:
        world = World(ENDPOINTS)
        error = world.fails(NodeError, refusal)
        assert not error.retryable
        assert len(error.attempts) == 1
        assert world.party.pool.states()[0].cooling_s == 0

    def test_what_may_have_been_billed_only_with_permission(self) -> None:
        error = World(ENDPOINTS).fails(TransportTimeout, LOST)
        assert error.maybe_billed
        assert error.retryable
        allowed = World(ENDPOINTS, retry=RetryPolicy(may_bill_twice=True))
        allowed.run(LOST, FINE)
        assert len(allowed.sent) == 2
        failed = refused(500, "Inference node response with an error. code = 500. error = x.")
        assert World(ENDPOINTS).fails(NodeError, failed).maybe_billed
        assert World(ENDPOINTS).fails(UnusableAnswerError, Answer(200, {}, b"garbage")).maybe_billed
        World(ENDPOINTS, retry=RetryPolicy(may_bill_twice=True)).run(Answer(200, {}, b"garbage"), FINE)

    def test_attempts_are_counted_and_told(self) -> None:
        world = World(ENDPOINTS, retry=RetryPolicy(attempts=3))
        error = world.fails(ConnectError, UNREACHABLE, ConnectError("second", "x"), ConnectError("third", "x"))
        assert error.problem == "third"
        assert [attempt.endpoint for attempt in error.attempts] == list(ENDPOINTS)
        assert [attempt.error for attempt in error.attempts] == ["ConnectError"] * 3
        assert [attempt.number for attempt in error.attempts] == [1, 2, 3]
        assert world.told().count("RetryScheduled") == 2
        assert world.told()[-1] == "CallFinished"

    def test_the_same_endpoint_is_asked_again_only_after_a_wait(self) -> None:
        world = World(retry=RetryPolicy(attempts=4, backoff=1.0))
        world.fails(ConnectError, *[ConnectError("x", "y")] * 4)
        assert len(world.waits) == 3
        assert all(0 < wait <= 2**i for i, wait in enumerate(world.waits))

    def test_retry_after_is_waited_for_where_there_is_no_other_endpoint(self) -> None:
        busy = CAPACITY._replace(headers={"retry-after": "7"})
        alone = World()
        alone.run(busy, FINE)
        assert alone.waits == [7.0]
        assert World(ENDPOINTS[:2]).run(busy, FINE).attempts[0].error == "CapacityError"

    def test_one_attempt_is_one(self) -> None:
        world = World(ENDPOINTS, retry=RetryPolicy(attempts=1))
        assert len(world.fails(CapacityError, CAPACITY).attempts) == 1

    def test_from_a_node_to_a_broker_and_back(self) -> None:
        world = World((ENDPOINTS[0], BROKER))
        accepted = world.run(refused(410, "deprecated"), FINE)
        assert dict(accepted.request.headers)["Authorization"] == "Bearer sk-1"
        assert not isinstance(accepted.request, SignedRequest)
        back = World((BROKER, ENDPOINTS[0]))
        back.run(refused(401, 'model \\"x\\" requires an API key'), FINE)
        assert back.asked == [ENDPOINTS[0]]

    def test_a_sick_endpoint_is_left_alone_by_the_next_call(self) -> None:
        world = World(ENDPOINTS[:2])
        world.run(refused(403, "Transfer Agent not allowed"), FINE)
        world.run(FINE)
        assert world.asked == [ENDPOINTS[0], ENDPOINTS[1], ENDPOINTS[1]]
        assert "EndpointCooled" in world.told()

    def test_the_selector_is_told_of_every_attempt(self) -> None:
        world = World(ENDPOINTS[:2])
        world.run(CAPACITY, FINE)
        told = [(endpoint, outcome.status, outcome.error) for endpoint, outcome in world.selector.outcomes]
        assert told == [(ENDPOINTS[0], 429, "CapacityError"), (ENDPOINTS[1], 200, None)]
        assert [outcome.ok for _, outcome in world.selector.outcomes] == [False, True]
        assert [context.attempt for context in world.selector.contexts] == [1, 2]


class TestDeadline:
    def test_it_holds_for_waits(self) -> None:
        world = World(retry=RetryPolicy(deadline=5))
        busy = CAPACITY._replace(headers={"retry-after": "60"})
        error = world.fails(DeadlineError, busy)
        assert isinstance(error.__cause__, CapacityError)
        assert world.waits == []
        assert len(error.attempts) == 1

    def test_what_is_left_goes_with_every_request(self) -> None:
        world = World(ENDPOINTS, retry=RetryPolicy(deadline=10))
        world.run(UNREACHABLE, UNREACHABLE, FINE, took=3.0)
        assert [step.timeout for step in world.steps if isinstance(step, Send)] == [10, 7, 4]

    def test_no_attempt_begins_after_it(self) -> None:
        error = World(ENDPOINTS, retry=RetryPolicy(deadline=10)).fails(DeadlineError, UNREACHABLE, took=11.0)
        assert len(error.attempts) == 1
        assert not error.maybe_billed


def block(seconds: int) -> Answer:
    stamp = f"2025-12-22T16:58:{32 + seconds:02d}Z"
    return Answer(200, {}, b'{"result":{"sync_info":{"latest_block_time":"%s"}}}' % stamp.encode())


class TestAnotherNodeMaySeeItOtherwise:
    """What one node refuses after everything was learned may be that node's own trouble; it cost nothing."""

    def test_a_signature_goes_to_the_next_endpoint_and_no_further(self) -> None:
        world = World(ENDPOINTS[:2])
        world.run(WRONG_SIGNATURE, WRONG_SIGNATURE, FINE)
        assert [request.endpoint for request in world.sent] == [ENDPOINTS[0], ENDPOINTS[0], ENDPOINTS[1]]
        again = World(ENDPOINTS[:2]).fails(SignatureRejectedError, *[WRONG_SIGNATURE] * 4)
        assert len(again.attempts) == 4


class TestClock:
    def test_a_refused_timestamp_is_corrected_by_block_time_once(self) -> None:
        world = World()
        world.run(FUTURE, block(-31), FINE)
        first, second = world.sent
        assert second.timestamp_ns - first.timestamp_ns < -30 * 10**9
        reads = [step.request for step in world.steps if isinstance(step, Send) and step.request.method == "GET"]
        assert [request.url for request in reads] == ["http://node0/chain-rpc/status"]
        assert all("Authorization" not in request.headers for request in reads)
        assert "ClockCorrected" in world.told()

    def test_it_is_remembered_for_that_provider_only(self) -> None:
        world = World()
        world.run(FUTURE, block(-31), FINE)
        world.run(FINE)
        assert world.sent[-1].timestamp_ns < NOW - 30 * 10**9
        assert world.party.offsets.offset_ns(ENDPOINTS[1]) == 0

    def test_the_next_source_and_the_date_are_asked_where_the_first_does_not_tell(self) -> None:
        world = World()
        off = Answer(404, {}, b"Chain RPC Disabled")
        world.run(FUTURE._replace(headers={"date": "Mon, 22 Dec 2025 16:57:32 GMT"}), off, off, FINE)
        assert world.sent[-1].timestamp_ns == pytest.approx(NOW - 60 * 10**9, abs=2 * 10**9)

    def test_a_clock_that_is_right_already_is_no_reason_to_try_again(self) -> None:
        error = World().fails(TimestampInFutureError, FUTURE, block(0))
        assert len(error.attempts) == 1

    def test_a_second_refusal_ends_it(self) -> None:
        error = World().fails(TimestampInFutureError, FUTURE, block(-31), FUTURE)
        assert len(error.attempts) == 2

    def test_a_replayed_signature_is_made_anew_once(self) -> None:
        world = World()
        world.run(REPLAYED, FINE)
        fresh(world.sent)
        assert len(World().fails(ReplayedError, REPLAYED, REPLAYED).attempts) == 2


def test_a_stream_keeps_its_place_until_it_is_closed() -> None:
    world = World()
    accepted = world.run(Answer(200, {"content-type": "text/event-stream"}, None), stream=True)
    assert accepted.completion is None
    assert world.party.pool.states()[0].in_flight == 1
    world.party.pool.release(accepted.request.endpoint)
    assert World().fails(UnusableAnswerError, FINE, stream=True).maybe_billed


ANSWERS = st.sampled_from([FINE, WRONG_SIGNATURE, CAPACITY, REPLAYED, UNREACHABLE, LOST, Answer(500, {}, b""),
                           refused(403, "Transfer Agent not allowed"), Answer(200, {}, b"x")])  # fmt: skip


@given(st.lists(ANSWERS, max_size=30), st.integers(1, 5), st.booleans(), st.integers(1, 3))
def test_every_call_ends_and_nothing_is_billed_twice_without_permission(
    said: list[Said], attempts: int, permitted: bool, count: int
) -> None:
    world = World(ENDPOINTS[:count], retry=RetryPolicy(attempts=attempts, may_bill_twice=permitted))
    script: Callable[[], list[Said]] = lambda: [*said, *[InsufficientBalanceErrorAnswer] * 40]  # noqa: E731
    try:
        flow_answers = iter(script())
        flow = exchange(world.party, Call(HashedBody(b"{}"), "test"))
        step = next(flow)
        billed = 0
        for _ in range(200):
            world.steps.append(step)
            if isinstance(step, Wait):
                world.seconds += step.seconds
                step = flow.send(None)
                continue
            answer = next(flow_answers)
            billed += answer is FINE or answer is LOST or (isinstance(answer, Answer) and answer.status in (200, 500))
            assert billed <= 1 or permitted
            step = flow.throw(answer) if isinstance(answer, CallError) else flow.send(answer)
        raise AssertionError("the call did not end")
    except (StopIteration, CallError):
        pass
    fresh(world.sent)
    assert all(state.in_flight == 0 for state in world.party.pool.states())
    assert world.told()[-1] == "CallFinished"


InsufficientBalanceErrorAnswer = refused(402, "Insufficient balance")


def test_known_errors_of_the_table_are_what_this_file_believes() -> None:
    assert World().fails(InsufficientBalanceError, InsufficientBalanceErrorAnswer).status == 402
    assert World(retry=RetryPolicy(attempts=1)).fails(
        ProviderNotAllowedError, refused(403, "Transfer Agent not allowed")
    )


class TestWhatARefusalLeavesOpen:
    """The amounts of a 402 and the models of a 404 are asked for, once, where the call ends anyway."""

    ADDRESS = address_of(SIGNER.public_key)
    ACCOUNT = f"/v2/accounts/{ADDRESS}"
    OLDER = f"/v1/participants/{ADDRESS}"
    CHAIN = "/chain-api/productscience/inference/inference/model_per_token_price/test"
    PRICING = "/v1/governance/pricing"
    POOR = refused(402, "Insufficient balance")
    NO_MODEL = refused(404, "model not found")
    RICH = Answer(200, {}, b'{"pubkey":"A6Xo","balance":70000,"denom":"ngonka"}')
    PRICE = Answer(200, {}, b'{"price":"100","found":true}')

    def refusal(self, answer: Answer, **routes: Said) -> tuple[Any, World]:
        world = World(ENDPOINTS, scheme="raw", routes={getattr(self, name): said for name, said in routes.items()})
        return world.fails(NodeError, answer), world

    def test_the_amounts_of_a_low_balance(self) -> None:
        error, world = self.refusal(self.POOR, ACCOUNT=self.RICH, CHAIN=self.PRICE)
        assert (error.available_ngonka, error.needed_ngonka) == (70_000, 500_000)
        assert "add at least 430000 ngonka to gonka1" in str(error)
        assert len(world.sent) == 1
        assert len(error.attempts) == 1

    def test_older_routes_are_asked_where_the_newer_ones_are_shut(self) -> None:
        models = b'[{"id":"other","price_per_token":1},{"id":"test","price_per_token":2}]'
        pricing = b'{"models":%b,"dynamic_pricing_enabled":true}' % models
        error, _ = self.refusal(self.POOR, OLDER=Answer(200, {}, b'{"balance":"7"}'), PRICING=Answer(200, {}, pricing))
        assert (error.available_ngonka, error.needed_ngonka) == (7, 10_000)

    @pytest.mark.parametrize("known", ["ACCOUNT", "CHAIN", "none"])
    def test_what_nobody_tells_stays_open(self, known: str) -> None:
        told = {"ACCOUNT": self.RICH, "CHAIN": self.PRICE}
        error, _ = self.refusal(self.POOR, **{name: said for name, said in told.items() if name == known})
        assert error.available_ngonka == (70_000 if known == "ACCOUNT" else None)
        assert error.needed_ngonka == (500_000 if known == "CHAIN" else None)
        assert "add coins to" in str(error)

    def test_a_model_without_a_price_costs_what_a_node_reckons_then(self) -> None:
        error, _ = self.refusal(self.POOR, CHAIN=Answer(200, {}, b'{"price":"0","found":false}'))
        assert error.needed_ngonka == 5_000 * 1_000

    def test_the_models_that_are_served(self) -> None:
        world = World(
            ENDPOINTS, scheme="raw", routes={"/v1/models": Answer(200, {}, b'{"data":[{"id":"a/b"},{"id":"c"}]}')}
        )
        error = world.fails(ModelNotFoundError, self.NO_MODEL)
        assert error.served == ("a/b", "c")
        assert str(error).endswith("choose one of those that are served: a/b, c")

    def test_nobody_is_asked_further_once_nobody_answers(self) -> None:
        error, world = self.refusal(self.POOR, ACCOUNT=UNREACHABLE, CHAIN=UNREACHABLE)
        paths = [step.request.url for step in world.steps if isinstance(step, Send) and step.request.method == "GET"]
        assert len(paths) == 2
        assert (error.available_ngonka, error.needed_ngonka) == (None, None)

    def test_asking_ends_with_the_deadline_and_the_error_is_still_the_refusal(self) -> None:
        world = World(ENDPOINTS, scheme="raw", retry=RetryPolicy(deadline=2.5))
        world.fails(InsufficientBalanceError, self.POOR)
        asked = [step for step in world.steps if isinstance(step, Send) and step.request.method == "GET"]
        assert [step.timeout for step in asked] == [1.5, 0.5]

    def test_what_is_asked_carries_no_credentials(self) -> None:
        _, world = self.refusal(self.POOR)
        asked = [step.request for step in world.steps if isinstance(step, Send) and step.request.method == "GET"]
        assert asked
        assert all(not request.headers and not request.body for request in asked)

    def test_a_broker_is_asked_nothing(self) -> None:
        world = World((BROKER,))
        world.fails(InsufficientBalanceError, self.POOR)
        assert len(world.steps) == 1

    def test_other_refusals_ask_nothing(self) -> None:
        _, world = self.refusal(refused(400, "messages is required"))
        assert len(world.steps) == 1


class TestHowACallEnds:
    """`CallFinished` comes once, whatever ends the call."""

    def finished(self, world: World) -> list[str | None]:
        return [event.error for event in world.events if type(event).__name__ == "CallFinished"]

    def test_cancelled(self) -> None:
        world = World()
        flow = exchange(world.party, Call(HashedBody(b"{}"), "test"))
        next(flow)
        flow.close()
        assert self.finished(world) == ["CancelledError"]

    def test_by_a_selector_that_chooses_a_stranger(self) -> None:
        world = World()
        world.selector.select = lambda candidates, context: BROKER  # type: ignore[method-assign]
        with pytest.raises(PluginError):
            world.run()
        assert self.finished(world) == ["PluginError"]

    def test_a_timeout_of_a_short_deadline_cools_nobody(self) -> None:
        world = World(ENDPOINTS[:1], scheme="raw", retry=RetryPolicy(deadline=FAIR_S / 2))
        world.fails(TransportTimeout, LOST)
        assert world.party.pool.states()[0].cooling_s == 0
        assert not world.selector.outcomes[-1][1].ok

    def test_a_timeout_after_fair_time_does(self) -> None:
        world = World(ENDPOINTS[:1], scheme="raw", retry=RetryPolicy(deadline=FAIR_S * 2))
        world.fails(TransportTimeout, LOST)
        assert world.party.pool.states()[0].cooling_s > 0
