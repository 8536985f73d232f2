"""Jobs at real nodes, with everything that goes wrong on the way."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gonka_core import AsyncClient, ConfigurationError, Endpoint, RetryPolicy, resolve
from gonka_core.batch import Batch, BatchOptions, Progress, Summary, open_ledger
from gonka_mock_node import MockNetwork
from tests.batch import jobs

FOUR = BatchOptions(concurrency=4)
CHAT = "/v1/chat/completions"


def paid(network: MockNetwork, count: int = 40) -> Counter[int]:
    known = jobs.line_of(count)
    return Counter(known[verdict.body_sha256] for verdict in network.journal if verdict.accepted)


@pytest.mark.asyncio
async def test_every_line_is_answered_once_in_openais_format(network: MockNetwork, source: Path, output: Path) -> None:
    summary = await jobs.run(network, source, output)
    assert (summary.end, summary.left, summary.unknown, summary.problem) == ("done", 0, 0, "")
    progress = summary.progress
    assert (progress.total, progress.answered, progress.failed, progress.earlier, progress.again) == (40, 40, 0, 0, 0)
    answers = jobs.by_id(output)
    assert all(jobs.words(line) == f"You said: this is request number {name[8:]}" for name, line in answers.items())
    for line in answers.values():
        assert list(line) == ["id", "custom_id", "response", "error"]
        assert line["response"]["status_code"] == 200
        assert line["response"]["request_id"]
    tokens = sum(line["response"]["body"]["usage"]["total_tokens"] for line in answers.values())
    assert (progress.tokens, progress.run_tokens) == (tokens, tokens)
    assert progress.ngonka == tokens * network.chain.price
    assert set(paid(network).values()) == {1}
    assert {verdict.node for verdict in network.journal} == {node.url for node in network.nodes}


@pytest.mark.asyncio
async def test_a_job_that_is_done_sends_nothing(network: MockNetwork, source: Path, output: Path) -> None:
    await jobs.run(network, source, output)
    before, content = len(network.journal), output.read_bytes()
    summary = await jobs.run(network, source, output)
    assert (summary.end, summary.progress.earlier, summary.progress.run_tokens) == ("done", 40, 0)
    assert summary.progress.tokens > 0
    assert (len(network.journal), output.read_bytes()) == (before, content)


@pytest.mark.asyncio
async def test_no_more_requests_than_asked_for_are_under_way(network: MockNetwork, source: Path, output: Path) -> None:
    seen: list[Progress] = []
    network.faults.add("latency", route=CHAT, seconds=0.02)
    ledger = open_ledger(source, output)
    async with AsyncClient(**jobs.settings(network)) as client:
        await Batch(client, ledger, FOUR, report=seen.append, report_every=0.005).run()
    ledger.close()
    assert max(progress.in_flight for progress in seen) == 4
    assert seen[-1].finished == 40
    assert BatchOptions().at_once(3) == 48
    assert BatchOptions().at_once(100) == 256
    assert BatchOptions(concurrency=500).at_once(1) == 500


@pytest.mark.asyncio
async def test_what_is_not_on_the_disk_is_bounded(
    network: MockNetwork, source: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that does not come to an end: what a power failure could take is as much as may be under way."""
    ledger, released = open_ledger(source, output), threading.Event()
    synced = ledger.sync

    def slow() -> None:
        released.wait()
        synced()

    monkeypatch.setattr(ledger, "sync", slow)
    async with AsyncClient(**jobs.settings(network)) as client:
        job = Batch(client, ledger, FOUR)
        running = asyncio.create_task(job.run())
        while ledger.unsynced < 4:
            await asyncio.sleep(0)
        while job.progress().in_flight:
            await asyncio.sleep(0)
        for _ in range(1000):
            await asyncio.sleep(0)
        unsynced, asked = ledger.unsynced, len(paid(network))
        released.set()
        assert unsynced == asked <= 7
        assert (await running).progress.answered == 40
    ledger.close()


