"""How long strangers are measured, on clocks that pass only when somebody works or waits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gonka_bench.results import Complaint, SignerFigure
from gonka_bench.sampling import Clocks, Cost, alone, crowding, probe
from gonka_bench.signers import Held
from gonka_bench.signing import Signing
from gonka_bench.subject import Baseline
from gonka_bench.workload import KEY
from gonka_coincurve.signer import CoincurveSigner

_HERE_S = 0.01
"""CPU of a signature that is made in this process, and of the documented program's."""


@dataclass
class Passing:
    """Two clocks, moved by hand."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    def compute(self, seconds: float) -> None:
        self.wall_s += seconds
        self.cpu_s += seconds

    def wait(self, seconds: float) -> None:
        self.wall_s += seconds

    @property
    def clocks(self) -> Clocks:
        return Clocks(wall=lambda: self.wall_s, cpu=lambda: self.cpu_s)


class Vault(CoincurveSigner):
    """Signs somewhere else, which takes a while."""

    def __init__(self, passing: Passing, delay_s: float) -> None:
        super().__init__(KEY)
        self._passing, self._delay_s = passing, delay_s
        self.alone_s, self.signatures = 0.0, 0

    def sign_digest(self, digest: bytes, /) -> bytes:
        self._passing.wait(self._delay_s)
        self.alone_s += self._delay_s
        self.signatures += 1
        return super().sign_digest(digest)


class Here(CoincurveSigner):
    """Signs in this process."""

    def __init__(self, passing: Passing) -> None:
        super().__init__(KEY)
        self._passing = passing

    def sign_digest(self, digest: bytes, /) -> bytes:
        self._passing.compute(_HERE_S)
        return super().sign_digest(digest)


class TestProbe:
    def test_what_computes_does_not_wait(self) -> None:
        passing = Passing()
        assert probe(lambda: passing.compute(0.25), passing.clocks, 10) == Cost(0.25, waits=False)

    def test_what_waits_is_seen_although_it_had_to_warm_up(self) -> None:
        passing = Passing()
        warming = iter([0.5])

        def work() -> None:
            passing.compute(next(warming, 0.01))
            passing.wait(0.25)

        cost = probe(work, passing.clocks, 10)
        assert cost.waits
        assert cost.wall_s == pytest.approx(0.26)

    def test_patience_ends_it_after_one_that_is_very_slow(self) -> None:
        passing = Passing()
        probe(lambda: passing.wait(30), passing.clocks, 1)
        assert passing.wall_s == 30


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_crowding_is_what_others_take(share: float) -> None:
    passing = Passing()

    def wall() -> float:
        passing.wall_s += 0.01
        passing.cpu_s += 0.01 * share
        return passing.wall_s

    assert crowding(Clocks(wall=wall, cpu=lambda: passing.cpu_s)) == pytest.approx(1 / share, rel=0.1)


def test_crowding_is_unknown_where_the_clock_is_coarse() -> None:
    ticks = iter(range(10))
    assert crowding(Clocks(wall=lambda: float(next(ticks)), cpu=lambda: 0.0)) == 1.0


class TestAlone:
    def test_what_it_was_probed_with_counts_where_time_is_short(self) -> None:
        passing = Passing()
        timing = alone(lambda times: passing.wait(times * 2.0), Cost(2.0, waits=True), 3.0, passing.clocks)
        assert timing.best_s == timing.median_s == 2.0
        assert passing.wall_s == 0

    @settings(max_examples=25, deadline=None)
    @given(cost=st.floats(0.001, 10), seconds=st.floats(0.01, 100))
    @example(cost=1.0, seconds=2.0)
    @example(cost=1.0, seconds=3.0)
    def test_it_takes_no_more_than_it_is_given(self, cost: float, seconds: float) -> None:
        passing = Passing()
        alone(lambda times: passing.wait(times * cost), Cost(cost, waits=True), seconds, passing.clocks)
        assert passing.wall_s <= 1.2 * seconds

    def test_one_that_computes_is_timed_by_cpu(self) -> None:
        passing = Passing()

        def run(times: int) -> None:
            passing.compute(times * 0.5)
            passing.wait(times * 0.1)

        assert alone(run, Cost(0.6, waits=False), 60, passing.clocks).best_s == pytest.approx(0.5)


def measured(
    monkeypatch: pytest.MonkeyPatch, passing: Passing, vault: Vault, seconds: float
) -> tuple[list[SignerFigure], list[Complaint]]:
    def documented(_payload: bytes) -> Baseline:
        return Baseline("documented program", "raw", lambda times: passing.compute(times * _HERE_S))

    monkeypatch.setattr("gonka_bench.signing.documented", documented)
    held = [Held("vault", vault), Held("here", Here(passing))]
    signing = Signing(held, [200, 4096], None, seconds, passing.clocks)
    found = [signing.of_size(size) for size in signing.sizes]
    return [figure for figures, _ in found for figure in figures], [
        one for _, complaints in found for one in complaints
    ]


class TestASlowSigner:
    def test_it_is_timed_by_wall_clock_and_the_others_by_cpu(self, monkeypatch: pytest.MonkeyPatch) -> None:
        passing = Passing()
        figures, complaints = measured(monkeypatch, passing, Vault(passing, 0.1), 30)
        assert complaints == []
        for figure in figures:
            assert figure.waits == (figure.name == "vault")
            assert figure.timing.best_s == pytest.approx(0.1 if figure.name == "vault" else _HERE_S)
        assert {(figure.name, figure.scheme, figure.payload_bytes) for figure in figures} >= {
            ("vault", scheme, size) for scheme in ("raw", "hash") for size in (200, 4096)
        }

    def test_with_little_time_it_is_cut_short_and_the_others_are_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        passing = Passing()
        vault = Vault(passing, 5.0)
        figures, complaints = measured(monkeypatch, passing, vault, 4)
        assert vault.signatures == 1
        assert [(figure.scheme, figure.payload_bytes) for figure in figures if figure.name == "vault"] == [("raw", 200)]
        assert sum(figure.name == "here" for figure in figures) == 4
        assert {(complaint.name, complaint.state) for complaint in complaints} == {("vault", "cut short")}
        assert "--seconds" in complaints[0].reason

    @settings(max_examples=15, deadline=None)
    @given(delay_s=st.floats(0.02, 60), seconds=st.floats(0.2, 20))
    def test_it_never_takes_much_more_than_its_share(self, delay_s: float, seconds: float) -> None:
        passing = Passing()
        vault = Vault(passing, delay_s)
        with pytest.MonkeyPatch.context() as monkeypatch:
            measured(monkeypatch, passing, vault, seconds)
        assert vault.alone_s <= 1.5 * seconds / 2 + 2 * delay_s
