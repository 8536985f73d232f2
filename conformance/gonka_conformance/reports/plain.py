"""Reports as plain text: a line for each check, and what was seen where one did not pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gonka_conformance.report import Edition, Report, Result, Status

from .visible import folded, listed, visible

_SHORT: Final = 12


def text(reports: Iterable[Report]) -> str:
    """The whole, ending with the versions that it comes from."""
    every = list(reports)
    lines = [line for report in every for line in _report_lines(report)]
    return "\n".join([*lines, *versions(every)])


def versions(reports: Iterable[Report]) -> list[str]:
    """A line for each edition among them, which is one unless reports were merged."""
    return [edition_line(edition) for edition in dict.fromkeys(report.edition for report in reports)]


def edition_line(edition: Edition) -> str:
    fingerprint = short(edition.vectors_sha256)
    return folded(f"kit {edition.kit_version}, vectors {edition.vectors_schema} (sha256 {fingerprint})")


def short(fingerprint: str) -> str:
    """Digits enough to tell vectors apart."""
    return f"{fingerprint[:_SHORT]}…"


def facts(result: Result) -> Iterator[tuple[str, str]]:
    """What a reader needs to know of a result, by name and in order; empty ones are left out."""
    judged = result.status is not Status.SKIPPED
    every = [
        ("requirement", result.requirement if judged else ""),
        ("seen", result.evidence),
        *result.details,
        ("declared", result.reason),
        ("source", result.source if judged else ""),
    ]
    return ((name, content) for name, content in every if content)


def fact_lines(result: Result) -> Iterator[str]:
    """The facts as lines; text of several lines stands indented, so that it cannot pass for lines of ours."""
    for name, content in facts(result):
        first, *more = visible(content).split("\n")
        if more:
            yield f"{folded(name)}:"
            yield from (f"  {line}" for line in (first, *more))
        else:
            yield f"{folded(name)}: {first}"


def _report_lines(report: Report) -> Iterator[str]:
    yield f"{report.kind} {folded(report.subject)} (claims: {listed(report.claims)})"
    for result in report.results:
        yield f"  {result.status:<15}  {folded(result.id)}"
        if result.status is not Status.PASSED:
            yield from (f"      {line}" for line in fact_lines(result))
    yield f"  {folded(report.subject)} {report.verdict}: {report.counts}"
    yield ""
