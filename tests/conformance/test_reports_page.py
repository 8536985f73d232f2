"""What `docs/conformance-reports.md` says of the JSON document and of statuses is so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from gonka_conformance.report import BLAMES, Status
from gonka_conformance.reports.wording import LEGEND

PAGE = (Path(__file__).parents[2] / "docs" / "conformance-reports.md").read_text("utf-8")
SCHEMA = json.loads(files("gonka_conformance").joinpath("schemas", "report.schema.json").read_bytes())


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below the heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line] for line in lines]


def members(schema: Any) -> Iterator[str]:
    """The names of properties, at every depth but within `vectors`, which the page tells in a sentence."""
    yield from schema.get("properties", {})
    for name, definition in schema.get("$defs", {}).items():
        if name != "vectors":
            yield from members(definition)


def test_every_member_of_the_document_is_explained() -> None:
    assert [row[0].strip("`") for row in rows("JSON")] == list(dict.fromkeys(members(SCHEMA)))
    assert SCHEMA["properties"]["format"]["const"] in PAGE
    vectors = next(row[1] for row in rows("JSON") if row[0] == "`vectors`")
    assert re.findall(r"`(\w+)`", vectors) == list(SCHEMA["$defs"]["vectors"]["properties"])


def test_every_status_is_explained_with_what_it_means_for_the_verdict() -> None:
    table = {row[0].strip("`"): row[2] for row in rows("How a check ends")}
    assert table == {str(status): "no" if status in BLAMES else "yes" for status in Status}
    assert set(LEGEND) == set(Status)
