"""`kill -9` at any moment: every line has one answer in the end, and only those under way may have been paid twice."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from gonka_mock_node import MockNetwork
from gonka_mock_node.journal import Verdict
from tests.batch import jobs

LINES: Final = int(os.environ.get("GONKA_TESTS_BATCH_LINES", "10000"))
AT_ONCE: Final = 24
KILLS: Final = 5


class Executioner:
    """Counts what is accepted, line by line, and kills the process as the request of a given number arrives."""

    def __init__(self, network: MockNetwork, lines: dict[str, int]) -> None:
        self._lines = lines
        self._at: int | None = None
        self.pid = 0
        self.paid = Counter[int]()
        self.end = network.journal.listen(self._seen)

    def kill(self, pid: int, after: int) -> None:
        """Kill it when so many more requests were accepted."""
        self.pid, self._at = pid, self.paid.total() + after

    def _seen(self, verdict: Verdict) -> None:
        assert verdict.accepted
        self.paid[self._lines[verdict.body_sha256]] += 1
        if self._at is not None and self.paid.total() >= self._at:
            self._at = None
            os.kill(self.pid, signal.SIGKILL)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [20261201])
def test_no_line_is_lost_and_none_is_paid_twice_but_those_under_way(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    source, output = jobs.numbered(tmp_path / "in.jsonl", LINES), tmp_path / "out.jsonl"
    known = jobs.line_of(LINES)
    allowed = Counter[int]()
    with MockNetwork(1, profile="v0.2.13", explain=False) as network:
        watched = Executioner(network, known)
        arguments = (os.fspath(source), os.fspath(output), "--concurrency", str(AT_ONCE), "--scheme", "hash", "--quiet")
        for _ in range(KILLS):
            with jobs.process(network, *arguments) as running:
                watched.kill(running.pid, after=chance.randint(1, LINES // (KILLS + 2)))
                assert running.wait(timeout=100) == -signal.SIGKILL
            cut_down = jobs.under_way(output)
            assert len(cut_down) <= AT_ONCE
            allowed.update(cut_down)
        with jobs.process(network, *arguments, "--json") as running:
            told, errors = running.communicate(timeout=100)
        watched.end()
    assert (running.returncode, errors) == (0, "")
    answers = jobs.by_id(output)
    assert answers.keys() == {f"request-{number}" for number in known.values()}
    assert all(line["error"] is None for line in answers.values())
    assert all(jobs.words(line) == f"You said: this is request number {name[8:]}" for name, line in answers.items())
    again = {number: times - 1 for number, times in watched.paid.items() if times > 1}
    assert set(watched.paid) == set(known.values())
    assert all(times <= allowed[number] for number, times in again.items()), (again, allowed)
    assert '"left": 0' in told


def test_a_torn_line_is_cut_and_answered_again(network: MockNetwork, source: Path, output: Path) -> None:
    """As if the process had died in the middle of a write, at every kind of place."""
    with jobs.process(network, os.fspath(source), os.fspath(output), "--quiet") as running:
        assert running.wait(timeout=60) == 0
    whole, journal = output.read_bytes(), output.with_name("out.jsonl.journal")
    begun = journal.read_bytes()
    for cut in (1, 300, len(whole) // 2, len(whole) - 1):
        output.write_bytes(whole[:cut])
        journal.write_bytes(begun + b"+4")  # torn as well
        # The journal knows of forty finished lines. So many are lost in no kill: restore what it said then.
        kept = whole[:cut].count(b"\n")
        head, *entries = begun.splitlines(keepends=True)
        finished = [entry for entry in entries if entry.startswith(b"=")][:kept]
        begins = [entry for entry in entries if not entry.startswith(b"=")]
        journal.write_bytes(head + b"".join(begins[: kept + 17] + finished) + b"+4")
        with jobs.process(network, os.fspath(source), os.fspath(output), "--quiet") as running:
            assert running.wait(timeout=60) == 0
        assert len(jobs.by_id(output)) == 40
