"""Reports as one JSON document. `schemas/report.schema.json` describes it, `reading` takes it back in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from gonka_conformance.report import Edition, Report, Result, present_edition

FORMAT: Final = "gonka-conformance-report/1"
"""Members may be added to it; the number changes when one is removed or gets another meaning."""


def document(reports: Iterable[Report]) -> dict[str, Any]:
    """Plain JSON values. The edition of the document wrote it, that of a report examined the subject."""
    return {
        "format": FORMAT,
        **_edition(present_edition()),
        "reports": [_report(report) for report in reports],
    }


def json_text(reports: Iterable[Report]) -> str:
    """The document in ASCII, which keeps whatever a subject said, lone surrogates too."""
    return json.dumps(document(reports), indent=2) + "\n"


def _edition(edition: Edition) -> dict[str, Any]:
    return {
        "kit_version": edition.kit_version,
        "vectors": {"schema": edition.vectors_schema, "sha256": edition.vectors_sha256},
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "subject": report.subject,
        "claims": list(report.claims),
        **_edition(report.edition),
        "conforms": report.conforms,
        "results": [_result(result) for result in report.results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "requirement": result.requirement,
        "source": result.source,
        "status": str(result.status),
        "evidence": result.evidence,
        "reason": result.reason,
        "details": dict(result.details),
        "seconds": round(result.seconds, 3),
    }
