"""The node exam as a user of it meets it: what it finds out, what it sends, what it leaves out and why."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import Report, Status, check_node, oracle
from gonka_conformance.leaks import spelling
from gonka_conformance.nodes import NodeSubject, UnreachableError
from gonka_conformance.nodes.asking import Asker, Request
from gonka_conformance.nodes.blocktime import Instant, nanoseconds
from gonka_conformance.nodes.checks import NODE_CHECKS
from gonka_conformance.nodes.checks.times import edges
from gonka_conformance.nodes.developer import Developer, spelled, with_high_s, with_other_padding_bits
from gonka_conformance.nodes.generations import GENERATIONS
from gonka_conformance.report import Result
from gonka_conformance.runner import run_check
from gonka_conformance.suite import NodeSuite
from gonka_core import PrivateKey
from gonka_core.keys import ApiKey
from gonka_mock_node import PROFILES, Chain, MockNode
from gonka_mock_node.chain.timestamps import rfc3339_nano
from sabotage.nodes.stage import KEY, StagedNode, staged

DEVELOPER = Developer(KEY)
ALIKE = {"v0.2.6": "v0.2.7", "v0.2.9": "v0.2.10", "v0.2.12": "v0.2.13"}
"""Generations that answer as a later one does."""


@contextmanager
def on_stage(profile: str) -> Iterator[StagedNode]:
    subject = staged(profile)
    try:
        yield subject
    finally:
        subject.close()


@contextmanager
def of_now(profile: str) -> Iterator[MockNode]:
    """A node with a block clock that runs, which knows one account."""
    chain = Chain(models=("test",), open_accounts=False)
    chain.fund(DEVELOPER.public_key, 10**9)
    with MockNode(profile=profile, chain=chain, explain=False) as node:
        yield node


def results(report: Report) -> dict[str, Result]:
    return {result.id.removeprefix("node."): result for result in report.results}


def check(name: str, subject: NodeSubject) -> Result:
    return run_check(next(each for each in NODE_CHECKS if each.id == f"node.{name}"), subject)


# What is found out


def test_its_generations_are_the_profiles_of_the_mock_node() -> None:
    """Written apart from each other; the names are what a user gives to both."""
    assert list(GENERATIONS) == list(PROFILES)
    assert {name: each.scheme for name, each in GENERATIONS.items() if each.kind == "classic"} == {
        name: each.scheme for name, each in PROFILES.items() if each.kind == "classic"
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_the_generation_is_found_out(profile: str) -> None:
    with on_stage(profile) as subject:
        survey = replace(subject, profile="auto").survey
        assert survey.generation.name == profile
        assert len(survey.detected.fitting) == (2 if profile in {*ALIKE, *ALIKE.values()} else 1)


@pytest.mark.parametrize("profile", ["v0.2.5", "v0.2.6", "v0.2.13", "v0.2.14", "gateway"])
def test_most_of_it_is_found_out_without_a_key(profile: str) -> None:
    with on_stage(profile) as subject:
        survey = replace(subject, profile="auto", key=None).survey
        assert survey.generation.kind == PROFILES[profile].kind
        assert profile in survey.detected.fitting


@pytest.mark.parametrize("profile", ["seed", "v0.2.13", "v0.2.5"])
def test_a_node_whose_time_moves_is_examined_with_a_margin(profile: str) -> None:
    """`seed` shows the time of its blocks; of the others only the Date header tells it."""
    with of_now(profile) as node:
        report = check_node(NodeSubject(node.url, node.provider_address, KEY, paid=True))
    assert report.conforms, [result for result in report.results if result.status is Status.FAILED]
    assert {results(report)[name].status for name in ("window-inside", "window-outside", "replay")} == {Status.PASSED}


def test_the_windows_of_a_chain_with_other_parameters() -> None:
    with on_stage("seed") as subject, of_now("seed") as node:
        node.chain.params = replace(node.chain.params, timestamp_expiration_s=200, timestamp_advance_s=100)
        other = NodeSubject(node.url, key=KEY, paid=True, profile="seed")
        assert other.survey.window_s == (200, 100)
        assert subject.survey.window_s == (60, 30)
        assert check("window-inside", other).status is Status.PASSED
        assert check("window-outside", other).status is Status.PASSED


# What is sent


@pytest.mark.parametrize("profile", ["seed", "v0.2.5", "v0.2.11", "v0.2.13", "gateway"])
def test_without_permission_nothing_is_computed(profile: str) -> None:
    with of_now(profile) as node:
        subject = NodeSubject(node.url, node.provider_address, KEY, api_key=ApiKey("sk-1"))
        assert check_node(subject).conforms
        assert not any(verdict.accepted for verdict in node.journal)
        check_node(replace(subject, paid=True))
        computed = [verdict for verdict in node.journal if verdict.accepted]
        free = PROFILES[profile].kind == "classic" and "model-served" not in PROFILES[profile].rules
        assert 2 <= len(computed) <= (4 if free or profile == "gateway" else 10)


def test_the_exam_can_be_held_twice() -> None:
    """A node remembers signatures; the second exam has others."""
    with on_stage("v0.2.13") as subject:
        assert check_node(subject).conforms
        assert check_node(subject).conforms


def test_a_request_is_sent_as_it_is_written() -> None:
    received: list[bytes] = []
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", received.append) as url:
        headers = (("X-Twice", "a"), ("X-Twice", "b"), ("Authorization", ""))
        answer = Asker(url, 10).ask(Request("POST", "/v1/x", headers, b"body"))
    assert (answer.status, answer.json()) == (200, {})
    head, _, body = received[0].partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /v1/x HTTP/1.1"
    assert head.splitlines()[2:] == [
        b"X-Twice: a",
        b"X-Twice: b",
        b"Authorization: ",
        b"Content-Length: 4",
        b"Connection: close",
    ]
    assert body == b"body"


@contextmanager
def answering(reply: bytes, heard: Callable[[bytes], object] = lambda data: None) -> Iterator[str]:
    """A server that gives everybody the same bytes, ten times at most."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            for _ in range(10):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(10)
                    heard(whole_request(connection))
                    connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def whole_request(connection: socket.socket) -> bytes:
    """Head and body of a request, as far as they come."""
    data = b""
    while piece := connection.recv(65536):
        data += piece
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            break
    return data


