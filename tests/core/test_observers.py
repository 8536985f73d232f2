"""Log lines and spans: what they say, at which level, after which conventions, and what they never say."""

from __future__ import annotations

import contextlib
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from gonka_core import Client, observers
from gonka_core.clock import WallClock
from gonka_core.endpoints import Endpoint
from gonka_core.errors import CallError
from gonka_core.events import (
    CANCELLED,
    AttemptFailed,
    AttemptStarted,
    CallFinished,
    CallStarted,
    ClockCorrected,
    EndpointCooled,
    Event,
    RequestSigned,
    ResponseReceived,
    RetryScheduled,
)
from gonka_core.keys import PrivateKey
from gonka_core.observers import LoggingObserver, OpenTelemetryObserver, otel
from gonka_core.observers.logs import line
from gonka_core.retry import RetryPolicy
from gonka_core.types import Request, SignedRequest

ADDRESS = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
FIRST = Endpoint("https://first.example/v1", ADDRESS)
SECOND = Endpoint("http://second.example:8080/v1", ADDRESS)


def failed_over(call: str = "c1", model: str | None = "Qwen/Qwen3-235B", *, stream: bool = False) -> tuple[Event, ...]:
    """A call that the first endpoint refused and the second one answered."""
    return (
        CallStarted(call, model, stream),
        AttemptStarted(call, 1, FIRST.url, ADDRESS, "raw"),
        RequestSigned(call, 1, 1_766_422_712_000_000_000, 99),
        ResponseReceived(call, 1, FIRST.url, 429, 0.1),
        AttemptFailed(call, 1, FIRST.url, "CapacityError", 429, maybe_billed=False),
        EndpointCooled(FIRST.url, 30.0, "CapacityError"),
        RetryScheduled(call, 1, "CapacityError", 0.25),
        AttemptStarted(call, 2, SECOND.url, ADDRESS, "hash"),
        RequestSigned(call, 2, 1_766_422_713_000_000_000, 99),
        ResponseReceived(call, 2, SECOND.url, 200, 0.5),
        CallFinished(call, 2, 0.9, 200, None, SECOND.url, 12, 34),
    )


