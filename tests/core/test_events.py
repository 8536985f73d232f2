"""Records that can be shown to anybody, and observers that cannot hurt a call."""

from __future__ import annotations

import dataclasses
import inspect
import logging
import pickle
import re
import subprocess
import sys
import time
from typing import Any, get_args

import pytest

from gonka_core import events
from gonka_core.errors import ConfigurationError
from gonka_core.events import (
    AttemptFailed,
    AttemptStarted,
    CallFinished,
    CallStarted,
    ClockCorrected,
    Emitter,
    EndpointCooled,
    Event,
    RequestSigned,
    ResponseReceived,
    RetryScheduled,
    new_call,
)
from gonka_core.telling import teller

URL = "https://node.example/v1"
ALL: tuple[Event, ...] = (
    CallStarted("c", "model", stream=True),
    AttemptStarted("c", 1, URL, "gonka1…", "raw"),
    RequestSigned("c", 1, 1_766_422_712_000_000_000, 2),
    ResponseReceived("c", 1, URL, 429, 0.25),
    AttemptFailed("c", 1, URL, "NodeError", 429, maybe_billed=False),
    RetryScheduled("c", 1, "NodeError", 0.5),
    EndpointCooled(URL, 30.0, "NodeError"),
    ClockCorrected(URL, -3_000_000_000, "date"),
    CallFinished("c", 2, 1.5, 200, None, URL, 7, 11),
)


class Collector:
    def __init__(self) -> None:
        self.seen: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.seen.append(event)


def failing(event: Event) -> None:
    raise RuntimeError("observer")


async def awaited(event: Event) -> None:
    """Nothing would await this."""


class Awaited:
    async def __call__(self, event: Event) -> None:
        """Nor this."""


def test_every_kind_of_event_is_here() -> None:
    assert {type(event) for event in ALL} == set(get_args(Event))


@pytest.mark.parametrize("event", ALL, ids=lambda event: type(event).__name__)
def test_an_event_is_frozen_and_small_and_can_be_pickled(event: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(event, dataclasses.fields(event)[0].name, "other")
    assert not hasattr(event, "__dict__")
    assert pickle.loads(pickle.dumps(event)) == event


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_an_event_holds_words_and_numbers_and_no_object_that_could_hold_more(kind: type[Any]) -> None:
    """No bytes, mapping, request, endpoint or error: what is not there cannot leak."""
    allowed = {"str", "int", "float", "bool", "Scheme | None", "str | None", "int | None"}
    assert {field.type for field in dataclasses.fields(kind)} <= allowed
    names = " ".join(field.name for field in dataclasses.fields(kind))
    assert not re.search(r"body\b|prompt\b|message|key|signature|header|digest|text", names)


def test_calls_have_short_ids_of_their_own() -> None:
    made = {new_call() for _ in range(10_000)}
    assert len(made) == 10_000
    assert all(re.fullmatch("[0-9a-f]{12}", call) for call in made)


def test_every_observer_hears_every_event_in_order() -> None:
    first, second = Collector(), Collector()
    emit = Emitter([first, second])
    for event in ALL:
        emit(event)
    assert first.seen == second.seen == list(ALL)


def test_one_observer_need_not_be_in_a_list() -> None:
    collector = Collector()
    Emitter(collector)(ALL[0])
    assert collector.seen == [ALL[0]]


def test_a_record_that_nobody_hears_is_not_made() -> None:
    nobody = teller(Emitter(()), time.monotonic)
    assert nobody is teller(Emitter(), time.monotonic), "made once, with no id for any call"
    for name, method in inspect.getmembers(nobody, inspect.ismethod):
        if not name.startswith("_"):
            assert method(*[object()] * len(inspect.signature(method).parameters)) is None
    collector = Collector()
    teller(Emitter(collector), time.monotonic).call_started("m", stream=True)
    (told,) = collector.seen
    assert isinstance(told, CallStarted)
    assert told == CallStarted(told.call, "m", True)
    assert len(told.call) == 12


def test_an_observer_that_raises_is_heard_of_once_and_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    collector = Collector()
    emit = Emitter([failing, collector, failing])
    with caplog.at_level(logging.DEBUG, "gonka"):
        for event in ALL:
            emit(event)
    assert collector.seen == list(ALL)
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "observer failing raised RuntimeError at CallStarted" in caplog.text


def test_an_observer_may_stop_the_program_all_the_same() -> None:
    def interrupted(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Emitter(interrupted)(ALL[0])


@pytest.mark.parametrize("observer", [awaited, Awaited()], ids=["function", "object"])
def test_a_coroutine_function_is_refused_when_it_is_given(observer: Any) -> None:
    with pytest.raises(ConfigurationError, match="coroutine function, which nothing would await; pass a plain"):
        Emitter(observer)


@pytest.mark.parametrize("observer", [7, ["no"]], ids=["number", "text in a list"])
def test_what_cannot_be_called_is_refused_when_it_is_given(observer: Any) -> None:
    with pytest.raises(ConfigurationError, match="pass a function"):
        Emitter(observer)


def test_the_public_names_are_there() -> None:
    assert all(hasattr(events, name) for name in events.__all__)


def test_the_logger_is_silent_until_logging_is_configured() -> None:
    program = (
        "from gonka_core.events import Emitter, CallStarted\n"
        "def failing(event): raise RuntimeError('observer')\n"
        "Emitter(failing)(CallStarted('c', None, False))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout + done.stderr == ""
