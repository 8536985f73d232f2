"""`gonka conformance client`: exit status, lists, and waiting for a client that somebody else runs."""

from __future__ import annotations

import json
import re
import sys
import threading

import pytest

from gonka_conformance.__main__ import main
from gonka_conformance.clients import ClientSubject, check_client
from gonka_conformance.clients.program import run
from gonka_conformance.clients.scenarios import SCENARIOS
from gonka_conformance.clients.waiting import WaitDriver
from gonka_conformance.report import Status
from sabotage.clients import BASELINE

HONEST = f"{sys.executable} -m sabotage.client_programs.honest"


def test_a_client_that_conforms_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    command = f"{sys.executable} {BASELINE} {{stream:--stream}}"
    arguments = ["--claims", "streaming", "--profile", "seed", "--only", "plain", "--only", "streaming"]
    assert main(["client", "--cmd", command, *arguments, "--name", "the documented program"]) == 0
    out = capsys.readouterr().out
    assert "client the documented program (claims: streaming)" in out
    assert re.search(r"passed +client\.streaming", out)


def test_a_client_that_does_not_is_status_1_with_the_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    """The documented program signs raw, which is nothing to nodes from v0.2.6 on."""
    assert main(["client", "--cmd", f"{sys.executable} {BASELINE}", "--claims", "", "--json"]) == 1
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    results = {result["id"]: result for result in report["results"]}
    assert "exit status 1; node 1 said 401" in results["client.plain"]["evidence"]
    assert "scheme raw; this node verifies hash" in results["client.plain"]["details"]["node"]


def test_claims_add_up_however_they_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--claims", "payload,exact", "--claims", "broker", "--claims", "clock", "--without", "clock,exact"]
    main(["client", "--cmd", f"{sys.executable} -c pass", *arguments, "--only", "plain", "--name", "mute"])
    assert "client mute (claims: broker, payload)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cmd", "./c", "--claims", "steaming"], "no client can claim 'steaming'"),
        (["--cmd", "./c", "--without", "steaming"], "no client can claim 'steaming'"),
        (["--cmd", "./c", "--only", "plane"], "there is no scenario 'plane'"),
        (["--cmd", "./c", "--profile", "v0.2.14"], "take no signed requests"),
        (["--cmd", "./c {url}"], "there is no placeholder {url}"),
        (["--cmd", "./c", "--seconds", "1"], "a run has more time than a silence"),
        (["--wait", "--only", "plain", "--seconds", "0.3", "--timeout", "0.1"], "nobody called"),
    ],
    ids=["claims", "without", "only", "profile", "placeholder", "seconds", "nobody"],
)
def test_what_cannot_be_run_is_status_2(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["client", *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--cmd", "./c", "--wait"], ["--cmd", "./c", "--env", "X"]])
def test_wrong_arguments_are_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["client", *arguments])
    assert exit_info.value.code == 2


def test_it_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["client", "--list"])
    assert exit_info.value.code == 0
    out = capsys.readouterr().out
    assert [name for _, name in re.findall(r"^ +(\d+)  ([\w-]+)", out, re.MULTILINE)] == list(SCENARIOS)


class TestWaiting:
    """Somebody else runs the client: here another thread, with the variables that the exam says."""

    def examined(self, *scenarios: str) -> tuple[dict[str, Status], list[str]]:
        said: list[str] = []
        environ: dict[str, str] = {}
        clients: list[threading.Thread] = []

        def say(line: str) -> None:
            said.append(line)
            if found := re.fullmatch(r"  export (\w+)='(.*)'", line):
                environ[found[1]] = found[2]
            elif found := re.fullmatch(r"  unset (\w+)", line):
                del environ[found[1]]
            elif line.startswith("  waiting"):
                clients.append(threading.Thread(target=run, args=(HONEST.split(), dict(environ), 20)))
                clients[-1].start()

        driver = WaitDriver(say, seconds=20, idle=0.6)
        claims = frozenset({"payload", "exact", "streaming", "count", "broker"})
        subject = ClientSubject("somebody's", driver, claims, only=frozenset(scenarios), same_ports=True)
        report = check_client(subject)
        for client in clients:
            client.join()
        return {result.id: result.status for result in report.results}, said

    def test_requests_are_judged_and_what_only_a_program_tells_is_left_out(self) -> None:
        statuses, said = self.examined("plain", "unicode", "broker", "no-done")
        assert {identity for identity, status in statuses.items() if status is Status.FAILED} == set()
        assert statuses["client.plain"] is statuses["client.unicode"] is statuses["client.broker"] is Status.PASSED
        assert statuses["client.no-done"] is Status.SKIPPED
        urls = {line for line in said if "GONKA_ENDPOINT=" in line}
        assert len(urls) == 1, "the address of a node stays the same from scenario to scenario"

    def test_nobody_is_waited_for_twice(self) -> None:
        said: list[str] = []
        driver = WaitDriver(said.append, seconds=0.2, idle=0.1)
        report = check_client(ClientSubject("nobody", driver, same_ports=True))
        assert {result.status for result in report.results} == {Status.SKIPPED}
        assert sum("scenario 1 of" in line for line in said) == 1
        assert [line for line in said if "nobody called" in line]
        assert not [line for line in said if "scenario 2 of" in line]
