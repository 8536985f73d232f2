"""The built-in selectors, through the kit like anybody's, and in what the kit cannot know of them."""

from __future__ import annotations

import pickle
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance.suite import SelectorSuite
from gonka_core import Endpoint, Outcome, SelectionContext, Selector
from gonka_core.hookspecs import SelectorPlugin
from gonka_core.plugins import registry
from gonka_core.resolve import selector
from gonka_core.selection import (
    FAILURE_S,
    HALF_LIFE_S,
    MOST_REMEMBERED,
    FastestSelector,
    FirstSelector,
    RandomSelector,
    RoundRobinSelector,
    StickySelector,
    WeightedSelector,
)

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
CANDIDATES = tuple(Endpoint(f"http://host{number}", PROVIDER) for number in range(3))
MANY = tuple(Endpoint(f"http://many{number}", PROVIDER, weight=number) for number in range(8))
CONTEXT = SelectionContext(1)
FINE = Outcome(200, 1.0)


class TestRandom(SelectorSuite):
    claims = ("fair",)

    def make_selector(self) -> Selector:
        return RandomSelector()

    def make_seeded(self, chance: random.Random) -> Selector:
        return RandomSelector(chance)


class TestRoundRobin(SelectorSuite):
    claims = ("round-robin",)

    def make_selector(self) -> Selector:
        return RoundRobinSelector()


class TestFirst(SelectorSuite):
    def make_selector(self) -> Selector:
        return FirstSelector()


class TestWeightedByTheKit(SelectorSuite):
    claims = ("weighted",)

    def make_selector(self) -> Selector:
        return WeightedSelector()

    def make_seeded(self, chance: random.Random) -> Selector:
        return WeightedSelector(chance)


class TestFastestByTheKit(SelectorSuite):
    claims = ("learns",)

    def make_selector(self) -> Selector:
        return FastestSelector()

    def make_seeded(self, chance: random.Random) -> Selector:
        return FastestSelector(chance)


class TestStickyByTheKit(SelectorSuite):
    claims = ("sticky",)

    def make_selector(self) -> Selector:
        return StickySelector()


SUITES: dict[str, type[SelectorSuite]] = {
    "random": TestRandom,
    "round-robin": TestRoundRobin,
    "first": TestFirst,
    "weighted": TestWeightedByTheKit,
    "fastest": TestFastestByTheKit,
    "sticky": TestStickyByTheKit,
}


@pytest.mark.parametrize("name", SUITES)
def test_the_plug_in_claims_what_is_examined(name: str) -> None:
    plugin = registry().of_kind("selector")[name].plugin
    assert isinstance(plugin, SelectorPlugin)
    assert plugin.capabilities == tuple(SUITES[name].claims)
    assert type(plugin.load()()) is type(SUITES[name]().make_selector())


def chosen_by(selector: Selector, candidates: Sequence[Endpoint], times: int) -> Counter[Endpoint]:
    return Counter(selector.select(candidates, CONTEXT) for _ in range(times))


class TestPlain:
    def test_first_is_always_the_first(self) -> None:
        assert set(chosen_by(selector("first"), CANDIDATES, 10)) == {CANDIDATES[0]}

    def test_round_robin_takes_turns(self) -> None:
        choosing = selector("round-robin")
        assert [choosing.select(CANDIDATES, CONTEXT) for _ in range(6)] == [*CANDIDATES, *CANDIDATES]

    @pytest.mark.parametrize("kind", [RandomSelector, WeightedSelector, FastestSelector])
    def test_chance_cannot_be_predicted_by_default(
        self, kind: type[RandomSelector | WeightedSelector | FastestSelector]
    ) -> None:
        assert isinstance(kind()._random, random.SystemRandom)
        assert isinstance(pickle.loads(pickle.dumps(kind()))._random, random.SystemRandom)


def weighing(*weights: int) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(f"http://host{n}", PROVIDER, weight=weight) for n, weight in enumerate(weights))


class TestWeighted:
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
        choosing.report(self.FAST, Outcome(*outcome))
        choosing.report(self.FAST, Outcome(*outcome))
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