def test_signatures_are_right_and_no_two_are_alike() -> None:
    digest = bytes(range(32))
    signatures = {DEVELOPER.sign(digest) for _ in range(20)}
    assert len(signatures) == 20
    assert {oracle.flaw(DEVELOPER.public_key, digest, each) for each in signatures} == {None}
    one = signatures.pop()
    assert oracle.flaw(DEVELOPER.public_key, digest, with_high_s(one)) == "s is above n/2"
    other = with_other_padding_bits(spelled(one))
    assert other != spelled(one)
    assert (
        oracle.wire_flaw(DEVELOPER.public_key, digest, other)
        == "it is base64 in another spelling than the canonical one"
    )


@given(st.integers(min_value=0, max_value=2**62))
def test_block_times_are_read_to_the_nanosecond(time_ns: int) -> None:
    assert nanoseconds(rfc3339_nano(time_ns)) == time_ns


@pytest.mark.parametrize("text", [None, 5, "", "2026-02-12", "2026-02-12T00:00:00+01:00"])
def test_what_is_no_block_time_is_none(text: object) -> None:
    assert nanoseconds(text) is None


@given(st.integers(10**18, 2 * 10**18), st.integers(0, 25 * 10**9), st.integers(1, 300), st.integers(1, 300))
def test_edges_lie_on_their_sides_of_the_window(now: int, margin: int, old: int, new: int) -> None:
    found = edges(Instant(now, margin, ""), old, new)
    window = range(now - old * 10**9, now + new * 10**9 + 1)
    assert found.oldest_inside in window
    assert found.newest_inside in window
    assert found.too_old < window.start
    assert found.in_future >= window.stop
    if not margin:
        assert (found.oldest_inside, found.too_old) == (window.start, window.start - 1)


# What is left out, and why


def test_without_a_key_it_examines_what_needs_none() -> None:
    with on_stage("v0.2.13") as subject:
        found = results(check_node(replace(subject, key=None)))
    assert found["order"].status is found["json"].status is found["unknown-requester"].status is Status.PASSED
    assert found["signature"].status is Status.SKIPPED
    assert "set GONKA_PRIVATE_KEY or name a file with --key-file" in found["signature"].evidence


def test_an_account_that_the_chain_does_not_know_is_named() -> None:
    key = PrivateKey.generate()
    with on_stage("v0.2.13") as subject:
        report = check_node(replace(subject, key=key))
    assert report.conforms
    evidence = results(report)["signature-low-s"].evidence
    assert Developer(key).address in evidence
    assert "fund that account and publish its key" in evidence


def test_a_node_that_is_not_on_the_allow_list_is_examined_up_to_there() -> None:
    with of_now("v0.2.13") as node:
        node.chain.allow(DEVELOPER.address)
        found = results(check_node(NodeSubject(node.url, node.provider_address, KEY, profile="v0.2.13")))
    assert found["messages-required"].status is Status.PASSED
    for name in ("authorization-required", "signature", "order"):
        assert found[name].status is Status.SKIPPED
        assert "name a provider that is on the chain's list" in found[name].evidence


