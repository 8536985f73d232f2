"""Public routes are read at one endpoint after another, without credentials, in bounded time, until somebody tells."""

from __future__ import annotations

import ast
import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gonka_core.asking
from gonka_core import Endpoint
from gonka_core.amounts import gnk
from gonka_core.answers import Answer
from gonka_core.asking import ALL_S, EACH_S, Asking, Heard, Inquiry, Told, ask, keyed, object_of
from gonka_core.errors import (
    CallError,
    ConnectError,
    DiscoveryError,
    LimitExceededError,
    NotToldError,
    TransportTimeout,
)
from gonka_core.keys import ApiKey
from gonka_core.numbers import whole
from gonka_core.steps import Steps
from gonka_core.types import Request
from tests.core.playing import Player, said

ONE, TWO = Endpoint.public("http://one"), Endpoint.public("http://two:8000/v1")
PATHS = ("/first", "/second")


def number(_path: str, answer: Answer) -> int | None:
    found = (object_of(answer.body or b"") or {}).get("number")
    return found if answer.ok and isinstance(found, int) else None


def asking(seconds: list[float] | None = None, timeout_s: float = ALL_S) -> Steps[Told[int]]:
    clock = iter(seconds or [])
    return ask((ONE, TWO), PATHS, number, seconds=lambda: next(clock, 0.0), timeout_s=timeout_s, what="a number")


def test_the_first_that_tells_has_the_last_word() -> None:
    player: Player[Told[int]] = Player(lambda request: said({"number": 7}))
    assert player.play(asking()) == Told(7, ONE, "/first")
    assert player.urls == ["http://one/first"]


def test_every_path_at_one_before_the_next() -> None:
    player: Player[Told[int]] = Player(
        lambda request: said({"number": 7} if request.url == "http://two:8000/second" else {})
    )
    assert player.play(asking()) == Told(7, TWO, "/second")
    assert player.urls == [f"{root}{path}" for root in ("http://one", "http://two:8000") for path in PATHS]


def test_what_is_sent_has_no_credentials() -> None:
    player: Player[Told[int]] = Player(lambda request: said({"number": 7}))
    player.play(asking())
    assert [(request.method, dict(request.headers), request.body) for request in player.asked] == [("GET", {}, b"")]


def test_who_is_silent_is_left_at_once() -> None:
    def answer(request: Request) -> Answer | CallError:
        return ConnectError("nobody listens", "x") if request.endpoint == ONE else said({"number": 1})

    player: Player[Told[int]] = Player(answer)
    assert player.play(asking()).endpoint == TWO
    assert player.urls == ["http://one/first", "http://two:8000/first"]


def test_an_answer_that_is_too_much_is_not_the_last() -> None:
    too_much = LimitExceededError("it sent too much", "x", endpoint=ONE, status=200, limit="json_depth", allowed=1)
    player: Player[Told[int]] = Player(
        lambda request: too_much if request.url.endswith("/first") else said({"number": 1})
    )
    assert player.play(asking()) == Told(1, ONE, "/second")


def test_nobody_tells_and_each_reason_is_told() -> None:
    def answer(request: Request) -> Answer | CallError:
        if request.endpoint == TWO:
            return TransportTimeout("it took too long", "x", sent=True)
        return said({"error": "ask\nsomebody else"}, 404)

    with pytest.raises(NotToldError) as caught:
        Player[Told[int]](answer).play(asking())
    error = caught.value
    assert error.sources == {
        "http://one": "/first answered 404: ask somebody else; /second answered 404: ask somebody else",
        "http://two:8000": "it took too long",
    }
    assert str(error).startswith("nobody tells a number: http://one (/first answered 404: ask somebody else;")
    assert str(error).endswith("name a node that tells, or try again later")
    assert error.retryable
    assert not error.maybe_billed
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.sources) == (str(error), error.sources)


def test_nobody_to_ask() -> None:
    with pytest.raises(NotToldError, match="nobody was asked"):
        Player[Told[int]](lambda request: said({})).play(ask((), PATHS, number, seconds=lambda: 0.0, what="a number"))


def test_of_many_only_some_are_listed() -> None:
    many = [Endpoint.public(f"http://host{number}") for number in range(9)]
    with pytest.raises(NotToldError, match="and 4 more") as caught:
        Player[Told[int]](lambda request: said({})).play(ask(many, PATHS, number, seconds=lambda: 0.0, what="it"))
    assert len(caught.value.sources) == 9
    assert len(str(caught.value)) < 2000


def test_time_is_bounded_for_each_and_for_all() -> None:
    player: Player[Told[int]] = Player(lambda request: said({}))
    with pytest.raises(NotToldError, match="the time was over"):
        player.play(asking([100.0, 100.0, 123.0, 130.0], timeout_s=30.0))
    assert player.timeouts == [EACH_S, 7.0]


@given(st.binary(max_size=300))
def test_an_object_or_nothing(body: bytes) -> None:
    assert object_of(body) is None or isinstance(object_of(body), dict)


@pytest.mark.parametrize("body", [b"{" * 10**5, b'{"a":' * 10**4, b'{"a":1' + b"0" * 5000 + b"}", b"\xff", b"[]", b""])
def test_no_object(body: bytes) -> None:
    assert object_of(body) is None


@given(st.integers(0, 10**30 - 1))
def test_an_amount_is_the_same_as_a_number_and_as_text(ngonka: int) -> None:
    assert whole(ngonka) == whole(str(ngonka)) == ngonka


