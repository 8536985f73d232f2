"""Our error behind that of another library."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import PayloadError
from gonka_core.integrations.causes import cause_of

OURS = PayloadError("the payload is wrong", "mend it")


class OtherError(Exception):
    """Of a library that carries the response, as the OpenAI SDK's are."""

    def __init__(self, response: object = None) -> None:
        super().__init__("something of theirs")
        self.response = response


def raised(
    error: BaseException, *, cause: BaseException | None = None, context: BaseException | None = None
) -> BaseException:
    """The error as it is when it was raised `from` its cause, or while its context was handled."""
    error.__cause__, error.__context__ = cause, context
    error.__suppress_context__ = cause is not None
    return error


@given(st.lists(st.sampled_from(["cause", "context", "group"]), max_size=8))
def test_it_is_found_behind_any_number_of_others(wrapped: list[str]) -> None:
    error: BaseException = PayloadError("the payload is wrong", "mend it")
    ours = error
    for how in wrapped:
        if how == "cause":
            error = raised(OtherError(), cause=error)
        elif how == "context":
            error = raised(OtherError(), context=error)
        else:
            error = BaseExceptionGroup("several", [OtherError(), error])
    assert cause_of(error) is ours


def test_the_response_of_an_error_that_was_raised_from_nothing_has_it() -> None:
    assert cause_of(raised(OtherError(SimpleNamespace(extensions={"gonka_error": OURS})))) is OURS


@pytest.mark.parametrize(
    "response", [None, "text", SimpleNamespace(extensions=None), SimpleNamespace(extensions={"gonka_error": "text"})]
)
def test_where_there_is_none(response: object) -> None:
    assert cause_of(raised(OtherError(response), cause=ValueError("theirs"))) is None
    assert cause_of(None) is None


def test_what_was_handled_before_and_is_no_reason_is_not_taken_for_one() -> None:
    error = OtherError()
    try:
        try:
            raise OURS
        except PayloadError:
            raise error from None
    except OtherError:
        assert error.__context__ is OURS
    assert cause_of(error) is None


def test_the_cause_counts_more_than_what_was_handled() -> None:
    first, second = PayloadError("handled", "…"), PayloadError("the cause", "…")
    assert cause_of(raised(OtherError(), cause=second)) is second
    error = raised(OtherError(), context=first)
    error.__cause__, error.__suppress_context__ = second, False
    assert cause_of(error) is second


def test_errors_in_a_circle_end() -> None:
    error, other = OtherError(), OtherError()
    error.__cause__, other.__cause__ = other, error
    assert cause_of(error) is None
