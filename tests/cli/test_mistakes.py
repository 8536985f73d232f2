"""Bad input: one line that ends in the next step, an exit status, nothing sent, and no key anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonka_core.keys import ORDER
from gonka_mock_node import MockNode
from tests.recorder import Recorder, http

GONKA = str(Path(sys.executable).parent / "gonka")
KEY = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
ADDRESS = "gonka1ya4szxe35cce6zd8g7vh95elze9quacq3j3ugs"
OTHER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
COSMOS = "cosmos1asz59pf9q0u5nxcxwn676wpacr34gzas0xlamz"


@pytest.fixture(scope="module")
def node() -> Iterator[MockNode]:
    with MockNode() as node:
        yield node


@pytest.fixture
def payload(tmp_path: Path) -> str:
    path = tmp_path / "payload.json"
    path.write_text('{"model":"test","messages":[{"role":"user","content":"hi"}]}')
    return str(path)


def gonka(*arguments: str, key: str | None = KEY, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GONKA_")}
    if key is not None:
        clean["GONKA_PRIVATE_KEY"] = key
    return subprocess.run(
        [GONKA, *arguments], env={**clean, **environ}, capture_output=True, text=True, timeout=60, check=False
    )


def wrong(done: subprocess.CompletedProcess[str], words: str, status: int = 2) -> None:
    assert done.returncode == status, done
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("gonka: ")
    assert words in line
    assert ";" in line  # the problem; the next step
    for start in range(0, len(KEY) - 16, 2):
        assert KEY[start : start + 16] not in done.stderr.lower()


def at(node: MockNode) -> list[str]:
    return ["--endpoint", node.url, "--provider-address", node.provider_address]


BAD_KEYS = {
    "none": (None, "GONKA_PRIVATE_KEY"),
    "empty": ("", "GONKA_PRIVATE_KEY"),
    "63 digits": (KEY[:-1], "63 hex digits"),
    "66 digits": (KEY + "00", "66 hex digits"),
    "not hex": (KEY[:-1] + "x", "not hex"),
    "zero": ("0" * 64, "zero"),
    "n": (f"{ORDER:x}", "order"),
    "all f": ("f" * 64, "order"),
}


@pytest.mark.parametrize(("key", "words"), BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_keys(node: MockNode, key: str | None, words: str) -> None:
    before = len(node.journal)
    wrong(gonka("chat", "hi", "--model", "test", *at(node), key=key), words)
    assert len(node.journal) == before


def test_a_key_file_that_cannot_be_read(tmp_path: Path) -> None:
    wrong(gonka("address", "--key-file", str(tmp_path / "nowhere"), key=None), "cannot be read")
    wrong(gonka("address", "--key-file", str(tmp_path), key=None), "cannot be read")


def test_a_key_file_that_everybody_reads_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o644)
    done = gonka("address", "--key-file", str(path), key=None)
    assert done.returncode == 0
    assert ADDRESS in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("gonka: warning: ")
    assert "chmod 600" in line


def test_an_address_of_another_account(node: MockNode, payload: str) -> None:
    before = len(node.journal)
    asked = ["--account-address", OTHER, "--node-address", node.url, "--file", payload]
    wrong(gonka("send-request", *asked), "does not belong to the key")
    wrong(gonka("chat", "hi", "--model", "test", *at(node), GONKA_ADDRESS=OTHER), "does not belong to the key")
    assert len(node.journal) == before


@pytest.mark.parametrize("address", [OTHER[:-1], COSMOS, "nonsense"])
def test_addresses_that_are_none(node: MockNode, payload: str, address: str) -> None:
    before = len(node.journal)
    asked = ["--node-address", node.url, "--endpoint-account", address, "--file", payload]
    wrong(gonka("send-request", *asked), "address")
    wrong(gonka("sign", "--endpoint-account", address, "--file", payload), "address")
    wrong(gonka("chat", "hi", "--model", "m", "--endpoint", node.url, "--provider-address", address), "address")
    assert len(node.journal) == before


def test_endpoints() -> None:
    chat = ["chat", "hi", "--model", "test"]
    wrong(gonka(*chat), "GONKA_ENDPOINT")
    wrong(gonka(*chat, "--endpoint", "http://host"), "no provider address")
    wrong(gonka(*chat, "--provider-address", OTHER), "--endpoint")
    wrong(gonka(*chat, GONKA_ENDPOINT="http://host"), "GONKA_PROVIDER_ADDRESS")
    wrong(gonka(*chat, "--endpoint", "host:8000/v1", "--provider-address", OTHER), "http://")


def test_plug_ins(node: MockNode) -> None:
    chat = ["chat", "hi", "--model", "test", *at(node)]
    before = len(node.journal)
    wrong(gonka(*chat, "--signer", "coincruve"), "coincurve")
    wrong(gonka(*chat, "--transport", "http"), "httpx")
    wrong(gonka(*chat, "--transport", "aiohttp"), "async only")
    wrong(gonka(*chat, "--selector", "best"), "random")
    assert len(node.journal) == before


def test_payloads(node: MockNode, tmp_path: Path) -> None:
    before = len(node.journal)
    for content, words in ((b"", "not JSON"), (b"{", "not JSON"), (b"\xff", "not JSON"), (b"[]", "no JSON object")):
        path = tmp_path / "payload"
        path.write_bytes(content)
        wrong(gonka("send-request", "--node-address", node.url, "--file", str(path)), words)
    wrong(gonka("send-request", "--node-address", node.url, "--file", str(tmp_path / "nowhere")), "cannot be read")
    assert len(node.journal) == before


def test_usage() -> None:
    wrong(gonka("nonsense"), "nonsense")
    wrong(gonka("sign"), "--endpoint-account")
    wrong(gonka("sign", "--timestamp", "0", "--endpoint-account", OTHER, "--file", "x"), "timestamp")
    wrong(gonka("chat", "hi", "--no-such-option"), "--no-such-option")
    bare = gonka()
    assert bare.returncode == 2
    assert "Commands:" in bare.stderr


def test_a_refusal_is_one_line_with_the_nodes_words(node: MockNode, payload: str) -> None:
    asked = ["--node-address", node.url, "--endpoint-account", OTHER, "--file", payload]
    wrong(gonka("send-request", *asked), "PubKey:invalid signature", status=1)


def test_nobody_listens(payload: str) -> None:
    asked = ["--node-address", "http://127.0.0.1:9", "--file", payload]
    wrong(gonka("send-request", *asked), "cannot be read", status=1)
    wrong(gonka("send-request", *asked, "--endpoint-account", OTHER), "cannot be reached", status=1)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http("404 Not Found", b'{"error":"Not Found"}'), "--endpoint-account"),
        (http("200 OK", b"<html>"), "data.address"),
        (http("200 OK", b'{"data":{"address":7}}'), "data.address"),
        (http("200 OK", b'{"data":{"address":"gonka1"}}'), "address that is none"),
        (http("302 Found", b"", "Location: http://127.0.0.1:9/"), "302"),
    ],
    ids=["404", "html", "number", "bad address", "redirect"],
)
def test_a_node_that_does_not_say_who_it_is(answer: bytes, words: str, payload: str) -> None:
    with Recorder([[answer]]) as server:
        wrong(gonka("send-request", "--node-address", server.url, "--file", payload), words, status=1)
        assert [request.line for request in server.received] == ["GET /v1/identity HTTP/1.1"]
        assert not server.received[0].values("authorization")


@pytest.mark.parametrize(
    ("stream", "answer", "words"),
    [
        (False, http("200 OK", b"<html>"), "not a JSON object"),
        (True, http("200 OK", b"<html>"), "without a stream"),
        (True, http("200 OK", b'data: {"choices":[]}\n\n', "Content-Type: text/event-stream"), "without [DONE]"),
    ],
    ids=["not json", "no stream", "no done"],
)
def test_answers_that_are_none(stream: bool, answer: bytes, words: str) -> None:
    with Recorder([[answer]]) as server:
        asked = ["chat", "hi", "--model", "test", "--endpoint", server.url, "--provider-address", OTHER]
        done = gonka(*asked, *(["--stream"] if stream else []))
        assert len(server.received) == 1
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_leaves_is_no_error() -> None:
    done = subprocess.run(
        f"{GONKA} plugins --json | head -c 1", shell=True, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("[", "")


def test_a_bug_is_one_line_without_the_words_of_the_error() -> None:
    program = (
        "import sys; import gonka_core.cli.run as run; import gonka_core.settings as settings\n"
        f"def fail(_): raise RuntimeError('{KEY}')\n"
        "settings.places = lambda *_: fail(0)\n"
        "sys.exit(run.run(['chat', 'hi']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 70
    assert "RuntimeError" in done.stderr
    assert "report" in done.stderr
    assert KEY not in done.stderr
    assert len(done.stderr.splitlines()) == 1
