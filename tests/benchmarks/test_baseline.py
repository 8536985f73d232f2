"""The documented program does what the developer page says, by the judgement of the kit's oracle."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from benchmarks import baseline
from gonka_bench.workload import SIZES, chat_payload
from gonka_conformance import oracle, vectors
from tests.benchmarks.programs import run_documented

ACCOUNT = vectors.addresses()[0]
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
WORDS = ("I am ", "fine, ", "спасибо.")


class Judge(BaseHTTPRequestHandler):
    """Answers what the oracle finds, in the shapes of `protocol.md` §3.1 and §5."""

    protocol_version = "HTTP/1.1"
    cut: ClassVar[bool] = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        digest = oracle.digest("raw", body, int(self.headers["X-Timestamp"]), PROVIDER)
        flaw = oracle.wire_flaw(ACCOUNT.public_key, digest, self.headers["Authorization"])
        if self.headers["X-Requester-Address"] != ACCOUNT.address:
            self.answer(500, b'{"error":"invalid address"}\n')
        elif flaw or self.path != "/v1/chat/completions":
            self.answer(401, json.dumps({"error": flaw}).encode())
        else:
            self.answer(200, self.stream() if json.loads(body)["stream"] else self.whole())

    def whole(self) -> bytes:
        return json.dumps({"choices": [{"message": {"role": "assistant", "content": "".join(WORDS)}}]}).encode()

    def stream(self) -> bytes:
        deltas = [{"choices": [{"delta": {"content": word}}]} for word in WORDS]
        events = [{"choices": [{"delta": {"role": "assistant"}}]}, *deltas, {"choices": [], "usage": {}}]
        lines = [f"data: {json.dumps(event)}\n\n" for event in events]
        return "".join([*lines, "" if self.cut else "data: [DONE]\n\n"]).encode()

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Quiet."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Judge) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("prefix", ["", "0x"], ids=["bare", "0x"])
def test_it_is_accepted_and_prints_the_answer(url: str, stream: bool, prefix: str) -> None:
    ended = run_documented(url, PROVIDER, prefix + ACCOUNT.private_key.hex(), ACCOUNT.address, stream=stream)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"\nAssistant says: {''.join(WORDS)}\n"


@pytest.mark.parametrize("change", ["body", "timestamp", "signature"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_one_byte_of_difference_is_refused(url: str, change: str, stream: bool) -> None:
    ended = run_documented(url, PROVIDER, ACCOUNT.private_key.hex(), ACCOUNT.address, stream=stream, change=change)
    assert ended.refusal == (401, '{"error": "it does not verify"}')
    assert ended.returncode == 1


def test_another_requester_is_refused(url: str) -> None:
    ended = run_documented(url, PROVIDER, ACCOUNT.private_key.hex(), ACCOUNT.address, change="address")
    assert ended.refusal == (500, '{"error":"invalid address"}\n')


def test_another_provider_is_refused(url: str) -> None:
    ended = run_documented(url, PROVIDER[:-1] + "f", ACCOUNT.private_key.hex(), ACCOUNT.address, change="nothing")
    assert ended.refusal == (401, '{"error": "it does not verify"}')


def test_a_stream_that_is_cut_is_no_answer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "cut", True)
    ended = run_documented(url, PROVIDER, ACCOUNT.private_key.hex(), ACCOUNT.address, stream=True)
    assert ended.returncode == 1
    assert ended.stderr == "the stream ended without [DONE]; ask again\n"
    assert "Assistant says" not in ended.stdout


RAW = [vector for vector in vectors.signatures() if vector.scheme == "raw"]


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector.id) for vector in RAW])
def test_its_signatures_are_those_of_the_vectors(vector: vectors.SignVector) -> None:
    key = vector.private_key.hex()
    signed = baseline.sign_payload(vector.payload, key, vector.timestamp_ns, vector.provider_address)
    assert signed == vector.signature


def test_its_timestamps_increase() -> None:
    stamps = [baseline.hybrid_timestamp_ns() for _ in range(100)]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("size", SIZES.values())
def test_the_payloads_of_the_benchmarks_have_the_size_that_they_are_named_after(size: int) -> None:
    payload = chat_payload(size)
    assert len(payload) == size
    assert json.loads(payload)["messages"][0]["role"] == "user"


def test_a_payload_cannot_be_smaller_than_its_frame() -> None:
    with pytest.raises(ValueError, match="not 10"):
        chat_payload(10)