class Tracing:
    """An observer whose spans are kept in memory."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.observer = OpenTelemetryObserver(self.provider)

    def after(self, *events: Event) -> Sequence[ReadableSpan]:
        for event in events:
            self.observer(event)
        return self.exporter.get_finished_spans()


@pytest.fixture
def tracing() -> Tracing:
    return Tracing()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[tuple[str, str]]]]:
    with caplog.at_level(logging.DEBUG, "gonka"):
        yield lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


def test_each_event_is_one_line_at_its_level(lines: Callable[[], list[tuple[str, str]]]) -> None:
    for event in failed_over():
        LoggingObserver()(event)
    assert lines() == [
        ("DEBUG", "call_started call=c1 model=Qwen/Qwen3-235B stream=False"),
        (
            "DEBUG",
            "attempt_started call=c1 attempt=1 endpoint=https://first.example/v1 "
            f"provider_address={ADDRESS} scheme=raw",
        ),
        ("DEBUG", "request_signed call=c1 attempt=1 timestamp_ns=1766422712000000000 body_bytes=99"),
        ("DEBUG", "response_received call=c1 attempt=1 endpoint=https://first.example/v1 status=429 seconds=0.100"),
        (
            "DEBUG",
            "attempt_failed call=c1 attempt=1 endpoint=https://first.example/v1 error=CapacityError status=429 "
            "maybe_billed=False",
        ),
        ("DEBUG", "endpoint_cooled endpoint=https://first.example/v1 seconds=30.000 reason=CapacityError"),
        ("WARNING", "retry_scheduled call=c1 attempt=1 reason=CapacityError wait_s=0.250"),
        (
            "DEBUG",
            "attempt_started call=c1 attempt=2 endpoint=http://second.example:8080/v1 "
            f"provider_address={ADDRESS} scheme=hash",
        ),
        ("DEBUG", "request_signed call=c1 attempt=2 timestamp_ns=1766422713000000000 body_bytes=99"),
        (
            "DEBUG",
            "response_received call=c1 attempt=2 endpoint=http://second.example:8080/v1 status=200 seconds=0.500",
        ),
        (
            "DEBUG",
            "call_finished call=c1 attempts=2 seconds=0.900 status=200 endpoint=http://second.example:8080/v1 "
            "prompt_tokens=12 completion_tokens=34",
        ),
    ]


def test_a_call_that_failed_is_an_error(lines: Callable[[], list[tuple[str, str]]]) -> None:
    LoggingObserver()(CallFinished("c1", 1, 0.5, None, "ConnectError", None))
    assert lines() == [("ERROR", "call_finished call=c1 attempts=1 seconds=0.500 error=ConnectError")]


def test_a_call_that_its_owner_cancelled_is_none(lines: Callable[[], list[tuple[str, str]]]) -> None:
    LoggingObserver()(CallFinished("c1", 1, 0.5, None, CANCELLED, None))
    assert lines() == [("DEBUG", "call_finished call=c1 attempts=1 seconds=0.500 error=CancelledError")]


def test_the_levels_and_the_logger_can_be_chosen(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("application.model")
    observer = LoggingObserver(logger, detail=logging.INFO, retry=logging.INFO, failure=logging.WARNING)
    with caplog.at_level(logging.INFO, "application.model"):
        for event in (*failed_over(), CallFinished("c1", 1, 0.5, None, "ConnectError", None)):
            observer(event)
    assert {record.name for record in caplog.records} == {"application.model"}
    assert [record.levelname for record in caplog.records] == ["INFO"] * 11 + ["WARNING"]


def test_a_record_has_the_event_for_formatters(caplog: pytest.LogCaptureFixture) -> None:
    event = ClockCorrected(FIRST.url, -3, "date")
    with caplog.at_level(logging.DEBUG, "gonka"):
        LoggingObserver()(event)
    assert caplog.records[0].__dict__["gonka_event"] is event


@given(st.text())
def test_a_line_is_one_line_whatever_a_model_is_called(model: str) -> None:
    assert len(line(CallStarted("c1", model, stream=False)).splitlines()) == 1


def test_a_call_is_a_span_after_the_conventions_for_generative_ai(tracing: Tracing) -> None:
    *_, call = tracing.after(*failed_over(stream=True))
    assert (call.name, call.kind, call.parent) == ("chat Qwen/Qwen3-235B", SpanKind.CLIENT, None)
    assert dict(call.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gonka",
        "gen_ai.request.model": "Qwen/Qwen3-235B",
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 34,
        "server.address": "second.example",
        "server.port": 8080,
        "gonka.call": "c1",
    }
    assert call.status.status_code is StatusCode.UNSET
    assert [(event.name, dict(event.attributes or {})) for event in call.events] == [
        ("gonka.retry", {"gonka.reason": "CapacityError", "gonka.wait": 0.25})
    ]


def test_an_attempt_is_a_child_span_after_the_conventions_for_http(tracing: Tracing) -> None:
    first, second, call = tracing.after(*failed_over())
    for attempt in (first, second):
        assert (attempt.name, attempt.kind) == ("POST", SpanKind.CLIENT)
        assert attempt.parent is not None
        assert call.context is not None
        assert attempt.parent.span_id == call.context.span_id
    assert dict(first.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 429,
        "url.full": "https://first.example/v1/chat/completions",
        "server.address": "first.example",
        "server.port": 443,
        "error.type": "CapacityError",
        "gonka.provider_address": ADDRESS,
        "gonka.scheme": "raw",
        "gonka.maybe_billed": False,
    }
    assert first.status.status_code is StatusCode.ERROR
    assert dict(second.attributes or {}) == {
        "http.request.method": "POST",
        "http.request.resend_count": 1,
        "http.response.status_code": 200,
        "url.full": "http://second.example:8080/v1/chat/completions",
        "server.address": "second.example",
        "server.port": 8080,
        "gonka.provider_address": ADDRESS,
        "gonka.scheme": "hash",
    }
    assert second.status.status_code is StatusCode.UNSET


def test_a_broker_is_called_without_a_scheme_and_a_call_may_not_know_its_model(tracing: Tracing) -> None:
    attempt, call = tracing.after(
        CallStarted("c1", None, stream=False),
        AttemptStarted("c1", 1, "http://broker/v1", "", None),
        ResponseReceived("c1", 1, "http://broker/v1", 200, 0.1),
        CallFinished("c1", 1, 0.1, 200, None, "http://broker/v1"),
    )
    assert call.name == "chat"
    names = {*(attempt.attributes or {}), *(call.attributes or {})}
    assert not {name for name in names if "scheme" in name or "provider_address" in name or "usage" in name}
    assert not {"gen_ai.request.model", "gen_ai.request.stream"} & names
    assert (attempt.attributes or {})["server.port"] == 80


def test_an_attempt_that_was_never_answered_has_no_status(tracing: Tracing) -> None:
    attempt, call = tracing.after(
        CallStarted("c1", "m", stream=False),
        AttemptStarted("c1", 1, FIRST.url, ADDRESS, "raw"),
        AttemptFailed("c1", 1, FIRST.url, "ConnectError", None, maybe_billed=False),
        CallFinished("c1", 1, 0.1, None, "ConnectError", None),
    )
    for span in (attempt, call):
        assert "http.response.status_code" not in (span.attributes or {})
        assert (span.attributes or {})["error.type"] == "ConnectError"
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None


def test_a_stream_that_breaks_fails_the_call_and_not_the_attempt(tracing: Tracing) -> None:
    attempt, call = tracing.after(
        CallStarted("c1", "m", stream=True),
        AttemptStarted("c1", 1, FIRST.url, ADDRESS, "raw"),
        ResponseReceived("c1", 1, FIRST.url, 200, 0.1),
        CallFinished("c1", 1, 3.0, 200, "StreamTruncatedError", FIRST.url),
    )
    assert attempt.status.status_code is StatusCode.UNSET
    assert call.status.status_code is StatusCode.ERROR


def test_whatever_is_open_when_a_call_finishes_is_ended(tracing: Tracing) -> None:
    attempt, call = tracing.after(
        CallStarted("c1", "m", stream=False),
        AttemptStarted("c1", 1, FIRST.url, ADDRESS, "raw"),
        CallFinished("c1", 1, 3.0, None, "CancelledError", None),
    )
    assert [(span.attributes or {})["error.type"] for span in (attempt, call)] == ["CancelledError"] * 2


def test_calls_that_run_at_once_do_not_mix(tracing: Tracing) -> None:
    both = zip(failed_over("c1", "one"), failed_over("c2", "two"), strict=True)
    spans = tracing.after(*(event for pair in both for event in pair))
    calls = {span.context.span_id: span.name for span in spans if span.parent is None and span.context}
    assert sorted(calls.values()) == ["chat one", "chat two"]
    parents = [calls[span.parent.span_id] for span in spans if span.parent]
    assert sorted(parents) == ["chat one"] * 2 + ["chat two"] * 2


def test_a_call_belongs_to_the_span_that_is_current(tracing: Tracing) -> None:
    with tracing.provider.get_tracer("application").start_as_current_span("question") as outer:
        *_, call = tracing.after(*failed_over())
    assert call.parent is not None
    assert call.parent.span_id == outer.get_span_context().span_id


def test_events_of_a_call_that_did_not_start_here_are_passed_over(tracing: Tracing) -> None:
    assert tracing.after(*failed_over()[1:], ClockCorrected(FIRST.url, 1, "date")) == ()


def test_a_call_that_finished_is_forgotten(tracing: Tracing) -> None:
    assert len(tracing.after(*failed_over(), *failed_over()[1:])) == 3


def test_a_call_that_never_finishes_is_not_kept_for_good(tracing: Tracing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel, "_MOST_OPEN", 2)
    started = [CallStarted(f"c{number}", f"m{number}", stream=True) for number in range(5)]
    assert [span.name for span in tracing.after(*started)] == ["chat m0", "chat m1", "chat m2"]


def test_a_missing_library_is_named_with_the_line_that_installs_it() -> None:
    program = (
        "import sys\n"
        "sys.modules['opentelemetry'] = None\n"
        "from gonka_core.observers import OpenTelemetryObserver\n"
        "from gonka_core.errors import MissingLibraryError\n"
        "try:\n    OpenTelemetryObserver()\n"
        "except MissingLibraryError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == (
        "OpenTelemetryObserver needs opentelemetry-api, which is not installed; "
        "install it with: pip install 'gonka-core[otel]'\n"
    )


def test_importing_the_observers_imports_no_opentelemetry() -> None:
    program = "import sys, gonka_core.observers; print(any('opentelemetry' in name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"


def test_the_public_names_are_sorted_and_there() -> None:
    assert observers.__all__ == sorted(observers.__all__)
    assert all(hasattr(observers, name) for name in observers.__all__)


class Refusing:
    """A transport whose nodes refuse in the given ways, quoting all they were sent, and then answer."""

    def __init__(self, refusals: Sequence[tuple[int, str]]) -> None:
        self.sent: list[Request] = []
        self._refusals = iter(refusals)

    def send(self, request: Request, /, *, timeout: float | None = None) -> Canned:
        if request.method == "GET":
            return Canned(404, "Chain RPC Disabled")
        self.sent.append(request)
        quoted = f"{request.body!r} {dict(request.headers)}"
        status, text = next(self._refusals, (200, None))
        if text is None:
            message = {"message": {"role": "assistant", "content": quoted}, "index": 0, "finish_reason": "stop"}
            return Canned(
                200, json.dumps({"choices": [message], "usage": {"prompt_tokens": 7, "completion_tokens": 9}})
            )
        return Canned(status, json.dumps({"error": f"{text} {quoted}"}))

    def close(self) -> None:
        """Nothing is open."""


class Canned:
    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.headers = {"content-type": "application/json", "date": "Mon, 22 Dec 2025 16:58:32 GMT"}
        self._text = text

    def __iter__(self) -> Iterator[bytes]:
        yield self._text.encode()

    def close(self) -> None:
        """Nothing is open."""


refusals = st.sampled_from(
    [
        (429, "Rate limit exceeded"),
        (503, "unavailable"),
        (400, "signature is too old"),
        (401, "Unable to validate request against PubKey:invalid signature"),
        (402, "Insufficient balance"),
        (500, "something new"),
    ]
)


@given(
    key=st.binary(min_size=31, max_size=31),
    api_key=st.text("ABCDEFGHIJ", min_size=12, max_size=12),
    prompt=st.text("abcdefghij", min_size=8, max_size=40),
    refused=st.lists(refusals, max_size=3),
)
@settings(deadline=None, max_examples=40)
def test_no_prompt_key_or_signature_is_in_any_event_line_or_span(
    key: bytes, api_key: str, prompt: str, refused: list[tuple[int, str]]
) -> None:
    secret, tracing, transport = b"\x01" + key, Tracing(), Refusing(refused)
    told: list[Event] = []
    client = Client(
        [FIRST, SECOND, Endpoint.broker("http://broker.example/v1", f"KEY-{api_key}")],
        private_key=PrivateKey(secret),
        transport=transport,
        retry=RetryPolicy(backoff=0),
        clock=WallClock(lambda: 1_766_422_712_000_000_000),
        on_event=[told.append, tracing.observer],
    )
    with contextlib.suppress(CallError):
        client.chat({"model": "m", "messages": [{"role": "user", "content": f"PROMPT-{prompt}"}]})
    spans = tracing.exporter.get_finished_spans()
    everything = "\n".join(
        [text for event in told for text in (repr(event), str(event), line(event), repr(pickle.dumps(event)))]
        + [text for span in spans for text in (repr(span), span.to_json())]
    )
    assert isinstance(told[-1], CallFinished)
    assert len(spans) == len(transport.sent) + 1
    assert not [secret for secret in hidden(transport, secret.hex()) if secret in everything]


def hidden(transport: Refusing, key: str) -> Iterator[str]:
    yield from (key, "KEY-", "PROMPT-")
    for request in transport.sent:
        yield request.headers["Authorization"].removeprefix("Bearer ")
        if isinstance(request, SignedRequest):
            yield from (request.signature.hex(), request.digest.hex())
