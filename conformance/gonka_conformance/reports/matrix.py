"""Reports of one kind side by side: a row for each check, a column for each subject."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gonka_conformance.checks import Kind
from gonka_conformance.report import Report, Result

_NOT_FOR_AN_ANCHOR: Final = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A subject. `slug` is its name in anchors, unlike that of every other."""

    report: Report
    slug: str


@dataclass(frozen=True, slots=True)
class Row:
    """A check, as the first report has it, with each column's result; None where a report lacks the check."""

    id: str
    requirement: str
    source: str
    slug: str
    results: tuple[Result | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every report of the kind."""

    kind: Kind
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def matrices(reports: Iterable[Report]) -> list[Matrix]:
    """One for each kind, in the order in which kinds, subjects and checks first appear."""
    by_kind: dict[Kind, list[Report]] = {}
    for report in reports:
        by_kind.setdefault(report.kind, []).append(report)
    return [_matrix(kind, of_kind) for kind, of_kind in by_kind.items()]


def _matrix(kind: Kind, reports: list[Report]) -> Matrix:
    slugs = _slugs(report.subject for report in reports)
    by_id = [{result.id: result for result in report.results} for report in reports]
    first: dict[str, Result] = {}
    for results in by_id:
        first = results | first
    order = dict.fromkeys(result.id for report in reports for result in report.results)
    rows = tuple(
        Row(id_, first[id_].requirement, first[id_].source, slug, tuple(results.get(id_) for results in by_id))
        for id_, slug in zip(order, _slugs(order), strict=True)
    )
    return Matrix(kind, tuple(map(Column, reports, slugs)), rows)


def _slugs(names: Iterable[str]) -> list[str]:
    slugs: list[str] = []
    for name in names:
        slug = _NOT_FOR_AN_ANCHOR.sub("-", name).strip("-")[:60] or "x"
        number = 1
        while (candidate := slug if number == 1 else f"{slug}-{number}") in slugs:
            number += 1
        slugs.append(candidate)
    return slugs
