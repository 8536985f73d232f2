"""Reports as JUnit XML, in the form that Jenkins, GitLab and GitHub read.

A suite for each subject and a case for each check. What is known to fail is skipped with its reason; a declared
failure that passes is a failure, as in every other form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring  # nosec: written here, never parsed

from gonka_conformance.report import BLAMES, Report, Result, Status

from .plain import fact_lines
from .visible import folded, listed

_SKIPPED: Final = frozenset({Status.SKIPPED, Status.KNOWN_FAILURE})


def junit_xml(reports: Iterable[Report]) -> str:
    """The whole as an XML document, to be encoded as UTF-8."""
    every = list(reports)
    results = [result for report in every for result in report.results]
    root = Element("testsuites", {"name": "gonka conformance", **_totals(results)})
    for report in every:
        _suite(root, report)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, report: Report) -> None:
    suite = SubElement(
        root, "testsuite", {"name": f"{report.kind} {folded(report.subject)}", **_totals(report.results)}
    )
    suite.set("skipped", str(sum(result.status in _SKIPPED for result in report.results)))
    properties = SubElement(suite, "properties")
    for name, value in _properties(report).items():
        SubElement(properties, "property", name=name, value=folded(value))
    for result in report.results:
        _case(suite, report, result)


def _properties(report: Report) -> dict[str, str]:
    return {
        "kind": report.kind,
        "subject": report.subject,
        "claims": listed(report.claims),
        "verdict": report.verdict,
        "kit_version": report.edition.kit_version,
        "vectors_schema": report.edition.vectors_schema,
        "vectors_sha256": report.edition.vectors_sha256,
    }


def _case(suite: Element, report: Report, result: Result) -> None:
    # Jenkins takes the last dot for the end of a package, so the subject must have none.
    classname = f"{report.kind}.{folded(report.subject).replace('.', '_')}"
    case = SubElement(suite, "testcase", classname=classname, name=folded(result.id), time=_seconds([result]))
    if result.status in BLAMES:
        failure = SubElement(case, "failure", message=folded(result.evidence), type=result.status)
        failure.text = "\n".join(fact_lines(result))
    elif result.status is Status.SKIPPED:
        SubElement(case, "skipped", message=folded(result.evidence))
    elif result.status is Status.KNOWN_FAILURE:
        SubElement(case, "skipped", message=f"known failure: {folded(result.reason)}")
        SubElement(case, "system-out").text = "\n".join(fact_lines(result))


def _totals(results: Iterable[Result]) -> dict[str, str]:
    every = list(results)
    failures = sum(result.status in BLAMES for result in every)
    return {"tests": str(len(every)), "failures": str(failures), "errors": "0", "time": _seconds(every)}


def _seconds(results: Iterable[Result]) -> str:
    return f"{sum(result.seconds for result in results):.3f}"
