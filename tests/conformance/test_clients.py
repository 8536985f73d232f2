"""The rooms of the client exam: what is recorded, how a program is run, told and judged, and that all of it ends."""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import oracle, reference
from gonka_conformance.checks import CheckFailed, NotApplicable
from gonka_conformance.clients import ALL_CLAIMS, ClientSubject, ExamLimits, check_client, material
from gonka_conformance.clients.driver import command_words, expanded
from gonka_conformance.clients.http_bytes import answers, requests
from gonka_conformance.clients.judge import header_flaw, signature_flaw, timestamp_flaw
from gonka_conformance.clients.program import run
from gonka_conformance.clients.scenarios import SCENARIOS
from gonka_conformance.clients.suite import ClientSuite
from gonka_conformance.clients.transcript import Place, Sent
from gonka_conformance.leaks import spelling
from gonka_conformance.report import Status
from gonka_conformance.runner import run_check
from sabotage.clients import SABOTAGED

NOW = 1_766_422_712_000_000_000
NODE = Place("node 1", "node", "http://127.0.0.1:1/v1", material.provider_address(1), "hash")
OTHER = Place("node 2", "node", "http://127.0.0.1:2/v1", material.provider_address(2), "hash")


def python(text: str) -> list[str]:
    return [sys.executable, "-I", "-c", text]


def signed(
    scheme: str = "hash",
    provider: str = NODE.provider_address,
    stamp: int = NOW,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Sent:
    """A request that is right but for the changes."""
    body = b'{"model":"test"}'
    digest = oracle.digest("raw" if scheme == "raw" else "hash", body, stamp, provider)
    signature = base64.b64encode(reference.signature(material.SECRET, digest)).decode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": signature,
        "X-Requester-Address": material.ADDRESS,
        "X-Timestamp": str(stamp),
        **changes,
    }
    return Sent(NODE, NOW, "POST", "/v1/chat/completions", tuple(headers.items()), body, b"")


class TestTheJudge:
    @pytest.mark.parametrize("scheme", ["raw", "hash"])
    def test_a_right_request_is_right_under_either_scheme(self, scheme: str) -> None:
        sent = signed(scheme)
        assert (header_flaw(sent), timestamp_flaw(sent), signature_flaw(sent)) == (None, None, None)

    def test_a_byte_more_or_less_is_seen(self) -> None:
        sent = replace(signed(), body=b'{"model":"test"} ')
        assert "it does not verify" in (signature_flaw(sent) or "")

    def test_a_signature_for_another_node_is_told_as_such(self) -> None:
        sent = signed(provider=OTHER.provider_address)
        assert signature_flaw(sent, (NODE, OTHER)) == (
            "it is signed for the provider address of node 2 and went to node 1"
        )
        assert signature_flaw(signed(provider=""), (NODE, OTHER)) == "its signature leaves the provider address out"

    @pytest.mark.parametrize(
        ("stamp", "words"),
        [
            (NOW // 10**9, "which is seconds"),
            (NOW // 10**6, "which is milliseconds"),
            (NOW // 10**3, "which is microseconds"),
            (NOW - 6 * 10**9, "6.0 s older than the request"),
            (NOW + 6 * 10**9, "6.0 s younger than the request"),
        ],
        ids=["seconds", "milliseconds", "microseconds", "old", "young"],
    )
    def test_other_timestamps_are_told_apart(self, stamp: int, words: str) -> None:
        assert words in (timestamp_flaw(signed(stamp=stamp)) or "")
        assert timestamp_flaw(signed(changes={"X-Timestamp": "1e18"})) is not None
        assert timestamp_flaw(signed(stamp=NOW - 5 * 10**9)) is None

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"Content-Type": "text/plain"}, "Content-Type is 'text/plain'"),
            ({"X-Requester-Address": material.provider_address(1)}, "is not GONKA_ADDRESS"),
            ({"Authorization": "Bearer abc"}, "begins with Bearer"),
            ({"x-timestamp": str(NOW)}, "2 times x-timestamp"),
        ],
        ids=["type", "requester", "bearer", "twice"],
    )
    def test_headers(self, changes: dict[str, str], words: str) -> None:
        assert words in (header_flaw(signed(changes=changes)) or "")


BODIES = st.lists(st.tuples(st.binary(max_size=60), st.booleans()), min_size=1, max_size=4)


