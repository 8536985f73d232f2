"""The commands as a user types them, against a real mock node."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gonka_conformance import vectors
from gonka_conformance.vectors import SignVector, VerifyVector
from gonka_core.cli import main
from gonka_core.cli.verdict import Claim, judge
from gonka_mock_node import MockNode

KEY = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
ADDRESS = "gonka1ya4szxe35cce6zd8g7vh95elze9quacq3j3ugs"
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


@pytest.fixture(params=["seed", "v0.2.13"])
def node(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockNode]:
    with MockNode(profile=request.param) as node:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        monkeypatch.setenv("GONKA_ENDPOINT", node.url)
        monkeypatch.setenv("GONKA_PROVIDER_ADDRESS", node.provider_address)
        yield node


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    path = tmp_path / "payload.json"
    path.write_text('{ "model": "test", "messages": [{"role": "user", "content": "Привет"}] }\n', encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What the command printed; nothing on stderr where it succeeds."""
    assert main(arguments) == status
    printed = capsys.readouterr()
    if status == 0:
        assert printed.err == ""
    return printed.out


class TestAddress:
    def test_of_the_environments_key(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", f"0x{KEY}")
        assert ADDRESS in run(capsys, "address")
        told = json.loads(run(capsys, "address", "--json"))
        assert told["address"] == ADDRESS
        assert base64.b64decode(told["public_key"]).hex() == told["public_key_hex"]

    def test_of_a_file_and_of_stdin(self, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        path = tmp_path / "key"
        path.write_text(KEY + "\n")
        path.chmod(0o600)
        assert ADDRESS in run(capsys, "address", "--key-file", str(path))
        monkeypatch.setattr(sys, "stdin", io.StringIO(KEY + "\n"))
        assert ADDRESS in run(capsys, "address", "--key-file", "-")

    @pytest.mark.parametrize("vector", vectors.addresses(), ids=lambda vector: vector.id)
    def test_of_a_public_key(self, capsys: Any, vector: Any) -> None:
        for text in (vector.public_key.hex(), base64.b64encode(vector.public_key).decode()):
            assert json.loads(run(capsys, "address", "--public-key", text, "--json"))["address"] == vector.address


class TestSign:
    @pytest.mark.parametrize("vector", vectors.signatures(), ids=lambda vector: vector.id)
    def test_known_answers(
        self, vector: SignVector, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        path = tmp_path / "payload"
        path.write_bytes(vector.payload)
        monkeypatch.setenv("GONKA_PRIVATE_KEY", vector.private_key.hex())
        asked = ["--scheme", vector.scheme, "--timestamp", str(vector.timestamp_ns), "--file", str(path)]
        assert main(["sign", *asked, "--endpoint-account", vector.provider_address, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["signature"] == vector.signature
        assert told["digest"] == vector.digest.hex()
        assert told["address"] == vector.requester_address
        assert told["headers"] == {
            "Content-Type": "application/json",
            "Authorization": vector.signature,
            "X-Requester-Address": vector.requester_address,
            "X-Timestamp": str(vector.timestamp_ns),
        }

    @pytest.mark.parametrize("signer", ["ecdsa", "coincurve", "cryptography"])
    def test_with_every_signer_from_stdin(self, signer: str, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        told = set()
        for scheme in ("raw", "hash"):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x00\xff")))
            asked = ["--timestamp", "7", "--endpoint-account", PROVIDER, "--file", "-", "--signer", signer, "--json"]
            told.add(json.loads(run(capsys, "sign", "--scheme", scheme, *asked))["signature"])
        assert len(told) == 2

    def test_lines_to_read_hold_the_headers(self, capsys: Any, monkeypatch: pytest.MonkeyPatch, payload: Path) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        printed = run(capsys, "sign", "--endpoint-account", PROVIDER, "--file", str(payload))
        assert f"X-Requester-Address: {ADDRESS}" in printed
        assert "Привет" not in printed

    def test_an_operators_address_is_signed_with_a_warning(
        self, capsys: Any, monkeypatch: pytest.MonkeyPatch, payload: Path
    ) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        operator = "gonkavaloper1qqqsyqcyq5rqwzqfpg9scrgwpugpzysn0r8rpk"
        assert main(["sign", "--endpoint-account", operator, "--file", str(payload)]) == 0
        assert "warning" in capsys.readouterr().err


class TestVerify:
    @pytest.mark.parametrize("vector", vectors.verifications(), ids=lambda vector: vector.id)
    @pytest.mark.parametrize("by", ["public key", "address"])
    def test_known_answers(self, vector: VerifyVector, by: str) -> None:
        signer = vector.public_key if by == "public key" else vector.requester_address
        claim = Claim(
            vector.payload, vector.scheme, vector.timestamp_ns, vector.provider_address, vector.signature, signer
        )
        verdict = judge(claim)
        assert verdict.verified == (vector.expected == "accept")
        assert (verdict.reason is None) == verdict.verified

    @pytest.mark.parametrize(
        ("category", "hint"),
        [
            ("scheme-mixup", "scheme"),
            ("timestamp-missing", "timestamp was not signed"),
            ("address-missing", "provider address was not signed"),
            ("address-requester", "requester's address"),
            ("timestamp-ms", "milliseconds"),
            ("timestamp-s", "in seconds"),
            ("b64-urlsafe", "standard alphabet"),
            ("b64-nopad", "padding"),
            ("b64-bearer", "Bearer"),
            ("der", "DER"),
            ("length-65-tail", "recovery id"),
            ("high-s", "n - s"),
        ],
    )
    def test_known_mistakes_are_named(self, category: str, hint: str) -> None:
        found = [vector for vector in vectors.verifications() if vector.category == category]
        assert found
        for vector in found:
            claim = Claim(
                vector.payload,
                vector.scheme,
                vector.timestamp_ns,
                vector.provider_address,
                vector.signature,
                vector.public_key,
            )
            assert hint in (judge(claim).hint or ""), vector.id

    def test_what_sign_prints_verifies(self, capsys: Any, monkeypatch: pytest.MonkeyPatch, payload: Path) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        common = ["--scheme", "hash", "--timestamp", "7", "--endpoint-account", PROVIDER, "--file", str(payload)]
        signature = json.loads(run(capsys, "sign", *common, "--json"))["signature"]
        assert ADDRESS in run(capsys, "verify", *common, "--signature", signature)
        for signer in (["--account-address", ADDRESS], ["--public-key", _public_key(capsys)]):
            told = json.loads(run(capsys, "verify", *common, "--signature", signature, *signer, "--json"))
            assert told == {"verified": True, "reason": None, "hint": None, "address": ADDRESS}
        other = run(capsys, "verify", *common, "--signature", signature, "--account-address", PROVIDER, status=1)
        assert other.startswith("not verified")
        common[1] = "raw"
        assert "scheme hash" in run(capsys, "verify", *common, "--signature", signature, status=1)


def _public_key(capsys: Any) -> str:
    text: str = json.loads(run(capsys, "address", "--json"))["public_key"]
    return text


class TestChat:
    def test_words(self, node: MockNode, capsys: Any) -> None:
        assert run(capsys, "chat", "hello there", "--model", "test") == "You said: hello there\n"
        assert run(capsys, "chat", "hello there", "--model", "test", "--stream") == "You said: hello there\n"

    def test_json(self, node: MockNode, capsys: Any) -> None:
        told = json.loads(run(capsys, "chat", "hello", "--model", "test", "--json"))
        assert told["object"] == "chat.completion"
        lines = run(capsys, "chat", "hello", "--model", "test", "--json", "--stream").splitlines()
        assert {json.loads(line)["object"] for line in lines} == {"chat.completion.chunk"}

    def test_everything_given(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GONKA_ENDPOINT")
        monkeypatch.setenv("GONKA_MODEL", "test")
        given = ["--endpoint", node.url, "--provider-address", node.provider_address, "--scheme", node.profile.scheme]
        chosen = ["--signer", "ecdsa", "--transport", "httpx", "--selector", "first", "--max-tokens", "5"]
        assert run(capsys, "chat", "hello", "--system", "be brief", *given, *chosen) == "You said: hello\n"

    @pytest.mark.parametrize("more", [[], ["--stream"]], ids=["whole", "stream"])
    def test_the_url_and_key_of_a_broker_are_enough(
        self, capsys: Any, monkeypatch: pytest.MonkeyPatch, more: list[str]
    ) -> None:
        """Today's public network: no private key, no address, no node."""
        for name in [name for name in os.environ if name.startswith("GONKA_")]:
            monkeypatch.delenv(name)
        with MockNode(profile="gateway") as gateway:
            monkeypatch.setenv("GONKA_BROKER_URL", gateway.url)
            monkeypatch.setenv("GONKA_BROKER_API_KEY", "sk-of-a-test")
            assert run(capsys, "chat", "hello", "--model", "test", *more) == "You said: hello\n"


class TestSendRequest:
    def test_the_documented_command(self, node: MockNode, payload: Path, capsys: Any) -> None:
        """The node's address without /v1, as the page has it; the provider address comes from the node."""
        asked = ["--account-address", ADDRESS, "--node-address", node.url.removesuffix("/v1"), "--file", str(payload)]
        assert run(capsys, "send-request", *asked) == "You said: Привет\n"
        assert json.loads(run(capsys, "send-request", *asked, "--json"))["object"] == "chat.completion"
        accepted = [verdict for verdict in node.journal if verdict.accepted]
        assert len(accepted) == 2
        assert {verdict.body_bytes for verdict in accepted} == {len(payload.read_bytes())}

    def test_the_payload_decides_on_streaming(self, node: MockNode, payload: Path, capsys: Any) -> None:
        payload.write_text('{"model":"test","stream":true,"messages":[{"role":"user","content":"a b c"}]}')
        asked = ["--node-address", node.url, "--file", str(payload)]
        assert run(capsys, "send-request", *asked) == "You said: a b c\n"
        assert run(capsys, "send-request", *asked, "--json").startswith('{"choices":[{"delta"')

    def test_a_provider_address_and_a_timestamp_of_ones_own(self, node: MockNode, payload: Path, capsys: Any) -> None:
        asked = ["--node-address", node.url, "--endpoint-account", node.provider_address, "--file", str(payload)]
        assert main(["send-request", *asked, "--timestamp", "7"]) == 1
        assert "too old" in capsys.readouterr().err
        assert node.journal[-1].timestamp_ns == 7
        stamp = node.chain.clock.time_ns
        run(capsys, "send-request", *asked, "--timestamp", str(stamp))
        assert node.journal[-1].timestamp_ns == stamp

    def test_node_url_is_the_default(
        self, node: MockNode, payload: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NODE_URL", node.url.removesuffix("/v1"))
        assert run(capsys, "send-request", "--file", str(payload)) == "You said: Привет\n"


class TestPlugins:
    def test_the_table(self, capsys: Any) -> None:
        printed = run(capsys, "plugins")
        for name in ("ecdsa", "coincurve", "cryptography", "httpx", "httpx2", "aiohttp", "random", "round-robin"):
            assert name in printed

    def test_json(self, capsys: Any) -> None:
        told = {item["name"]: item for item in json.loads(run(capsys, "plugins", "--json"))}
        assert told["aiohttp"]["capabilities"] == ["async"]
        assert {item["state"] for item in told.values()} == {"ready"}
        assert told["coincurve"]["distribution"].startswith("gonka-core ")

    def test_what_is_missing_or_broken_is_told(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from gonka_core import plugins
        from gonka_core.plugins import Broken, Registry

        found = plugins.registry()
        broken = Broken("vault", "gonka-vault 1.0", ImportError("no module named hvac"))
        monkeypatch.setattr("gonka_core.cli.plugins.registry", lambda: Registry(found.entries, (broken,)))
        monkeypatch.setitem(sys.modules, "aiohttp", None)
        printed = run(capsys, "plugins")
        assert "pip install 'gonka-core[aiohttp]'" in printed
        assert "vault: ImportError: no module named hvac" in printed
        states = {item["name"]: item["state"] for item in json.loads(run(capsys, "plugins", "--json"))}
        assert (states["aiohttp"], states["vault"], states["httpx"]) == ("missing", "broken", "ready")


class TestDemo:
    def test_every_pair_is_accepted(self, capsys: Any) -> None:
        printed = run(capsys, "demo")
        assert "You said: What is the capital city of France?" in printed
        assert printed.count("accepted") == 15

    def test_json_and_profiles(self, capsys: Any) -> None:
        told = json.loads(run(capsys, "demo", "--json", "--profile", "seed", "--profile", "v0.2.13"))
        assert {trial["verdict"] for trial in told["trials"]} == {"accepted"}
        assert {(trial["profile"], trial["scheme"]) for trial in told["trials"]} == {
            ("seed", "raw"),
            ("v0.2.13", "hash"),
        }
        assert {trial["mode"] for trial in told["trials"]} == {"sync", "async"}
        assert len(told["trials"]) == 30
        assert told["left_out"] == []

    def test_a_library_that_is_missing_is_left_out(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "httpx2", None)
        told = json.loads(run(capsys, "demo", "--json"))
        assert len(told["trials"]) == 9
        assert "httpx2" in told["left_out"][0]

    def test_a_pair_that_fails_is_told_and_the_status_says_so(
        self, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from gonka_core.types import SignedRequest
        from gonka_httpx.transport import HttpxTransport

        honest = HttpxTransport.send

        def careless(self: HttpxTransport, request: SignedRequest, *, timeout: float | None = None) -> Any:
            return honest(self, SignedRequest(**{**vars(request), "body": request.body + b" "}), timeout=timeout)

        monkeypatch.setattr(HttpxTransport, "send", careless)
        printed = run(capsys, "demo", status=1)
        assert "invalid signature" in " ".join(printed.split())


def test_conformance_by_the_same_door(capsys: Any) -> None:
    printed = run(capsys, "conformance", "signer", "--signer", "coincurve")
    assert "coincurve conforms" in printed
