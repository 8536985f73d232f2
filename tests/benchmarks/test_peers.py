"""The workers of the peers: the requests they make, what they say when that fails, and what the rows make of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.canned_server import CHUNKS, canned_server
from benchmarks.peers import ours
from benchmarks.peers.__main__ import table
from benchmarks.peers.figures import Figures, environments, figures, installed, task
from benchmarks.peers.serving import IN_FLIGHT, Task, in_turn, together
from benchmarks.peers.worker import Worker, WorkerError, worker
from benchmarks.rows import peers
from benchmarks.rows.row import Measured, Row
from gonka_bench.paired import Timing
from gonka_bench.workload import SECRET

OURS: Final = "benchmarks.peers.ours"
PYTHON: Final = Path(sys.executable)

TALKS: Final = """
from contextlib import nullcontext
from benchmarks.peers.serving import in_turn, serve

def talk(task):
    print("Using Gonka address: …")
    return in_turn(nullcontext(), lambda client: print("a remark"))

serve({"talk": talk}, [])
"""


@pytest.fixture(scope="module")
def asked() -> Iterator[Task]:
    with canned_server() as server:
        yield task(server.url)


@pytest.fixture(scope="module")
def own(asked: Task) -> Iterator[Worker]:
    with worker(PYTHON, OURS, asked) as started:
        yield started


def test_every_subject_of_ours_makes_real_requests_and_costs_cpu(own: Worker) -> None:
    assert set(own.subjects) == set(ours.subjects())
    assert {f"gonka-core {subject}" for subject in own.subjects} >= {
        name for name in peers.WANTED if name.startswith("gonka-core ")
    }
    assert own.versions.keys() >= {"gonka-core", "httpx"}
    assert all(own.run(subject, 3) > 0 for subject in own.subjects)


def test_a_stream_costs_more_than_an_answer(own: Worker) -> None:
    assert own.run("stream-async-aiohttp", 20) > own.run("chat-async-aiohttp", 20)


def test_a_worker_whose_stream_lacks_a_chunk_does_not_pass_for_measured(asked: Task) -> None:
    with (
        pytest.raises(WorkerError, match=rf"ended with status 1, .*the stream had {CHUNKS} chunks, not {CHUNKS + 1}"),
        worker(PYTHON, OURS, replace(asked, chunks=CHUNKS + 1)) as started,
    ):
        started.run("stream-sync-httpx", 1)


@pytest.mark.parametrize("words", ["", None], ids=["empty", "missing"])
def test_an_answer_without_words_does_not_pass_for_measured(asked: Task, words: str | None) -> None:
    asked.check_answer("fine")
    with pytest.raises(ValueError, match="no words"):
        asked.check_answer(words)


@given(st.integers(1, 60))
@settings(max_examples=20, deadline=None)
def test_requests_are_made_so_often_and_never_more_than_16_at_a_time(times: int) -> None:
    made: list[str] = []
    open_now, most = 0, 0

    async def request(client: str) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0)
        made.append(client)
        open_now -= 1

    @asynccontextmanager
    async def client() -> AsyncIterator[str]:
        yield "async"

    with together(client(), request) as run:
        run(times)
    assert made == ["async"] * times
    assert most == min(times, IN_FLIGHT)
    with in_turn(nullcontext("sync"), made.append) as run:
        run(times)
    assert made[times:] == ["sync"] * times


@pytest.mark.parametrize(
    "line", ["jump", "run", "run chat-sync-httpx", "run chat-sync-httpx -1", "run chat-sync-httpx x", "run nobody 1"]
)
def test_a_line_that_is_no_command_is_refused_in_words_and_the_worker_goes_on(own: Worker, line: str) -> None:
    with pytest.raises(WorkerError, match=f"unknown command '{line}'; say: run NAME N, where NAME is one of chat-"):
        own.asked(line)
    assert own.run("chat-sync-httpx", 1) > 0


def test_a_worker_that_died_is_told_of(asked: Task) -> None:
    with worker(PYTHON, OURS, asked) as dead:
        os.kill(dead.pid, signal.SIGKILL)
        for _ in ("its pipe may still be there", "its pipe is broken"):
            with pytest.raises(WorkerError, match=r"peers\.ours ended with status -9, and wrote last: nothing"):
                dead.run("chat-sync-httpx", 1)


def test_a_worker_that_takes_too_long_is_ended(asked: Task) -> None:
    with (
        pytest.raises(WorkerError, match=r"did not answer within 0\.01 s and was ended"),
        worker(PYTHON, OURS, asked, limit_s=0.01),
    ):
        pass


def test_what_a_library_prints_is_no_answer(asked: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "talks.py").write_text(TALKS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with worker(PYTHON, "talks", asked) as talking:
        assert talking.run("talk", 5) > 0


def test_a_worker_takes_no_settings_from_our_environment(asked: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("GONKA_ADDRESS", "gonka1nobody")
    with worker(PYTHON, OURS, asked) as started:
        assert started.run("chat-sync-httpx", 1) > 0


def test_a_task_does_not_show_its_key(asked: Task) -> None:
    assert asked.private_key == SECRET.hex()
    assert asked.private_key not in repr(asked)


def test_figures_of_ours_are_there_without_any_peer(tmp_path: Path) -> None:
    (only,) = installed(tmp_path)
    found = figures([only], {"gonka-core chat-sync-httpx"}, rounds=1, sample_s=0.001)
    assert found.timings.keys() == {"gonka-core chat-sync-httpx"}
    assert 1 < found.us("gonka-core chat-sync-httpx") < 1e6
    assert "httpx " in found.told("gonka-core")


@pytest.mark.parametrize("row", peers.ROWS, ids=lambda row: row.target.name)
def test_without_the_peers_a_row_says_how_they_come(row: Row, tmp_path: Path) -> None:
    assert isinstance(row.measure, partial)
    assert row.measure(peers=tmp_path) == Measured(None, "make bench-peers installs it")


def test_a_peer_that_cannot_be_imported_makes_a_row_unknown(tmp_path: Path) -> None:
    for one in environments(tmp_path)[1:3]:
        one.python.parent.mkdir(parents=True, exist_ok=True)
        one.python.unlink(missing_ok=True)
        one.python.symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    measured = peers.measured(peers.requests, "chat-sync-httpx", tmp_path)
    assert measured.figure is None
    assert "No module named 'openai'; `make bench-peers` installs what it needs" in measured.detail


US: Final = {
    "gonka-core chat-async-aiohttp": 200,
    "gonka-core stream-async-aiohttp": 1_000,
    "gonka-openai chat-sync": 2_100,
    "gonka-openai chat-sync-quiet": 1_900,
    "gonka-openai stream-sync": 7_000,
    "openai-2 stream-sync": 9_800,
    "openai-3 stream-async": 9_500,
}
FIGURES: Final = Figures(
    {subject: Timing(us / 1e6, us / 1e6) for subject, us in US.items()},
    {subject.split()[0]: {subject.split()[0]: "1.2"} for subject in US},
)
"""Made up, in microseconds by subject."""


def test_requests_are_told_against_the_official_sdk() -> None:
    measured = peers.requests("chat-async-aiohttp", FIGURES)
    assert measured.figure == pytest.approx(10.5)
    assert "200 µs for a signed request against 2,100 of GonkaOpenAI(" in measured.detail
    assert "1,900 without its line in the log; gonka-openai 1.2; ours: gonka-core 1.2" in measured.detail


def test_a_stream_is_told_against_the_cheapest_client_of_the_openai_sdk() -> None:
    measured = peers.stream("stream-async-aiohttp", FIGURES)
    assert measured.figure == pytest.approx(9.5)
    assert "against 9,500 of AsyncOpenAI(" in measured.detail
    assert "openai-3 1.2" in measured.detail


def test_the_table_shows_answers_then_streams_each_by_what_it_costs() -> None:
    lines = table(FIGURES).splitlines()
    assert [" ".join(line.split()[3:]) for line in lines[1:8]] == [
        "gonka-core chat-async-aiohttp",
        "gonka-openai chat-sync-quiet",
        "gonka-openai chat-sync",
        "gonka-core stream-async-aiohttp",
        "gonka-openai stream-sync",
        "openai-3 stream-async",
        "openai-2 stream-sync",
    ]
    assert lines[2].split()[:3] == ["1,900", "1,900", "9.50"]


@pytest.mark.peers
@pytest.mark.skipif(len(installed()) < 4, reason="`make bench-peers` installs the SDKs")
def test_the_installed_sdks_have_what_the_rows_want_and_make_requests(asked: Task) -> None:
    there: set[str] = set()
    for one, major in zip(installed()[1:], "223", strict=True):
        with worker(one.python, one.module, asked) as started:
            assert started.versions["openai"].startswith(f"{major}.")
            assert all(started.run(subject, 1) > 0 for subject in ("chat-sync", "stream-sync"))
            there |= {f"{one.name} {subject}" for subject in started.subjects}
    assert there >= {name for name in peers.WANTED if not name.startswith("gonka-core ")}
