"""The figures in the README are those that are stored, and a new one replaces its own row only."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import figures, targets
from benchmarks.rows.row import Measured, Row, Target

DAY = datetime.date(2026, 11, 24)


def row(name: str, figure: float | None = 1.5) -> Row:
    return Row(Target(name, f"what {name} costs", "at most", 2.0), lambda: Measured(figure, "3 over 2"))


ROWS = {name: row(name) for name in ("one", "other")}


def test_the_readme_shows_what_is_stored() -> None:
    page = targets.README.read_text()
    stored = figures.read()
    assert stored, "make bench-targets WRITE=1 stores them"
    assert figures.page_with(page, figures.table(targets.rows().values(), stored)) == page


def test_a_bound_itself_holds() -> None:
    for figure, holds in ((1.99, True), (2.0, True), (2.01, False)):
        assert Target("a", "", "at most", 2.0).holds(figure) is holds
        assert Target("a", "", "at least", 2.0).holds(figure) is (figure == 2.0 or not holds)
    assert Target("a", "", "at least", 2.0, " %").told() == "≥ 2 %"
    assert Target("a", "", "at most", 2.0).told() == "≤ 2×"


def test_a_row_that_could_not_be_measured_keeps_its_figure() -> None:
    before = figures.renewed({}, ROWS, {"one": Measured(1.0), "other": Measured(2.0)}, DAY)
    after = figures.renewed(before, ROWS, {"one": Measured(None, "no compiler"), "other": Measured(3.0)}, DAY)
    assert after["one"] == before["one"]
    assert after["other"]["figure"] == 3.0


def test_a_row_that_is_no_more_goes() -> None:
    before = figures.renewed({}, ROWS, {"one": Measured(1.0), "other": Measured(2.0)}, DAY)
    assert list(figures.renewed(before, {"other": ROWS["other"]}, {}, DAY)) == ["other"]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    place = tmp_path / "figures.json"
    assert figures.read(place) == {}
    kept = figures.renewed({}, ROWS, {"one": Measured(1.0, "µs")}, DAY)
    figures.write(kept, place)
    assert figures.read(place) == kept


def test_the_table_says_what_the_target_is_what_was_found_and_where() -> None:
    kept = figures.renewed({}, ROWS, {"one": Measured(1.234)}, DAY)
    table = figures.table(ROWS.values(), kept)
    assert "| what one costs | ≤ 2× | 1.23× |" in table
    assert "other" not in table
    missed = figures.table(ROWS.values(), figures.renewed({}, ROWS, {"one": Measured(2.001)}, DAY))
    assert "| what one costs | ≤ 2× | 2×, missed |" in missed
    assert "Measured on 2026-11-24, " in table


@given(st.text().filter(lambda text: figures.BEGINS not in text), st.text(), st.text(alphabet="abc|\n"))
def test_only_what_stands_between_the_marks_is_written(head: str, tail: str, text: str) -> None:
    page = figures.page_with(f"{head}{figures.BEGINS} old {figures.ENDS}{tail}", text)
    assert page == f"{head}{figures.BEGINS}\n\n{text}\n\n{figures.ENDS}{tail}"
    assert figures.page_with(page, text) == page


@pytest.mark.parametrize("page", ["", figures.BEGINS, figures.ENDS], ids=["empty", "no end", "no beginning"])
def test_a_page_without_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="put them where the table belongs"):
        figures.page_with(page, "text")


def test_a_name_that_is_no_row_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert targets.main(["nothing"]) == 2
    assert "client-aiohttp" in capsys.readouterr().err


@pytest.mark.parametrize(("figure", "status", "verdict"), [(1.5, 0, "holds"), (2.5, 1, "MISSED"), (None, 0, "unknown")])
def test_a_missed_target_fails_and_an_unknown_one_does_not(
    figure: float | None, status: int, verdict: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def only(groups: Sequence[str] = ()) -> dict[str, Row]:
        return {"one": row("one", figure)}

    monkeypatch.setattr(targets, "rows", only)
    assert targets.main([]) == status
    assert verdict in capsys.readouterr().out
