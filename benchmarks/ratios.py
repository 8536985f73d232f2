"""The figures of a run as ratios to the baseline of each group.

    python -m benchmarks.ratios FILE

FILE is what pytest-benchmark wrote with `--benchmark-json`. A figure is the fastest round, divided by the operations of
a round: what disturbs a run makes it slower, never faster. Ends with 2 for a file that is no such results.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any


class ResultsError(ValueError):
    """The file holds no results of pytest-benchmark; `str()` ends in what to do."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds for one operation of a subject, and how many times as fast as the baseline of its group it is.

    `role` is that of `benchmarks.measuring`. `speedup` is None where the group has no baseline.
    """

    subject: str
    variant: str
    role: str
    best_s: float
    median_s: float
    speedup: float | None = None

    @property
    def name(self) -> str:
        return f"{self.subject}, {self.variant}" if self.variant else self.subject


@dataclass(frozen=True, slots=True)
class Group:
    """What was measured for one purpose: its file without `bench_`, its title, the baseline first, then the fastest."""

    file: str
    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """A run: its machine (`gonka_bench.machine`), and its groups in the order of their files and titles."""

    machine: Mapping[str, Any]
    groups: tuple[Group, ...]


def read(path: Path) -> Results:
    """The results in a file. Raises `ResultsError`."""
    try:
        written = json.loads(path.read_bytes())
        rows = sorted(written["benchmarks"], key=_place)
        groups = tuple(_group(*place, list(of_group)) for place, of_group in groupby(rows, key=_place))
        return Results(written.get("machine_info", {}), groups)
    except OSError as error:
        raise ResultsError(f"{path} cannot be read ({error.strerror}); `make bench` writes one") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ResultsError(f"{path} is no file of pytest-benchmark ({reason}); `make bench` writes one") from None


def table(group: Group) -> Iterator[str]:
    """The group in lines of aligned text."""
    width = max(len(figure.name) for figure in group.figures)
    yield group.title
    yield f"  {'':{width}}  {'min µs':>12}  {'median µs':>12}  against the baseline"
    for figure in group.figures:
        times = f"{_micro(figure.best_s):>12}  {_micro(figure.median_s):>12}"
        yield f"  {figure.name:{width}}  {times}  {told(figure)}"


def told(figure: Figure) -> str:
    """The ratio in words."""
    if figure.role == "baseline":
        return "baseline"
    if figure.speedup is None:
        return "no baseline in this run"
    if figure.speedup >= 1:
        return f"{number(figure.speedup)} × as fast"
    return f"{number(1 / figure.speedup)} × the time"


def number(value: float) -> str:
    """Three digits that count, no exponent."""
    digits = max(0, 2 - math.floor(math.log10(value))) if value else 0
    return f"{value:,.{digits}f}"


def _place(row: Mapping[str, Any]) -> tuple[str, str]:
    file = Path(row["fullname"].partition("::")[0]).stem.removeprefix("bench_")
    return file, row["group"] or row["name"]


def _group(file: str, title: str, rows: Sequence[Mapping[str, Any]]) -> Group:
    figures = [_figure(row) for row in rows]
    base = next((figure.best_s for figure in figures if figure.role == "baseline"), None)
    compared = [_compared(figure, base) for figure in figures]
    return Group(file, title, tuple(sorted(compared, key=lambda figure: (figure.role != "baseline", figure.best_s))))


def _figure(row: Mapping[str, Any]) -> Figure:
    said, stats = row["extra_info"], row["stats"]
    times = said.get("operations", 1)
    return Figure(
        subject=said.get("subject", row["name"]),
        variant=said.get("variant", ""),
        role=said.get("role", "subject"),
        best_s=stats["min"] / times,
        median_s=stats["median"] / times,
    )


def _compared(figure: Figure, base_s: float | None) -> Figure:
    # A clock may be too coarse for what it is asked to take.
    return replace(figure, speedup=base_s / figure.best_s if base_s and figure.best_s else None)


def _micro(seconds: float) -> str:
    return number(seconds * 1e6)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ratios", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, metavar="FILE", help="what --benchmark-json wrote")
    try:
        results = read(parser.parse_args(argv).file)
    except ResultsError as error:
        print(error, file=sys.stderr)
        return 2
    for file, groups in groupby(results.groups, key=lambda group: group.file):
        print(f"\n=== {file}")
        for group in groups:
            print("\n".join(["", *table(group)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
