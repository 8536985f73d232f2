"""The built-in selectors: always a candidate, and each what its name says."""

from __future__ import annotations

import pickle
import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Endpoint, Outcome, SelectionContext, Selector
from gonka_core.plugins import registry
from gonka_core.resolve import selector
from gonka_core.selection import (
    FAILURE_S,
    HALF_LIFE_S,
    MOST_REMEMBERED,
    FastestSelector,
    RandomSelector,
    StickySelector,
    WeightedSelector,
)

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
CANDIDATES = tuple(Endpoint(f"http://host{number}", PROVIDER) for number in range(3))
BROKER = Endpoint.broker("http://broker", "sk-secret")
MANY = tuple(Endpoint(f"http://many{number}", PROVIDER, weight=number) for number in range(8))
CONTEXT = SelectionContext(1)
NAMES = ["random", "round-robin", "first", "weighted", "fastest", "sticky"]
FINE = Outcome(200, 1.0)
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from([None, 200, 400, 429, 500, 503]),
    st.floats(0, 100),
    st.sampled_from([None, "ConnectError", "CapacityError", "PayloadRejectedError", "SomebodysOwnError", "NodeError"]),
)


def chosen_by(selector: Selector, candidates: Sequence[Endpoint], times: int) -> Counter[Endpoint]:
    return Counter(selector.select(candidates, CONTEXT) for _ in range(times))


def test_these_are_the_built_in_ones() -> None:
    built_in = {name for name, entry in registry().of_kind("selector").items()}
    assert set(NAMES) <= built_in


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_always_a_candidate_whatever_was_reported(name: str, data: st.DataObject) -> None:
    choosing = selector(name)
    for _ in range(5):
        candidates = data.draw(st.lists(st.sampled_from([*MANY, BROKER]), min_size=1, unique=True))
        affinity = data.draw(st.none() | st.text())
        endpoint = choosing.select(candidates, SelectionContext(data.draw(st.integers(1, 9)), "m", affinity))
        assert any(endpoint is candidate for candidate in candidates)
        choosing.report(endpoint, data.draw(OUTCOMES))


@pytest.mark.parametrize("name", NAMES)
def test_threads_can_share_one(name: str) -> None:
    choosing = selector(name)

    def use(number: int) -> bool:
        endpoint = choosing.select(MANY, CONTEXT)
        choosing.report(replace(endpoint, url=f"http://other{number}"), FINE)
        return endpoint in MANY

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(3 * MOST_REMEMBERED)))


@pytest.mark.parametrize("name", NAMES)
def test_pickle_takes_one_along_and_no_key_of_a_broker(name: str) -> None:
    choosing = selector(name)
    choosing.report(BROKER, FINE)
    frozen = pickle.dumps(choosing)
    assert b"sk-secret" not in frozen
    assert pickle.loads(frozen).select([BROKER], CONTEXT) is BROKER
    assert pickle.loads(frozen).select(MANY, CONTEXT) in MANY


class TestPlain:
    def test_first_is_always_the_first(self) -> None:
        assert set(chosen_by(selector("first"), CANDIDATES, 10)) == {CANDIDATES[0]}

    def test_round_robin_takes_turns(self) -> None:
        choosing = selector("round-robin")
        assert [choosing.select(CANDIDATES, CONTEXT) for _ in range(6)] == [*CANDIDATES, *CANDIDATES]

    def test_two_clients_do_not_share_a_turn(self) -> None:
        one, two = selector("round-robin"), selector("round-robin")
        assert one.select(CANDIDATES, CONTEXT) == two.select(CANDIDATES, CONTEXT)

    def test_random_is_fair(self) -> None:
        counts = chosen_by(RandomSelector(random.Random(7)), CANDIDATES, 3000)
        # Chi-squared with two degrees of freedom: 13.8 is passed by chance once in a thousand seeds.
        assert sum((counts[candidate] - 1000) ** 2 / 1000 for candidate in CANDIDATES) < 13.8

    @pytest.mark.parametrize("kind", [RandomSelector, WeightedSelector, FastestSelector])
    def test_chance_cannot_be_predicted_by_default(
        self, kind: type[RandomSelector | WeightedSelector | FastestSelector]
    ) -> None:
        assert isinstance(kind()._random, random.SystemRandom)
        assert isinstance(pickle.loads(pickle.dumps(kind()))._random, random.SystemRandom)


def weighing(*weights: int) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(f"http://host{n}", PROVIDER, weight=weight) for n, weight in enumerate(weights))


