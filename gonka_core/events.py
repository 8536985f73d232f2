"""What a call tells about itself while it runs: frozen records, and whoever wants to hear of them.

A record says when, where and how it went; it never holds a prompt, an answer, a key or a signature. Endpoints appear as
their base URLs, which carry no credentials, and errors as the names of their classes: the text of a node may quote the
request. So a record can be printed, logged, pickled and sent elsewhere as it stands.

The records of one call share its `call`. In the order in which they come:

    CallStarted
        AttemptStarted, RequestSigned (not for an API key), ResponseReceived (where headers arrive)
        AttemptFailed, RetryScheduled (where another one follows)
    CallFinished

`EndpointCooled` and `ClockCorrected` belong to an endpoint and come when they happen.
"""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeGuard, cast

from .canonical import Scheme
from .errors import ConfigurationError

LOGGER: Final = logging.getLogger("gonka")
"""The one logger of this library, silent until the application configures logging."""
LOGGER.addHandler(logging.NullHandler())

CANCELLED: Final = "CancelledError"
"""What `CallFinished.error` says where the caller gave up."""

__all__ = [
    "CANCELLED",
    "LOGGER",
    "AttemptFailed",
    "AttemptStarted",
    "CallFinished",
    "CallStarted",
    "ClockCorrected",
    "Emitter",
    "EndpointCooled",
    "Event",
    "Observer",
    "RequestSigned",
    "ResponseReceived",
    "RetryScheduled",
    "new_call",
]


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Somebody asked for an answer of `model` (None where the payload does not name one), streamed or whole."""

    call: str
    model: str | None
    stream: bool


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """An endpoint was chosen for attempt number `attempt`, from 1. `scheme` is None where an API key is sent."""

    call: str
    attempt: int
    endpoint: str
    provider_address: str
    scheme: Scheme | None


@dataclass(frozen=True, slots=True)
class RequestSigned:
    """The attempt has its signature: over a body of `body_bytes` bytes, with this timestamp (ns since the epoch)."""

    call: str
    attempt: int
    timestamp_ns: int
    body_bytes: int


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """The headers of an answer arrived, whatever its status, `seconds` after the attempt started."""

    call: str
    attempt: int
    endpoint: str
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The attempt brought no usable answer. `error` is the class name of its error; `status` None without an answer.

    `maybe_billed`: the request may have been accepted all the same, and be paid for (`protocol.md` §14).
    """

    call: str
    attempt: int
    endpoint: str
    error: str
    status: int | None
    maybe_billed: bool


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """Another attempt follows number `attempt`, after `wait_s` seconds. `reason` is a word or a class name."""

    call: str
    attempt: int
    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class EndpointCooled:
    """The endpoint is left alone for so many seconds, for a reason that is a word or a class name."""

    endpoint: str
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class ClockCorrected:
    """Requests to the endpoint are dated `offset_ns` nanoseconds after the clock of this machine from now on.

    `source` is the path, or the header, that told its time.
    """

    endpoint: str
    offset_ns: int
    source: str


@dataclass(frozen=True, slots=True)
class CallFinished:
    """The call is over: `error` is the class name of what it raised, None where it answered.

    `attempts` is how many were made, `seconds` the time over all of them; `status` and `endpoint` are those of the last
    answer, None without one. The tokens are those that the node reports, None where it did not.
    """

    call: str
    attempts: int
    seconds: float
    status: int | None
    error: str | None
    endpoint: str | None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


Event: TypeAlias = (
    CallStarted
    | AttemptStarted
    | RequestSigned
    | ResponseReceived
    | AttemptFailed
    | RetryScheduled
    | EndpointCooled
    | ClockCorrected
    | CallFinished
)

Observer: TypeAlias = Callable[[Event], None]
"""Hears every record in the thread, or on the event loop, of the call it is about. It should return soon."""


def new_call() -> str:
    """An id for a call: 12 hexadecimal digits by chance, so that processes need not agree on them."""
    return os.urandom(6).hex()


class Emitter:
    """Tells every observer of every record. Whatever an observer raises is swallowed, and logged the first time.

    Takes None, one observer or several.
    Raises `ConfigurationError` for what cannot be called, and for coroutine functions: nothing would await them.
    """

    def __init__(self, observers: Observer | Iterable[Observer] | None = None) -> None:
        self._observers = tuple(_checked(observer) for observer in _several(observers))
        self._complained: set[int] = set()

    @property
    def heard(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self._observers)

    def __call__(self, event: Event) -> None:
        for position, observer in enumerate(self._observers):
            try:
                observer(event)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is no reason for the call to fail
                self._complain(position, event, error)

    def _complain(self, position: int, event: Event, error: Exception) -> None:
        if position in self._complained:
            return
        self._complained.add(position)
        LOGGER.error(
            "observer %s raised %s at %s; the call goes on, and further errors of this observer are not logged: "
            "mend the observer, or catch its errors inside it",
            _name(self._observers[position]),
            type(error).__name__,
            type(event).__name__,
            exc_info=error,
        )


def _several(observers: Observer | Iterable[Observer] | None) -> Iterable[Observer]:
    if observers is None:
        return ()
    return (observers,) if _is_one(observers) else cast("Iterable[Observer]", observers)


def _is_one(observers: Observer | Iterable[Observer]) -> TypeGuard[Observer]:
    return callable(observers) or not isinstance(observers, Iterable)


def _checked(observer: Observer) -> Observer:
    if not callable(observer):
        raise ConfigurationError(f"the observer is a {type(observer).__name__}", "pass a function that takes one event")
    if inspect.iscoroutinefunction(observer) or inspect.iscoroutinefunction(type(observer).__call__):
        raise ConfigurationError(
            f"the observer {_name(observer)} is a coroutine function, which nothing would await",
            "pass a plain function; let it hand the event to a queue or a task",
        )
    return observer


def _name(observer: Any) -> str:
    return str(getattr(observer, "__qualname__", type(observer).__qualname__))
