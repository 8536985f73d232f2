"""`gonka signature …` against `inferenced signature …`: what is the same, and each difference that is documented."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ecdsa import SECP256k1, SigningKey
from ecdsa.util import sigencode_string_canonize
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonka_conformance import vectors
from gonka_conformance.vectors import SignVector
from gonka_core.cli import main
from gonka_mock_node import MockNode

KEY = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
ADDRESS = "gonka1ya4szxe35cce6zd8g7vh95elze9quacq3j3ugs"
OTHER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
PAYLOAD = '{"model":"test","messages":[{"role":"user","content":"hello"}]}'


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)


def original(text: bytes, timestamp: int, endpoint_account: str) -> str:
    """What `inferenced signature create` prints: written from protocol.md §9, with another library than ours."""
    message = text + (str(timestamp).encode() if timestamp > 0 else b"") + endpoint_account.encode()
    holder = SigningKey.from_string(bytes.fromhex(KEY), curve=SECP256k1)
    signed = holder.sign_deterministic(message, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize)
    return base64.b64encode(signed).decode()


def printed(capsys: Any, *arguments: str, status: int = 0) -> dict[str, str]:
    """The lines `Name: value` that a command of the group printed."""
    assert main(["signature", *arguments]) == status
    lines = [line.partition(": ") for line in capsys.readouterr().out.splitlines()]
    return {name: value for name, _, value in lines}


def failed(capsys: Any, *arguments: str, status: int = 2) -> str:
    """The one line on stderr."""
    assert main(["signature", *arguments]) == status
    caught = capsys.readouterr()
    assert caught.out == ""
    (line,) = caught.err.splitlines()
    assert ";" in line
    return str(line)


class TestCreate:
    def test_the_two_lines(self, capsys: Any) -> None:
        assert main(["signature", "create", "hello"]) == 0
        assert capsys.readouterr().out == f"Address: {ADDRESS}\nSignature: {original(b'hello', 0, '')}\n"

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
        timestamp=st.integers(-(2**63), 2**63 - 1) | st.just(0),
        account=st.sampled_from(["", OTHER, ADDRESS]),
    )
    def test_the_same_signature(self, capsys: Any, text: str, timestamp: int, account: str) -> None:
        """Byte for byte, with and without each part."""
        asked = ["create", f"--timestamp={timestamp}", "--endpoint-account", account, "--", text]
        assert printed(capsys, *asked)["Signature"] == original(text.encode(), timestamp, account)

    @pytest.mark.parametrize("vector", vectors.signatures(), ids=lambda vector: vector.id)
    def test_known_answers(
        self, vector: SignVector, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """The scheme `hash` by way of the digest's hex digits as the text, as the network's own tests do it."""
        monkeypatch.setenv("GONKA_PRIVATE_KEY", vector.private_key.hex())
        path = tmp_path / "payload"
        raw = vector.scheme == "raw"
        path.write_bytes(vector.payload if raw else hashlib.sha256(vector.payload).hexdigest().encode())
        asked = ["--file", str(path), "--timestamp", str(vector.timestamp_ns)]
        told = printed(capsys, "create", *asked, "--endpoint-account", vector.provider_address)
        assert told == {"Address": vector.requester_address, "Signature": vector.signature}

    def test_stdin_and_bytes_that_are_no_text(
        self, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        content = b"\x00\xff\r\n"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert printed(capsys, "create", "--file", "-")["Signature"] == original(content, 0, "")
        path = tmp_path / "file"
        path.write_bytes(content)
        assert printed(capsys, "create", "--file", str(path))["Signature"] == original(content, 0, "")
        # An argument that is not UTF-8 reaches Python with surrogates in it.
        assert printed(capsys, "create", "\udcff")["Signature"] == original(b"\xff", 0, "")

    @pytest.mark.parametrize("signer", ["ecdsa", "coincurve", "cryptography"])
    def test_every_signer(self, capsys: Any, signer: str) -> None:
        assert printed(capsys, "create", "x", "--signer", signer)["Signature"] == original(b"x", 0, "")

    def test_json(self, capsys: Any) -> None:
        assert main(["signature", "create", "x", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"address": ADDRESS, "signature": original(b"x", 0, "")}

    def test_the_account_has_to_be_that_of_the_key(self, capsys: Any) -> None:
        assert printed(capsys, "create", "x", "--account-address", ADDRESS)["Address"] == ADDRESS
        assert "does not belong" in failed(capsys, "create", "x", "--account-address", OTHER)

    def test_an_endpoint_account_that_is_none_is_signed_with_a_warning(self, capsys: Any) -> None:
        assert main(["signature", "create", "x", "--endpoint-account", "somebody"]) == 0
        caught = capsys.readouterr()
        assert f"Signature: {original(b'x', 0, 'somebody')}" in caught.out
        assert "warning" in caught.err


@pytest.mark.parametrize("command", ["create", "verify", "send-request"])
class TestInput:
    def more(self, command: str) -> list[str]:
        return ["--signature", "x"] if command == "verify" else []

    def test_no_text(self, capsys: Any, command: str) -> None:
        assert "no text provided" in failed(capsys, command, *self.more(command))

    def test_text_and_file(self, capsys: Any, command: str) -> None:
        assert "both given" in failed(capsys, command, "text", "--file", "x", *self.more(command))

    def test_two_texts(self, capsys: Any, command: str) -> None:
        assert "unexpected extra argument" in failed(capsys, command, "one", "two", *self.more(command))

    def test_key_and_text_from_stdin(self, capsys: Any, command: str) -> None:
        assert "stdin" in failed(capsys, command, "--key-file", "-", "--file", "-", *self.more(command))

    @pytest.mark.parametrize("timestamp", ["0x10", "010", "1_0", "1e9", "", "+1", str(2**63), str(-(2**63) - 1), "٣"])
    def test_timestamps_that_could_be_read_otherwise(self, capsys: Any, command: str, timestamp: str) -> None:
        line = failed(capsys, command, "x", f"--timestamp={timestamp}", *self.more(command))
        assert "plain decimal" in line

    @pytest.mark.parametrize("option", ["--keyring-backend", "--keyring-dir", "--home"])
    def test_the_keyring_is_accepted_and_explained(self, capsys: Any, command: str, option: str) -> None:
        main(["signature", command, "x", option, "test", *self.more(command)])
        assert f"gonka: warning: {option} is not used" in capsys.readouterr().err


class TestVerify:
    @pytest.mark.parametrize(
        "signer", [[], ["--account-address", ADDRESS], ["--public-key", "A23422wi+xt8E3AWrB6WPx2Rmwc7kruLm9jJqCM8OdDW"]]
    )
    def test_what_was_created(self, capsys: Any, signer: list[str]) -> None:
        given = ["hello", "--timestamp", "7", "--endpoint-account", OTHER]
        signature = printed(capsys, "create", *given)["Signature"]
        assert main(["signature", "verify", *given, "--signature", signature, *signer]) == 0
        assert capsys.readouterr().out == f"Address: {ADDRESS}\nSignature verified\n"

    def test_the_exit_status_tells(self, capsys: Any) -> None:
        signature = original(b"hello", 0, "")
        told = printed(capsys, "verify", "hellO", "--signature", signature, status=1)
        assert told["Signature not verified"].startswith("the signature does not belong")
        assert main(["signature", "verify", "hellO", "--signature", signature, "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["verified"] is False
        assert main(["signature", "verify", "hello", "--signature", signature, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {
            "address": ADDRESS,
            "verified": True,
            "reason": None,
            "hint": None,
        }

    @pytest.mark.parametrize("change", ["text", "timestamp", "account"])
    def test_each_part_counts(self, capsys: Any, change: str) -> None:
        text, timestamp, account = "hello", "7", OTHER
        signature = printed(capsys, "create", text, "--timestamp", timestamp, "--endpoint-account", account)[
            "Signature"
        ]
        if change == "text":
            text += "!"
        elif change == "timestamp":
            timestamp = "8"
        else:
            account = ADDRESS
        asked = [text, "--timestamp", timestamp, "--endpoint-account", account, "--signature", signature]
        assert "Signature not verified" in printed(capsys, "verify", *asked, status=1)

    @pytest.mark.parametrize("signature", ["", "%%%", "AAAA", original(b"x", 0, "")[:-2]])
    def test_what_is_no_signature_is_not_verified(self, capsys: Any, signature: str) -> None:
        assert "Signature not verified" in printed(capsys, "verify", "x", f"--signature={signature}", status=1)

    def test_no_key_is_needed_where_the_signer_is_named(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GONKA_PRIVATE_KEY")
        named = ["--signature", original(b"x", 0, ""), "--account-address", ADDRESS]
        assert "Signature verified" in printed(capsys, "verify", "x", *named)
        assert "GONKA_PRIVATE_KEY" in failed(capsys, "verify", "x", "--signature", "x")

    def test_a_signer_that_is_named_twice_has_to_be_one(self, capsys: Any) -> None:
        public_key = ["--public-key", "A23422wi+xt8E3AWrB6WPx2Rmwc7kruLm9jJqCM8OdDW"]
        named = ["--signature", original(b"x", 0, ""), *public_key]
        assert printed(capsys, "verify", "x", *named, "--account-address", ADDRESS)["Address"] == ADDRESS
        assert "does not belong" in failed(capsys, "verify", "x", *named, "--account-address", OTHER)
        assert "exclude each other" in failed(capsys, "verify", "x", *named, "--key-file", "x")
        assert "--signature" in failed(capsys, "verify", "x")


@pytest.fixture(params=["v0.2.6", "v0.2.13", "seed"])
def node(request: pytest.FixtureRequest) -> Iterator[MockNode]:
    with MockNode(profile=request.param) as node:
        yield node


class TestSendRequest:
    def test_what_was_sent_and_what_came(self, node: MockNode, capsys: Any) -> None:
        assert main(["signature", "send-request", PAYLOAD, "--node-address", node.url.removesuffix("/v1")]) == 0
        lines = capsys.readouterr().out.splitlines()
        names = ["Address", "Signature", "Sending POST request to", "Authorization", "X-Requester-Address"]
        verdict = node.journal[-1]
        assert lines[0] == f"Address: {ADDRESS}"
        assert lines[2] == f"Sending POST request to {node.url}/chat/completions"
        assert lines[1].removeprefix("Signature: ") == lines[3].removeprefix("Authorization: ")
        assert lines[4] == f"X-Requester-Address: {ADDRESS}"
        assert lines[5] == f"X-Timestamp: {verdict.timestamp_ns}"
        assert lines[6] == "Response:"
        assert all(line.startswith(name) for line, name in zip(lines, names, strict=False))
        answer = json.loads(lines[7])
        assert answer["choices"][0]["message"]["content"] == "You said: hello"
        assert answer["id"] == lines[1].removeprefix("Signature: ")
        assert verdict.accepted

    def test_the_older_generation_needs_its_address_named(self, capsys: Any) -> None:
        """/v1/identity came with v0.2.6. The original is refused here with every combination of its flags."""
        with MockNode(profile="v0.2.5") as node:
            asked = ["send-request", PAYLOAD, "--node-address", node.url]
            assert "--endpoint-account" in failed(capsys, *asked, status=1)
            assert main(["signature", *asked, "--endpoint-account", node.provider_address]) == 0
            assert node.journal[-1].accepted

    def test_a_stream_line_by_line(self, node: MockNode, capsys: Any) -> None:
        payload = '{"model":"test","stream":true,"messages":[{"role":"user","content":"a b"}]}'
        assert main(["signature", "send-request", payload, "--node-address", node.url]) == 0
        head, _, body = capsys.readouterr().out.partition("Response:\n")
        assert head.startswith("Address: ")
        events = [line.removeprefix("data: ") for line in body.splitlines() if line]
        assert events[-1] == "[DONE]"
        chunks = [json.loads(event) for event in events[:-1]]
        deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
        assert "".join(delta.get("content", "") for delta in deltas) == "You said: a b"

    def test_the_file_goes_out_byte_for_byte(self, node: MockNode, capsys: Any, tmp_path: Path) -> None:
        path = tmp_path / "payload"
        path.write_text(f" {PAYLOAD}\n")
        assert main(["signature", "send-request", "--file", str(path), "--node-address", node.url]) == 0
        assert node.journal[-1].body_bytes == len(PAYLOAD) + 2

    def test_a_timestamp_of_ones_own(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NODE_URL", node.url)
        stamp = node.chain.clock.time_ns
        assert main(["signature", "send-request", PAYLOAD, "--timestamp", str(stamp)]) == 0
        assert f"X-Timestamp: {stamp}\n" in capsys.readouterr().out
        assert main(["signature", "send-request", PAYLOAD, "--timestamp", "0"]) == 0

    def test_a_refusal(self, node: MockNode, capsys: Any) -> None:
        """The exit status tells, where the original prints the refusal as a response and ends with 0."""
        asked = ["send-request", PAYLOAD, "--node-address", node.url, "--endpoint-account", OTHER]
        assert main(["signature", *asked]) == 1
        caught = capsys.readouterr()
        assert "Response:" not in caught.out
        assert re.search(r"^Authorization: \S{88}$", caught.out, re.MULTILINE)
        assert "PubKey:invalid signature" in caught.err

    def test_json_is_the_answer_alone(self, node: MockNode, capsys: Any) -> None:
        assert main(["signature", "send-request", PAYLOAD, "--node-address", node.url, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["object"] == "chat.completion"

    def test_a_pinned_scheme(self, node: MockNode, capsys: Any) -> None:
        wrong = "hash" if node.profile.scheme == "raw" else "raw"
        assert main(["signature", "send-request", PAYLOAD, "--node-address", node.url, "--scheme", wrong]) == 1
        before = len(node.journal)
        right = ["--scheme", node.profile.scheme]
        assert main(["signature", "send-request", PAYLOAD, "--node-address", node.url, *right]) == 0
        assert len(node.journal) == before + 1


def test_a_retired_node_names_the_next_step(capsys: Any) -> None:
    with MockNode(profile="v0.2.14") as node:
        assert main(["signature", "send-request", PAYLOAD, "--node-address", node.url]) == 1
    assert "GONKA_BROKER_URL" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["nonsense", "[]", ""])
def test_what_is_no_payload_is_not_sent(capsys: Any, text: str) -> None:
    assert "nothing was sent" in failed(capsys, "send-request", "--node-address", "http://127.0.0.1:9", "--", text)


def test_no_node(capsys: Any) -> None:
    assert "NODE_URL" in failed(capsys, "send-request", PAYLOAD)


class TestMore:
    def test_a_known_mistake_is_named(self, capsys: Any) -> None:
        digest = hashlib.sha256(b"hello").hexdigest().encode()
        told = printed(capsys, "verify", "hello", "--signature", original(digest, 0, ""), status=1)
        assert "it verifies under the scheme hash" in told["Signature not verified"]

    def test_a_high_s_is_not_verified(self, capsys: Any) -> None:
        raw = base64.b64decode(original(b"hello", 0, ""))
        high = (SECP256k1.order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
        signature = base64.b64encode(raw[:32] + high).decode()
        told = printed(capsys, "verify", "hello", "--signature", signature, status=1)
        assert "s is above n/2" in told["Signature not verified"]

    def test_a_stream_that_ends_early_is_an_error(self, node: MockNode, capsys: Any) -> None:
        node.faults.add("no-done")
        payload = '{"model":"test","stream":true,"messages":[{"role":"user","content":"a b"}]}'
        assert main(["signature", "send-request", payload, "--node-address", node.url]) == 1
        caught = capsys.readouterr()
        assert "[DONE]" not in caught.out
        assert "without [DONE]" in caught.err

    def test_block_time_is_learned(self, capsys: Any) -> None:
        """Where the chain's own routes tell it."""
        with MockNode(profile="seed") as node:
            node.faults.add("block-lag", seconds=45.0)
            assert main(["signature", "send-request", PAYLOAD, "--node-address", node.url]) == 0
            assert "Response:" in capsys.readouterr().out
            assert [verdict.accepted for verdict in node.journal] == [False, True]

    def test_nothing_is_printed_of_the_key(self, node: MockNode, capsys: Any) -> None:
        for asked in (["create", "x"], ["send-request", PAYLOAD, "--node-address", node.url]):
            assert main(["signature", *asked]) == 0
            caught = capsys.readouterr()
            assert KEY[:16] not in caught.out + caught.err