class TestWeighted:
    @given(st.integers(), st.lists(st.integers(1, 20), min_size=2, max_size=5))
    def test_shares_follow_the_weights(self, seed: int, weights: list[int]) -> None:
        candidates, times = weighing(*weights), 2000
        counts = chosen_by(WeightedSelector(random.Random(seed)), candidates, times)
        for candidate in candidates:
            share = candidate.weight / sum(weights)
            # Seven standard deviations: about one in 10^11.
            assert abs(counts[candidate] - times * share) < 7 * (times * share * (1 - share)) ** 0.5 + 1

    @given(st.integers(), st.permutations([0, 0, 3, 1]))
    def test_zero_is_not_chosen_while_another_weighs_something(self, seed: int, weights: list[int]) -> None:
        counts = chosen_by(WeightedSelector(random.Random(seed)), weighing(*weights), 50)
        assert all(candidate.weight for candidate in counts)

    def test_zeros_alone_are_equal(self) -> None:
        candidates = weighing(0, 0)
        assert set(chosen_by(WeightedSelector(random.Random(1)), candidates, 50)) == set(candidates)

    def test_weights_beyond_a_float_are_exact(self) -> None:
        small, large = weighing(0, 2**80)
        assert set(chosen_by(WeightedSelector(random.Random(1)), (small, large, small), 50)) == {large}


class Watch:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestFastest:
    SLOW, FAST, OTHER = CANDIDATES

    def made(self, seed: int = 7) -> tuple[FastestSelector, Watch]:
        watch = Watch()
        return FastestSelector(random.Random(seed), seconds=watch), watch

    def taught(self) -> tuple[FastestSelector, Watch]:
        choosing, watch = self.made()
        choosing.report(self.SLOW, Outcome(200, 8.0))
        choosing.report(self.FAST, Outcome(200, 1.0))
        return choosing, watch

    def preferred(self, choosing: FastestSelector, *candidates: Endpoint) -> set[Endpoint]:
        return set(chosen_by(choosing, candidates, 30))

    def test_of_two_the_faster(self) -> None:
        choosing, _ = self.taught()
        assert self.preferred(choosing, self.SLOW, self.FAST) == {self.FAST}

    def test_of_three_the_slowest_never_and_the_second_sometimes(self) -> None:
        choosing, _ = self.taught()
        choosing.report(self.OTHER, Outcome(200, 2.0))
        counts = chosen_by(choosing, CANDIDATES, 300)
        assert counts[self.SLOW] == 0
        assert counts[self.FAST] > counts[self.OTHER] > 50

    def test_an_unknown_one_is_tried(self) -> None:
        choosing, _ = self.taught()
        assert self.preferred(choosing, self.FAST, self.OTHER) == {self.OTHER}

    @pytest.mark.parametrize(
        "outcome",
        [Outcome(None, 0.001, "ConnectError"), Outcome(429, 0.001, "CapacityError"), Outcome(503, 0.001),
         Outcome(200, 0.001, "StreamTruncatedError"), Outcome(None, 0.001, "SomebodysOwnError"), Outcome(429, 0.001)],
        ids=str,
    )  # fmt: skip
    def test_a_quick_failure_is_slow(self, outcome: Outcome) -> None:
        choosing, _ = self.taught()
        choosing.report(self.FAST, replace(outcome))
        choosing.report(self.FAST, replace(outcome))
        assert self.preferred(choosing, self.SLOW, self.FAST) == {self.SLOW}

    @pytest.mark.parametrize(
        "outcome",
        [Outcome(402, 0.001, "InsufficientBalanceError"), Outcome(400, 0.001, "PayloadRejectedError"),
         Outcome(500, 0.001, "UnknownAccountError"), Outcome(401, 0.001, "SignatureRejectedError"),
         Outcome(400, 0.001, "TimestampTooOldError"), Outcome(404, 0.001), Outcome(400, 0.001, "Any")],
        ids=str,
    )  # fmt: skip
    def test_what_is_not_the_endpoints_fault_makes_it_neither_slow_nor_fast(self, outcome: Outcome) -> None:
        for reported in (self.SLOW, self.FAST):
            choosing, _ = self.taught()
            for _ in range(50):
                choosing.report(reported, outcome)
            assert self.preferred(choosing, self.SLOW, self.FAST) == {self.FAST}

    def test_one_failure_does_not_outweigh_what_is_known(self) -> None:
        choosing, _ = self.taught()
        for _ in range(20):
            choosing.report(self.FAST, Outcome(200, 1.0))
        choosing.report(self.SLOW, Outcome(None, 0.0, "ConnectError"))
        choosing.report(self.FAST, Outcome(None, 0.0, "ConnectError"))
        assert self.preferred(choosing, self.SLOW, self.FAST) == {self.FAST}

    def test_old_knowledge_fades_so_that_a_slow_one_is_tried_again(self) -> None:
        choosing, watch = self.taught()
        for _ in range(2):  # 8 s is worth 2 s after two half-lives
            watch.now += HALF_LIFE_S
            choosing.report(self.FAST, Outcome(200, 1.0))
        assert self.preferred(choosing, self.SLOW, self.FAST) == {self.FAST}
        for _ in range(2):
            watch.now += HALF_LIFE_S
            choosing.report(self.FAST, Outcome(200, 1.0))
        assert self.preferred(choosing, self.SLOW, self.FAST) == {self.SLOW}

    def test_what_it_did_lately_counts_most(self) -> None:
        choosing, watch = self.taught()
        watch.now += 10 * HALF_LIFE_S
        choosing.report(self.SLOW, Outcome(200, 0.5))
        choosing.report(self.FAST, Outcome(200, 1.0))
        assert self.preferred(choosing, self.SLOW, self.FAST) == {self.SLOW}

    @given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 50), st.booleans()), min_size=1))
    def test_the_average_stays_between_what_was_seen(self, seen: list[tuple[float, float, bool]]) -> None:
        choosing, watch = self.made()
        counted: list[float] = []
        for later, seconds, fine in seen:
            watch.now += later
            choosing.report(self.FAST, Outcome(200, seconds) if fine else Outcome(None, seconds, "ConnectError"))
            counted.append(seconds if fine else max(seconds, FAILURE_S))
            expected = choosing._expected_s(self.FAST, watch.now)
            assert min(counted) - 1e-6 <= expected <= max(counted) + 1e-6

    def test_it_remembers_so_many_and_forgets_the_oldest(self) -> None:
        choosing, watch = self.made()
        for number in range(3 * MOST_REMEMBERED):
            watch.now += 0.001
            choosing.report(Endpoint(f"http://host{number}", PROVIDER), FINE)
            assert len(choosing._paces) <= MOST_REMEMBERED
        assert Endpoint(f"http://host{3 * MOST_REMEMBERED - 1}", PROVIDER) in choosing._paces
        assert Endpoint("http://host0", PROVIDER) not in choosing._paces


