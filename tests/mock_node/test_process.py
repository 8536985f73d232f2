"""The mock node as a process, for clients in any language."""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gonka_mock_node.command import run
from tests.mock_node.requester import Requester, get

DOORS = {
    "python -m gonka_mock_node": [sys.executable, "-m", "gonka_mock_node"],
    "gonka mock-node": [str(Path(sys.executable).parent / "gonka"), "mock-node"],
}
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


@contextmanager
def running(
    *arguments: str, door: str = "python -m gonka_mock_node", end: signal.Signals = signal.SIGTERM
) -> Iterator[Any]:
    """A process that is ready: yields a function that reads its next line. Ends it, and it must end well."""
    command = [*DOORS[door], "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield process.stdout.readline
        finally:
            process.send_signal(end)
            status = process.wait(timeout=20)
            errors = process.stderr.read()
    assert (status, errors) == (0, "")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_ready_then_a_line_for_each_verdict_then_a_clean_end(door: str, end: signal.Signals) -> None:
    with running("--json-log", door=door, end=end) as line:
        ready = json.loads(line())
        assert list(ready) == ["event", "nodes"]
        assert ready["event"] == "ready"
        (node,) = ready["nodes"]
        assert list(node) == ["url", "provider_address"]
        assert node["url"].startswith("http://127.0.0.1:")
        assert node["url"].endswith("/v1")
        requester = Requester(node["provider_address"])
        assert requester.ask(node["url"]).status == 200
        verdict = json.loads(line())
        assert (verdict["event"], verdict["verdict"], verdict["status"]) == ("verdict", "accepted", 200)
        assert requester.ask(node["url"], Authorization="QQ==").status == 401
        verdict = json.loads(line())
        assert (verdict["verdict"], verdict["rule"], verdict["status"]) == ("refused", "signature", 401)
        assert verdict["error"].endswith("invalid signature")
        assert verdict["requester"] == requester.address


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_every_verdict_has_its_line_whatever_the_loop_also_those_just_before_the_end(loop: str) -> None:
    if loop == "uvloop":
        pytest.importorskip("uvloop")
    command = [*DOORS["python -m gonka_mock_node"], "--port", "0", "--json-log", "--loop", loop]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        (node,) = json.loads(process.stdout.readline())["nodes"]
        requester = Requester(node["provider_address"])
        statuses = [requester.ask(node["url"], timestamp=time.time_ns() + number).status for number in range(20)]
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert statuses == [200] * 20
    assert [json.loads(line)["number"] for line in out.splitlines()] == list(range(1, 21))


def test_a_loop_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run(["--loop", "uvloop"], "gonka mock-node") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gonka mock-node: --loop uvloop needs uvloop")
    assert "pip install 'gonka-core[uvloop]'" in line


def test_the_hash_profile() -> None:
    with running("--json-log", "--profile", "v0.2.13") as line:
        (node,) = json.loads(line())["nodes"]
        assert Requester(node["provider_address"], "hash").ask(node["url"]).status == 200
        assert Requester(node["provider_address"], "raw").ask(node["url"]).status == 401


def test_listed_accounts_with_balances() -> None:
    rich, poor, stranger = (Requester(PROVIDER, key=(number).to_bytes(32, "big")) for number in (1, 2, 3))
    keys = [base64.b64encode(requester.public_key).decode() for requester in (rich, poor)]
    arguments = ["--accounts", "listed", "--account", f"{keys[0]}=1000000", "--account", f"{keys[1]}=1"]
    with running("--json-log", "--provider", PROVIDER, *arguments) as line:
        (node,) = json.loads(line())["nodes"]
        assert node["provider_address"] == PROVIDER
        assert [requester.ask(node["url"]).status for requester in (rich, poor, stranger)] == [200, 402, 500]


def test_several_nodes() -> None:
    with running("--json-log", "--nodes", "3", "--provider", PROVIDER) as line:
        nodes = json.loads(line())["nodes"]
        assert nodes[0]["provider_address"] == PROVIDER
        assert len({node["url"] for node in nodes}) == len({node["provider_address"] for node in nodes}) == 3
        for node in nodes:
            assert Requester(node["provider_address"]).ask(node["url"]).status == 200


def test_lines_to_read() -> None:
    with running() as line:
        assert line().startswith("ready")
        url, _, address = line().partition("  provider address ")
        assert Requester(address.strip()).ask(url).status == 200
        assert "/mock/" in line()
        assert line().strip().endswith("accepted")


@pytest.mark.parametrize(("log", "lines"), [((), 3), (("--json-log",), 1)])
def test_quiet_says_where_it_listens_and_nothing_of_requests(log: tuple[str, ...], lines: int) -> None:
    command = [*DOORS["python -m gonka_mock_node"], "--port", "0", "--provider", PROVIDER, "--quiet", *log]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = "".join(process.stdout.readline() for _ in range(lines))
        found = re.search(r"http://127\.0\.0\.1:[0-9]+/v1", told)
        assert found is not None, told
        requester = Requester(PROVIDER)
        assert requester.ask(found[0]).status == 200
        assert requester.ask(found[0], Authorization="QQ==").status == 401
        process.terminate()
        rest, _ = process.communicate(timeout=20)
    assert (rest, process.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--profile", "v9"], "v0.2.13"),
        (["--provider", "gonka1nonsense"], "copy it again"),
        (["--accounts", "closed"], "listed"),
        (["--account", "nonsense"], "33 bytes"),
        (["--account", "A" * 44], "33 bytes"),
        (["--account", base64.b64encode(b"\x02" + bytes(32)).decode() + "=much"], "whole number"),
        (["--port", "99999"], "port"),
        (["--port", "http"], "int"),
        (["--nodes", "0"], "1 to 64"),
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--unknown"], "--unknown"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else None,
)
def test_bad_arguments_are_told(arguments: list[str], words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gonka_mock_node", *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_port_in_use() -> None:
    with running("--json-log") as line:
        port = json.loads(line())["nodes"][0]["url"].rpartition(":")[2].removesuffix("/v1")
        done = subprocess.run(
            [sys.executable, "-m", "gonka_mock_node", "--port", port],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 2
    assert "choose another port" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_scenario_and_options_that_win(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    answers = '[[answers]]\nsay = "Good day."\n'
    path.write_text(f'profile = "v0.2.13"\n[[nodes]]\nprovider = "{PROVIDER}"\n{answers}')
    with running("--json-log", "--scenario", str(path)) as line:
        (node,) = json.loads(line())["nodes"]
        assert node["provider_address"] == PROVIDER
        reply = Requester(PROVIDER, "hash").ask(node["url"])
        assert json.loads(reply.body)["choices"][0]["message"]["content"] == "Good day."
    with running("--json-log", "--scenario", str(path), "--profile", "seed", "--nodes", "2") as line:
        first, second = json.loads(line())["nodes"]
        assert first["provider_address"] == PROVIDER != second["provider_address"]
        assert Requester(PROVIDER, "raw").ask(first["url"]).status == 200


def test_a_scenario_that_is_broken_names_the_field(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text('{"nodes": [{"provider": "gonka1nonsense"}]}')
    command = [sys.executable, "-m", "gonka_mock_node", "--scenario", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "nodes[0].provider" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_two_processes_have_different_addresses() -> None:
    with running("--json-log") as first, running("--json-log") as second:
        addresses = {json.loads(line())["nodes"][0]["provider_address"] for line in (first, second)}
    assert len(addresses) == 2


def test_open_to_others_warns_and_says_its_name() -> None:
    command = [*DOORS["python -m gonka_mock_node"], "--port", "0", "--host", "0.0.0.0", "--allow-remote", "--json-log"]
    with subprocess.Popen(
        [*command, "--advertise", "localhost"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        (node,) = json.loads(process.stdout.readline())["nodes"]
        assert node["url"].startswith("http://localhost:")
        assert Requester(node["provider_address"]).ask(node["url"]).status == 200
        process.terminate()
        assert process.wait(timeout=20) == 0
        assert "warning: every machine" in process.stderr.read()


def test_without_control_plane() -> None:
    with running("--json-log", "--no-control") as line:
        (node,) = json.loads(line())["nodes"]
        assert get(node["url"], "/mock/").status == 404
