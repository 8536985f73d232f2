"""Reports of several runs, and of several machines, as one list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gonka_conformance.report import Report


@dataclass(frozen=True, slots=True)
class Batch:
    """What one document held. `origin` names it in errors; `label`, unless empty, is added to its subjects' names."""

    origin: str
    reports: tuple[Report, ...]
    label: str = ""

    def labelled(self) -> tuple[Report, ...]:
        if not self.label:
            return self.reports
        return tuple(replace(report, subject=f"{report.subject} ({self.label})") for report in self.reports)


def merged(batches: Iterable[Batch]) -> list[Report]:
    """All reports in order, each once. Raises ValueError for two of one subject that say different things."""
    known: dict[tuple[str, str], tuple[Report, str]] = {}
    for batch in batches:
        for report in batch.labelled():
            before, origin = known.setdefault((report.kind, report.subject), (report, batch.origin))
            if before != report:
                raise ValueError(
                    f"{origin} and {batch.origin} say different things about the {report.kind} {report.subject!r}; "
                    "leave one out, or name them apart: LABEL=FILE, such as linux=a.json mac=b.json"
                )
    return [report for report, _origin in known.values()]
