"""Instruction counts: what is counted, what is compared with what, and what is growth."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.instructions import __main__ as command
from benchmarks.instructions import counting, stored
from benchmarks.instructions.counting import CountingError, count
from benchmarks.instructions.stored import Figure, Verdict, figure, judge, load, save
from benchmarks.instructions.subjects import BY_NAME, SUBJECTS, Subject
from benchmarks.instructions.work import WORK
from benchmarks.rows import instructions as rows

KNOWN = Figure("CPython 3.11.7 (GCC), valgrind-3.19.0, Linux x86_64", "chat", "orjson 3.11.0", 100_000)
NAMES = st.sampled_from(["a", "b", "c"])
FIGURES = st.builds(Figure, NAMES, NAMES, NAMES, st.integers(1, 10**9))

needs_valgrind = pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="valgrind is not installed; on Debian: apt install valgrind"
)


def found(instructions: int, **changed: str) -> Figure:
    kind = {"platform": KNOWN.platform, "subject": KNOWN.subject, "uses": KNOWN.uses} | changed
    return Figure(**kind, instructions=instructions)


@pytest.mark.parametrize(
    ("instructions", "state"),
    [(100_000, "holds"), (103_000, "holds"), (103_001, "grew"), (97_000, "holds"), (96_999, "fell"), (1, "fell")],
)
def test_growth_is_over_three_per_cent(instructions: int, state: str) -> None:
    assert judge(found(instructions), [KNOWN]).state == state


@pytest.mark.parametrize("changed", ["platform", "subject", "uses"])
def test_another_kind_is_not_compared(changed: str) -> None:
    verdict = judge(found(10**9, **{changed: "another"}), [KNOWN])
    assert verdict.state == "unknown"
    assert verdict.change == 0


def test_the_kind_names_what_changes_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "installed", {"ecdsa": "0.19.2"}.get)
    one = figure(BY_NAME["documented"], 7, "valgrind-3.19.0")
    assert one.uses == "ecdsa 0.19.2, no gmpy2"
    for part in (platform.python_version(), platform.python_compiler(), "valgrind-3.19.0"):
        assert part in one.platform


@given(st.lists(FIGURES), st.lists(FIGURES))
def test_what_is_saved_is_loaded_and_replaces_its_kind_only(
    tmp_path_factory: pytest.TempPathFactory, before: list[Figure], new: list[Figure]
) -> None:
    before, new = _one_of_a_kind(before), _one_of_a_kind(new)
    path = tmp_path_factory.mktemp("stored") / "stored.json"
    save(before, path)
    save(new, path)
    kept = [one for one in before if not any(one.alike(other) for other in new)]
    assert sorted(load(path), key=repr) == sorted([*kept, *new], key=repr)


def test_nothing_is_stored_at_first(tmp_path: Path) -> None:
    assert load(tmp_path / "stored.json") == []


@pytest.mark.parametrize("text", ["{", "[1]", '[{"subject": "chat"}]', "7"], ids=["broken", "numbers", "part", "one"])
def test_a_file_that_holds_something_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stored.json"
    path.write_text(text)
    with pytest.raises(CountingError, match=r"holds something else .*; take the one in git: git restore "):
        load(path)


def test_what_is_stored_here_is_of_subjects_that_exist() -> None:
    figures = load()
    assert {one.subject for one in figures} == set(BY_NAME)
    assert figures == _one_of_a_kind(figures)
    assert stored.STORED.read_text().count("\n") == len(figures) + 2  # a line for each, so that a change is seen


def test_every_subject_has_its_work() -> None:
    assert set(BY_NAME) == set(WORK)


@pytest.mark.parametrize("name", [name for name in WORK if not name.startswith("import")])
def test_every_work_can_be_repeated(name: str) -> None:
    run = WORK[name]()
    run(1)
    run(2)


def test_growth_is_told_with_both_ways_out() -> None:
    told = command.told(judge(found(110_000), [KNOWN])) or ""
    assert told.startswith("chat grew from 100,000 to 110,000 instructions (+10.0 %); look where: ")
    assert "callgrind_annotate --threshold=100 DIR/chat.3; or, where it is meant, store it and say why: " in told
    assert told.endswith("python -m benchmarks.instructions --update chat")


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict(found(90_000), 100_000), "chat fell from 100,000 to 90,000 instructions (-10.0 %); store it"),
        (Verdict(found(90_000), None), "chat is not stored for CPython 3.11.7 (GCC), valgrind-3.19.0, Linux x86_64, o"),
    ],
    ids=["fell", "unknown"],
)
def test_the_others_tell_to_store(verdict: Verdict, said: str) -> None:
    told = command.told(verdict) or ""
    assert told.startswith(said)
    assert told.endswith("--update chat")


def test_nothing_is_told_of_what_holds() -> None:
    assert command.told(judge(found(100_001), [KNOWN])) is None


class Counted:
    """The command with figures that are made up: 1,000 for each subject, or what `figures` says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
        self.figures: dict[str, int] = {}
        self.version = "valgrind-3.19.0"
        monkeypatch.setattr(command, "counted", self._counted)
        monkeypatch.setattr(command, "valgrind_version", lambda: self.version)
        monkeypatch.setattr(command, "load", lambda: load(path))
        monkeypatch.setattr(command, "save", lambda new: save(new, path))

    def _counted(self, subjects: Iterable[Subject], keep: Path | None) -> Iterator[tuple[Subject, int]]:
        return ((subject, self.figures.get(subject.name, 1_000)) for subject in subjects)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Counted:
    return Counted(monkeypatch, tmp_path / "stored.json")


