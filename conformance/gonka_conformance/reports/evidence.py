"""The sections of the page that cells lead to: what a check demands, and what was seen of each subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gonka_conformance.report import Result, Status

from .markup import Markup, joined, prose, tag
from .matrix import Column, Row
from .plain import facts
from .wording import badge

_SLOW_S: Final = 1.0
"""What took longer is told: it is what an exam waits for."""


def anchor(row: Row, column: Column) -> str:
    """The id of the place where this result is told. No slug holds a dot, so that it is like no other."""
    return f"{row.slug}.{column.slug}"


def passed(row: Row) -> str:
    """`yes` where every subject that was examined passed, else `no`."""
    return "yes" if all(result is None or result.status is Status.PASSED for result in row.results) else "no"


def section(row: Row, columns: Iterable[Column]) -> Markup:
    """One check with everybody's results: in one line those of which there is no more to say, then the others."""
    brief: list[Markup] = []
    explained: list[Markup] = []
    for column, result in zip(columns, row.results, strict=True):
        if result is not None:
            told = list(_told(row, result))
            (explained if told else brief).append(_result(anchor(row, column), column, result, told))
    return tag(
        "section",
        tag("h4", row.id),
        tag("p", prose(row.requirement)),
        tag("p", f"Source: {row.source}", class_="quiet"),
        tag("div", *brief, class_="brief"),
        *explained,
        id=row.slug,
        class_="check",
        data_check=row.id,
        data_passed=passed(row),
    )


def _result(place: str, column: Column, result: Result, told: Iterable[Markup]) -> Markup:
    """Open, so that what is told is printed and can be searched."""
    name = tag("span", column.report.subject, class_="said name mono")
    took = tag("span", f" {result.seconds:.1f} s", class_="quiet") if result.seconds >= _SLOW_S else ""
    line = joined((name, " ", badge(result.status), took))
    facts_told = joined(told)
    if not facts_told:
        return tag("div", line, id=place, class_="result")
    return tag("details", tag("summary", line), tag("dl", facts_told), id=place, class_="result", open="")


def _told(row: Row, result: Result) -> Iterator[Markup]:
    """The facts that the section does not tell already; merged reports may know other words for the same check."""
    above = {("requirement", row.requirement), ("source", row.source)}
    details = dict(result.details)
    for name, content in facts(result):
        if (name, content) in above:
            continue
        long = name in details or "\n" in content
        yield tag("dt", name)
        yield tag("dd", tag("pre", content, class_="said") if long else tag("span", content, class_="said"))