@pytest.mark.parametrize("value", [10**30, 10**4000, "1" * 31, -1, 1.0, True, None, [], {}, "1e3", "0x1", " 1"])
def test_no_whole(value: object) -> None:
    assert whole(value) is None


@given(st.integers(1 - 10**30, 10**30 - 1))
def test_gnk_are_exact(ngonka: int) -> None:
    told = gnk(ngonka)
    sign, digits, exponent = told.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits))) * (-1 if sign else 1)
    assert whole * 10 ** (exponent + 9) == ngonka
    assert "E" not in f"{told:f}"


def test_gnk_are_short() -> None:
    assert [f"{gnk(number):f}" for number in (0, 1, 10**9, 15 * 10**8, 10**18, -1)] == [
        "0",
        "0.000000001",
        "1",
        "1.5",
        "1000000000",
        "-0.000000001",
    ]
    assert gnk(15 * 10**8) == Decimal("1.5")


def test_an_inquiry_remembers_who_is_silent() -> None:
    inquiry = Inquiry.within(lambda: 0.0, 5.0)
    silent: Player[Answer | None] = Player(lambda request: ConnectError("down", "x"))
    assert silent.play(inquiry.get(ONE, "/a")) is None
    assert silent.play(inquiry.get(ONE, "/b")) is None
    assert silent.urls == ["http://one/a"]


def test_a_time_that_is_over_is_told_once() -> None:
    clock = iter([0.0])
    inquiry = Inquiry.within(lambda: next(clock, 9.0), 5.0)
    nobody: Player[Answer | None] = Player(lambda request: said({}))
    for path in PATHS:
        assert nobody.play(inquiry.get(ONE, path)) is None
    assert nobody.urls == []
    assert inquiry.reasons == {"http://one": "the time was over before it was asked"}


class TestHeard:
    def test_a_success(self) -> None:
        heard = Heard(said({"a": 1}))
        assert (heard.status, heard.told, heard.trouble("/x")) == (200, {"a": 1}, None)
        assert heard.body == heard.content == b'{"a": 1}'

    def test_a_refusal_has_a_body_and_no_content(self) -> None:
        heard = Heard(said({"error": "go\naway"}, 403))
        assert (heard.status, heard.told, heard.content) == (403, {}, b"")
        assert heard.body
        assert heard.trouble("/x") == "/x answered 403: go away"

    def test_an_error_in_the_place_of_an_answer(self) -> None:
        heard = Heard(error=ConnectError("nobody listens", "x"))
        assert (heard.status, heard.headers, heard.body, heard.content, heard.told) == (0, {}, b"", b"", {})
        assert heard.trouble("/x") == "nobody listens"

    def test_no_time_to_ask(self) -> None:
        assert Heard().trouble("/x") == "the time to ask it is over"


class TestAsking:
    def test_a_place_is_an_endpoint_or_a_url(self) -> None:
        for place in (ONE, "http://one"):
            player: Player[Heard] = Player(lambda request: said({"a": 1}))
            assert player.play(Asking.within(lambda: 0.0, 5.0).read(place, "/x")).told == {"a": 1}
            assert (player.urls, player.timeouts) == (["http://one/x"], [5.0])

    @given(st.floats(0.001, 100), st.floats(0.001, 100))
    def test_no_question_has_more_than_its_bound_and_what_is_left(self, timeout_s: float, at_most: float) -> None:
        player: Player[Heard] = Player(lambda request: said({}))
        player.play(Asking(lambda: 7.0, 7.0 + timeout_s).read(ONE, "/x", at_most=at_most))
        assert player.timeouts == [pytest.approx(min(timeout_s, at_most))]

    @pytest.mark.parametrize("ends", [7.0, 6.0])
    def test_nothing_is_asked_when_the_time_is_over(self, ends: float) -> None:
        player: Player[Heard] = Player(lambda request: said({}))
        assert player.play(Asking(lambda: 7.0, ends).read(ONE, "/x")) == Heard()
        assert player.urls == []

    def test_what_is_required(self) -> None:
        asking = Asking.within(lambda: 0.0, 5.0)
        assert Player[bytes](lambda request: said(7)).play(asking.require(ONE, "/x")) == b"7"
        with pytest.raises(DiscoveryError, match=r"/x answered 500: .*; ask another node"):
            Player[bytes](lambda request: said({"error": "broken"}, 500)).play(asking.require(ONE, "/x"))

    def test_a_key_goes_to_its_broker_and_a_node_gets_none(self) -> None:
        broker = Endpoint.broker("https://broker.example/v1", ApiKey("sk-secret"))
        player: Player[Heard] = Player(lambda request: said({}))
        for place in (broker, ONE):
            player.play(Asking.within(lambda: 0.0, 5.0).read(place, "/v1/models", keyed))
        assert [dict(request.headers) for request in player.asked] == [{"Authorization": "Bearer sk-secret"}, {}]


def test_imports_point_one_way() -> None:
    """Each file of the room knows those before it, and the room none of those who use it."""
    order = ["heard", "timed", "inquiry", "asker"]
    for at, name in enumerate(order):
        tree = ast.parse((Path(gonka_core.asking.__file__).parent / f"{name}.py").read_text())
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert {node.module for node in nodes if node.level} <= set(order[:at])
        known = {(node.module or "").removeprefix("gonka_core.").partition(".")[0] for node in nodes if not node.level}
        assert not known & {
            "discovery",
            "doctor",
            "accounts",
            "account_answers",
            "models",
            "prices",
            "readiness",
            "cli",
        }