class TestSticky:
    @given(st.text(), st.sets(st.sampled_from(MANY), min_size=1), st.randoms())
    def test_it_stays_whoever_else_goes_or_changes_places(
        self, affinity: str, others: set[Endpoint], shuffle: random.Random
    ) -> None:
        context = SelectionContext(1, affinity=affinity)
        kept = StickySelector().select(MANY, context)
        left = [*(others - {kept}), kept]
        shuffle.shuffle(left)
        assert StickySelector().select(left, context) == kept

    @given(st.text())
    def test_it_comes_back_with_its_endpoint(self, affinity: str) -> None:
        choosing, context = StickySelector(), SelectionContext(1, affinity=affinity)
        kept = choosing.select(MANY, context)
        away = choosing.select([endpoint for endpoint in MANY if endpoint != kept], context)
        assert away != kept
        assert choosing.select(MANY, context) == kept

    def test_keys_spread_evenly(self) -> None:
        choosing, times = StickySelector(), 4000
        counts = Counter(choosing.select(MANY, SelectionContext(1, affinity=f"user-{n}")) for n in range(times))
        expected = times / len(MANY)
        # Chi-squared with seven degrees of freedom: 24.3 is passed by chance once in a thousand.
        assert sum((counts[endpoint] - expected) ** 2 / expected for endpoint in MANY) < 24.3

    def test_a_client_without_affinity_stays_with_one_and_clients_spread(self) -> None:
        choosing = StickySelector()
        assert len(chosen_by(choosing, MANY, 20)) == 1
        assert len({StickySelector(str(n)).select(MANY, CONTEXT) for n in range(100)}) == len(MANY)
        assert StickySelector()._key != StickySelector()._key

    def test_any_text_is_a_key(self) -> None:
        context = SelectionContext(1, affinity="\ud800")
        assert StickySelector().select(MANY, context) == StickySelector().select(MANY, context)

    def test_failures_do_not_move_it(self) -> None:
        choosing = StickySelector()
        kept = choosing.select(MANY, CONTEXT)
        choosing.report(kept, Outcome(None, 9.0, "ConnectError"))
        assert choosing.select(MANY, CONTEXT) == kept
