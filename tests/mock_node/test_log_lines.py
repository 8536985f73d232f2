"""The lines of the command: a verdict as JSON is what its event is, and no line is lost or out of order."""

from __future__ import annotations

import asyncio
import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.journal import Explained, Verdict
from gonka_mock_node.log_lines import Lines, event_line

NAMES = st.lists(st.text(max_size=8), max_size=4).map(tuple)
EXPLAINED = st.builds(Explained, NAMES, st.text(), st.text(), st.booleans())
VERDICTS = st.builds(
    Verdict,
    **{name: st.text(max_size=20) for name in ("node", "route", "requester", "provider_address", "model", "timestamp")},
    **{name: st.integers(-(2**63), 2**63) for name in ("timestamp_ns", "block_time_ns", "height")},
    **{name: st.integers(0, 10**9) for name in ("number", "status", "body_bytes")},
    **dict.fromkeys(("checks", "pending", "faults"), NAMES),
    **{name: st.none() | st.text(max_size=20) for name in ("rule", "error")},
    **{name: st.binary(max_size=32).map(bytes.hex) for name in ("body_sha256", "digest")},
    authorization=st.text(st.characters(), max_size=100),
    verdict=st.sampled_from(["accepted", "refused", "fault"]),
    scheme=st.sampled_from(["raw", "hash"]),
    stream=st.booleans(),
    diagnosis=st.none() | EXPLAINED,
)


@given(VERDICTS)
def test_a_line_is_the_event_as_compact_json(verdict: Verdict) -> None:
    line = event_line(verdict)
    assert line == json.dumps(verdict.as_event(), separators=(",", ":"))
    assert line.isascii()
    assert "\n" not in line


class Recorded(io.StringIO):
    """Counts how often it is written to; breaks where it is told to."""

    def __init__(self, broken: bool = False) -> None:
        super().__init__()
        self.broken = broken
        self.writes = 0

    def write(self, text: str) -> int:
        if self.broken:
            raise BrokenPipeError
        self.writes += 1
        return super().write(text)


async def told(count: int, turns: int) -> list[str]:
    gone: list[str] = []
    lines = Lines(gone=lambda: gone.append("gone"))
    for turn in range(turns):
        for number in range(count):
            lines.put(f"{turn} {number}")
        await asyncio.sleep(0)
    lines.flush()
    await asyncio.sleep(0)
    return gone


def test_lines_that_come_together_are_one_write_and_the_last_ones_are_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Recorded()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr("gonka_mock_node.log_lines.TOGETHER_S", 3600.0)
    assert asyncio.run(told(5, 3)) == []
    assert out.getvalue().splitlines() == [f"{turn} {number}" for turn in range(3) for number in range(5)]
    assert out.writes == 1


async def until_written(out: Recorded) -> None:
    lines = Lines(gone=lambda: None)
    for written in (1, 2):
        lines.put(f"line {written}")
        while out.writes < written:
            await asyncio.sleep(0)


def test_a_line_is_written_without_anybody_asking_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Recorded()
    monkeypatch.setattr(sys, "stdout", out)
    asyncio.run(asyncio.wait_for(until_written(out), 30))
    assert out.getvalue().splitlines() == ["line 1", "line 2"]


def test_a_reader_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Recorded(broken=True))
    assert asyncio.run(told(1, 2)) == ["gone"]
