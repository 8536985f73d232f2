"""Expectations are questions to the journal: counted exactly, told in words, and refused where they cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.expectations import MOST, WANTED, ExpectationError, Expectations, Finding, Wanted, finding
from gonka_mock_node.journal import Explained, Verdict

NODE = "http://127.0.0.1:4000/v1"
ACCEPTED = Verdict(
    number=1,
    node=NODE,
    route="/v1/chat/completions",
    status=200,
    verdict="accepted",
    rule=None,
    error=None,
    checks=("json",),
    pending=(),
    faults=(),
    diagnosis=None,
    requester="gonka1me",
    provider_address="gonka1node",
    scheme="raw",
    model="test",
    stream=False,
    timestamp="1",
    timestamp_ns=1,
    block_time_ns=1,
    height=1,
    body_bytes=2,
    body_sha256="",
    digest="",
    authorization="",
)
REFUSED = ACCEPTED._replace(
    status=401,
    verdict="refused",
    rule="signature",
    error="invalid signature",
    diagnosis=Explained(("other-scheme",), "It did.", "Do not.", True),
)


def numbered(*verdicts: Verdict) -> list[Verdict]:
    return [verdict._replace(number=number) for number, verdict in enumerate(verdicts, start=1)]


def one(verdicts: list[Verdict], **fields: Any) -> Finding:
    expectations = Expectations()
    expectations.add(**fields)
    (found,) = expectations.findings(verdicts)
    return found


@pytest.mark.parametrize(
    ("field", "fits", "fits_not"),
    [
        ("verdict", "refused", "accepted"),
        ("rule", "signature", "replay"),
        ("status", 401, 400),
        ("node", NODE, "http://127.0.0.1:4001/v1"),
        ("route", "/v1/chat/completions", "/v1/completions"),
        ("route", "/v1/*", "/v2/*"),
        ("requester", "gonka1me", "gonka1you"),
        ("model", "test", "tes"),
        ("stream", False, True),
        ("mistake", "other-scheme", "other"),
    ],
)
def test_each_field_counts_what_fits_it_and_nothing_else(field: str, fits: object, fits_not: object) -> None:
    assert one([REFUSED], **{field: fits}).matched == 1
    assert one([REFUSED], **{field: fits_not}).matched == 0


def test_every_field_has_a_row_above() -> None:
    table = test_each_field_counts_what_fits_it_and_nothing_else.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {row[0] for row in table} == set(WANTED)


def test_all_fields_have_to_fit_and_none_fits_everything() -> None:
    assert one([REFUSED], verdict="refused", status=400).matched == 0
    assert one(numbered(REFUSED, ACCEPTED)).matched == 2


@pytest.mark.parametrize(
    ("times", "met"),
    [
        (None, {1: True, 0: False, 5: True}),
        (2, {1: False, 2: True, 3: False}),
        (0, {0: True, 1: False}),
        ({"at_least": 2}, {1: False, 2: True, 9: True}),
        ({"at_most": 2}, {0: True, 2: True, 3: False}),
        ({"at_least": 1, "at_most": 2}, {0: False, 1: True, 2: True, 3: False}),
    ],
)
def test_times(times: Any, met: dict[int, bool]) -> None:
    for count, wanted in met.items():
        assert one(numbered(*[ACCEPTED] * count), times=times).met is wanted, count


@given(
    counts=st.lists(st.sampled_from([ACCEPTED, REFUSED]), max_size=12),
    since=st.integers(0, 14),
    least=st.integers(0, 5),
    more=st.integers(0, 5),
)
def test_it_agrees_with_counting_by_hand(counts: list[Verdict], since: int, least: int, more: int) -> None:
    verdicts = numbered(*counts)
    found = one(verdicts, verdict="refused", times={"at_least": least, "at_most": least + more}, since=since)
    by_hand = sum(verdict.verdict == "refused" for verdict in verdicts[since:])
    assert found.matched == by_hand
    assert found.met is (least <= by_hand <= least + more)


def test_only_what_came_later_counts_and_what_the_journal_forgot_is_told() -> None:
    verdicts = numbered(*[ACCEPTED] * 9)
    assert one(verdicts, since=7).matched == 2
    found = one(verdicts[6:], times=9)
    assert (found.matched, found.forgotten) == (3, 6)
    assert "6 more are no longer in the journal" in found.explanation()
    assert one(verdicts, times=9).forgotten == 0


class TestExplanation:
    def test_nothing_came(self) -> None:
        told = one([], verdict="accepted", times=2, name="two answers").explanation()
        assert told.startswith("two answers: exactly 2 of requests with verdict accepted expected, 0 seen")
        assert "check which URL the client calls" in told

    def test_the_nearest_request_is_named_with_what_sets_it_apart(self) -> None:
        near = REFUSED._replace(rule="replay", status=400, diagnosis=None)
        told = one(numbered(ACCEPTED, near, ACCEPTED), verdict="refused", rule="replay", status=401).explanation()
        assert "the nearest is request 2, but its status is 400" in told
        assert "GET /mock/requests/2" in told

    def test_too_many_names_the_latest_of_them(self) -> None:
        told = one(numbered(ACCEPTED, ACCEPTED, REFUSED), verdict="accepted", times=1).explanation()
        assert "exactly 1 of requests with verdict accepted expected, 2 seen" in told
        assert "request 2" in told

    def test_it_stands_in_the_object_only_where_it_is_needed(self) -> None:
        assert "explanation" in one([], times=1).as_object()
        assert "explanation" not in one([], times=0).as_object()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("verdict", {"verdict": "refuzed"}),
        ("status", {"status": "401"}),
        ("status", {"status": True}),
        ("status", {"status": 99}),
        ("stream", {"stream": 1}),
        ("rule", {"rule": 5}),
        ("mistakes", {"mistakes": "other-scheme"}),
        ("times", {"times": -1}),
        ("times", {"times": True}),
        ("times", {"times": 1.5}),
        ("times", {"times": {}}),
        ("times", {"times": {"atleast": 1}}),
        ("times", {"times": {"at_least": 3, "at_most": 2}}),
        ("name", {"name": 7}),
        ("name", {"name": "n" * 201}),
    ],
)
def test_what_cannot_be_expected_is_refused_by_its_name(field: str, fields: dict[str, Any]) -> None:
    expectations = Expectations()
    with pytest.raises(ExpectationError) as caught:
        expectations.add(**fields)
    assert caught.value.field == field
    assert len(expectations) == 0


def test_an_unknown_field_is_told_with_the_nearest() -> None:
    with pytest.raises(ExpectationError, match="did you mean 'mistake'"):
        Expectations().add(mistakes="x")


@given(
    st.dictionaries(
        st.text(max_size=12) | st.sampled_from([*WANTED, "times", "self"]), st.none() | st.integers() | st.text()
    )
)
def test_arbitrary_fields_are_taken_or_refused_and_nothing_else(fields: dict[str, Any]) -> None:
    fields = {name: value for name, value in fields.items() if name != "since"}
    blamed = None
    try:
        assert finding(Expectations().add(**fields), [REFUSED]).matched in (0, 1)
    except ExpectationError as error:
        blamed = error.field
    assert blamed is None or blamed in fields


def test_their_number_is_bounded_and_clear_makes_room() -> None:
    expectations = Expectations()
    for _ in range(MOST):
        expectations.add()
    with pytest.raises(ExpectationError, match="clear"):
        expectations.add()
    expectations.clear()
    assert len(expectations) == 0
    assert expectations.add().as_object()["times"] == {"at_least": 1, "at_most": None}


def test_a_wanted_says_what_it_wants() -> None:
    assert str(Wanted()) == "requests of any kind"
    assert str(Wanted(stream=True, model="test")) == "requests with model test, stream true"
