"""The tables of the page: who was examined, and how each check ended for each of them."""

from __future__ import annotations

from collections.abc import Iterable

from gonka_conformance.report import Edition, Result

from .evidence import anchor, passed
from .markup import Markup, joined, prose, tag
from .matrix import Column, Matrix, Row
from .plain import short
from .visible import listed
from .wording import badge, heading, verdict_badge


def subjects_table(matrices: Iterable[Matrix]) -> Markup:
    """A row for each subject, with its verdict and the edition that examined it."""
    names = ("Subject", "Kind", "Verdict", "Results", "Claims", "Examined by")
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
    rows = (_subject_row(matrix, column) for matrix in matrices for column in matrix.columns)
    return _scrolling("Subjects", tag("table", head, tag("tbody", *rows), class_="subjects"))


def matrix_table(matrix: Matrix) -> Markup:
    """Checks by subjects; each cell leads to its evidence."""
    columns = (_column_head(column) for column in matrix.columns)
    head = tag("thead", tag("tr", tag("th", "Check", scope="col"), *columns))
    body = tag("tbody", *(_row(row, matrix.columns) for row in matrix.rows))
    return _scrolling(f"Results of {heading(matrix.kind)}", tag("table", head, body, class_="matrix"))


def _subject_row(matrix: Matrix, column: Column) -> Markup:
    report = column.report
    return tag(
        "tr",
        tag("th", tag("span", report.subject, class_="said mono"), scope="row"),
        tag("td", matrix.kind),
        tag("td", verdict_badge(report.verdict)),
        tag("td", report.counts),
        tag("td", listed(report.claims), class_="claims"),
        tag("td", _edition(report.edition)),
    )


def _edition(edition: Edition) -> Markup:
    vectors = tag("span", f"vectors {short(edition.vectors_sha256)}", class_="quiet")
    return joined((f"kit {edition.kit_version} ", vectors))


def _column_head(column: Column) -> Markup:
    name = tag("span", column.report.subject, class_="said mono")
    return tag("th", name, " ", verdict_badge(column.report.verdict), scope="col")


def _row(row: Row, columns: Iterable[Column]) -> Markup:
    name = tag("a", tag("code", row.id), href=f"#{row.slug}")
    head = tag("th", name, tag("span", prose(row.requirement), class_="quiet"), scope="row")
    cells = (_cell(row, column, result) for column, result in zip(columns, row.results, strict=True))
    return tag("tr", head, *cells, data_check=row.id, data_passed=passed(row))


def _cell(row: Row, column: Column, result: Result | None) -> Markup:
    if result is None:
        return tag("td", tag("span", "not examined", class_="quiet"))
    label = f"{result.status}: {row.id}, {column.report.subject}"
    return tag("td", badge(result.status, f"#{anchor(row, column)}", label))


def _scrolling(label: str, table: Markup) -> Markup:
    """A table that scrolls on its own where it is wide; the keyboard can reach it."""
    return tag("div", table, class_="scroll", role="region", aria_label=label, tabindex="0")
