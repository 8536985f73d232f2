"""When a list is learned anew: never too often, never too seldom, and at once when something says that it is old."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.discovery.refreshing import LEAST_S, LONGEST_S, Freshness
from gonka_core.endpoints import Endpoint
from gonka_core.errors import (
    CallError,
    CapacityError,
    ProviderNotAllowedError,
    RetiredError,
    TransportTimeout,
)

PLACE = Endpoint("http://a", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
UNREACHABLE = "ConnectError"
FRESH = Freshness(600.0).began(100.0).succeeded(101.0)


def test_at_first_it_is_due() -> None:
    assert Freshness(600.0).due(0.0)
    assert not Freshness(600.0).began(0.0).due(LEAST_S - 0.001)
    assert Freshness(600.0).began(0.0).due(LEAST_S)


def test_when_it_is_old() -> None:
    assert not FRESH.due(700.9)
    assert FRESH.due(701.0)
    assert not FRESH.began(701.0).due(702.0)


@pytest.mark.parametrize("kind", [ProviderNotAllowedError, RetiredError])
def test_when_a_provider_is_no_longer_one(kind: type[CallError]) -> None:
    noticed = FRESH.noticed(PLACE.url, kind.__name__, 5)
    assert noticed.due(105.0)
    assert not noticed.due(104.9)
    assert not noticed.began(105.0).succeeded(106.0).due(120.0)


@pytest.mark.parametrize("error", [None, CapacityError.__name__, TransportTimeout.__name__, CallError.__name__])
def test_what_says_nothing_of_the_list(error: str | None) -> None:
    assert not FRESH.noticed(PLACE.url, error, 1).due(200.0)


@pytest.mark.parametrize(("endpoints", "enough"), [(1, 1), (2, 2), (3, 3), (50, 3)])
def test_when_so_many_cannot_be_reached(endpoints: int, enough: int) -> None:
    noticed = FRESH
    for number in range(enough):
        assert not noticed.due(200.0)
        for _ in range(3):
            noticed = noticed.noticed(f"http://{number}", UNREACHABLE, endpoints)
    assert noticed.due(200.0)


def test_one_who_answers_ends_the_row() -> None:
    noticed = FRESH.noticed("http://1", UNREACHABLE, 9).noticed("http://2", UNREACHABLE, 9)
    noticed = noticed.noticed("http://3", None, 9).noticed("http://4", UNREACHABLE, 9)
    assert not noticed.due(200.0)
    assert FRESH.noticed("http://1", None, 9) is FRESH


def test_when_something_else_says_so() -> None:
    assert FRESH.outdated().due(200.0)
    assert not FRESH.outdated().due(104.0)


def test_each_failure_makes_the_pause_longer() -> None:
    tried, pauses = Freshness(600.0), []
    for _ in range(9):
        tried = tried.began(0.0).failed()
        pauses.append(tried.pause_s)
        assert not tried.due(tried.pause_s - 0.001)
        assert tried.due(tried.pause_s)
    assert pauses == [10.0, 20.0, 40.0, 80.0, 160.0, *[LONGEST_S] * 4]
    assert tried.succeeded(0.0).pause_s == LEAST_S


@given(
    st.lists(st.tuples(st.floats(0, 100), st.sampled_from(["fails", "succeeds", "refused", "outdated"])), max_size=60),
    st.floats(0, 1000),
)
def test_never_twice_in_five_seconds(events: list[tuple[float, str]], refresh_s: float) -> None:
    state, now, attempts = Freshness(refresh_s), 0.0, list[float]()
    for later, what in events:
        now += later
        if what == "refused":
            state = state.noticed(PLACE.url, RetiredError.__name__, 1)
        elif what == "outdated":
            state = state.outdated()
        elif state.due(now):
            attempts.append(now)
            state = state.began(now)
            state = state.failed() if what == "fails" else state.succeeded(now)
    assert all(second - first >= LEAST_S for first, second in pairwise(attempts))
    assert state.due(now + LONGEST_S + refresh_s)