def test_what_was_stored_holds(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--update"]) == 0
    capsys.readouterr()
    assert command.main(["--require"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["holds"] * len(SUBJECTS)


def test_growth_fails(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--update"])
    counted.figures["decoding"] = 1_031
    assert command.main([]) == 1
    assert command.main(["decoding"]) == 1
    assert command.main(["chat"]) == 0
    assert "decoding grew from 1,000 to 1,031 instructions (+3.1 %)" in capsys.readouterr().out


def test_a_fall_does_not_fail(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--update"])
    counted.figures["decoding"] = 900
    assert command.main(["--require"]) == 0
    assert "decoding fell from 1,000 to 900 instructions (-10.0 %)" in capsys.readouterr().out


def test_nothing_stored_fails_only_where_it_is_required(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    assert "chat is not stored for " in capsys.readouterr().out
    assert command.main(["--require"]) == 1
    assert "so nothing is guarded; store it: " in capsys.readouterr().out


def test_a_new_release_of_a_library_fails_nothing(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    command.main(["--update"])
    monkeypatch.setattr(stored, "installed", lambda name: "99.0")
    counted.figures["sign-coincurve"] = 2_000
    assert command.main(["--require"]) == 0
    counted.figures["sign-itself"] = 2_000  # which uses none
    assert command.main(["--require"]) == 1


def test_another_valgrind_is_another_kind(counted: Counted) -> None:
    command.main(["--update"])
    counted.version = "valgrind-3.25.0"
    assert command.main(["--require"]) == 1


def test_an_unknown_subject(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["chat", "chatt"]) == 2
    assert capsys.readouterr().err.startswith("there is no subject chatt; there are: c-limit, ")


def test_without_valgrind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command.main(["import"]) == 2
    assert capsys.readouterr().err.endswith("is not installed; on Debian: apt install valgrind\n")
    rows._counted.cache_clear()
    assert [row.measure().figure for row in rows.ROWS] == [None, None, None]
    rows._counted.cache_clear()


def test_the_rows_divide(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {rows.OURS: 120, rows.LIMIT: 100, rows.DOCUMENTED: 3_000, rows.NODE: 400, rows.BARE: 300}
    monkeypatch.setattr(rows, "_counted", lambda names: {name: counts[name] for name in names})
    assert [row.measure().figure for row in rows.ROWS] == [1.2, 25, 0.75]
    limit = rows.ROWS[0].measure()
    assert limit.detail == "120 instructions against 100"


def test_a_worker_that_fails_is_quoted() -> None:
    with pytest.raises(CountingError, match=r"^nobody failed \(KeyError: 'nobody'\); run it by hand: .* nobody 1 2$"):
        count(Subject("nobody", "", shorter=1, longer=2))


@needs_valgrind
def test_counts_the_same_twice_and_sees_a_slower_subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under callgrind for once, with a worker of the same shape whose work is a loop of Python."""
    worker = tmp_path / "worker.py"
    worker.write_text(f"{LOOPS}\n{Path(counting.__file__).with_name('worker.py').read_text()}")
    monkeypatch.setattr(counting, "_WORKER", worker)
    first = count(Subject("thousand", "", shorter=10, longer=110))
    again = count(Subject("thousand", "", shorter=60, longer=160))  # how often it is done makes no difference
    slower = count(Subject("more", "", shorter=10, longer=110))
    assert first > 10_000  # a pass of a loop takes over ten instructions
    assert abs(again / first - 1) < 0.003
    assert judge(found(slower), [found(first)]).state == "grew"


LOOPS = """
import sys
import types

def loop(passes):
    def run(times):
        for _ in range(times):
            for _ in range(passes):
                pass
    return run

work = sys.modules["benchmarks.instructions.work"] = types.ModuleType("benchmarks.instructions.work")
work.WORK = {"thousand": lambda: loop(1_000), "more": lambda: loop(1_050)}
"""


@needs_valgrind
def test_what_callgrind_wrote_can_be_kept(tmp_path: Path) -> None:
    [(_, instructions)] = counting.counted([BY_NAME["import"]], tmp_path)
    assert instructions > 1_000_000
    assert {"import.1", "import.2", "import.3"} <= {path.name for path in tmp_path.iterdir()}


def _one_of_a_kind(figures: list[Figure]) -> list[Figure]:
    return list({(one.platform, one.subject, one.uses): one for one in figures}.values())
