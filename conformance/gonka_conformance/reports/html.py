"""Reports as one HTML page that needs nothing else: no file beside it, no network, and no script to be read.

Its policy admits the style and the script that stand in it and nothing more, so that text which got past the
escaping would still not run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files

from gonka_conformance.report import Report

from .evidence import section
from .markup import Markup, joined, tag
from .matrix import Matrix, matrices
from .plain import versions
from .tables import matrix_table, subjects_table
from .visible import folded
from .wording import LEGEND, badge, heading


def html_page(reports: Iterable[Report]) -> str:
    """The whole page, to be encoded as UTF-8."""
    every = list(reports)
    style, script = Markup(_piece("page.css")), Markup(_piece("page.js"))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"Conformance: {_verdict(every)}"),
        tag("style", style),
    )
    body = tag("body", _header(every), _main(every), _footer(every), tag("script", script))
    return "<!DOCTYPE html>\n" + tag("html", head, "\n", body, lang="en") + "\n"


def _header(reports: list[Report]) -> Markup:
    return tag(
        "header",
        tag("a", "Skip to the results", class_="skip", href="#results"),
        tag("h1", "Gonka conformance report"),
        tag("p", tag("strong", _verdict(reports)), ". ", _counts(reports), class_="lead"),
    )


def _main(reports: list[Report]) -> Markup:
    every = matrices(reports)
    return tag(
        "main",
        tag("h2", "Subjects", id="subjects"),
        subjects_table(every),
        tag("h2", "Results", id="results"),
        tag("p", "Each leads to what was demanded, what was seen, and where the demand comes from.", class_="quiet"),
        _tools(),
        _legend(),
        *(joined((tag("h3", heading(matrix.kind)), matrix_table(matrix))) for matrix in every),
        tag("h2", "Evidence", id="evidence"),
        *(_evidence(matrix) for matrix in every),
    )


def _evidence(matrix: Matrix) -> Markup:
    return joined((tag("h3", heading(matrix.kind)), *(section(row, matrix.columns) for row in matrix.rows)))


def _tools() -> Markup:
    """Hidden until the script shows them: they do nothing without it."""
    return tag(
        "div",
        tag("label", "Find a check", tag("input", type="search", id="words", autocomplete="off")),
        tag("label", tag("input", type="checkbox", id="blamed"), "only what did not pass everywhere"),
        tag("span", id="shown", class_="quiet", role="status"),
        id="tools",
        class_="tools",
        hidden="",
    )


def _legend() -> Markup:
    return tag("ul", *(tag("li", badge(status), " ", words) for status, words in LEGEND.items()), class_="legend")


def _footer(reports: list[Report]) -> Markup:
    return tag("footer", tag("h2", "Made with"), *(tag("p", line, class_="mono") for line in versions(reports)))


def _verdict(reports: list[Report]) -> str:
    if len(reports) == 1:
        return folded(f"{reports[0].kind} {reports[0].subject} {reports[0].verdict}")
    conforming = sum(report.conforms for report in reports)
    return f"{conforming} of {len(reports)} subjects conform"


def _counts(reports: list[Report]) -> str:
    results = [result for report in reports for result in report.results]
    total = len({result.id for result in results})
    return f"{total} {'check' if total == 1 else 'checks'}, {len(results)} results."


def _policy(style: str, script: str) -> str:
    return f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _piece(name: str) -> str:
    return files("gonka_conformance.reports").joinpath("page", name).read_text(encoding="utf-8")
