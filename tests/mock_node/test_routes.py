"""What a node answers: completions, streams, and the routes that are read."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import ecdsa
import pytest

from gonka_mock_node import Account, BlockClock, Chain, MockNetwork, MockNode
from tests.mock_node.requester import BODY, Requester, get, send

NOW = 1_766_422_712 * 10**9
STREAM = b'{"model":"test","stream":true,"messages":[{"role":"user","content":"a <b> & c"}]}'


@pytest.fixture
def node() -> Iterator[MockNode]:
    with MockNode(chain=Chain(clock=BlockClock(lambda: NOW))) as node:
        yield node


@pytest.fixture
def requester(node: MockNode) -> Requester:
    return Requester(node.provider_address)


def canonical(body: bytes) -> Any:
    """The JSON value, after making sure that it came sorted, compact and escaped as Go does it."""
    value = json.loads(body)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert body.decode() == text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return value


def test_a_completion(node: MockNode, requester: Requester) -> None:
    authorization = requester.headers(timestamp=NOW)["Authorization"]
    reply = requester.ask(node.url, timestamp=NOW)
    value = canonical(reply.body)
    (choice,) = value["choices"]
    assert reply.headers["content-type"] == "application/json"
    assert value["id"] == authorization
    assert (value["object"], value["model"], value["created"]) == ("chat.completion", "test", NOW // 10**9)
    assert choice["message"] == {"content": "You said: hello", "role": "assistant", "tool_calls": []}
    assert choice["finish_reason"] == "stop"
    tokens = choice["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens) == "You said: hello"
    assert all(len(token["top_logprobs"]) == 5 for token in tokens)
    assert value["usage"] == {"completion_tokens": len(tokens), "prompt_tokens": 6, "total_tokens": len(tokens) + 6}


def test_a_stream(node: MockNode, requester: Requester) -> None:
    reply = requester.ask(node.url, STREAM, NOW)
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = reply.body.split(b"\n\n")
    assert events[-2:] == [b"data: [DONE]", b""]
    chunks = [canonical(event.removeprefix(b"data: ")) for event in events[:-2]]
    assert {chunk["id"] for chunk in chunks} == {requester.headers(STREAM, NOW)["Authorization"]}
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert chunks[0]["choices"][0]["delta"] == {"content": "", "role": "assistant"}
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks[:-1]) == "You said: a <b> & c"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 2) + ["stop"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] == len(chunks) - 2


def test_the_words_are_the_tests() -> None:
    with MockNode(answer=lambda payload: f"model {payload['model']}") as node:
        reply = Requester(node.provider_address).ask(node.url)
    assert json.loads(reply.body)["choices"][0]["message"]["content"] == "model test"


@pytest.mark.parametrize("words", ["", " ", "one", "two  spaces \n", "Привет 🌍"])
@pytest.mark.parametrize("stream", [False, True])
def test_any_words_come_whole(words: str, stream: bool) -> None:
    with MockNode(answer=lambda _payload: words) as node:
        reply = Requester(node.provider_address).ask(node.url, STREAM if stream else BODY)
    if stream:
        events = [event.removeprefix(b"data: ") for event in reply.body.split(b"\n\n")[:-3]]
        assert "".join(json.loads(event)["choices"][0]["delta"]["content"] for event in events) == words
    else:
        assert json.loads(reply.body)["choices"][0]["message"]["content"] == words


def test_status(node: MockNode) -> None:
    reply = get(node.url, "/v1/status")
    assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok"})


def test_identity_is_signed_over_its_own_bytes(node: MockNode) -> None:
    reply = get(node.url, "/v1/identity")
    value = json.loads(reply.body)
    assert list(value) == ["data", "signature"]
    assert list(value["data"]) == ["address", "block", "timestamp"]
    assert value["data"]["address"] == node.provider_address
    assert value["data"]["timestamp"] == "2025-12-22T16:58:32Z"
    data = reply.body[len(b'{"data":') : reply.body.index(b',"signature"')]
    signature = base64.b64decode(value["signature"])
    assert len(signature) == 64
    warm: Any = ecdsa.VerifyingKey.from_string(node.nodes[0].warm_key.public_key, curve=ecdsa.SECP256k1)
    assert warm.verify_digest(signature, hashlib.sha256(data).digest())


def test_models(node: MockNode) -> None:
    value = json.loads(get(node.url, "/v1/models").body)
    assert value["object"] == "list"
    assert "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8" in [model["id"] for model in value["data"]]
    with MockNode(models=["mine"]) as other:
        assert [model["id"] for model in json.loads(get(other.url, "/v1/models").body)["data"]] == ["mine"]


@pytest.mark.parametrize("path", ["/v2/accounts/", "/v1/participants/"])
def test_an_account(node: MockNode, requester: Requester, path: str) -> None:
    missing = get(node.url, path + requester.address)
    assert (missing.status, missing.error) == (
        404,
        "rpc error: code = NotFound desc = account not found: key not found",
    )
    assert requester.ask(node.url, timestamp=NOW).status == 200
    found = get(node.url, path + requester.address)
    public_key = base64.b64encode(requester.public_key).decode()
    balance = node.chain.default_balance
    assert found.body == b'{"pubkey":"%s","balance":%d,"denom":"ngonka"}\n' % (public_key.encode(), balance)
    node.chain.put(Account(requester.address, None, 7))
    assert "account has no public key" in get(node.url, path + requester.address).error
    bad = get(node.url, path + "nonsense")
    assert (bad.status, "invalid address" in bad.error) == (400, True)


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/", 404, "Not Found"),
        ("GET", "/v1/nothing", 404, "Not Found"),
        ("POST", "/v2/nothing", 404, "Not Found"),
        ("PUT", "/v1/chat/completions", 405, "Method Not Allowed"),
        ("GET", "/v1/chat/completions", 400, "Id is required"),
        ("POST", "/v1/status", 405, "Method Not Allowed"),
        ("DELETE", "/v1/identity", 405, "Method Not Allowed"),
    ],
)
def test_what_is_not_there(node: MockNode, method: str, path: str, status: int, error: str) -> None:
    reply = send(node.url, {}, None, method, path)
    assert (reply.status, reply.body) == (status, b'{"error":"%s"}\n' % error.encode())
    assert reply.headers["content-type"] == "application/json"


class TestServing:
    def test_a_network_shares_a_chain_and_not_its_addresses(self) -> None:
        with MockNetwork(3, accounts="listed") as network:
            requester = Requester(network.nodes[0].provider_address)
            network.fund(requester.public_key)
            assert len({node.provider_address for node in network.nodes}) == 3
            statuses = [requester.ask(node.url).status for node in network.nodes]
            assert statuses == [200, 401, 401]
            for node in network.nodes:
                assert requester.but(provider_address=node.provider_address).ask(node.url).status == 200
            assert [verdict.status for verdict in network.journal] == [200, 401, 401, 200, 200, 200]

    def test_replay_is_remembered_by_each_node_alone(self) -> None:
        with MockNetwork(2) as network:
            one, two = network.nodes
            requester = Requester(one.provider_address)
            headers = requester.headers() | {"X-Transfer-Address": one.provider_address}
            statuses = [send(node.url, headers, BODY).status for node in (one, one, two)]
        assert statuses == [200, 400, 200]

    @pytest.mark.anyio
    async def test_in_the_callers_loop(self) -> None:
        import asyncio

        async with MockNode() as node:
            reply = await asyncio.to_thread(Requester(node.provider_address).ask, node.url)
        assert reply.status == 200

    def test_after_the_block_nobody_listens(self) -> None:
        with MockNode() as node:
            url = node.url
        with pytest.raises(ConnectionRefusedError):
            get(url, "/v1/status")

    def test_a_port_in_use_is_one_error_and_leaves_nothing_behind(self) -> None:
        import threading

        from gonka_mock_node import CannotListenError

        with MockNode() as node:
            threads = threading.active_count()
            port = int(node.url.rpartition(":")[2].removesuffix("/v1"))
            with pytest.raises(CannotListenError, match="choose another port"), MockNode(port=port):
                pass
            assert threading.active_count() == threads

    def test_a_given_provider_address(self) -> None:
        address = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
        with MockNode(provider_address=address) as node:
            assert Requester(address).ask(node.url).status == 200

    def test_bad_arguments(self) -> None:
        from gonka_core import InvalidAddressError
        from gonka_mock_node.profiles import UnknownProfileError

        with pytest.raises(UnknownProfileError, match=r"choose one of: seed, .*v0\.2\.13, v0\.2\.14"):
            MockNode(profile="v9")
        with pytest.raises(InvalidAddressError, match="provider address"):
            MockNode(provider_address="gonka1")

    def test_the_journal_is_bounded_and_listeners_hear_every_verdict(self) -> None:
        from gonka_mock_node import Journal, Verdict

        heard: list[Verdict] = []
        with MockNode() as node:
            node.journal.listen(heard.append)
            for _ in range(3):
                Requester(node.provider_address).ask(node.url)
        journal = Journal(kept=2)
        for verdict in heard:
            journal.add(verdict)
        assert list(journal) == heard[1:]
        journal.clear()
        assert len(journal) == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"GET /v1/status HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x00\xff\xfe" * 100,
    ],
    ids=range(8),
)
def test_malformed_http_is_no_trouble(node: MockNode, sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    import socket

    host, port = node.url.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert not answer or answer.startswith(b"HTTP/1.")
    assert b"Traceback" not in answer
    assert not any(record.exc_info for record in caplog.records)
    assert get(node.url, "/v1/status").status == 200


class TestAssertions:
    """What a test asks a network about the requests that it saw."""

    def test_accepted_so_many(self, node: MockNode, requester: Requester) -> None:
        with pytest.raises(AssertionError, match="0 were accepted"):
            node.assert_accepted()
        requester.ask(node.url, timestamp=NOW)
        node.assert_accepted()
        node.assert_accepted(1)
        with pytest.raises(AssertionError, match="wanted 2 accepted and no other; 1 were accepted"):
            node.assert_accepted(2)
        assert node.last_refusal is None

    def test_a_refusal_is_told_with_its_diagnosis(self, node: MockNode, requester: Requester) -> None:
        requester.ask(node.url, timestamp=NOW)
        requester.but(provider_address="").ask(node.url, timestamp=NOW)
        assert node.last_refusal is not None
        assert node.last_refusal.diagnosis is not None
        assert node.last_refusal.diagnosis.mistakes == ("provider-missing",)
        with pytest.raises(AssertionError, match=r"(?s)1 were not.*provider address"):
            node.assert_accepted()

    def test_expectations_count_from_when_they_were_set(self, node: MockNode, requester: Requester) -> None:
        requester.ask(node.url, timestamp=NOW)
        node.expect(verdict="accepted", times=1)
        node.expect(rule="signature", times=0)
        with pytest.raises(AssertionError, match=r"exactly 1 .* 0 seen"):
            node.assert_expectations()
        requester.ask(node.url, timestamp=NOW + 1)
        node.assert_expectations()
        requester.ask(node.url, timestamp=NOW + 2, Authorization="QQ==")
        with pytest.raises(AssertionError, match=r"exactly 0 .* 1 seen"):
            node.assert_expectations()

    def test_a_network_that_explains_nothing(self) -> None:
        with MockNode(explain=False) as node:
            Requester(node.provider_address).ask(node.url, Authorization="QQ==")
            assert node.last_refusal is not None
            assert node.last_refusal.diagnosis is None

    def test_reset_goes_back_to_the_start(self, node: MockNode, requester: Requester) -> None:
        requester.ask(node.url, timestamp=NOW)
        node.chain.clock.lag(100)
        node.faults.add("unavailable")
        assert requester.ask(node.url, timestamp=NOW + 1).status == 503
        node.reset()
        assert (len(node.journal), len(node.faults)) == (0, 0)
        assert requester.ask(node.url, timestamp=NOW).status == 200

    def test_other_machines_are_let_in_on_demand_only(self) -> None:
        with pytest.raises(ValueError, match="allow_remote"):
            MockNode(host="0.0.0.0")
        with pytest.warns(RuntimeWarning, match="every machine"):
            MockNode(host="0.0.0.0", allow_remote=True)
