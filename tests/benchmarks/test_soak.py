"""The soak, short: what it checks over 100,000 calls holds for a few hundred."""

from __future__ import annotations

from benchmarks.soak import Tally, soak


def test_a_short_soak() -> None:
    tally = soak(600)
    assert tally.holds, tally
    assert tally.answered > 500
    assert tally.errors
    assert tally.struck / tally.requests > 0.1


def test_it_does_not_hold_when_a_call_is_lost_or_paid_for_twice() -> None:
    assert Tally(1, answered=1).holds
    assert not Tally(2, answered=1).holds
    assert not Tally(1, answered=1, accepted_twice=1).holds
    assert not Tally(1, wrong_words=1).holds
