"""How much a node takes on at once: `protocol.md` §3.8."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.chain.params import Bandwidth
from gonka_mock_node.throughput import Throughput, estimated_kilobytes

LIMITS = Bandwidth(estimated_limits_per_block_kb=100, expiration_blocks=9, max_inferences_per_block=0)


def test_the_weight_of_a_request() -> None:
    assert estimated_kilobytes(Bandwidth(), 1000, 5000) == 1000 * 0.0023 + 5000 * 0.64


def test_the_average_over_the_window_is_bounded_equality_included() -> None:
    throughput = Throughput()
    assert throughput.accepts(LIMITS, 50, 1000.0, 1)
    assert not throughput.accepts(LIMITS, 50, 1000.1, 1)
    throughput.book(LIMITS, 50, 400.0)
    assert throughput.accepts(LIMITS, 50, 600.0, 1)
    assert not throughput.accepts(LIMITS, 50, 600.1, 1)


def test_the_bound_is_shared_by_the_participants() -> None:
    assert Throughput().accepts(LIMITS, 1, 250.0, 4)
    assert not Throughput().accepts(LIMITS, 1, 250.1, 4)
    assert Throughput().accepts(LIMITS, 1, 1000.0, 0)


def test_unset_means_twice_the_usual() -> None:
    unset = Bandwidth(estimated_limits_per_block_kb=0, expiration_blocks=0, max_inferences_per_block=0)
    assert Throughput().accepts(unset, 1, 21504.0, 1)
    assert not Throughput().accepts(unset, 1, 21504.1, 1)


def test_what_is_answered_and_what_has_expired_weighs_nothing() -> None:
    throughput = Throughput()
    booking = throughput.book(LIMITS, 50, 1000.0)
    assert not throughput.accepts(LIMITS, 50, 1.0, 1)
    assert not throughput.accepts(LIMITS, 59, 1.0, 1)
    assert throughput.accepts(LIMITS, 60, 1.0, 1)
    throughput.release(booking)
    assert throughput.accepts(LIMITS, 50, 1000.0, 1)


def test_the_number_of_requests_is_bounded_too_but_never_below_one_a_block() -> None:
    limits = Bandwidth(expiration_blocks=1, max_inferences_per_block=3)
    throughput = Throughput()
    for _ in range(6):
        assert throughput.accepts(limits, 7, 0.0, 1)
        throughput.book(limits, 7, 0.0)
    assert not throughput.accepts(limits, 7, 0.0, 1)
    crowded = Throughput()
    assert crowded.accepts(limits, 7, 0.0, 1000)
    crowded.book(limits, 7, 0.0)
    crowded.book(limits, 7, 0.0)
    assert not crowded.accepts(limits, 7, 0.0, 1000)


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 500))))
def test_releasing_everything_leaves_nothing(requests: list[tuple[int, float]]) -> None:
    throughput = Throughput()
    bookings = [throughput.book(LIMITS, height, weight) for height, weight in requests]
    for booking in reversed(bookings):
        throughput.release(booking)
    assert all(throughput.accepts(LIMITS, height, 1000.0, 1) for height, _ in requests)


def test_a_release_after_a_reset_is_no_error() -> None:
    throughput = Throughput()
    booking = throughput.book(LIMITS, 1, 5.0)
    throughput.clear()
    throughput.release(booking)
    assert throughput.accepts(LIMITS, 1, 1000.0, 1)
