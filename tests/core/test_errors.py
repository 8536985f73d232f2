"""What an error is promises what may be done about it."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest

from gonka_core import (
    AnswerError,
    ApiKeyError,
    Attempt,
    CallError,
    ConnectError,
    DeadlineError,
    Endpoint,
    GonkaError,
    LimitExceededError,
    NodeError,
    Remedy,
    StreamTruncatedError,
    TransportError,
    TransportTimeout,
    UnusableAnswerError,
    errors,
)
from gonka_core.chunks import Chunk

NODE = Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
BROKER = Endpoint.broker("https://broker", "sk-0123456789abcdef")


def below(kind: type[GonkaError]) -> Iterator[type[GonkaError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from below(child)


NODE_ERRORS = [kind for kind in below(NodeError) if issubclass(kind, NodeError)]


def node_error(kind: type[NodeError] = NodeError, status: int = 429, endpoint: Endpoint = NODE) -> NodeError:
    return kind("a node said no", "ask another", endpoint=endpoint, status=status, node_text="no")


def attempt(endpoint: Endpoint) -> Attempt:
    return Attempt(number=1, endpoint=endpoint, seconds=0.5, status=429, error="CapacityError", scheme="raw")


class TestTheTree:
    def test_it_is_drawn_as_it_is(self) -> None:
        """Every class stands in the module's docstring below its parent, and nothing else does."""
        drawn: dict[str, str] = {}
        above: list[str] = []
        for line in (errors.__doc__ or "").splitlines():
            if found := re.match(r"    ((?:│   |    )*(?:├── |└── )?)(\w+(?:Error|Timeout))\b", line):
                depth = len(found[1]) // 4
                above[depth:] = [found[2]]
                drawn[found[2]] = above[depth - 1] if depth else ""
        real = {kind.__name__: str(kind.__bases__[0].__name__) for kind in below(GonkaError)}
        here = {name: parent for name, parent in real.items() if hasattr(errors, name)}
        assert drawn == {**here, "GonkaError": ""}

    @pytest.mark.parametrize("kind", list(below(CallError)))
    def test_what_a_call_ends_in_has_an_endpoint_and_a_history(self, kind: type[CallError]) -> None:
        assert kind.endpoint is None
        assert kind.attempts == ()


class TestPromises:
    @pytest.mark.parametrize("kind", NODE_ERRORS)
    def test_a_node_error_is_retryable_where_there_is_a_remedy(self, kind: type[NodeError]) -> None:
        assert node_error(kind).retryable is (kind.remedy is not Remedy.NONE)

    @pytest.mark.parametrize("kind", NODE_ERRORS)
    def test_what_is_learned_and_asked_again_was_never_billed(self, kind: type[NodeError]) -> None:
        """The flow repeats these without the caller's permission."""
        if kind.remedy in (Remedy.SCHEME, Remedy.CLOCK, Remedy.RESIGN):
            assert not node_error(kind).maybe_billed

    def test_these_may_have_been_billed_and_no_others(self) -> None:
        billed = {kind.__name__ for kind in NODE_ERRORS if node_error(kind).maybe_billed}
        assert billed == {"ExecutorError", "UnavailableError", "StreamFailedError"}

    @pytest.mark.parametrize("kind", NODE_ERRORS)
    def test_an_error_behind_a_status_of_success_may_have_been(self, kind: type[NodeError]) -> None:
        assert node_error(kind, status=200).maybe_billed

    def test_no_other_endpoint_helps_an_account_or_a_payload(self) -> None:
        final = {kind.__name__ for kind in NODE_ERRORS if kind.remedy is Remedy.NONE}
        assert final == {
            "NodeError",
            "AuthorizationMissingError",
            *(kind.__name__ for kind in below(errors.AccountError)),
            "ModelNotFoundError",
            "DeveloperNotAllowedError",
            "PayloadRejectedError",
        }

    @pytest.mark.parametrize("sent", [True, False])
    def test_a_transport_error_may_be_billed_where_bytes_left(self, sent: bool) -> None:
        for kind in (TransportError, TransportTimeout):
            error = kind("broke", "try again", sent=sent)
            assert (error.retryable, error.maybe_billed) == (True, sent)
        assert not ConnectError("unreachable", "try another").maybe_billed

    def test_an_unusable_answer_was_perhaps_paid_for(self) -> None:
        error = UnusableAnswerError("not JSON", "ask again", endpoint=NODE, status=200)
        assert (error.retryable, error.maybe_billed) == (True, True)

    def test_a_deadline_is_billed_like_its_cause(self) -> None:
        error = DeadlineError("too late", "allow more time")
        assert (error.retryable, error.maybe_billed) == (False, False)
        for sent in (True, False):
            error.__cause__ = TransportTimeout("slow", "wait", sent=sent)
            assert error.maybe_billed is sent
        error.__cause__ = ValueError("x")
        assert not error.maybe_billed


class TestCrossingProcesses:
    @pytest.mark.parametrize("kind", NODE_ERRORS)
    def test_a_node_error_arrives_whole(self, kind: type[NodeError]) -> None:
        error = node_error(kind)
        error.attempts = (attempt(NODE),)
        error.retry_after_s = 3.0
        arrived = pickle.loads(pickle.dumps(error))
        assert type(arrived) is kind
        assert (vars(arrived), str(arrived), repr(arrived)) == (vars(error), str(error), repr(error))

    @pytest.mark.parametrize(
        "error",
        [
            GonkaError("a", "b"),
            TransportError("a", "b", sent=True),
            ConnectError("a", "b"),
            DeadlineError("a", "b"),
            AnswerError("a", "b", endpoint=NODE, status=200),
            StreamTruncatedError("a", "b", endpoint=NODE, status=200, received=(Chunk({"choices": []}),)),
            LimitExceededError("a", "b", endpoint=NODE, status=200, limit="json_depth", allowed=3),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_so_does_every_other_shape(self, error: GonkaError) -> None:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            arrived = pickle.loads(pickle.dumps(error, protocol))
            assert type(arrived) is type(error)
            assert {"attempts": (), **vars(arrived)} == {"attempts": (), **vars(error)}

    def test_an_api_key_stays_behind(self) -> None:
        error = node_error(ApiKeyError, status=401, endpoint=BROKER)
        error.attempts = (attempt(BROKER), attempt(NODE))
        written = pickle.dumps(error)
        assert b"sk-0123" not in written
        arrived = pickle.loads(written)
        assert (arrived.endpoint, arrived.attempts, arrived.status) == (None, (attempt(NODE),), 401)
        assert error.endpoint is BROKER


def test_an_attempt_and_an_error_show_no_key() -> None:
    error = node_error(ApiKeyError, endpoint=BROKER)
    assert "sk-0123" not in f"{attempt(BROKER)!r} {error!r} {error}"
