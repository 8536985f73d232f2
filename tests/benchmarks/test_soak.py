"""The soak, short: what it checks over 100,000 calls holds for two thousand, and it sees what it is there to see."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks import soak as soak_module
from benchmarks.soak import RETRY, Tally, soak
from benchmarks.soak_process import NodeCounts, nodes_process

ROOT: Final = Path(__file__).parents[2]
WHERE_PROC_TELLS: Final = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")

ORPHAN: Final = """
import os, signal
from benchmarks.soak_process import nodes_process

with nodes_process():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_short_soak() -> None:
    tally = soak(2_000)
    assert tally.holds, tally
    assert tally.answered > 1_600
    assert tally.errors
    assert tally.nodes.requests > 2_000
    assert len(tally.nodes.requests_by_node) == 3
    assert 0.2 <= tally.nodes.struck / tally.nodes.requests <= 0.25
    assert tally.nodes.faults.keys() >= {"reset", "reset-after", "cut-stream"}


@WHERE_PROC_TELLS
def test_a_sample_is_taken_before_ten_equal_steps_and_after_each_and_of_the_closed_client() -> None:
    told: list[int] = []
    tally = soak(95, tasks=4, told=lambda seen: told.append(seen.calls))
    assert told == [0, 9, 19, 28, 38, 47, 57, 66, 76, 85, 95, 95]
    assert [seen.calls for seen in tally.samples] == told
    assert all(seen.memory_kib > 1_000 and seen.descriptors > 3 for seen in tally.samples)


def test_a_call_that_is_paid_for_twice_is_seen() -> None:
    tally = soak(400, retry=replace(RETRY, may_bill_twice=True))
    assert tally.nodes.accepted_again
    assert not tally.holds


@WHERE_PROC_TELLS
def test_memory_that_is_lost_in_each_call_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytearray] = []

    def payload(number: int) -> dict[str, Any]:
        kept.append(bytearray(b"\1" * 2**18))
        return {"model": "test", "messages": [{"role": "user", "content": f"call {number} of the soak"}]}

    monkeypatch.setattr(soak_module, "payload", payload)
    tally = soak(400)
    assert not tally.holds
    assert [told.partition(" ")[0] for told in tally.growth or ()] == ["memory"]


@WHERE_PROC_TELLS
def test_a_descriptor_that_is_lost_in_each_call_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[socket.socket] = []
    real = soak_module.payload

    def payload(number: int) -> dict[str, Any]:
        kept.append(socket.socket())
        return real(number)

    monkeypatch.setattr(soak_module, "payload", payload)
    tally = soak(300)
    for one in kept:
        one.close()
    assert not tally.holds
    assert len(tally.growth or ()) == 2


def test_it_does_not_hold_when_a_call_is_lost_or_paid_for_twice_or_something_grew() -> None:
    sound = Tally(2, answered=1, errors=Counter(TransportError=1), nodes=NodeCounts(payloads_accepted=1), growth=())
    assert sound.holds
    assert replace(sound, growth=None).holds
    assert not replace(sound, calls=3).holds
    assert not replace(sound, calls=1).holds
    assert not replace(sound, errors=Counter(), untyped=Counter(KeyError=1)).holds
    assert not replace(sound, answered=0, wrong_words=1).holds
    assert not replace(sound, nodes=NodeCounts(payloads_accepted=0)).holds
    assert not replace(sound, nodes=NodeCounts(payloads_accepted=1, accepted_again=1)).holds
    assert not replace(sound, growth=("memory grew",)).holds


def test_the_nodes_live_in_another_process() -> None:
    program = "import sys, benchmarks.soak; sys.exit('gonka_mock_node' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
    with nodes_process() as nodes:
        assert nodes.pid != os.getpid()
        assert len(nodes.endpoints) == 3
        assert nodes.end().requests == 0


def test_the_nodes_end_when_the_soak_dies() -> None:
    # Its stderr is the nodes' as well: it is at its end when both are gone, and until then `run` does not return.
    command = [sys.executable, "-c", ORPHAN]
    dead = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    assert dead.returncode == -signal.SIGKILL
    assert dead.stderr == ""


def test_nodes_that_ended_before_they_were_asked_to_are_told_of() -> None:
    with nodes_process() as nodes:
        os.kill(nodes.pid, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="ended before they were asked to"):
            nodes.end()
