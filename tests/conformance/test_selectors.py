"""The selector room: its statistics, its subjects and its fronts. `test_sabotage.py` tests the checks themselves."""

from __future__ import annotations

import math
import random
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import SelectorSubject, Status, check_selector, installed_selectors
from gonka_conformance.__main__ import main
from gonka_conformance.runner import run_check
from gonka_conformance.selectors.asking import FIRST_ATTEMPT, endpoints
from gonka_conformance.selectors.checks import SELECTOR_CHECKS
from gonka_conformance.selectors.statistics import LIMIT, chance_of, tail
from gonka_conformance.selectors.subject import SELECTOR_CLAIMS
from gonka_conformance.suite import SelectorSuite
from gonka_core import Endpoint, SelectionContext, Selector
from gonka_core.hookspecs import SelectorPlugin
from gonka_core.plugins import Broken, Entry, Registry
from sabotage.selectors.choosing import NoneForNobody
from sabotage.selectors.claiming import AlwaysFirst
from sabotage.selectors.correct import Sound

CHECKS = {check.id.removeprefix("selector."): check for check in SELECTOR_CHECKS}


class TestStatistics:
    @pytest.mark.parametrize(
        ("statistic", "freedom", "probability"),
        [(3.841459, 1, 0.05), (10.827566, 1, 0.001), (13.815511, 2, 0.001), (16.266236, 3, 0.001),
         (24.321886, 7, 0.001), (124.342113, 100, 0.05), (149.449253, 100, 0.001)],
    )  # fmt: skip
    def test_the_tail_is_that_of_the_published_tables(self, statistic: float, freedom: int, probability: float) -> None:
        assert tail(statistic, freedom) == pytest.approx(probability, rel=1e-4)

    @given(st.integers(1, 400), st.floats(0, 2000), st.floats(0, 100))
    def test_the_tail_is_a_probability_that_falls(self, freedom: int, statistic: float, more: float) -> None:
        rounding = 1 + 1e-12
        assert 1 >= tail(statistic, freedom) >= tail(statistic + more, freedom) / rounding >= 0

    @given(st.lists(st.integers(1, 50), min_size=2, max_size=9), st.integers(1, 100))
    def test_counts_that_are_the_shares_are_chance(self, weights: list[int], times: int) -> None:
        observed = [weight * times for weight in weights]
        assert chance_of(observed, [weight / sum(weights) for weight in weights]) > 0.99

    def test_what_never_can_be_has_no_place_in_it(self) -> None:
        with pytest.raises(ValueError, match="share of zero"):
            chance_of([1, 2], [0.0, 1.0])

    @pytest.mark.parametrize(
        ("times", "share"),
        [(20_000, 1 / 2), (20_000, 1 / 7), (20_000, 1 / 100), (20_000, 1 / 300), (10_000, 1 / 25), (10_000, 1 / 28)],
    )
    def test_a_right_selector_is_blamed_in_less_than_one_of_a_thousand_million(self, times: int, share: float) -> None:
        """Of one candidate against all others, by the exact binomial distribution."""
        blamed = (n for n in range(times + 1) if chance_of([n, times - n], [share, 1 - share]) < LIMIT)
        assert 0 < sum(_binomial(times, n, share) for n in blamed) < 1e-9


def _binomial(times: int, hits: int, share: float) -> float:
    ways = math.lgamma(times + 1) - math.lgamma(hits + 1) - math.lgamma(times - hits + 1)
    return math.exp(ways + hits * math.log(share) + (times - hits) * math.log1p(-share))


class Watched(random.Random):
    """Counts its draws."""

    draws = 0

    def random(self) -> float:
        self.draws += 1
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        self.draws += 1
        return super().getrandbits(k)


