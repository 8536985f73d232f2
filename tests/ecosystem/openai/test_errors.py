"""What goes wrong is the SDK's own error, with ours as its cause; what the network does not have is never sent."""

from __future__ import annotations

from typing import Any, Final

import openai
import pytest

from gonka_core import GonkaError, PrivateKey, errors, resolve
from gonka_core.integrations.openai import AsyncGonkaOpenAI, GonkaOpenAI
from gonka_mock_node import MockNetwork
from tests.ecosystem.openai.asking import ask, both, plain, refused, until_it_breaks

REFUSALS: Final[list[tuple[str, dict[str, Any], type[openai.APIError], type[GonkaError], int | None]]] = [
    ("overloaded", {}, openai.RateLimitError, errors.NodeError, 429),
    ("capacity", {}, openai.RateLimitError, errors.CapacityError, 429),
    ("provider-removed", {}, openai.PermissionDeniedError, errors.ProviderNotAllowedError, 403),
    ("model-vanished", {}, openai.NotFoundError, errors.ModelNotFoundError, 404),
    ("ml-node-error", {}, openai.BadRequestError, errors.PayloadRejectedError, 400),
    ("ml-node-error", {"code": 422}, openai.UnprocessableEntityError, errors.PayloadRejectedError, 422),
    ("body-refused", {}, openai.APIStatusError, errors.PayloadRejectedError, 413),
    ("retired", {}, openai.APIStatusError, errors.RetiredError, 410),
    ("internal-error", {}, openai.InternalServerError, errors.UnavailableError, 500),
    ("no-executor", {}, openai.InternalServerError, errors.NoExecutorError, 503),
    ("redirect", {}, openai.InternalServerError, errors.MovedError, 502),
    ("garbage-json", {}, openai.InternalServerError, errors.UnusableAnswerError, 502),
    ("reset-after", {}, openai.APIConnectionError, errors.TransportError, None),
    ("reset", {}, openai.APIConnectionError, errors.TransportError, None),
    ("refused", {}, openai.APIConnectionError, errors.ConnectError, None),
    ("latency", {"seconds": 60.0}, openai.APITimeoutError, errors.TransportTimeout, None),
]


@both
@pytest.mark.parametrize(
    ("fault", "fields", "theirs", "ours", "status"),
    REFUSALS,
    ids=[f"{name}{more or ''}" for name, more, *_ in REFUSALS],
)
def test_a_refusal_is_the_sdks_error_with_ours_as_its_cause(
    mode: str,
    core: dict[str, Any],
    network: MockNetwork,
    fault: str,
    fields: dict[str, Any],
    theirs: type[openai.APIError],
    ours: type[GonkaError],
    status: int | None,
) -> None:
    network.faults.add(fault, **fields)
    error = refused(mode, {"core": core, "timeout": 0.4 if fault == "latency" else 20.0})
    assert type(error) is theirs
    assert isinstance(error.__cause__, ours)
    assert isinstance(error.__cause__, errors.CallError)
    assert error.__cause__.attempts
    assert error.__cause__.next_step in str(error)
    assert getattr(error, "status_code", None) == status
    if isinstance(error, openai.APIStatusError):
        assert error.response.headers["x-should-retry"] == "false"
        assert error.response.extensions["gonka_error"] is error.__cause__
        assert isinstance(error.body, dict)
        assert error.body["gonka"]["maybe_billed"] == error.__cause__.maybe_billed


@both
def test_a_signature_that_is_refused(mode: str, core: dict[str, Any], endpoints: list[str]) -> None:
    (url, _), (_, other) = (place.split(";") for place in endpoints)
    error = refused(mode, {"core": {**core, "endpoints": f"{url};{other}"}})
    assert type(error) is openai.AuthenticationError
    assert type(error.__cause__) is errors.SignatureRejectedError


@both
def test_a_balance_that_is_not_enough(mode: str, core: dict[str, Any], network: MockNetwork, private_key: str) -> None:
    network.fund(resolve.signer("ecdsa", lambda: PrivateKey.from_hex(private_key)).public_key, balance=1)
    error = refused(mode, {"core": core})
    assert isinstance(error, openai.APIStatusError)
    assert error.status_code == 402
    assert type(error.__cause__) is errors.InsufficientBalanceError


