"""The output and the journal: what is written is read again, wherever a file was cut, and nothing else is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import ConfigurationError, ConnectError, Endpoint, PayloadRejectedError, TransportTimeout
from gonka_core.batch import Ledger, Line, StartedBeforeError, open_ledger, results, survey
from gonka_core.batch.journal import Journal
from gonka_core.chunks import Completion
from gonka_core.types import Request
from tests.batch import jobs

JOB = "0123456789ab"
PLACE = Endpoint("http://127.0.0.1:9/v1", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
AWAY = ConnectError("nobody is there", "start somebody")
LATE = TransportTimeout("it took too long", "wait longer", sent=True)
REFUSED = PayloadRejectedError("no", "ask otherwise", endpoint=PLACE, status=422, node_text="no")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def completion(data: dict[str, Any], body: bytes | None = None) -> Completion:
    request = Request(url=PLACE.chat_url, headers={}, body=b"", endpoint=PLACE)
    return Completion(data=data, body=json.dumps(data).encode() if body is None else body, request=request)


def line(number: int, custom_id: str = "a") -> Line:
    return Line(number, custom_id, "test", {})


class TestResults:
    @given(
        number=st.integers(1, 10**12),
        name=st.text(min_size=1),
        data=st.dictionaries(st.text(), values),
        indent=st.sampled_from([None, 1]),
        ascii_only=st.booleans(),
    )
    def test_an_answer_stands_in_one_line_as_it_came(
        self, number: int, name: str, data: dict[str, Any], indent: int | None, ascii_only: bool
    ) -> None:
        body = json.dumps(data, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        written = results.answered(JOB, line(number, name), completion(data, body), "req")
        assert written.count(b"\n") == 1
        document = json.loads(written)
        assert list(document) == ["id", "custom_id", "response", "error"]
        assert document["custom_id"] == name
        assert document["response"] == {"status_code": 200, "request_id": "req", "body": data}
        assert document["error"] is None
        assert results.read_result(written, JOB) == results.Result(number, failed=False, maybe_billed=False)

    @pytest.mark.parametrize(
        ("error", "status", "code", "billed"),
        [
            (AWAY, None, "connect", False),
            (LATE, None, "transport_timeout", True),
            (REFUSED, 422, "payload_rejected", False),
            (StartedBeforeError("it was under way", "send it again"), None, "started_before", True),
        ],
    )
    def test_a_failure_says_what_it_is(self, error: Any, status: int | None, code: str, billed: bool) -> None:
        written = results.failed(JOB, line(9), error)
        document = json.loads(written)
        assert (document["response"] or {}).get("status_code") == status
        assert document["error"] == {"code": code, "message": str(error), "maybe_billed": billed, "attempts": 0}
        assert results.read_result(written, JOB) == results.Result(9, failed=True, maybe_billed=billed)

    @given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
    def test_anything_else_is_no_line_of_a_job(self, data: bytes) -> None:
        assert results.read_result(data, JOB) is None

    def test_a_line_of_another_job_is_none_of_this(self) -> None:
        written = results.answered(JOB, line(1), completion({}), None)
        assert results.read_result(written, "ba9876543210") is None


entries = st.lists(
    st.tuples(st.just("start"), st.integers(1, 5), st.none() | st.integers(0, 99))
    | st.tuples(st.just("over"), st.integers(1, 5), st.none() | st.integers(0, 99))
    | st.tuples(st.just("unpaid"), st.integers(1, 5), st.none()),
    max_size=12,
)


def apply(journal: Journal, entry: tuple[str, int, int | None]) -> None:
    kind, number, amount = entry
    if kind == "start":
        journal.start(number, amount)
    elif kind == "over":
        journal.over(number, 3, amount)
    else:
        journal.unpaid(number)


def state(journal: Journal) -> tuple[object, ...]:
    in_flight = dict(sorted(journal.in_flight.items()))
    amounts = (journal.ngonka, journal.reserved_ngonka, journal.tokens, journal.finished, journal.unpriced)
    return in_flight, *amounts, journal.at_once


class TestJournal:
    @given(entries=entries, data=st.data())
    def test_what_it_says_is_read_again_wherever_it_was_cut(
        self, tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, int, int | None]], data: st.DataObject
    ) -> None:
        folder = tmp_path_factory.mktemp("journal")
        source, path = jobs.numbered(folder / "in.jsonl", 5), folder / "journal"
        journal = Journal.open(path, lambda: survey(source))
        journal.run(4)
        ends, states = [path.stat().st_size], [state(journal)]
        for entry in entries:
            apply(journal, entry)
            ends.append(path.stat().st_size)
            states.append(state(journal))
        journal.close()
        cut = data.draw(st.integers(ends[0], ends[-1]))
        os.truncate(path, cut)
        again = Journal.open(path, survey_of_nothing)
        assert state(again) == states[sum(end <= cut for end in ends) - 1]
        assert not again.new
        again.close()

    def test_one_process_at_a_time(self, source: Path, output: Path) -> None:
        ledger = open_ledger(source, output)
        with pytest.raises(ConfigurationError, match=r"another process is at work .*; wait for its end"):
            open_ledger(source, output)
        ledger.close()
        open_ledger(source, output).close()

    @pytest.mark.parametrize("content", [b"notes\n", b'{"gonka-batch":2}\n', b'{"gonka-batch":1,"size":1}\n', b"[1]\n"])
    def test_something_else_is_left_alone(self, source: Path, output: Path, content: bytes) -> None:
        place = output.with_name("out.jsonl.journal")
        place.write_bytes(content)
        with pytest.raises(ConfigurationError, match="is no journal"):
            open_ledger(source, output)
        assert place.read_bytes() == content

    def test_a_line_in_it_that_says_nothing_is_told(self, source: Path, output: Path) -> None:
        open_ledger(source, output).close()
        with output.with_name("out.jsonl.journal").open("ab") as file:
            file.write(b"+1\n?\n+2\n")
        with pytest.raises(ConfigurationError, match="is no journal"):
            open_ledger(source, output)

    def test_none_is_left_behind_for_an_input_that_is_refused(self, tmp_path: Path, output: Path) -> None:
        with pytest.raises(Exception, match="has no lines"):
            open_ledger(jobs.write(tmp_path / "empty.jsonl", []), output)
        assert not list(tmp_path.glob("out*"))


def survey_of_nothing() -> Any:
    raise AssertionError("the input of a job that goes on is not examined again")


def answer(ledger: Ledger, number: int) -> None:
    ledger.begin(number, 100)
    data = results.answered(ledger.job, line(number, f"request-{number}"), completion({"n": number}), None)
    ledger.finish(number, data, failed=False, tokens=5, ngonka=50)


def fail(ledger: Ledger, number: int, error: Any) -> None:
    ledger.begin(number, 100)
    ledger.fail(line(number, f"request-{number}"), error, 100 if error is LATE else 0)


class TestLedger:
    @given(data=st.data())
    def test_wherever_the_files_were_cut_each_line_is_open_or_in_the_output(
        self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        """A process writes its files in an order, so that a kill leaves a beginning of what it wrote."""
        folder = tmp_path_factory.mktemp("cut")
        source, output = jobs.numbered(folder / "in.jsonl", 6), folder / "out.jsonl"
        ledger = open_ledger(source, output)
        ledger.run(3)
        steps = data.draw(st.lists(st.sampled_from(["answer", "late", "away", "begin"]), max_size=6))
        moments = [(output.read_bytes(), journal_of(output))]
        for number, step in enumerate(steps, start=1):
            {"answer": answer, "begin": begin, "late": late, "away": away}[step](ledger, number)
            moments.append((output.read_bytes(), journal_of(output)))
        ledger.close()
        place = data.draw(st.integers(0, len(moments) - 1))
        written, told = moments[place]
        if place + 1 < len(moments):  # and a part of what the next step wrote: the journal comes first, and last
            later, later_told = moments[place + 1]
            begun = later_told[len(told) :].partition(b"\n")
            part = data.draw(st.integers(0, len(later) - len(written)))
            written += later[len(written) : len(written) + part]
            told += (begun[0] + begun[1]) if part or data.draw(st.booleans()) else begun[0][:3]
        output.write_bytes(written)
        output.with_name("out.jsonl.journal").write_bytes(told)
        again = open_ledger(source, output)
        lines = output.read_bytes().splitlines()
        finished = {int(json.loads(line)["id"].rpartition("_")[2]) for line in lines}
        assert len(finished) == len(lines)
        assert finished == {number for number in range(1, 7) if not again.is_open(number)}
        assert [number for number, _ in again.pending()] == sorted(set(range(1, 7)) - finished)
        assert again.answered + again.failed == again.earlier == len(finished)
        assert all(again.began_before(number) for number in range(1, place + 1) if again.is_open(number))
        again.close()

    def test_another_input_for_the_same_output(self, source: Path, output: Path, tmp_path: Path) -> None:
        open_ledger(source, output).close()
        other = jobs.numbered(tmp_path / "other.jsonl", 39)
        with pytest.raises(ConfigurationError, match="belongs to another input"):
            open_ledger(other, output)
        source.write_bytes(source.read_bytes().replace(b"number 40", b"number 41"))
        with pytest.raises(ConfigurationError, match="or that was changed; give another output"):
            open_ledger(source, output)

    def test_an_output_that_is_something_else(self, source: Path, output: Path) -> None:
        output.write_text("a letter")
        with pytest.raises(ConfigurationError, match="has no journal beside it; give another"):
            open_ledger(source, output)
        assert output.read_text() == "a letter"
        with pytest.raises(ConfigurationError, match="is input and output"):
            open_ledger(source, source)

    @pytest.mark.parametrize("change", ["gone", "emptied", "shortened", "of others", "doubled", "broken"])
    def test_an_output_that_was_changed_is_not_paid_for_again(self, source: Path, output: Path, change: str) -> None:
        ledger = open_ledger(source, output)
        ledger.run(2)
        for number in range(1, 21):
            answer(ledger, number)
        ledger.close()
        lines = output.read_bytes().splitlines(keepends=True)
        if change == "gone":
            output.unlink()
        else:
            changed = {
                "emptied": [],
                "shortened": lines[:-5],
                "of others": [*lines[:-1], b'{"custom_id":"a"}\n', lines[-1]],
                "doubled": [*lines, lines[3]],
                "broken": [*lines[:-1], lines[-1][:50] + b"\n", *lines[-1:]],
            }
            output.write_bytes(b"".join(changed[change]))
        with pytest.raises(ConfigurationError, match=r"is not what its journal says.*; restore it"):
            open_ledger(source, output)

    def test_the_end_of_a_file_after_a_power_failure(self, source: Path, output: Path) -> None:
        """As many lines as were not on the disk may be lost, or be anything."""
        ledger = open_ledger(source, output)
        ledger.run(2)
        for number in range(1, 11):
            answer(ledger, number)
        ledger.close()
        lines = output.read_bytes().splitlines(keepends=True)
        output.write_bytes(b"".join(lines[:-2]) + b"\0" * 99 + b"\n" + b"\0" * 40)
        again = open_ledger(source, output)
        assert [again.is_open(number) for number in (8, 9, 10)] == [False, True, True]
        assert output.read_bytes() == b"".join(lines[:-2])
        again.close()

    def test_failed_lines_are_opened_again_where_that_is_asked_for(self, source: Path, output: Path) -> None:
        ledger = open_ledger(source, output)
        ledger.run(4)
        answer(ledger, 1)
        fail(ledger, 2, AWAY)
        fail(ledger, 3, LATE)
        answer(ledger, 4)
        ledger.close()
        assert opened(source, output) == {1: False, 2: False, 3: False, 4: False}
        assert opened(source, output, retry_failed=True) == {1: False, 2: True, 3: False, 4: False}
        assert opened(source, output, retry_failed=True, may_bill_twice=True) == {1: False, 2: True, 3: True, 4: False}
        assert sorted(jobs.by_id(output)) == ["request-1", "request-4"]
        assert opened(source, output) == {1: False, 2: True, 3: True, 4: False}

    def test_an_output_that_is_written_anew_is_as_private_as_before(self, source: Path, output: Path) -> None:
        real = output.with_name("elsewhere.jsonl")
        real.touch(0o600)
        output.symlink_to(real)
        ledger = open_ledger(source, output)
        ledger.run(4)
        fail(ledger, 2, AWAY)
        ledger.close()
        assert opened(source, output, retry_failed=True)[2]
        assert output.is_symlink()
        assert (real.stat().st_mode & 0o777, real.read_bytes()) == (0o600, b"")

    def test_the_accounts_go_over_all_runs(self, source: Path, output: Path) -> None:
        ledger = open_ledger(source, output, max_cost=400)
        ledger.run(4)
        answer(ledger, 1)
        fail(ledger, 2, LATE)
        ledger.begin(3, 100)
        assert ledger.spent_ngonka == 150
        assert ledger.affords(150)
        assert not ledger.affords(151), "what is under way counts"
        ledger.close()
        again = open_ledger(source, output, max_cost=400)
        assert (again.spent_ngonka, again.tokens, again.unknown) == (150, 5, 1)
        again.begin(3, 120)
        assert again.again == 1
        assert again.spent_ngonka == 250, "it may have been paid for the first time"
        assert not again.affords(31)
        again.leave(3)
        assert (again.unknown, again.affords(150)) == (0, True)
        again.close()

    def test_what_nobody_knows_the_price_of_has_no_total(self, source: Path, output: Path) -> None:
        ledger = open_ledger(source, output)
        ledger.begin(1, None)
        ledger.finish(1, b"{}\n", failed=False, tokens=1, ngonka=None)
        assert ledger.spent_ngonka is None
        ledger.close()


def begin(ledger: Ledger, number: int) -> None:
    ledger.begin(number, 100)


def late(ledger: Ledger, number: int) -> None:
    fail(ledger, number, LATE)


def away(ledger: Ledger, number: int) -> None:
    fail(ledger, number, AWAY)


def journal_of(output: Path) -> bytes:
    return output.with_name(f"{output.name}.journal").read_bytes()


def opened(source: Path, output: Path, **more: bool) -> dict[int, bool]:
    ledger = open_ledger(source, output, **more)
    try:
        return {number: ledger.is_open(number) for number in (1, 2, 3, 4)}
    finally:
        ledger.close()