class TestWhatWentBy:
    @given(bodies=BODIES, cuts=st.lists(st.integers(1, 40), max_size=30))
    def test_requests_are_found_however_the_bytes_were_cut(
        self, bodies: list[tuple[bytes, bool]], cuts: list[int]
    ) -> None:
        data = b"".join(self.request(body, chunked) for body, chunked in bodies)
        pieces = [(at, piece) for at, piece in enumerate(self.cut(data, cuts), start=1)]
        found = list(requests(pieces))
        assert [message.body for message in found] == [body for body, _ in bodies]
        assert all(message.complete and message.line == "POST /x HTTP/1.1" for message in found)
        assert [message.began_ns for message in found] == sorted(message.began_ns for message in found)

    @staticmethod
    def request(body: bytes, chunked: bool) -> bytes:
        if not chunked:
            return b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        pieces = [body[:7], body[7:]]
        coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece)
        return b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\n\r\n"

    @staticmethod
    def cut(data: bytes, lengths: list[int]) -> Iterator[bytes]:
        for length in lengths:
            if data:
                yield data[:length]
            data = data[length:]
        if data:
            yield data

    @pytest.mark.parametrize(
        "data",
        [
            b"POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
            b"POST /x HTTP/1.1\r\nContent-Le",
            b"\x16\x03\x01\0",
            b"GET\r\n\r\n",
        ],
        ids=["body", "head", "tls", "line"],
    )
    def test_what_broke_off_or_is_no_http_is_kept_as_incomplete(self, data: bytes) -> None:
        (message,) = requests([(1, data)])
        assert not message.complete
        assert message.head in data

    def test_interim_answers_are_passed_over_and_an_answer_may_end_with_its_connection(self) -> None:
        data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end"
        assert [(found.status, found.body) for found in answers([(1, data)])][-1] == (200, b"to the end")


class TestAProgram:
    def test_sees_its_variables_an_empty_home_and_nothing_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_SECRET", "of the person who runs the exam")
        text = "import os, json; print(json.dumps([dict(os.environ), os.listdir(os.environ['HOME'])]))"
        done = run(python(text), {"GONKA_MODEL": "test"}, 20)
        environ, home = json.loads(done.stdout)
        assert (done.ended, done.status, home) == ("exited", 0, [])
        allowed = {"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "LC_CTYPE", "GONKA_MODEL"}
        assert set(environ) <= allowed
        assert environ["GONKA_MODEL"] == "test"
        assert not Path(environ["HOME"]).exists()

    def test_is_killed_with_its_children_when_its_time_is_up(self, tmp_path: Path) -> None:
        """The child holds a lock of a socket: it can be bound again once nothing is left of it."""
        text = (
            "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', "
            '\'import socket, time; s = socket.create_server(("127.0.0.1", 0)); '
            f'open("{tmp_path}/port", "w").write(str(s.getsockname()[1])); time.sleep(600)\'])\n'
            f"import os\nwhile not os.path.exists('{tmp_path}/port') or not os.path.getsize('{tmp_path}/port'): "
            "time.sleep(0.01)\nprint('ready', flush=True)\ntime.sleep(600)"
        )
        done = run(python(text), {}, 3)
        assert (done.ended, done.status, done.stdout) == ("out of time", None, b"ready\n")
        assert done.seconds < 10
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int((tmp_path / "port").read_text())))

    def test_may_print_without_end(self) -> None:
        done = run(python("import sys\nfor _ in range(300): sys.stdout.write('x' * 100_000)"), {}, 20)
        assert (done.status, len(done.stdout)) == (0, 8 * 1024 * 1024)

    def test_has_no_input_and_may_die(self) -> None:
        assert run(python("import sys; print(repr(sys.stdin.read()))"), {}, 20).stdout == b"''\n"
        died = run(python("import os; os.kill(os.getpid(), 9)"), {}, 20)
        assert (died.ended, died.status, died.trouble) == ("signal", None, "signal 9")

    def test_that_does_not_exist_is_told(self) -> None:
        assert run(["/no/such/program"], {}, 20).ended == "not started"
        subject = ClientSubject.running("/no/such/program", claims=())
        assert "the command cannot be started" in evidence(subject, "client.plain")


def evidence(subject: ClientSubject, identity: str) -> str:
    from gonka_conformance.clients.checks import CLIENT_CHECKS

    check = next(check for check in CLIENT_CHECKS if check.id == identity)
    result = run_check(check, subject)
    assert result.status is Status.FAILED, result
    return result.evidence


