"""The parts of the OpenAI drop-in that need no node: what requests ask for, and what the official names mean."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, Final

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gonka_core.integrations.openai as drop_in
from gonka_core import (
    CallError,
    ConfigurationError,
    DeadlineError,
    Endpoint,
    GonkaError,
    NodeError,
    PayloadError,
    TransportTimeout,
    errors,
)
from gonka_core.integrations.openai import answering, making, official
from gonka_core.integrations.openai.asked import Route, asked, route
from gonka_core.integrations.openai.generation import http
from gonka_core.types import SelectionContext
from gonka_mock_node import MockNetwork

NODE: Final = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
OTHER: Final = "gonka1d7p03cu2y2yt3vytq9wlfm6tlz0lfhlgv9h82p"
PLACES: Final = (Endpoint("http://one", NODE), Endpoint("http://two", OTHER))
KINDS: Final = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GonkaError)]
REQUEST: Final = http.Request("POST", "https://gonka.invalid/v1/chat/completions")


def test_the_names_are_a_list() -> None:
    assert len(set(drop_in.__all__)) == len(drop_in.__all__)
    assert all(hasattr(drop_in, name) for name in drop_in.__all__)


@pytest.mark.parametrize(
    ("method", "path", "kind", "name"),
    [
        ("POST", "/v1/chat/completions", "chat", ""),
        ("POST", "/chat/completions", "chat", ""),
        ("GET", "/v1/models", "models", ""),
        ("GET", "/v1/models/Qwen/QwQ-32B", "model", "Qwen/QwQ-32B"),
        ("GET", "/v1/models/v1/models/x", "model", "v1/models/x"),
        ("GET", "/v1/chat/completions", "none", "GET /chat/completions"),
        ("POST", "/v1/chat/completions/abc", "none", "POST /chat/completions/abc"),
        ("POST", "/api/chat/completions", "none", "POST /api/chat/completions"),
        ("DELETE", "/v1/models/test", "none", "DELETE /models/test"),
        ("GET", "/v1/models/", "none", "GET /models/"),
        ("GET", "/v1/modelsx", "none", "GET /modelsx"),
        ("POST", "/v1/responses", "none", "POST /responses"),
    ],
)
def test_routes(method: str, path: str, kind: str, name: str) -> None:
    assert route(method, path) == (kind, name)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    path=st.text(st.sampled_from("/v1modelschat.%é"), max_size=30),
)
def test_no_other_path_is_taken_for_chat(method: str, path: str) -> None:
    found = route(method, "/" + path)
    assert (found.kind == "chat") == (method == "POST" and ("/" + path).partition("/v1/")[2] == "chat/completions")
    assert found.kind != "model" or found.name


@given(
    body=st.dictionaries(st.sampled_from(["model", "stream", "messages", "x"]), st.none() | st.booleans() | st.text()),
    seconds=st.none() | st.floats(0, 1e6),
    attempts=st.none() | st.integers(1, 10**9 - 1),
)
def test_what_is_asked_is_what_the_body_says(body: dict[str, Any], seconds: float | None, attempts: int | None) -> None:
    text = json.dumps(body).encode()
    headers = {} if attempts is None else {"x-gonka-attempts": str(attempts)}
    told = asked(text, headers, {"timeout": {"connect": 5.0, "read": seconds}})
    assert told.body is text
    assert told.stream == (body.get("stream") is True)
    assert told.model == (body.get("model") if isinstance(body.get("model"), str) else None)
    assert (told.patience, told.attempts, told.affinity) == (seconds, attempts, None)
    assert "body" not in told.options


def test_without_timeouts_there_is_no_limit() -> None:
    assert asked(b"{}", {}, {}).patience is None


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"x"', b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_object(body: bytes) -> None:
    with pytest.raises(PayloadError, match="; send "):
        asked(body, {}, {})


@given(st.text(max_size=20))
def test_attempts_are_a_number_or_refused(text: str) -> None:
    try:
        told = asked(b"{}", {"x-gonka-attempts": text}, {}).attempts
    except PayloadError:
        assert not (text.isascii() and text.isdigit() and int(text[:9]) > 0)
    else:
        assert told == int(text[:9])


def made(kind: type[GonkaError]) -> GonkaError:
    error = kind.__new__(kind, "it broke", "mend it")
    error.problem, error.next_step = "it broke", "mend it"
    if isinstance(error, NodeError):
        error.endpoint, error.status, error.node_text = PLACES[0], 503, "no"
    if isinstance(error, errors.TransportError):
        error.sent = True
    return error


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_ours_is_told_whole_or_raised_with_its_cause(kind: type[GonkaError]) -> None:
    error = made(kind)
    outcome: Any
    try:
        outcome = answering.failed(error, REQUEST)
    except openai.APIConnectionError as raised:
        outcome = raised
    if isinstance(outcome, openai.APIConnectionError):
        assert outcome.__cause__ is error
        assert "mend it" in str(outcome)
        assert isinstance(outcome, openai.APITimeoutError) == isinstance(error, DeadlineError | TransportTimeout)
        assert isinstance(error, CallError)
        return
    assert outcome.status_code >= 400
    assert outcome.headers["x-should-retry"] == "false"
    assert outcome.extensions["gonka_error"] is error
    assert not isinstance(error, errors.TransportError | errors.DiscoveryError)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_in_a_stream_is_the_sdks(kind: type[GonkaError]) -> None:
    raised = answering.broken(made(kind), REQUEST)
    assert isinstance(raised, openai.APIError)
    assert "mend it" in str(raised)
    assert raised.request is REQUEST


def test_a_route_that_is_not_there_says_what_to_call() -> None:
    for path, instead in (("responses", "chat.completions.parse"), ("embeddings", "another provider")):
        response = answering.no_route(Route("none", f"POST /{path}"))
        assert response.status_code == 404
        assert instead in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "given_as",
    [
        "http://one;" + NODE,
        ["http://one;" + NODE],
        PLACES[0],
        [PLACES[0]],
        official.Endpoint("http://one", NODE),
        (SimpleNamespace(url="http://one/v1/", address=NODE.upper()),),
        iter([official.Endpoint.parse(f" http://one ; {NODE} ")]),
    ],
)
def test_endpoints_of_every_kind(given_as: Any) -> None:
    assert official.endpoints_of(given_as) == (PLACES[0],)


@pytest.mark.parametrize("none", [None, "", [], ()])
def test_no_endpoints_are_none(none: Any) -> None:
    assert official.endpoints_of(none) is None


@pytest.mark.parametrize("wrong", [7, object(), [None], [b"x"], SimpleNamespace(url="http://one"), {"url": 1}])
def test_what_is_no_endpoint(wrong: Any) -> None:
    with pytest.raises(ConfigurationError):
        official.endpoints_of(wrong)


@given(st.text(max_size=60))
def test_an_endpoint_in_text_is_one_or_a_typed_error(text: str) -> None:
    try:
        found = official.Endpoint.parse(text)
    except ConfigurationError:
        return
    assert official.Endpoint.parse(f"{found.url};{found.address}") == found


CONTEXT: Final = SelectionContext(1, "test", None)


def test_a_strategy_is_given_and_returns_endpoints_of_its_own_kind() -> None:
    seen: list[Any] = []

    def last(endpoints: list[official.Endpoint]) -> official.Endpoint:
        seen.append(endpoints)
        return endpoints[-1]

    assert official.StrategySelector(last).select(PLACES, CONTEXT) is PLACES[1]
    assert [(endpoint.url, endpoint.address) for endpoint in seen[0]] == [
        ("http://one/v1", NODE),
        ("http://two/v1", OTHER),
    ]


@pytest.mark.parametrize(
    "choice", [PLACES[1], f"http://two;{OTHER}", SimpleNamespace(url="http://two/v1", address=OTHER)]
)
def test_a_strategy_may_return_one_of_another_kind(choice: Any) -> None:
    assert official.StrategySelector(lambda _: choice).select(PLACES, CONTEXT) is PLACES[1]


def test_a_strategy_that_insists_on_who_cannot_be_asked_is_passed_over() -> None:
    selector = official.StrategySelector(lambda _: PLACES[0])
    assert selector.select(PLACES, CONTEXT) is PLACES[0]
    assert selector.select(PLACES[1:], CONTEXT) is PLACES[1]


@pytest.mark.parametrize("choice", [None, 7, "", "http://three", Endpoint("http://two", NODE), [PLACES[0]]])
def test_a_strategy_that_chooses_a_stranger(choice: Any) -> None:
    with pytest.raises(ConfigurationError, match="return one of the endpoints"):
        official.StrategySelector(lambda _: choice).select(PLACES, CONTEXT)


@pytest.mark.parametrize("text", ["0x" + "zz" * 32, "12", "0x" + "00" * 32, 7, b"\x01" * 32])
def test_reading_a_key_raises_nothing(text: Any) -> None:
    key, flaw = making.read_key(text, "gonka_private_key")
    assert key is None
    assert flaw is not None
    assert flaw.__traceback__ is None
    assert "gonka_private_key" in str(flaw)


def test_proofs_are_asked_for_by_the_variable_of_the_official_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    with MockNetwork(2, profile="v0.2.13") as network:
        monkeypatch.setenv("GONKA_VERIFY_PROOF", "1")
        monkeypatch.setenv("GONKA_SOURCE_URL", network.nodes[0].url.removesuffix("/v1"))
        monkeypatch.setenv("GONKA_PRIVATE_KEY", "42" * 32)
        with drop_in.GonkaOpenAI() as client:
            assert client.gonka_client.discover().level == "consistent"
        network.faults.add("forged-proof")
        with drop_in.GonkaOpenAI() as client, pytest.raises(openai.APIConnectionError) as caught:
            client.models.list()
    assert isinstance(caught.value.__cause__, errors.ProofError)


def test_without_the_sdk_the_message_says_what_to_install() -> None:
    program = (
        "import importlib.util as util; found = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'openai' else found(name, *more)\n"
        "import gonka_core.integrations.openai"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "pip install 'gonka-core[openai]'" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("version", "taken"), [("1.99.9", False), ("2.30.1", False), ("2.31.0", True), ("10.0.0b1", True)]
)
def test_an_sdk_that_is_too_old_is_named(version: str, taken: bool) -> None:
    program = f"import openai; openai.__version__ = {version!r}; import gonka_core.integrations.openai"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode == 0) == taken
    assert taken or f"{version} is too old; run: pip install" in done.stderr.splitlines()[-1]


def test_the_core_does_not_load_the_sdk() -> None:
    program = "import gonka_core.client, gonka_core.async_client, sys; print('openai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"