class TestSubject:
    @pytest.mark.parametrize("claim", sorted(SELECTOR_CLAIMS))
    def test_claims_are_those_of_the_plug_in_record(self, claim: str) -> None:
        flag: dict[str, Any] = {claim.replace("-", "_"): True}
        plugin = SelectorPlugin("mine", "", lambda: Sound, **flag)
        assert plugin.capabilities == (claim,)
        assert SelectorSubject("mine", Sound, frozenset(plugin.capabilities)).claims == {claim}

    def test_a_claim_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no selector can claim 'fare'; claims are: fair, learns"):
            SelectorSubject("mine", Sound, frozenset({"fare"}))

    def test_what_can_be_seeded_is_examined_with_the_same_chance_in_every_run(self) -> None:
        subject = SelectorSubject("mine", Sound, frozenset({"fair"}), Sound)
        runs = [[subject.drawing(3).select(endpoints(9), FIRST_ATTEMPT) for _ in range(8)] for _ in range(2)]
        assert runs[0] == runs[1]
        assert subject.drawing(3).select(endpoints(4000), FIRST_ATTEMPT) != subject.drawing(4).select(
            endpoints(4000), FIRST_ATTEMPT
        )

    def test_the_checks_of_shares_use_the_seeded_one(self) -> None:
        made: list[Watched] = []

        def seeded(chance: random.Random) -> Selector:
            made.append(Watched(chance.random()))
            return Sound(made[-1])

        subject = SelectorSubject("mine", AlwaysFirst, frozenset({"fair"}), seeded)
        assert run_check(CHECKS["fair-shares"], subject).status is Status.PASSED
        assert all(chance.draws for chance in made)
        assert run_check(CHECKS["fair-own-chance"], subject).status is Status.FAILED

    def test_all_that_is_installed_and_a_line_for_what_is_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plugins = (
            SelectorPlugin("right", "", lambda: Sound),
            SelectorPlugin("absent", "", lambda: Sound, requires=("no_such_module",), extra="tokens"),
        )
        entries = tuple(Entry("selector", plugin, "elsewhere 1") for plugin in plugins)
        found = Registry(entries, (Broken("broken", "elsewhere 1", ImportError("no")),))
        monkeypatch.setattr("gonka_conformance.selectors.subject.registry", lambda: found)
        subjects, left_out = installed_selectors()
        assert [subject.name for subject in subjects] == ["right"]
        assert left_out[0] == "broken is left out: ImportError: no"
        assert left_out[1].startswith("absent is left out: the selector 'absent' needs no_such_module")


class Locked(Sound):
    """Takes a lock for each choice and never gives it back."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self._lock.acquire()
        return super().select(candidates, context)


class TestChecks:
    def test_what_is_not_claimed_is_not_judged(self) -> None:
        report = check_selector(SelectorSubject("sound", Sound))
        assert report.conforms
        skipped = {result.id for result in report.results if result.status is Status.SKIPPED}
        assert skipped == {check.id for check in SELECTOR_CHECKS if check.claim}

    def test_threads_that_wait_for_each_other_for_ever_end_the_check_and_not_the_program(self) -> None:
        before = set(threading.enumerate())
        check = replace(CHECKS["threads"], patience=0.3)
        result = run_check(check, SelectorSubject("locked", Locked))
        assert result.evidence == "it did not come to an end within 0.3 seconds"
        left_behind = set(threading.enumerate()) - before
        assert left_behind
        assert all(thread.daemon for thread in left_behind)

    def test_memory_is_not_judged_where_python_does_not_count_blocks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(sys, "getallocatedblocks")
        result = run_check(CHECKS["bounded"], SelectorSubject("sound", Sound))
        assert (result.status, result.evidence) == (
            Status.SKIPPED,
            "this Python does not say how many blocks of memory are in use",
        )


class TestCommand:
    def test_an_installed_one_that_conforms_is_status_0(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["selector", "--selector", "first", "--selector", "first"]) == 0
        out = capsys.readouterr().out
        assert out.count("first conforms: ") == 1

    def test_one_that_does_not_is_status_1(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        entry = Entry("selector", SelectorPlugin("none", "", lambda: NoneForNobody), "elsewhere 1")
        found = Registry((entry,), (Broken("broken", "elsewhere 1", ImportError("no")),))
        monkeypatch.setattr("gonka_conformance.selectors.subject.registry", lambda: found)
        assert main(["selector", "--selector", "all"]) == 1
        out, err = capsys.readouterr()
        assert "seen: where there was nobody to choose it returned NoneType" in out
        assert err == "conformance: broken is left out: ImportError: no\n"

    def test_an_unknown_one_is_status_2_and_the_others_are_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["selector", "--selector", "weigthed"]) == 2
        assert "did you mean 'weighted'?" in capsys.readouterr().err


class Bare(SelectorSuite):
    """Without the name that pytest looks for: it is run by hand below."""

    def make_selector(self) -> Selector:
        return Sound()


class TestSuite:
    def test_without_a_seed_it_makes_one_as_always(self) -> None:
        assert isinstance(Bare().make_seeded(random.Random(1)), Sound)

    def test_a_check_that_fails_is_told_in_the_words_of_the_kit(self) -> None:
        class Broken(Bare):
            def make_selector(self) -> Selector:
                return NoneForNobody()

        with pytest.raises(pytest.fail.Exception, match=r"(?s)selector\.empty: No candidates.*seen: where there was"):
            Broken().test_selector(CHECKS["empty"])

    def test_a_check_cannot_be_overridden(self) -> None:
        with pytest.raises(TypeError, match="declare it in known_failures"):
            type("_Hides", (Bare,), {"test_selector": None})

    def test_a_declaration_is_checked_when_the_class_is_made(self) -> None:
        with pytest.raises(ValueError, match=r"no check 'selector\.fare'"):
            type("_Typo", (Bare,), {"known_failures": {"selector.fare": "?"}})
