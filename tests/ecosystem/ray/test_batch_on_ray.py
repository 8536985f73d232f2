"""`gonka batch --engine ray` with a local Ray of two workers."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gonka_core import AsyncClient, ConfigurationError, PrivateKey, RetryPolicy
from gonka_core.batch import BatchOptions, Summary, open_ledger
from gonka_core.batch.ray_engine import RayBatch
from gonka_core.batch.ray_parts import pieces_of, read_piece
from gonka_mock_node import MockNetwork
from tests.batch import jobs
from tests.ecosystem.conftest import PRIVATE_KEY

LINES = 200
ray: Any = import_module("ray")

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"), pytest.mark.timeout(200)]


@pytest.fixture(scope="module", autouse=True)
def two_workers() -> Iterator[None]:
    """Ray's processes take the environment of the one that starts them."""
    before = dict(os.environ)
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", GONKA_PRIVATE_KEY=PRIVATE_KEY)
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        configure_logging=False,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
    )
    try:
        yield
    finally:
        ray.shutdown()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jobs.numbered(tmp_path / "in.jsonl", LINES)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def run(endpoints: list[str], source: Path, output: Path, **more: Any) -> Summary:
    key = more.pop("private_key", PrivateKey.from_hex(PRIVATE_KEY))
    client = AsyncClient(
        endpoints, private_key=key, scheme="hash", retry=RetryPolicy(attempts=2, backoff=0.001), selector="first"
    )
    options = more.pop("options", BatchOptions(concurrency=4))
    return RayBatch(client, os.fspath(source), os.fspath(output), options, **more).run()


def paid(network: MockNetwork) -> Counter[int]:
    known = jobs.line_of(LINES)
    return Counter(known[verdict.body_sha256] for verdict in network.journal if verdict.accepted)


def test_a_job_begun_elsewhere_is_limited_then_done_and_every_line_paid_once(
    network: MockNetwork, endpoints: list[str], source: Path, output: Path
) -> None:
    """Begun by one process that was killed with two lines under way; the files are the same."""
    ledger = open_ledger(source, output)
    ledger.run(4)
    for number in (5, 6):
        ledger.begin(number, None)
    data = b'{"id":"batch_req_%s_9","custom_id":"request-9","response":null,"error":null}\n' % ledger.job.encode()
    ledger.finish(9, data, failed=False, tokens=1, ngonka=1)
    ledger.close()
    options, seen = BatchOptions(concurrency=4, price=1), list[int]()

    limited = run(endpoints, source, output, max_cost=1000, options=options)
    assert (limited.end, limited.progress.earlier) == ("limit", 1)
    assert 1 < limited.progress.answered < LINES
    assert limited.progress.ngonka is not None
    assert limited.progress.ngonka <= 1000
    assert len(paid(network)) == limited.progress.answered - 1

    network.faults.add("ml-node-error", route="/v1/chat/completions", code=422, nth=[3, 4])
    done = run(endpoints, source, output, options=options, report=lambda progress: seen.append(progress.finished))
    assert (done.end, done.left, done.unknown) == ("done", 0, 0)
    assert limited.progress.again + done.progress.again == 2, "in which run, depends on who of the workers was first"
    assert (done.progress.answered, done.progress.failed) == (LINES - 2, 2)
    assert seen
    answers = jobs.by_id(output)
    assert {line["error"]["code"] for line in answers.values() if line["error"]} == {"payload_rejected"}
    words = {name: jobs.words(line) for name, line in answers.items() if line["response"] and not line["error"]}
    assert words == {name: f"You said: this is request number {name[8:]}" for name in words}
    assert len(words) == LINES - 3
    assert set(paid(network).values()) == {1}
    count = len(network.journal)
    assert run(endpoints, source, output).end == "done"
    assert len(network.journal) == count, "nothing was left to send"


def test_a_worker_that_dies_costs_no_more_than_what_it_had_under_way(
    network: MockNetwork, endpoints: list[str], source: Path, output: Path
) -> None:
    """Ray starts another one and gives it the piece again; the keeper knows which of its lines are finished."""
    victims: list[int] = []

    def kill(verdict: Any) -> None:
        if verdict.accepted and verdict.number >= 60 and not victims:
            victims.extend(workers())
            os.kill(victims[0], 9)

    end = network.journal.listen(kill)
    summary = run(endpoints, source, output)
    end()
    assert victims
    assert (summary.end, summary.progress.answered) == ("done", LINES)
    again = {number: times for number, times in paid(network).items() if times > 1}
    assert len(again) <= 4, "no more than one worker has under way"
    assert set(again.values()) <= {2}
    assert summary.progress.again >= len(again)


def workers() -> list[int]:
    """The processes of workers, as their names say."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                title = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(b"ray::") and (b"MapBatches" in title or b"MapWorker" in title):
                found.append(int(folder.name))
    return found


def test_nobody_is_there(network: MockNetwork, endpoints: list[str], source: Path, output: Path) -> None:
    network.faults.add("refused")
    summary = run(endpoints, source, output)
    assert (summary.end, summary.left) == ("outage", LINES)
    assert "give the same command again" in summary.problem
    assert output.read_bytes() == b""


def test_no_key_travels(network: MockNetwork, endpoints: list[str], source: Path, output: Path) -> None:
    """A worker has the key of its own environment: of another account than the driver's it is refused, by name."""
    with pytest.raises(ConfigurationError, match="does not belong to the key"):
        run(endpoints, source, output, private_key=PrivateKey((5).to_bytes(32, "big")))
    assert not len(network.journal)


def test_pieces_cover_every_open_line_and_no_other(source: Path, output: Path) -> None:
    source.write_bytes(b"\n\n" + source.read_bytes())
    ledger = open_ledger(source, output)
    ledger.run(50)
    for number in range(3, 40):
        ledger.begin(number, None)
        ledger.finish(number, b"{}\n", failed=False, tokens=0, ngonka=0)
    pieces = list(pieces_of(ledger, source, 16))
    ledger.close()
    assert pieces[0]["number"] == 33
    lines = [line for piece in pieces for line in read_piece(source, **piece)]
    assert [line.number for line in lines] == list(range(33, LINES + 3))
    assert [line.custom_id for line in lines] == [f"request-{number - 2}" for number in range(33, LINES + 3)]
    assert json.dumps(lines[0].payload) in source.read_text()