def test_what_costs_or_is_rough_is_left_out_unless_allowed() -> None:
    with on_stage("v0.2.13") as subject:
        report = check_node(replace(subject, paid=False, rude=False))
    skipped = {name: each.evidence for name, each in results(report).items() if each.status is Status.SKIPPED}
    assert {name for name, evidence in skipped.items() if "--paid" in evidence} == {
        "window-inside",
        "replay",
        "replay-spelling",
        "answer",
        "answer-encoding",
        "answer-logprobs",
        "stream",
        "completions-answer",
    }
    assert {name for name, evidence in skipped.items() if "--rude" in evidence} == {"body-limit", "many-at-once"}


def test_a_rich_account_says_nothing_about_balances() -> None:
    with on_stage("v0.2.13") as subject:
        assert check("balance", subject).status is Status.PASSED
    with of_now("seed") as node:
        node.chain.fund(DEVELOPER.public_key, 10**15)
        result = check("balance", NodeSubject(node.url, key=KEY, profile="seed"))
    assert result.status is Status.SKIPPED
    assert "use one with less than 2147483650 ngonka" in result.evidence


def test_a_node_judged_as_another_generation_fails() -> None:
    with on_stage("v0.2.13") as subject:
        report = check_node(replace(subject, profile="seed"))
    assert results(report)["signature"].status is Status.FAILED
    assert results(report)["signature-scheme"].status is Status.FAILED
    assert report.claims == ("seed",)


def test_one_deviation_is_no_cascade() -> None:
    """A mock node as it is by default enrols everybody and serves every model; that, and nothing else, is told."""
    with MockNode(explain=False) as node:
        report = check_node(NodeSubject(node.url, key=KEY))
    failed = {name for name, each in results(report).items() if each.status is Status.FAILED}
    assert failed == {"unknown-requester", "order", "unknown-model"}


def test_a_profile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"there is no profile 'v9'; choose one of: auto, seed, "):
        NodeSubject("http://127.0.0.1:1", profile="v9")


# Keys


def test_a_failure_shows_request_and_answer_and_no_key() -> None:
    subject = staged("v0.2.13", change={"rules": ()})
    try:
        report = check_node(subject)
    finally:
        subject.close()
    shown = dict(results(report)["signature-low-s"].details)
    assert shown["request"].startswith("POST /v1/chat/completions\nContent-Type: application/json\nAuthorization: ")
    assert shown["answer"].startswith("200\nContent-Type: application/json")
    assert spelling(repr(report), KEY.reveal()) is None
    assert spelling(repr(subject), KEY.reveal()) is None
    assert spelling(repr(DEVELOPER), KEY.reveal()) is None


def test_the_key_of_a_gateway_is_blotted_out() -> None:
    secret = "sk-do-not-show-this"
    reply = b'HTTP/1.1 400 Bad\r\nX-Echo: %b\r\nContent-Length: 30\r\n\r\n{"k": "%b"}   ' % (
        secret.encode(),
        secret.encode(),
    )
    with answering(reply) as url:
        subject = NodeSubject(url, profile="gateway", api_key=ApiKey(secret), model="test")
        result = check("gateway-json", subject)
    assert result.status is Status.FAILED
    assert secret not in repr(result)
    assert "Authorization: Bearer (hidden)" in dict(result.details)["request"]
    assert '"k": "(hidden)"' in dict(result.details)["answer"]


def test_a_developer_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="holds a key"):
        DEVELOPER.__reduce__()


# Nodes that do not answer


def test_nobody_there_is_no_verdict() -> None:
    with pytest.raises(UnreachableError, match=r"gave no answer to GET /v1/status .*; check the URL"):
        check_node(NodeSubject(closed_port()))


def test_a_node_that_falls_silent_fails_the_check() -> None:
    with answering(b"") as url:
        result = check("error-shape", NodeSubject(url, profile="v0.2.13", timeout_s=5))
    assert result.status is Status.FAILED
    assert "gave no answer to POST /v1/chat/completions" in result.evidence


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


# As a pytest suite


def test_the_suite_refuses_to_hide_a_check() -> None:
    with pytest.raises(TypeError, match="declare it in known_failures"):
        type("Hiding", (NodeSuite,), {"test_node": lambda self: None})
    with pytest.raises(ValueError, match=r"there is no check 'node\.x'"):
        type("Wrong", (NodeSuite,), {"known_failures": {"node.x": "because"}})


SUITE = """
import pytest
from gonka_conformance.nodes import NodeSubject
from gonka_conformance.suite import NodeSuite
from gonka_mock_node import MockNode

@pytest.fixture(scope="module", autouse=True)
def node():
    with MockNode(profile="v0.2.14") as node:
        TestNode.subject = NodeSubject(node.url, node.provider_address)
        yield

class TestNode(NodeSuite):
    def make_subject(self):
        return self.subject
"""


def test_each_check_is_a_test_of_the_suite(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path)
    counts = dict(re.findall(r"(\d+) (\w+)", done.stdout.strip().splitlines()[-1]))
    assert done.returncode == 0, done.stdout
    assert sum(map(int, counts)) >= len(NODE_CHECKS)
