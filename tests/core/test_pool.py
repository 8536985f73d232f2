"""The pool: whom a selector may choose from, who rests, and that there is always somebody."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gonka_core import (
    ConfigurationError,
    ConnectError,
    Endpoint,
    MissingSettingError,
    NodeError,
    Outcome,
    PluginError,
    SelectionContext,
    SignatureRejectedError,
    errors,
)
from gonka_core.cooldown import PROBE_S, RESTS
from gonka_core.pool import EndpointState, Pool
from gonka_core.resolve import selector

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
A, B, C, D = (Endpoint(f"http://{name}", PROVIDER) for name in "abcd")
CONTEXT = SelectionContext(1)
UNREACHABLE = ConnectError("unreachable", "try another")
FIRST_S = RESTS["ConnectError"].seconds
FINE = Outcome(200, 0.0)
FAILED = Outcome(None, 0.0, "ConnectError")


def node_error(kind: type[NodeError]) -> NodeError:
    return kind("x", "y", endpoint=A, status=500, node_text="x")


REFUSED = node_error(errors.ProviderNotAllowedError)


class Watching:
    """A selector that takes the last candidate and remembers what it was shown and told."""

    def __init__(self) -> None:
        self.shown: list[list[Endpoint]] = []
        self.told: list[tuple[Endpoint, Outcome]] = []

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self.shown.append(list(candidates))
        return candidates[-1]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self.told.append((endpoint, outcome))


class World:
    """A pool with a clock that tests set, and a selector that watches."""

    def __init__(self, *endpoints: Endpoint, **options: Any) -> None:
        self.now = 1000.0
        self.selector = Watching()
        self.pool = Pool(endpoints or (A, B, C), selector=self.selector, seconds=lambda: self.now, **options)

    def candidates(self, *tried: Endpoint, model: str | None = None) -> list[Endpoint]:
        self.pool.choose(SelectionContext(1, model), tried)
        return self.selector.shown[-1]

    def fails(self, *endpoints: Endpoint, error: Exception = UNREACHABLE) -> None:
        for endpoint in endpoints:
            self.pool.report(endpoint, FAILED, error)

    def state(self, endpoint: Endpoint) -> EndpointState:
        return next(state for state in self.pool.states() if state.url == endpoint.url)


class TestWho:
    def test_the_selector_chooses_among_all_in_their_order(self) -> None:
        world = World()
        assert world.pool.choose(CONTEXT) is C
        assert world.selector.shown == [[A, B, C]]

    def test_equal_endpoints_are_one(self) -> None:
        assert World(A, replace(A, weight=7), B).pool.endpoints == (A, B)

    def test_those_that_were_tried_are_left_out_while_there_are_others(self) -> None:
        assert World().candidates(A, C) == [B]

    def test_those_that_rest_are_left_out_until_their_rest_is_over(self) -> None:
        world = World()
        world.fails(A, B)
        assert world.candidates() == [C]
        world.now += FIRST_S
        assert world.candidates() == [A, B, C]

    def test_one_that_was_tried_is_better_than_one_that_rests(self) -> None:
        world = World(A, B)
        world.fails(A)
        assert world.candidates(B) == [B]

    def test_when_everybody_rests_the_one_that_is_ready_first(self) -> None:
        world = World()
        world.fails(A, error=REFUSED)
        world.fails(B, B)
        world.fails(C)
        assert world.candidates() == [C]
        assert world.candidates(C) == [C]

    def test_when_everybody_was_tried_the_one_whose_failure_is_longest_ago(self) -> None:
        world = World()
        world.fails(B, C, A, error=node_error(SignatureRejectedError))
        assert world.candidates(A, B, C) == [B]
        world.fails(B, error=node_error(SignatureRejectedError))
        assert world.candidates(A, B, C) == [C]

    def test_an_answer_is_no_failure(self) -> None:
        world = World(B, A)
        world.fails(B, error=node_error(SignatureRejectedError))
        world.pool.report(A, FINE)
        assert world.candidates(A, B) == [A]

    def test_the_last_one_alive_is_asked_however_sick(self) -> None:
        world = World(A)
        for _ in range(20):
            world.fails(A, error=REFUSED)
        assert world.candidates() == world.candidates(A, A) == [A]


class TestModels:
    ONE = replace(A, models=frozenset({"one"}))
    TWO = replace(B, models=frozenset({"two", "one"}))

    def test_only_those_that_serve_it_or_may(self) -> None:
        world = World(self.ONE, self.TWO, C)
        assert world.candidates(model="two") == [self.TWO, C]
        assert world.candidates(model="other") == [C]
        assert world.candidates() == [self.ONE, self.TWO, C]

    def test_it_is_absolute(self) -> None:
        world = World(self.ONE, self.TWO, limit_per_endpoint=1)
        world.fails(self.TWO, error=REFUSED)
        assert world.candidates(self.TWO, model="two") == [self.TWO]

    def test_none_at_all_is_told_with_those_that_are_served(self) -> None:
        with pytest.raises(ConfigurationError, match=r"model 'x'; choose one of: one, two$"):
            World(self.ONE, self.TWO).candidates(model="x")
        with pytest.raises(ConfigurationError, match="add endpoints"):
            World(replace(A, models=frozenset())).candidates(model="x")

    def test_the_allow_list_is_absolute_too(self) -> None:
        world = World(A, B, allowed=lambda endpoint: endpoint == A)
        world.fails(A, error=REFUSED)
        assert world.candidates(A) == [A]
        assert not world.pool.has_fresh(None, ())
        with pytest.raises(ConfigurationError, match="http://a/v1, http://b/v1 is allowed; allow one"):
            World(A, B, allowed=lambda _: False).candidates(model="x")


class TestLimit:
    def test_one_that_has_enough_in_hand_is_passed_over(self) -> None:
        world = World(A, B, limit_per_endpoint=2)
        assert [world.pool.take(CONTEXT) for _ in range(4)] == [B, B, A, A]

    def test_when_everybody_has_enough_the_one_with_the_fewest(self) -> None:
        world = World(A, B, limit_per_endpoint=1)
        for endpoint in (A, B, B):
            world.pool.acquire(endpoint)
        assert world.candidates() == [A]

    def test_without_one_nobody_is_passed_over(self) -> None:
        world = World(A, B)
        assert [world.pool.take(CONTEXT) for _ in range(9)] == [B] * 9

    def test_choosing_counts_nothing_and_taking_does_until_release(self) -> None:
        world = World(A)
        world.pool.choose(CONTEXT)
        assert world.state(A).in_flight == 0
        world.pool.take(CONTEXT)
        assert world.state(A).in_flight == 1
        world.pool.release(A)
        world.pool.release(A)
        assert world.state(A).in_flight == 0
        world.pool.take(CONTEXT)
        assert world.state(A).in_flight == 1

    @pytest.mark.parametrize("limit", [0, -1])
    def test_none_is_no_limit_and_zero_is_refused(self, limit: int) -> None:
        with pytest.raises(ConfigurationError, match="allow one or more"):
            World(A, limit_per_endpoint=limit)

    def test_threads_never_exceed_it_while_there_is_room(self) -> None:
        pool = Pool((A, B, C, D), selector=selector("random"), limit_per_endpoint=2)
        running, most, lock = Counter[Endpoint](), Counter[Endpoint](), threading.Lock()

        def call(_: int) -> None:
            endpoint = pool.take(CONTEXT)
            with lock:
                running[endpoint] += 1
                most[endpoint] = max(most[endpoint], running[endpoint])
            pool.report(endpoint, FINE)
            with lock:
                running[endpoint] -= 1
            pool.release(endpoint)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(call, range(2000)))
        assert max(most.values()) <= 2
        assert all(state.in_flight == 0 for state in pool.states())

    def test_a_release_in_the_middle_of_a_method_does_not_lock_up(self) -> None:
        """As by a forgotten stream that is collected while a selector runs."""
        world = World(A)
        world.pool.take(CONTEXT)

        class Collecting(Watching):
            def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
                world.pool.release(A)
                return candidates[0]

        world.pool._selector = Collecting()
        thread = threading.Thread(target=world.pool.choose, args=(CONTEXT,), daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


class TestReport:
    def test_it_tells_the_rest_that_begins_and_the_selector_hears_everything(self) -> None:
        world = World()
        assert world.pool.report(A, FAILED, UNREACHABLE) == FIRST_S
        assert world.pool.report(B, FINE) == 0
        assert world.pool.report(C, FAILED, node_error(errors.InsufficientBalanceError)) == 0
        assert world.selector.told == [(A, FAILED), (B, FINE), (C, FAILED)]
        assert world.pool.states() == (
            EndpointState("http://a/v1", FIRST_S, 0, 1),
            EndpointState("http://b/v1", 0, 0, 0),
            EndpointState("http://c/v1", 0, 0, 0),
        )

    def test_when_an_attempt_began_follows_from_how_long_it_took(self) -> None:
        world = World()
        world.fails(A)
        world.now += 1
        assert world.pool.report(A, Outcome(None, 1.5, "ConnectError"), UNREACHABLE) == FIRST_S
        assert world.state(A).failures == 1
        world.pool.report(A, Outcome(200, 1.5))
        assert world.state(A).failures == 1
        world.pool.report(A, Outcome(200, 0.5))
        assert world.state(A) == EndpointState("http://a/v1", 0, 0, 0)

    def test_after_its_rest_one_probe_goes_and_the_others_wait_for_it(self) -> None:
        world = World(B, A)
        world.fails(A)
        world.now += FIRST_S
        assert [world.pool.take(CONTEXT) for _ in range(3)] == [A, B, B]
        assert world.state(A).cooling_s == PROBE_S
        world.pool.report(A, FINE)
        assert world.pool.take(CONTEXT) is A

    def test_a_probe_that_is_released_without_a_report_frees_its_endpoint(self) -> None:
        world = World(B, A)
        world.fails(A)
        world.now += FIRST_S
        assert world.pool.take(CONTEXT) is A
        world.pool.release(A)
        assert world.pool.take(CONTEXT) is A

    def test_a_selector_that_cannot_learn_loses_no_answer(self, caplog: pytest.LogCaptureFixture) -> None:
        class Dull(Watching):
            def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
                raise ZeroDivisionError

        pool = Pool((A,), selector=Dull())
        with caplog.at_level(logging.ERROR, "gonka"):
            assert pool.report(A, FAILED, UNREACHABLE) == FIRST_S
            pool.report(A, FINE)
        assert len(caplog.records) == 1
        assert "mend the selector" in caplog.text

    @pytest.mark.parametrize("stranger", [D, replace(B, url="http://elsewhere"), None, "http://a/v1"])
    def test_a_selector_that_returns_somebody_else_is_refused(self, stranger: Any) -> None:
        class Astray(Watching):
            def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
                endpoint: Endpoint = stranger
                return endpoint

        pool = Pool((A, B), selector=Astray())
        with pytest.raises(PluginError, match=r"Astray returned .*; return one of"):
            pool.take(CONTEXT)
        assert all(state.in_flight == 0 for state in pool.states())

    def test_nor_one_that_does_not_serve_the_model_or_is_not_allowed(self) -> None:
        class Astray(Watching):
            def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
                return A

        with pytest.raises(PluginError):
            Pool((replace(A, models=frozenset()), B), selector=Astray()).take(SelectionContext(1, "x"))
        with pytest.raises(PluginError):
            Pool((A, B), selector=Astray(), allowed=lambda endpoint: endpoint != A).take(CONTEXT)


class TestFresh:
    def test_fresh_is_untried_and_not_resting_and_serves_the_model(self) -> None:
        world = World(A, B, TestModels.ONE)
        assert world.pool.has_fresh("other", [A])
        assert not world.pool.has_fresh("other", [A, B])
        world.fails(B)
        assert not world.pool.has_fresh(None, [A])
        world.now += FIRST_S
        assert world.pool.has_fresh(None, [A])

    def test_nobody_is_fresh_where_nobody_serves_the_model(self) -> None:
        assert not World(TestModels.ONE).pool.has_fresh("other", ())


class TestReplace:
    def test_those_that_stay_are_remembered_and_those_that_go_forgotten(self) -> None:
        world = World(A, B)
        world.fails(A, B)
        world.pool.acquire(A)
        world.pool.replace((A, C))
        assert world.pool.endpoints == (A, C)
        assert set(world.pool._failed) == {A}
        assert world.state(A) == EndpointState("http://a/v1", FIRST_S, 1, 1)
        world.pool.replace((A, B))
        assert world.state(B) == EndpointState("http://b/v1", 0, 0, 0)

    def test_news_of_one_that_went_changes_nothing(self) -> None:
        world = World(A, B)
        world.pool.acquire(B)
        world.pool.replace((A,))
        assert world.pool.report(B, FAILED, UNREACHABLE) == 0
        world.pool.release(B)
        assert not world.pool._cooldown._ill
        assert not world.pool._failed
        assert not world.pool._in_flight

    def test_what_is_new_about_one_that_stays_counts(self) -> None:
        world = World(A)
        world.pool.replace((replace(A, models=frozenset({"new"})),))
        with pytest.raises(ConfigurationError, match="choose one of: new"):
            world.candidates(model="old")

    def test_none_is_refused_and_leaves_everything_as_it_was(self) -> None:
        world = World(A)
        with pytest.raises(MissingSettingError, match="give at least one"):
            world.pool.replace(())
        assert world.candidates() == [A]
        with pytest.raises(MissingSettingError):
            Pool((), selector=Watching())


def test_states_show_no_key() -> None:
    broker = Endpoint.broker("http://broker", "sk-secret")
    assert "sk-secret" not in repr(World(broker).pool.states())


ERRORS: list[Callable[[], Exception | None]] = [
    lambda: None,
    lambda: UNREACHABLE,
    lambda: REFUSED,
    lambda: node_error(errors.CapacityError),
    lambda: node_error(errors.InsufficientBalanceError),
]
ALL = (A, B, C, D, Endpoint.broker("http://broker", "sk-secret"))
NAMES = ["random", "round-robin", "first", "weighted", "fastest", "sticky"]
SOME = st.lists(st.sampled_from(ALL), min_size=1, max_size=5)


class Life(RuleBasedStateMachine):
    """Calls come, end, fail or vanish; time passes; discovery finds others."""

    @initialize(endpoints=SOME, name=st.sampled_from(NAMES), limit=st.none() | st.integers(1, 2))
    def begin(self, endpoints: list[Endpoint], name: str, limit: int | None) -> None:
        self.now = 0.0
        self.hand: list[tuple[Endpoint, float]] = []
        self.pool = Pool(endpoints, selector=selector(name), limit_per_endpoint=limit, seconds=lambda: self.now)
        self.limit = limit

    @rule(tried=st.lists(st.sampled_from(ALL)))
    def take(self, tried: list[Endpoint]) -> None:
        before = {state.url: state for state in self.pool.states()}
        endpoint = self.pool.take(CONTEXT, tried)
        assert endpoint in self.pool.endpoints
        chosen = before[endpoint.url]
        if chosen.cooling_s:
            assert chosen.cooling_s == min(state.cooling_s for state in before.values())
        elif endpoint in tried:
            assert all(other in tried or before[other.url].cooling_s for other in self.pool.endpoints)
        elif self.limit is not None and chosen.in_flight >= self.limit:
            fresh = [o for o in self.pool.endpoints if o not in tried and not before[o.url].cooling_s]
            assert chosen.in_flight == min(before[other.url].in_flight for other in fresh)
        self.hand.append((endpoint, self.now))

    @rule(data=st.data(), error=st.sampled_from(ERRORS), reported=st.booleans())
    def end(self, data: st.DataObject, error: Callable[[], Exception | None], reported: bool) -> None:
        if not self.hand:
            return
        endpoint, began = self.hand.pop(data.draw(st.integers(0, len(self.hand) - 1)))
        if reported:
            failure = error()
            outcome = Outcome(None if failure else 200, self.now - began, type(failure).__name__ if failure else None)
            rest = self.pool.report(endpoint, outcome, failure)
            assert rest >= 0
            assert not rest or failure is not None
        self.pool.release(endpoint)

    @rule(seconds=st.integers(0, 400))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(endpoints=SOME)
    def discover(self, endpoints: list[Endpoint]) -> None:
        self.pool.replace(endpoints)

    @invariant()
    def counts_are_those_of_the_requests_in_hand(self) -> None:
        counts = Counter(endpoint.url for endpoint, _ in self.hand)
        for state in self.pool.states():
            assert state.in_flight == counts[state.url]
            assert state.cooling_s >= 0
            assert state.failures >= 0
        assert set(self.pool._cooldown._ill) <= set(self.pool.endpoints)
        assert set(self.pool._in_flight) <= {endpoint for endpoint, _ in self.hand}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