@both
@pytest.mark.parametrize(
    ("fault", "fields", "theirs", "ours"),
    [
        ("cut-stream", {"after": 2}, openai.APIConnectionError, errors.StreamTruncatedError),
        ("cut-stream", {"after": 2, "hard": True}, openai.APIConnectionError, errors.StreamTruncatedError),
        ("no-done", {}, openai.APIConnectionError, errors.StreamTruncatedError),
        ("error-event", {"after": 2}, openai.APIError, errors.NodeError),
        ("garbage-json", {"after": 2}, openai.APIError, errors.UnusableAnswerError),
        ("stall", {"after": 2, "seconds": 600.0}, openai.APITimeoutError, errors.StreamTruncatedError),
    ],
)
def test_a_stream_that_fails_is_never_a_silent_end(
    mode: str,
    core: dict[str, Any],
    network: MockNetwork,
    fault: str,
    fields: dict[str, Any],
    theirs: type[openai.APIError],
    ours: type[GonkaError],
) -> None:
    network.faults.add(fault, **fields)
    seen, error = until_it_breaks(mode, {"core": core, "timeout": 0.4 if fault == "stall" else 20.0})
    assert len(seen) >= 2, "what came before counts"
    assert type(error) is theirs
    assert isinstance(error.__cause__, ours)
    assert str(error.__cause__) == str(error)


CALLS: Final[dict[str, dict[str, Any]]] = {
    "responses.create": {"model": "test", "input": "x"},
    "embeddings.create": {"model": "test", "input": "x"},
    "completions.create": {"model": "test", "prompt": "x"},
    "images.generate": {"prompt": "x"},
    "audio.speech.create": {"model": "test", "voice": "alloy", "input": "x"},
    "audio.transcriptions.create": {"model": "test", "file": ("a.wav", b"RIFF")},
    "files.create": {"file": ("a.jsonl", b"{}"), "purpose": "batch"},
    "moderations.create": {"input": "x"},
    "chat.completions.retrieve": {"completion_id": "chatcmpl-1"},
    "models.delete": {"model": "test"},
}


@both
@pytest.mark.parametrize("path", CALLS)
def test_a_route_that_the_network_does_not_have(
    mode: str, core: dict[str, Any], network: MockNetwork, path: str
) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        ask(mode, {"core": core}, path, {}, **CALLS[path])
    assert "nothing was sent" in str(caught.value)
    assert "chat.completions" in str(caught.value)
    assert isinstance(caught.value.__cause__, GonkaError)
    assert not len(network.journal)


@both
def test_a_model_that_nobody_serves(mode: str, core: dict[str, Any]) -> None:
    with pytest.raises(openai.NotFoundError, match="Qwen/QwQ-32B"):
        ask(mode, {"core": core}, "models.retrieve", {}, model="no/such")


@both
def test_models_where_nobody_tells(mode: str, core: dict[str, Any], network: MockNetwork) -> None:
    network.faults.add("refused")
    with pytest.raises(openai.APIConnectionError) as caught:
        ask(mode, {"core": core}, "models.list", {})
    assert isinstance(caught.value.__cause__, errors.NotToldError)


@both
@pytest.mark.parametrize("attempts", ["0", "-1", "many", "", "1.5"])
def test_a_number_of_attempts_that_is_none(
    mode: str, core: dict[str, Any], network: MockNetwork, attempts: str
) -> None:
    error = refused(mode, {"core": core}, extra_headers={"X-Gonka-Attempts": attempts})
    assert isinstance(error, openai.BadRequestError)
    assert isinstance(error.__cause__, errors.PayloadError)
    assert not len(network.journal)


@both
def test_a_plain_client_of_the_sdk_finds_the_cause_at_the_response(
    mode: str, core: dict[str, Any], network: MockNetwork
) -> None:
    network.faults.add("capacity")
    with pytest.raises(openai.RateLimitError) as caught:
        plain(mode, core)
    assert type(caught.value.response.extensions["gonka_error"]) is errors.CapacityError


@both
def test_a_plain_client_of_the_sdk_has_the_cause_of_a_broken_connection(
    mode: str, core: dict[str, Any], network: MockNetwork
) -> None:
    network.faults.add("reset-after")
    with pytest.raises(openai.APIConnectionError) as caught:
        plain(mode, core)
    assert type(caught.value.__cause__) is errors.TransportError
    assert len(network.journal) == 1, "it may have been billed: the SDK does not repeat it either"


@both
def test_a_selector_that_is_wrong_is_told(mode: str, settings: dict[str, Any]) -> None:
    error = refused(mode, {**settings, "endpoint_selection_strategy": lambda endpoints: "http://elsewhere"})
    assert isinstance(error, openai.InternalServerError)
    assert isinstance(error.__cause__, errors.ConfigurationError)
    assert "none of the client's endpoints" in str(error)


def test_the_clients_have_no_method_that_the_sdk_raises_for() -> None:
    """Both classes override the same."""
    ours = [{name for name in vars(kind) if not name.startswith("__")} for kind in (GonkaOpenAI, AsyncGonkaOpenAI)]
    assert ours[0] == ours[1]