class TestErrorsAreLines:
    @pytest.mark.asyncio
    async def test_of_the_line_itself(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.faults.add("ml-node-error", route=CHAT, code=422, nth=[5, 6])
        summary = await jobs.run(network, source, output)
        assert (summary.end, summary.progress.answered, summary.progress.failed) == ("done", 38, 2)
        for line in (line for line in jobs.read(output) if line["error"]):
            assert line["response"]["status_code"] == 422
            assert line["response"]["body"]["error"]["type"] == "invalid_request_error"
            assert line["error"]["code"] == "payload_rejected"
            assert line["error"]["maybe_billed"] is False
            assert line["error"]["message"]

    @pytest.mark.asyncio
    async def test_what_may_have_been_billed_is_said_and_not_repeated(
        self, network: MockNetwork, source: Path, output: Path
    ) -> None:
        network.faults.add("reset-after", route=CHAT, nth=[5, 9])
        summary = await jobs.run(network, source, output)
        assert (summary.progress.answered, summary.progress.failed) == (38, 2)
        failed = [line for line in jobs.read(output) if line["error"]]
        assert all(line["error"]["maybe_billed"] and line["response"] is None for line in failed)
        assert set(paid(network).values()) == {1}
        price = network.chain.price
        answered = sum(
            line["response"]["body"]["usage"]["total_tokens"] * price for line in jobs.read(output) if not line["error"]
        )
        assert summary.progress.ngonka is not None
        assert summary.progress.ngonka > answered, "what may have been billed counts"
        again = await jobs.run(network, source, output, retry_failed=True)
        assert (again.progress.failed, again.progress.run_tokens) == (2, 0), "nor by --retry-failed"
        allowed = await jobs.run(network, source, output, retry_failed=True, may_bill_twice=True)
        assert (allowed.progress.failed, allowed.progress.answered) == (0, 40)
        assert sorted(paid(network).values())[-3:] == [1, 2, 2]

    @pytest.mark.asyncio
    async def test_may_bill_twice_repeats_at_once_and_counts_it(
        self, network: MockNetwork, source: Path, output: Path
    ) -> None:
        network.faults.add("reset-after", route=CHAT, nth=[5, 9])
        options = BatchOptions(concurrency=4, may_bill_twice=True, price=7)
        policy = RetryPolicy(attempts=3, backoff=0.001, may_bill_twice=True)
        summary = await jobs.run(network, source, output, options, retry=policy)
        assert (summary.progress.answered, summary.progress.failed) == (40, 0)
        least = 7 * sum(line["response"]["body"]["usage"]["total_tokens"] for line in jobs.read(output))
        assert summary.progress.ngonka is not None
        assert summary.progress.ngonka > least

    @pytest.mark.asyncio
    async def test_an_answer_that_is_none(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.faults.add("garbage-json", route=CHAT, nth=7)
        await jobs.run(network, source, output)
        (line,) = [line for line in jobs.read(output) if line["error"]]
        assert (line["error"]["code"], line["error"]["maybe_billed"]) == ("unusable_answer", True)

    @pytest.mark.asyncio
    async def test_a_payload_that_cannot_be_encoded(self, network: MockNetwork, tmp_path: Path, output: Path) -> None:
        broken = jobs.request(2, user="\ud800")
        source = jobs.write(tmp_path / "in.jsonl", [jobs.request(1), broken, jobs.request(3)])
        summary = await jobs.run(network, source, output)
        assert (summary.progress.answered, summary.progress.failed) == (2, 1)
        assert jobs.by_id(output)["request-2"]["error"]["code"] == "payload"

    @pytest.mark.asyncio
    async def test_a_model_that_nobody_serves_among_others(
        self, network: MockNetwork, tmp_path: Path, output: Path
    ) -> None:
        lines = [jobs.request(number, model="test" if number % 8 else "other") for number in range(1, 41)]
        source = jobs.write(tmp_path / "in.jsonl", lines)
        places = [Endpoint(node.url, node.provider_address, models=frozenset({"test"})) for node in network.nodes]
        summary = await jobs.run(network, source, output, endpoints=places)
        assert (summary.end, summary.progress.answered, summary.progress.failed) == ("done", 35, 5)
        told = [line["error"]["message"] for line in jobs.read(output) if line["error"]]
        assert all("no endpoint serves the model 'other'" in message for message in told)


class TestOutages:
    @pytest.mark.asyncio
    async def test_nobody_is_there_and_no_line_is_burnt(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.faults.add("refused")
        summary = await jobs.run(network, source, output)
        assert (summary.end, summary.left, summary.unknown) == ("outage", 40, 0)
        assert output.read_bytes() == b""
        assert "40 lines are left" in summary.problem
        assert "could not be reached" in summary.problem or "connect" in summary.problem.lower()
        network.faults.clear()
        again = await jobs.run(network, source, output)
        assert (again.end, again.progress.answered, again.progress.again) == ("done", 40, 0)

    @pytest.mark.asyncio
    async def test_it_goes_away_in_the_middle(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.faults.add("overloaded", route=CHAT, nth=list(range(21, 400)))
        summary = await jobs.run(network, source, output)
        assert (summary.end, summary.progress.answered, summary.progress.failed) == ("outage", 20, 0)
        network.faults.clear()
        assert (await jobs.run(network, source, output)).progress.answered == 40
        assert set(paid(network).values()) == {1}

    @pytest.mark.asyncio
    async def test_lines_that_fail_between_answers_have_failed(
        self, network: MockNetwork, source: Path, output: Path
    ) -> None:
        network.faults.add("overloaded", route=CHAT, every=3)
        once = RetryPolicy(attempts=1)
        summary = await jobs.run(network, source, output, BatchOptions(concurrency=1), retry=once)
        assert (summary.end, summary.progress.failed, summary.progress.answered) == ("done", 13, 27)
        assert {line["response"]["status_code"] for line in jobs.read(output) if line["error"]} == {429}
        network.faults.clear()
        again = await jobs.run(network, source, output, retry_failed=True)
        assert (again.progress.answered, again.progress.earlier) == (40, 27)
        assert set(paid(network).values()) == {1}

    @pytest.mark.asyncio
    async def test_the_last_lines_may_fail_as_well(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.faults.add("overloaded", route=CHAT, nth=[39, 40])
        once = RetryPolicy(attempts=1)
        summary = await jobs.run(network, source, output, BatchOptions(concurrency=1), retry=once)
        assert (summary.end, summary.left, summary.progress.failed) == ("done", 0, 2)
        assert [line["custom_id"] for line in jobs.read(output) if line["error"]] == ["request-39", "request-40"]

    @pytest.mark.asyncio
    async def test_what_may_have_been_billed_is_told_and_ends_the_job_as_well(
        self, network: MockNetwork, source: Path, output: Path
    ) -> None:
        network.faults.add("reset-after", route=CHAT)
        summary = await jobs.run(network, source, output, BatchOptions(concurrency=2, stop_after=5))
        assert summary.end == "outage"
        assert 5 <= summary.progress.failed <= 6, "and those that were under way"
        assert all(line["error"]["maybe_billed"] for line in jobs.read(output))

    @pytest.mark.asyncio
    async def test_never_to_stop_is_a_choice(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.faults.add("refused")
        summary = await jobs.run(network, source, output, BatchOptions(concurrency=4, stop_after=0))
        assert (summary.end, summary.progress.failed) == ("done", 40)

    @pytest.mark.asyncio
    async def test_an_account_without_coins_ends_the_job(
        self, network: MockNetwork, source: Path, output: Path
    ) -> None:
        network.chain.fund(resolve.signer("auto", lambda: jobs.KEY).public_key, 0)
        summary = await jobs.run(network, source, output)
        assert (summary.end, summary.left) == ("outage", 40)
        assert "ngonka" in summary.problem


class TestCost:
    @pytest.mark.asyncio
    async def test_no_run_and_no_moment_costs_more(self, network: MockNetwork, source: Path, output: Path) -> None:
        prompt = len("this is request number 40") + 1
        options = BatchOptions(concurrency=8, price=10)
        limit = 10 * (prompt + 20) * 5
        first = await jobs.run(network, source, output, options, max_cost=limit)
        assert first.end == "limit"
        assert "higher limit" in first.problem
        assert 5 <= first.progress.answered < 40, "answers cost less than they might have"
        assert first.progress.ngonka is not None
        assert limit - 10 * (prompt + 20) < first.progress.ngonka <= limit
        assert len(paid(network)) == first.progress.answered
        second = await jobs.run(network, source, output, options, max_cost=limit)
        assert (second.progress.answered, second.end) == (first.progress.answered, "limit"), "over all runs"
        third = await jobs.run(network, source, output, options, max_cost=10**9)
        assert (third.end, third.progress.answered) == ("done", 40)
        assert set(paid(network).values()) == {1}

    @pytest.mark.asyncio
    async def test_prices_are_those_of_the_network(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.chain.price = 3
        summary = await jobs.run(network, source, output, max_cost=10**9)
        assert summary.progress.ngonka == 3 * summary.progress.tokens

    @pytest.mark.asyncio
    async def test_a_limit_without_a_price_sends_nothing(self, source: Path, output: Path) -> None:
        with MockNetwork(1, profile="gateway") as network:
            broker = Endpoint.broker(network.nodes[0].url, "sk-test")
            with pytest.raises(ConfigurationError, match=r"nobody tells the price of test.*--price"):
                await jobs.run(network, source, output, endpoints=broker, max_cost=10**9)
            assert not [verdict for verdict in network.journal if verdict.route == CHAT]
            without = await jobs.run(network, source, output, endpoints=broker)
            assert (without.progress.answered, without.progress.ngonka) == (40, None)


class TestEnds:
    @pytest.mark.asyncio
    async def test_finish_waits_for_what_is_under_way(self, network: MockNetwork, source: Path, output: Path) -> None:
        network.faults.add("latency", route=CHAT, seconds=0.05)
        summary = await ended(network, source, output, Batch.finish, after=8)
        assert (summary.end, summary.unknown) == ("stopped", 0)
        assert 0 < summary.progress.answered < 40
        assert "give the same command again" in summary.problem
        assert len(paid(network)) == summary.progress.answered

    @pytest.mark.asyncio
    async def test_abandon_does_not_and_says_which_may_have_been_paid(
        self, network: MockNetwork, source: Path, output: Path
    ) -> None:
        network.faults.add("stall", route=CHAT, seconds=20.0)
        summary = await ended(network, source, output, Batch.abandon, after=4)
        assert (summary.end, summary.progress.answered, summary.unknown) == ("stopped", 0, 4)
        assert jobs.under_way(output) == {1, 2, 3, 4}
        network.faults.clear()
        again = await jobs.run(network, source, output)
        assert (again.progress.answered, again.progress.again) == (40, 4)

    @pytest.mark.asyncio
    async def test_lines_that_may_have_been_paid_are_left_where_that_is_asked_for(
        self, network: MockNetwork, source: Path, output: Path
    ) -> None:
        network.faults.add("stall", route=CHAT, seconds=20.0)
        await ended(network, source, output, Batch.abandon, after=4)
        network.faults.clear()
        again = await jobs.run(network, source, output, BatchOptions(concurrency=4, repeat_started=False))
        assert (again.progress.answered, again.progress.failed, again.progress.again) == (36, 4, 0)
        told = jobs.by_id(output)["request-3"]["error"]
        assert (told["code"], told["maybe_billed"]) == ("started_before", True)
        assert set(paid(network).values()) == {1}

    @pytest.mark.asyncio
    async def test_before_it_began(self, network: MockNetwork, source: Path, output: Path) -> None:
        ledger = open_ledger(source, output)
        async with AsyncClient(**jobs.settings(network)) as client:
            job = Batch(client, ledger, FOUR)
            job.finish()
            assert (await job.run()).end == "stopped"
        ledger.close()
        assert not [verdict for verdict in network.journal if verdict.route == CHAT]


async def ended(network: MockNetwork, source: Path, output: Path, how: Any, after: int) -> Summary:
    """A job that is ended when so many requests were accepted."""
    ledger, loop, enough = open_ledger(source, output), asyncio.get_running_loop(), asyncio.Event()

    def seen(_verdict: Any) -> None:
        if network.journal.totals()["accepted"] >= after:
            loop.call_soon_threadsafe(enough.set)

    end = network.journal.listen(seen)
    async with AsyncClient(**jobs.settings(network)) as client:
        job = Batch(client, ledger, FOUR)
        running = asyncio.create_task(job.run())
        await enough.wait()
        how(job)
        summary = await running
    end()
    ledger.close()
    return summary


@pytest.mark.parametrize(
    "wrong",
    [{"concurrency": 0}, {"per_endpoint": 0}, {"price": -1}, {"stop_after": -1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_options_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="or more"):
        BatchOptions(**wrong)
