"""`gonka batch` as it is typed."""

from __future__ import annotations

import json
import os
import resource
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gonka_core.batch import Progress
from gonka_core.cli import batch_shown
from gonka_core.cli.batch import batch
from gonka_core.errors import ConfigurationError, MissingLibraryError
from gonka_mock_node import MockNetwork
from tests.batch import jobs

CHAT = "/v1/chat/completions"


def ran(network: MockNetwork, source: Path, output: Path, *more: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of the command."""
    with jobs.process(network, os.fspath(source), os.fspath(output), *more) as running:
        printed, errors = running.communicate(timeout=100)
    return running.returncode, printed, errors


def test_the_summary_to_read_and_lines_where_there_is_no_terminal(
    network: MockNetwork, source: Path, output: Path
) -> None:
    status, printed, errors = ran(network, source, output)
    assert status == 0
    told = dict(line.split(maxsplit=1) for line in printed.splitlines())
    assert (told["answered"], told["failed"], told["left"]) == ("40 of 40", "0", "0")
    assert errors.startswith("gonka: 0/40, 0 failed, ")
    assert "\x1b" not in errors


def test_json_and_quiet(network: MockNetwork, source: Path, output: Path) -> None:
    status, printed, errors = ran(network, source, output, "--json")
    told = json.loads(printed)
    assert (status, errors) == (0, "")
    assert (told["end"], told["total"], told["answered"], told["left"], told["unknown"]) == ("done", 40, 40, 0, 0)
    assert told["cost_ngonka"] == told["tokens"] * network.chain.price
    assert ran(network, source, output, "--quiet")[2] == ""


def test_failed_lines_are_in_the_exit_status_and_may_be_sent_again(
    network: MockNetwork, source: Path, output: Path
) -> None:
    network.faults.add("ml-node-error", route=CHAT, code=422, nth=[3, 4])
    assert ran(network, source, output, "--quiet")[0] == 1
    assert ran(network, source, output, "--quiet")[0] == 1
    assert ran(network, source, output, "--quiet", "--retry-failed")[0] == 0
    assert all(line["error"] is None for line in jobs.by_id(output).values())


def test_the_limit_of_cost_says_how_to_go_on(network: MockNetwork, source: Path, output: Path) -> None:
    status, _, errors = ran(network, source, output, "--max-cost", "0.0000005", "--price", "1", "--quiet")
    assert status == 3
    assert "the limit of cost is reached" in errors
    assert "higher limit" in errors
    assert ran(network, source, output, "--max-cost", "1", "--price", "1", "--quiet")[0] == 0


def test_an_outage(network: MockNetwork, source: Path, output: Path) -> None:
    network.faults.add("refused")
    status, printed, _ = ran(network, source, output, "--attempts", "1", "--json")
    told = json.loads(printed)
    assert (status, told["end"], told["left"], told["unknown"]) == (3, "outage", 40, 0)
    assert "40 lines are left" in told["problem"]
    assert output.read_bytes() == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_waits_for_what_is_under_way(
    network: MockNetwork, source: Path, output: Path, number: signal.Signals
) -> None:
    network.faults.add("latency", route=CHAT, seconds=0.1)
    with jobs.process(network, os.fspath(source), os.fspath(output), "--concurrency", "2", "--json") as running:
        end = at_the(4, network, lambda: running.send_signal(number))
        printed, errors = running.communicate(timeout=60)
        end()
    told = json.loads(printed)
    assert running.returncode == 130
    assert "once more to drop them" in errors
    assert (told["end"], told["unknown"]) == ("stopped", 0)
    assert 4 <= told["answered"] < 40
    assert told["answered"] == network.journal.totals()["accepted"]
    network.faults.clear()
    assert ran(network, source, output, "--quiet")[0] == 0


def test_the_second_signal_drops_it(network: MockNetwork, source: Path, output: Path) -> None:
    network.faults.add("stall", route=CHAT, seconds=100.0)
    arguments = (os.fspath(source), os.fspath(output), "--concurrency", "2", "--scheme", "hash", "--json")
    with jobs.process(network, *arguments) as running:
        assert running.stderr is not None
        end = at_the(2, network, lambda: running.send_signal(signal.SIGINT))
        first = running.stderr.readline()
        running.send_signal(signal.SIGINT)
        printed, _ = running.communicate(timeout=60)
        end()
    assert "waiting for the requests" in first
    told = json.loads(printed)
    assert running.returncode == 130
    assert (told["answered"], told["unknown"], told["left"]) == (0, 2, 40)


def at_the(count: int, network: MockNetwork, do: Any) -> Any:
    """Do it, once, when so many requests were accepted."""
    done: list[bool] = []

    def seen(_verdict: object) -> None:
        if network.journal.totals()["accepted"] >= count and not done:
            done.append(True)
            do()

    return network.journal.listen(seen)


def test_a_full_disk_loses_nothing_that_was_written(network: MockNetwork, source: Path, output: Path) -> None:
    """A file that may not grow any further behaves like a disk that is full."""

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    with jobs.process(network, os.fspath(source), os.fspath(output), "--quiet", before=little_room) as running:
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 1, errors
    assert "could not be written (File too large); make room, and give the same command again" in errors
    assert 0 < len(jobs.by_id(output)) < 40
    assert len(jobs.settled(output)) == len(jobs.by_id(output)), "the journal says so after the output does"
    assert ran(network, source, output, "--quiet")[0] == 0
    assert len(jobs.by_id(output)) == 40


def test_flaws_are_told_before_anything_is_sent(network: MockNetwork, tmp_path: Path, output: Path) -> None:
    source = jobs.write(tmp_path / "in.jsonl", [jobs.request(1), {**jobs.request(2), "url": "/v1/embeddings"}])
    status, printed, errors = ran(network, source, output)
    assert (status, printed) == (2, "")
    assert "line 2 has the url '/v1/embeddings'" in errors
    assert len(errors.splitlines()) == 1
    assert not network.journal.latest or not list(network.journal)
    assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--max-cost", "much"], "--max-cost is 'much', which is no amount; give GNK"),
        (["--max-cost", "0.0000000001"], "nine decimals at most"),
        (["--max-cost", "NaN"], "is no amount"),
        (["--max-cost=-1"], "is no amount"),
        (["--provider-address", "gonka1"], "--provider-address is given without --endpoint"),
    ],
)
def test_options_that_cannot_be(arguments: list[str], told: str, source: Path, output: Path) -> None:
    result = CliRunner().invoke(batch, [os.fspath(source), os.fspath(output), *arguments])
    assert isinstance(result.exception, ConfigurationError)
    assert told in str(result.exception)
    assert not output.exists()


def test_ray_is_asked_for_and_not_installed(
    network: MockNetwork, source: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONKA_PRIVATE_KEY", jobs.KEY.reveal().hex())
    place = f"{network.nodes[0].url};{network.nodes[0].provider_address}"
    monkeypatch.setenv("GONKA_ENDPOINTS", place)
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    result = CliRunner().invoke(batch, [os.fspath(source), os.fspath(output), "--engine", "ray"])
    assert isinstance(result.exception, MissingLibraryError)
    assert "gonka-core[ray]" in str(result.exception)
    assert not output.exists()


class TestShown:
    now = Progress(200, 90, 10, 20, 1, 4, 5000, 4000, 123_000_000, 8.0)

    def test_a_line(self) -> None:
        assert batch_shown.line(self.now) == "100/200, 10 failed, 500 tokens/s, 0.123 GNK, 10 s left"

    def test_rates_of_a_run_that_has_none(self) -> None:
        fresh = Progress(200, 0, 0, 0, 0, 0, 0, 0, None, 0.0)
        assert batch_shown.line(fresh) == "0/200, 0 failed, 0 tokens/s, cost unknown"

    def test_lines_come_every_ten_seconds(self) -> None:
        printed: list[str] = []
        report = batch_shown.lines(printed.append)
        for seconds in (0.0, 0.5, 9.9, 10.0, 10.5, 19.0, 20.1):
            report(Progress(200, 90, 10, 20, 1, 4, 5000, 4000, 0, seconds))
        assert len(printed) == 3

    @pytest.mark.parametrize(("seconds", "told"), [(59.0, "59 s"), (300.0, "5 min"), (9000.0, "2 h")])
    def test_how_long_is_left(self, seconds: float, told: str) -> None:
        one_a_second = Progress(int(seconds) + 10, 10, 0, 0, 0, 0, 0, 0, 0, 10.0)
        assert batch_shown.line(one_a_second).endswith(f"{told} left")


def test_a_bar_on_a_terminal(network: MockNetwork, source: Path, output: Path) -> None:
    reader, terminal = os.openpty()
    with jobs.process(network, os.fspath(source), os.fspath(output), stderr=terminal, TERM="xterm") as running:
        os.close(terminal)
        shown = b""
        while True:
            try:
                piece = os.read(reader, 4096)
            except OSError:  # Linux says so when the other side is closed
                break
            if not piece:
                break
            shown += piece
        running.communicate(timeout=60)
    os.close(reader)
    assert running.returncode == 0
    assert b"40/40, 0 failed" in shown
    assert b"GNK" in shown
