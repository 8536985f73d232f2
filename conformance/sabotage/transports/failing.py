"""Transports that fail in other words than they should, or not at all, or wait too long."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx

from gonka_core.errors import ConnectError, TransportError, TransportTimeout
from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import Response
from gonka_core.types import Request

from .correct import Sound, Wrapped


class Failing(Sound):
    """One that says something else where the correct one raises before an answer."""

    def failed(self, request: Request, error: TransportError) -> Any:
        raise error

    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        try:
            return super().send(request, timeout=timeout)
        except TransportError as error:
            return self.failed(request, error)


class NothingWasSent(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        raise ConnectError(error.problem, error.next_step) from error


class AllWasSent(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        raise TransportError(error.problem, error.next_step, sent=True) from error


class Untyped(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        raise TransportError(error.problem, error.next_step, sent=error.sent) from error


class LibraryErrors(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        assert error.__cause__ is not None
        raise error.__cause__


class TimeoutErrors(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        raise TimeoutError("timed out") if isinstance(error, TransportTimeout) else error


class NoRoute(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        raise OSError(113, "No route to host") if ".invalid" in request.url else error


class TlsWasSent(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        if request.url.startswith("https:"):
            raise TransportError(error.problem, error.next_step, sent=True) from error
        raise error


class Empty:
    """The answer of somebody who does not want to raise."""

    status = 502
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        pass


class InventsAnswers(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        return Empty()


class Repeats(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        return Sound.send(self, request)


class RepeatsOnUsed(Failing):
    """What libraries do that take an old connection for a stale one."""

    answered = False

    def handed(self, response: Response) -> Response:
        self.answered = True
        return response

    def failed(self, request: Request, error: TransportError) -> Any:
        if self.answered and error.sent:
            return Sound.send(self, request)
        raise error


class ShowsHeaders(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        raise TransportError(f"{error.problem}; sent {dict(request.headers)}", error.next_step, sent=error.sent)


class ShowsBodyInCause(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        cause = RuntimeError("while sending", request.body)
        raise type(error)(error.problem, error.next_step, **({} if not error.sent else {"sent": True})) from cause


class NoNextStep(Failing):
    def failed(self, request: Request, error: TransportError) -> Any:
        raise TransportError(error.problem, "", sent=error.sent) from error


class TrustsAnybody(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._client = httpx.Client(verify=context)


class CutIsNotSent(Wrapped):
    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.response
        except TransportError as error:
            raise ConnectError(error.problem, error.next_step) from error


class CutBeforeSent(Sound):
    def handed(self, response: Response) -> Response:
        return CutIsNotSent(response)


class Patient(Sound):
    """Waits longer than it may, in one place; the options are the only thing it changes."""

    changes: dict[str, Any] = {}  # noqa: RUF012 - never written to

    def __init__(self, options: TransportOptions) -> None:
        super().__init__(replace(options, **self.changes))


class ConnectsForEver(Patient):
    changes = {"connect_timeout": None}  # noqa: RUF012


class AwaitsHeadersForEver(Patient):
    changes = {"first_byte_timeout": None}  # noqa: RUF012


class ReadsForEver(Patient):
    changes = {"read_timeout": None}  # noqa: RUF012


class IgnoresDeadline(Sound):
    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        return super().send(request)


class DeadlineForHeadersOnly(Sound):
    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        response = super().send(request, timeout=timeout)
        response._response.request.extensions["timeout"]["read"] = self._options.read_timeout
        return response


class OneReadTimeout(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(replace(options, first_byte_timeout=options.read_timeout))


class OneFirstByteTimeout(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(replace(options, read_timeout=options.first_byte_timeout))


class Hurried(Wrapped):
    def __init__(self, response: Response, seconds: float | None) -> None:
        super().__init__(response)
        self._seconds = seconds

    def __iter__(self) -> Iterator[bytes]:
        began = time.monotonic()
        for piece in self.response:
            yield piece
            if self._seconds is not None and time.monotonic() - began > self._seconds:
                raise TransportTimeout("it took too long", "allow more time", sent=True)


class TotalReadTimeout(Sound):
    def handed(self, response: Response) -> Response:
        return Hurried(response, self._options.read_timeout)


class NoneIsZero(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(replace(options, connect_timeout=options.connect_timeout or 0.0))
