"""Calls as OpenTelemetry spans, after its conventions for generative AI clients and for HTTP clients.

A call is a span `chat {model}`; it covers all attempts, their waits and, for a stream, the reading. Each attempt is a
child span `POST`, which ends when the headers of a good answer have arrived, or when the attempt failed. Both are of
the kind CLIENT. A retry is an event of the call's span. Nothing is recorded but what `gonka_core.events` has.

The context is not passed on to the node: a signed request has its four headers and no others.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gonka_core.errors import MissingLibraryError
from gonka_core.events import (
    AttemptFailed,
    AttemptStarted,
    CallFinished,
    CallStarted,
    Event,
    ResponseReceived,
    RetryScheduled,
)

if TYPE_CHECKING:
    from opentelemetry.trace import Span, TracerProvider
    from opentelemetry.util.types import AttributeValue

_MOST_OPEN: Final = 10_000
"""Calls that are followed at once. A stream that nobody closes never finishes; it must not be kept for good."""


@dataclass(slots=True)
class _Call:
    span: Span
    attempts: dict[int, Span] = field(default_factory=dict)


class OpenTelemetryObserver:
    """Makes a span of every call and of every attempt, with the tracer provider given, or else the global one.

    A call's span is a child of the span that is current when the call starts. Raises `MissingLibraryError` where
    `opentelemetry-api` is not installed.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        try:
            from opentelemetry import trace
        except ImportError:
            raise MissingLibraryError(
                "OpenTelemetryObserver needs opentelemetry-api, which is not installed",
                "install it with: pip install 'gonka-core[otel]'",
            ) from None
        self._trace = trace
        self._tracer = trace.get_tracer("gonka_core", tracer_provider=tracer_provider)
        self._calls: OrderedDict[str, _Call] = OrderedDict()

    def __call__(self, event: Event) -> None:
        if isinstance(event, CallStarted):
            self._call_started(event)
        elif isinstance(event, AttemptStarted | ResponseReceived | AttemptFailed | RetryScheduled | CallFinished) and (
            call := self._calls.get(event.call)
        ):
            self._went_on(call, event)

    def _call_started(self, event: CallStarted) -> None:
        attributes: dict[str, AttributeValue] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "gonka",
            "gonka.call": event.call,
        }
        if event.model is not None:
            attributes["gen_ai.request.model"] = event.model
        if event.stream:
            attributes["gen_ai.request.stream"] = True
        name = "chat" if event.model is None else f"chat {event.model}"
        self._calls[event.call] = _Call(self._client_span(name, attributes))
        while len(self._calls) > _MOST_OPEN:
            _end_all(self._calls.popitem(last=False)[1])

    def _went_on(
        self, call: _Call, event: AttemptStarted | ResponseReceived | AttemptFailed | RetryScheduled | CallFinished
    ) -> None:
        match event:
            case AttemptStarted():
                self._attempt_started(call, event)
            case ResponseReceived():
                _responded(call, event)
            case AttemptFailed():
                self._attempt_failed(call, event)
            case RetryScheduled():
                call.span.add_event("gonka.retry", {"gonka.reason": event.reason, "gonka.wait": event.wait_s})
            case CallFinished():
                self._call_finished(call, event)

    def _attempt_started(self, call: _Call, event: AttemptStarted) -> None:
        server = _server(event.endpoint)
        attributes: dict[str, AttributeValue] = {
            "http.request.method": "POST",
            "url.full": f"{event.endpoint}/chat/completions",
            **server,
        }
        if event.attempt > 1:
            attributes["http.request.resend_count"] = event.attempt - 1
        if event.scheme is not None:
            attributes["gonka.provider_address"] = event.provider_address
            attributes["gonka.scheme"] = event.scheme
        call.span.set_attributes(server)
        call.attempts[event.attempt] = self._client_span("POST", attributes, parent=call.span)

    def _attempt_failed(self, call: _Call, event: AttemptFailed) -> None:
        if span := call.attempts.pop(event.attempt, None):
            if event.status is not None:
                span.set_attribute("http.response.status_code", event.status)
            span.set_attribute("gonka.maybe_billed", event.maybe_billed)
            self._mark(span, event.error)
            span.end()

    def _call_finished(self, call: _Call, event: CallFinished) -> None:
        tokens = {
            "gen_ai.usage.input_tokens": event.prompt_tokens,
            "gen_ai.usage.output_tokens": event.completion_tokens,
        }
        call.span.set_attributes({name: count for name, count in tokens.items() if count is not None})
        if event.endpoint is not None:
            call.span.set_attributes(_server(event.endpoint))
        if event.error is not None:
            for span in (*call.attempts.values(), call.span):
                self._mark(span, event.error)
        self._calls.pop(event.call, None)
        _end_all(call)

    def _mark(self, span: Span, error: str) -> None:
        span.set_attribute("error.type", error)
        span.set_status(self._trace.StatusCode.ERROR)

    def _client_span(self, name: str, attributes: dict[str, AttributeValue], parent: Span | None = None) -> Span:
        context = None if parent is None else self._trace.set_span_in_context(parent)
        return self._tracer.start_span(name, context=context, kind=self._trace.SpanKind.CLIENT, attributes=attributes)


def _responded(call: _Call, event: ResponseReceived) -> None:
    span = call.attempts.get(event.attempt)
    if span is None:
        return
    span.set_attribute("http.response.status_code", event.status)
    if 200 <= event.status < 300:
        # The body of a stream is read by the application, in its own time or never.
        del call.attempts[event.attempt]
        span.end()


def _server(url: str) -> dict[str, AttributeValue]:
    parts = urlsplit(url)
    return {
        "server.address": parts.hostname or "",
        "server.port": parts.port or (443 if parts.scheme == "https" else 80),
    }


def _end_all(call: _Call) -> None:
    for span in (*call.attempts.values(), call.span):
        span.end()
