"""What one call tells about itself, moment by moment. Where nobody hears, no record is made and no id is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .canonical import Scheme
from .chunks import Completion, Usage
from .endpoints import Endpoint
from .errors import Attempt, CallError
from .events import (
    CANCELLED,
    AttemptFailed,
    AttemptStarted,
    CallFinished,
    CallStarted,
    Emitter,
    EndpointCooled,
    RequestSigned,
    ResponseReceived,
    RetryScheduled,
    new_call,
)


class Teller:
    """The records of one call, made and handed to the emitter; see `events` for what each of them says.

    `began` is the second at which an attempt, or the call, began.
    """

    def __init__(self, emitter: Emitter, seconds: Callable[[], float]) -> None:
        self._tell = emitter
        self._seconds = seconds
        self._call = new_call()

    def call_started(self, model: str | None, stream: bool) -> None:
        self._tell(CallStarted(self._call, model, stream))

    def attempt_started(self, number: int, endpoint: Endpoint, scheme: Scheme | None) -> None:
        self._tell(AttemptStarted(self._call, number, endpoint.url, endpoint.provider_address, scheme))

    def request_signed(self, number: int, timestamp_ns: int, body: bytes) -> None:
        self._tell(RequestSigned(self._call, number, timestamp_ns, len(body)))

    def response_received(self, number: int, endpoint: Endpoint, status: int, began: float) -> None:
        self._tell(ResponseReceived(self._call, number, endpoint.url, status, self._seconds() - began))

    def attempt_failed(self, attempt: Attempt, error: CallError) -> None:
        name = type(error).__name__
        self._tell(
            AttemptFailed(self._call, attempt.number, attempt.endpoint.url, name, attempt.status, error.maybe_billed)
        )

    def cooled(self, endpoint: Endpoint, seconds: float, error: CallError) -> None:
        self._tell(EndpointCooled(endpoint.url, seconds, type(error).__name__))

    def retry_scheduled(self, number: int, error: CallError, wait_s: float) -> None:
        self._tell(RetryScheduled(self._call, number, type(error).__name__, wait_s))

    def call_finished(
        self,
        attempts: list[Attempt],
        began: float,
        error: BaseException | None,
        counted: Completion | Usage | None,
    ) -> None:
        usage = counted.usage if isinstance(counted, Completion) else counted
        last = attempts[-1] if attempts else None
        self._tell(
            CallFinished(
                call=self._call,
                attempts=len(attempts),
                seconds=self._seconds() - began,
                status=last.status if last else None,
                error=_name_of(error),
                endpoint=last.endpoint.url if last else None,
                prompt_tokens=usage.prompt_tokens if usage else None,
                completion_tokens=usage.completion_tokens if usage else None,
            )
        )


def teller(emitter: Emitter, seconds: Callable[[], float]) -> Teller:
    """For one call; `seconds` is the clock by which it began."""
    return Teller(emitter, seconds) if emitter.heard else _SILENCE


class _Silence(Teller):
    """Nobody hears."""

    def __init__(self) -> None:
        """There is nothing to remember."""

    def call_started(self, model: str | None, stream: bool) -> None:
        """Not told."""

    def attempt_started(self, number: int, endpoint: Endpoint, scheme: Scheme | None) -> None:
        """Not told."""

    def request_signed(self, number: int, timestamp_ns: int, body: bytes) -> None:
        """Not told."""

    def response_received(self, number: int, endpoint: Endpoint, status: int, began: float) -> None:
        """Not told."""

    def attempt_failed(self, attempt: Attempt, error: CallError) -> None:
        """Not told."""

    def cooled(self, endpoint: Endpoint, seconds: float, error: CallError) -> None:
        """Not told."""

    def retry_scheduled(self, number: int, error: CallError, wait_s: float) -> None:
        """Not told."""

    def call_finished(
        self,
        attempts: list[Attempt],
        began: float,
        error: BaseException | None,
        counted: Completion | Usage | None,
    ) -> None:
        """Not told."""


_SILENCE: Final = _Silence()


def _name_of(error: BaseException | None) -> str | None:
    """What events call an error. A flow that is closed before its end was cancelled."""
    if isinstance(error, GeneratorExit):
        return CANCELLED
    return None if error is None else type(error).__name__