class TestACommand:
    TOLD: ClassVar = {"base_url": "http://x/v1", "stream": "true", "count": "3", "payload": "/tmp/p"}

    def test_placeholders_are_filled_in_and_other_braces_stay(self) -> None:
        words = command_words('./c --url={base_url} \'{"a": {"b": 1}}\' {count} {stream:--stream}')
        assert expanded(words, self.TOLD) == ("./c", "--url=http://x/v1", '{"a": {"b": 1}}', "3", "--stream")
        assert expanded(words, {**self.TOLD, "stream": "false"})[-1] == "3"

    @pytest.mark.parametrize(
        ("command", "words"), [("", "no command"), ("./c {url}", "no placeholder {url}; there are")]
    )
    def test_one_that_cannot_be_is_refused(self, command: str, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            command_words(command)


class TestASubject:
    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"claims": ["steaming"]}, "no client can claim 'steaming'; claims are: payload"),
            ({"only": ["plane"]}, "no scenario 'plane'; there are: plain"),
            ({"profile": "gateway"}, "take no signed requests; use v0.2.13"),
            ({"profile": "v0.2.14"}, "take no signed requests; use v0.2.13"),
            ({"profile": "v9"}, "there is no profile 'v9'"),
        ],
        ids=["claim", "scenario", "gateway", "gone", "profile"],
    )
    def test_what_cannot_be_is_refused_with_what_there_is(self, wrong: dict[str, object], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            ClientSubject.running("./c", **wrong)  # type: ignore[arg-type]

    def test_limits_that_cannot_be_are_refused(self) -> None:
        with pytest.raises(ValueError, match="above zero"):
            ExamLimits(many=0)
        with pytest.raises(ValueError, match="more time than a silence"):
            ExamLimits(seconds=2, timeout=2)

    def test_one_that_does_not_count_is_run_as_often_as_it_is_asked(self) -> None:
        few = SCENARIOS["unreachable"]
        counting, plain = (ClientSubject.running("./c", claims=claims) for claims in (ALL_CLAIMS, ["fail-over"]))
        assert (counting.task(few).count, counting.task(few).runs) == (4, 1)
        assert (plain.task(few).count, plain.task(few).runs, plain.task(few).calls) == (1, 4, 4)

    def test_a_scenario_is_held_once(self, tmp_path: Path) -> None:
        text = f"import os; open('{tmp_path}/runs', 'a').write(os.environ['GONKA_EXAM_SCENARIO'] + ' ')"
        subject = ClientSubject.running(python(text), claims=())
        assert subject.transcript("plain") is subject.transcript("plain")
        assert (tmp_path / "runs").read_text() == "plain "
        with pytest.raises(NotApplicable, match="for clients that claim streaming"):
            subject.transcript("streaming")

    def test_what_it_is_told_is_documented_and_its_key_is_published(self) -> None:
        text = "import os, json, sys; print(json.dumps([dict(os.environ), sys.argv[1:]]))"
        command = [*python(text), "{base_url}", "{provider_address}", "{endpoints}", "{scenario}", "{timeout}"]
        run = ClientSubject.running(command, claims=()).transcript("plain").runs[0]
        environ, (url, provider, endpoints, scenario, timeout) = json.loads(run.stdout)
        assert environ["GONKA_PRIVATE_KEY"] == material.SECRET.hex()
        assert (environ["GONKA_ENDPOINT"], environ["GONKA_PROVIDER_ADDRESS"]) == (url, provider)
        assert environ["GONKA_ENDPOINTS"] == endpoints == f"{url};{provider}"
        assert (environ["GONKA_EXAM_SCENARIO"], environ["GONKA_EXAM_TIMEOUT"]) == (scenario, timeout) == ("plain", "3")
        guide = (Path(__file__).parents[2] / "docs" / "client-exam.md").read_text("utf-8")
        named = {name for name in environ if name.startswith("GONKA_")}
        assert named
        assert not {name for name in named if f"`{name}`" not in guide}


def test_a_whole_exam_of_a_program_that_does_nothing_ends_and_says_so() -> None:
    subject = ClientSubject.running(python("print('{\"ok\": tr')"), claims=ALL_CLAIMS | {"json-lines"})
    began = time.monotonic()
    report = check_client(subject)
    assert time.monotonic() - began < 30
    failed = {result.id: result.evidence for result in report.results if result.status is Status.FAILED}
    assert len(failed) >= 25
    assert "no request arrived; the program ended with exit status 0" in failed["client.plain"]


def test_a_report_does_not_repeat_a_key_that_a_client_prints() -> None:
    text = "import os, sys; print(os.environ['GONKA_PRIVATE_KEY'], file=sys.stderr); print('x'); sys.exit(1)"
    subject = ClientSubject.running(python(text), claims=())
    report = check_client(subject)
    failed = {result.id for result in report.results if result.status is Status.FAILED}
    assert {"client.plain", "client.no-key-printed"} <= failed
    assert spelling(repr(report), material.SECRET) is None


def test_the_exam_leaves_no_process_thread_or_port_behind() -> None:
    entry = next(entry for entry in SABOTAGED if entry.name == "Hangs")
    subject = entry.make()
    transcript = subject.transcript("plain")
    (run,) = transcript.runs
    assert run.ended == "out of time"
    url = transcript.places[0].url.removeprefix("http://").removesuffix("/v1")
    host, port = url.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


class TestTheSuite:
    def test_a_check_cannot_be_overridden_and_a_command_is_needed(self) -> None:
        with pytest.raises(TypeError, match="declare it in known_failures"):
            type("_Hides", (ClientSuite,), {"command": "./c", "test_client": None})
        with pytest.raises(TypeError, match="names no command"):
            type("_Nothing", (ClientSuite,), {})
        with pytest.raises(ValueError, match=r"there is no check 'client\.x'"):
            type("_Typo", (ClientSuite,), {"command": "./c", "known_failures": {"client.x": "?"}})

    def test_its_checks_share_one_client(self) -> None:
        from gonka_conformance.clients.checks import CLIENT_CHECKS

        class Mine(ClientSuite):
            command = python("pass")
            claims = ()

        check = next(check for check in CLIENT_CHECKS if check.id == "client.plain")
        with pytest.raises(BaseException, match="seen: in the scenario 'plain': no request arrived"):
            Mine().test_client(check)
        assert Mine.subject() is Mine.subject()
        with pytest.raises(CheckFailed):
            check.run(Mine.subject())