PAGE = Path(__file__).parents[2] / "docs" / "inferenced.md"
TESTED = {
    "`--keyring-backend`, `--keyring-dir`, `--home`": TestInput.test_the_keyring_is_accepted_and_explained,
    "without `--account-address`": TestCreate.test_the_account_has_to_be_that_of_the_key,
    "text and `--file`": TestInput.test_text_and_file,
    "more than one text": TestInput.test_two_texts,
    "`--timestamp 0x10`, `010`, `1_0`": TestInput.test_timestamps_that_could_be_read_otherwise,
    "`--json`": TestCreate.test_json,
    "`--endpoint-account` that is no account address": (
        TestCreate.test_an_endpoint_account_that_is_none_is_signed_with_a_warning
    ),
    "the signer": TestVerify.test_no_key_is_needed_where_the_signer_is_named,
    "exit status": TestVerify.test_the_exit_status_tells,
    "why not": TestMore.test_a_known_mistake_is_named,
    "what counts as verified": TestMore.test_a_high_s_is_not_verified,
    "base64 that is none": TestVerify.test_what_is_no_signature_is_not_verified,
    "`X-Timestamp`": TestSendRequest.test_a_timestamp_of_ones_own,
    "what is signed": TestSendRequest.test_a_pinned_scheme,
    "`--endpoint-account`": TestSendRequest.test_the_older_generation_needs_its_address_named,
    "`--node-address`": TestSendRequest.test_a_timestamp_of_ones_own,
    "the lines": TestSendRequest.test_what_was_sent_and_what_came,
    "a payload that is no JSON object": test_what_is_no_payload_is_not_sent,
    "a stream": TestMore.test_a_stream_that_ends_early_is_an_error,
    "a refusal": TestSendRequest.test_a_refusal,
    "clocks, retries": TestMore.test_block_time_is_learned,
    "a node from v0.2.14 on (410)": test_a_retired_node_names_the_next_step,
}
"""What differs, as the page has it, and the test that says so."""


def test_every_difference_on_the_page_is_tested() -> None:
    rows = re.findall(r"^\| ((?![|*-])\S.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(TESTED)
