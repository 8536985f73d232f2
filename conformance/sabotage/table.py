"""The kill table: which check caught whom. On a terminal, as plain text, as JSON, and in Markdown for a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from .record import Correct, Sabotaged
from .verdict import Verdict

BEGIN: Final = "<!-- kill table -->"
END: Final = "<!-- end of kill table -->"
_HEADINGS: Final = ("subject", "bug", "caught by", "also failed", "verdict")
_ROW: Final = re.compile(r"^\| `([^`]+)` \| .*? \| (?:`([^`]+)`|nothing) \|", re.MULTILINE)


def cells(verdict: Verdict) -> tuple[str, str, str, str, str]:
    """The row of a verdict under the headings."""
    also = ", ".join(identity.partition(".")[2] for identity in verdict.also)
    return (verdict.subject, verdict.bug or "none", verdict.meant or "nothing", also, verdict.flaw or "as meant")


def summary(verdicts: Sequence[Verdict]) -> str:
    """One line: how many were caught, and how many correct ones were left in peace."""
    broken = [verdict for verdict in verdicts if verdict.meant]
    sound = [verdict for verdict in verdicts if not verdict.meant]
    caught = sum(verdict.flaw is None for verdict in broken)
    peaceful = sum(verdict.flaw is None for verdict in sound)
    return (
        f"{caught} of {len(broken)} sabotaged subjects caught as meant; "
        f"{peaceful} of {len(sound)} correct ones blamed by no check"
    )


def plain(verdicts: Sequence[Verdict]) -> str:
    """Columns of text, each as wide as its longest cell."""
    rows = [_HEADINGS, *map(cells, verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", summary(verdicts)])


def rich_table(verdicts: Sequence[Verdict]) -> Any:
    """The same for a terminal. Raises ModuleNotFoundError without `rich`."""
    from rich.table import Table
    from rich.text import Text

    table = Table(*_HEADINGS, caption=summary(verdicts))
    for verdict in verdicts:
        *told, end = cells(verdict)
        table.add_row(*map(Text, told), Text(end, style="red" if verdict.flaw else "green"))
    return table


def markdown(verdicts: Sequence[Verdict]) -> str:
    """A table for each kind, between the marker comments."""
    kinds = dict.fromkeys(verdict.kind for verdict in verdicts)
    sections = [_section(kind, [verdict for verdict in verdicts if verdict.kind == kind]) for kind in kinds]
    return "\n\n".join([BEGIN, *sections, f"{summary(verdicts)}.", END])


def _section(kind: str, verdicts: Iterable[Verdict]) -> str:
    lines = [f"| {kind} | bug | caught by | also failed |", "|---|---|---|---|"]
    for verdict in verdicts:
        subject, bug, meant, also, _ = (" ".join(cell.replace("|", "/").split()) for cell in cells(verdict))
        lines.append(f"| `{subject}` | {bug} | {f'`{meant}`' if verdict.meant else meant} | {also} |")
    return "\n".join(lines)


def replaced(page: str, table: str) -> str:
    """The page with another table between its markers. Raises ValueError where it does not have both once."""
    before, begins, rest = page.partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not begins or not ends or BEGIN in after or END in after:
        raise ValueError(f"the page does not hold {BEGIN} and {END} once each; put both where the table belongs")
    return before + table + after


def rows_of(page: str) -> list[tuple[str, str]]:
    """Subject and check of each row between the markers of a page; the check is empty for a correct subject."""
    inside = page.partition(BEGIN)[2].partition(END)[0]
    return [(subject, check) for subject, check in _ROW.findall(inside)]


def rows_meant(subjects: Iterable[Sabotaged[Any] | Correct[Any]]) -> list[tuple[str, str]]:
    """The rows that the page has to have for these subjects."""
    return [(each.name, each.caught_by if isinstance(each, Sabotaged) else "") for each in subjects]
