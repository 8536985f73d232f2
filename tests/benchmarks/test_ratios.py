"""Figures become ratios: of the fastest rounds, for one operation, to the baseline of the group."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import ratios
from benchmarks.ratios import Figure, ResultsError, number, read, table, told

ROOT = Path(__file__).parents[2]
SECONDS = st.floats(1e-9, 1e4)

BENCHES = """
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import CPU, describe

pytestmark = CPU
TOGETHER = ("size",)

import pytest

@pytest.mark.parametrize("size", [1, 2])
def test_slow(benchmark: BenchmarkFixture, size: int) -> None:
    describe(benchmark, f"{size}. sums", "slow", role="baseline")
    benchmark(lambda: sum(range(2000)))

@pytest.mark.parametrize("size", [1, 2])
def test_fast(benchmark: BenchmarkFixture, size: int) -> None:
    describe(benchmark, f"{size}. sums", "fast", variant="in tens", operations=10)
    benchmark(lambda: sum(range(2000)))

def test_absent(benchmark: BenchmarkFixture) -> None:
    from benchmarks.measuring import library
    library("no_such_library", "fast")
"""


def row(name: str, least: float, group: str = "1. work", file: str = "bench_x.py", **said: Any) -> dict[str, Any]:
    """A benchmark as pytest-benchmark writes it, with what is read of it."""
    stats = {"min": least, "median": 2 * least}
    return {"fullname": f"benchmarks/{file}::{name}", "name": name, "group": group, "extra_info": said, "stats": stats}


def written(tmp_path: Path, *rows: dict[str, Any], **more: Any) -> Path:
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"benchmarks": rows, **more}))
    return path


def test_a_figure_is_for_one_operation_and_its_ratio_is_that_of_the_fastest_rounds(tmp_path: Path) -> None:
    base = row("a", 0.010, subject="plain", variant="raw", role="baseline", operations=10)
    ours = row("b", 0.002, subject="ours", role="subject", operations=4)
    (group,) = read(written(tmp_path, ours, base)).groups
    assert (group.file, group.title) == ("x", "1. work")
    assert group.figures[0] == Figure("plain", "raw", "baseline", 0.001, 0.002, 1.0)
    assert group.figures[1] == Figure("ours", "", "subject", 0.0005, 0.001, 2.0)


@given(st.lists(SECONDS, min_size=1, max_size=6), SECONDS)
def test_the_baseline_stands_first_and_the_others_by_their_speed(
    tmp_path_factory: pytest.TempPathFactory, others: list[float], base_s: float
) -> None:
    rows = [row(f"s{place}", least) for place, least in enumerate(others)]
    path = written(tmp_path_factory.mktemp("run"), *rows, row("b", base_s, role="baseline"))
    first, *rest = read(path).groups[0].figures
    assert (first.role, first.speedup) == ("baseline", 1.0)
    assert [one.best_s for one in rest] == sorted(others)
    assert [one.speedup for one in rest] == [pytest.approx(base_s / one.best_s) for one in rest]


def test_groups_stand_by_file_and_title_and_keep_their_own_baselines(tmp_path: Path) -> None:
    rows = [
        row("c", 4.0, "1. work", "bench_b.py", role="baseline"),
        row("d", 1.0, "2. rest", "bench_a.py", role="baseline"),
        row("e", 2.0, "1. work", "bench_b.py"),
        row("f", 2.0, "2. rest", "bench_a.py"),
        row("g", 2.0, "1. work", "bench_a.py"),
    ]
    groups = read(written(tmp_path, *rows)).groups
    assert [(group.file, group.title) for group in groups] == [("a", "1. work"), ("a", "2. rest"), ("b", "1. work")]
    assert [group.figures[-1].speedup for group in groups] == [None, 0.5, 2.0]


def test_a_benchmark_that_says_nothing_goes_by_its_name(tmp_path: Path) -> None:
    (group,) = read(written(tmp_path, row("test_it[a]", 1.0) | {"group": None})).groups
    assert (group.title, group.figures[0].name) == ("test_it[a]", "test_it[a]")


@pytest.mark.parametrize(("base_s", "speedups"), [(0.0, [None, None, None]), (1.0, [1.0, None, 0.5])])
def test_a_clock_that_saw_nothing_pass_gives_no_ratio(
    tmp_path: Path, base_s: float, speedups: list[float | None]
) -> None:
    path = written(tmp_path, row("a", base_s, role="baseline"), row("b", 2.0), row("c", 0.0))
    assert [one.speedup for one in read(path).groups[0].figures] == speedups


def test_the_table_is_aligned_and_says_which_way_a_ratio_goes(tmp_path: Path) -> None:
    rows = [
        row("a", 704e-6, subject="documented program", role="baseline"),
        row("b", 19e-6, subject="fast", variant="raw"),
        row("c", 0.0704, subject="slow"),
    ]
    (group,) = read(written(tmp_path, *rows)).groups
    assert list(table(group)) == [
        "1. work",
        "                            min µs     median µs  against the baseline",
        "  documented program           704         1,408  baseline",
        "  fast, raw                   19.0          38.0  37.1 × as fast",
        "  slow                      70,400       140,800  100 × the time",
    ]


def test_without_a_baseline_that_is_what_is_said() -> None:
    assert told(Figure("a", "", "subject", 1.0, 1.0)) == "no baseline in this run"


@given(SECONDS)
def test_numbers_have_three_digits_that_count(value: float) -> None:
    shown = number(value)
    assert float(shown.replace(",", "")) == pytest.approx(value, rel=0.005)
    assert "e" not in shown


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, "cannot be read", id="no file"),
        pytest.param("", "is no file of pytest-benchmark", id="empty"),
        pytest.param("[]", "is no file of pytest-benchmark", id="a list"),
        pytest.param('{"benchmarks": [{"name": "a"}]}', "KeyError", id="a row without figures"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, problem: str
) -> None:
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ResultsError, match=problem):
        read(path)
    assert ratios.main([str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith("`make bench` writes one\n")


def test_a_real_run_becomes_ratios(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench, results = tmp_path / "bench_sums.py", tmp_path / "results.json"
    bench.write_text(BENCHES)
    (tmp_path / "conftest.py").write_text((ROOT / "benchmarks" / "conftest.py").read_text())
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(bench),
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(tmp_path),
    ]
    timing = ["--benchmark-only", "--benchmark-quiet", "--benchmark-max-time=0.02", f"--benchmark-json={results}"]
    done = subprocess.run(
        [*command, "-o", "python_files=bench_*.py", "-p", "no:cacheprovider", "-v", *timing],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout
    places = [done.stdout.index(f"{name} PASSED") for name in ("slow[1]", "fast[1]", "slow[2]", "fast[2]")]
    assert places == sorted(places)
    assert "no_such_library is not installed; run: pip install 'gonka-core[fast]'" in done.stdout
    run = read(results)
    assert run.machine["python"].split()[1] == sys.version.split()[0]
    assert [group.title for group in run.groups] == ["1. sums", "2. sums"]
    assert [[one.name for one in group.figures] for group in run.groups] == [["slow", "fast, in tens"]] * 2
    assert all(one.speedup for group in run.groups for one in group.figures)
    assert ratios.main([str(results)]) == 0
    assert "=== sums" in capsys.readouterr().out
