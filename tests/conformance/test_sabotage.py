"""Who checks the checks: subjects that are wrong on purpose, and the verdict on each.

Here signers and selectors are put to the test; transports, clients and nodes have test modules of their own.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from gonka_conformance import SignerSubject
from gonka_conformance.checks import CheckList, fail
from gonka_core.plugins import registry
from sabotage import __main__ as command
from sabotage import table
from sabotage.kinds import FEWEST, Roster, kinds, roster, rosters
from sabotage.record import Correct, Sabotaged
from sabotage.signers.correct import Sound
from sabotage.verdict import on_correct, on_sabotaged

HERE: Final = ("signers", "selectors")
README: Final = (Path(__file__).parents[2] / "conformance" / "README.md").read_text("utf-8")

UNCAUGHT: Final[Mapping[str, Mapping[str, str]]] = {}
"""Checks, by kind, that no sabotaged subject is meant for, each with the reason."""

SABOTAGED = [pytest.param(each, id=f"{kind}-{each.name}") for kind in HERE for each in roster(kind).sabotaged]
# What is installed is examined by the suites of `tests/backends` and `tests/core`.
INSTALLED = {entry.name for entry in registry().entries}
CORRECT = [
    pytest.param(each, id=f"{kind}-{each.name}")
    for kind in HERE
    for each in roster(kind).correct
    if each.name not in INSTALLED
]


@pytest.mark.parametrize("broken", SABOTAGED)
def test_a_sabotaged_subject_is_caught_for_the_reason_meant(broken: Sabotaged[Any]) -> None:
    verdict = on_sabotaged(broken, only_meant=not broken.alone)
    assert verdict.flaw is None


@pytest.mark.parametrize("correct", CORRECT)
def test_a_correct_subject_is_blamed_by_no_check(correct: Correct[Any]) -> None:
    assert on_correct(correct).flaw is None


@pytest.mark.parametrize("kind", FEWEST)
def test_there_are_enough_of_each_kind(kind: str) -> None:
    subjects = roster(kind)
    assert len(subjects.sabotaged) >= FEWEST[kind]
    assert subjects.correct


@pytest.mark.parametrize("kind", FEWEST)
def test_every_check_is_meant_to_catch_somebody(kind: str) -> None:
    subjects = roster(kind).sabotaged
    meant = {each.caught_by for each in subjects}
    assert set(subjects[0].checks.ids) - meant == set(UNCAUGHT.get(kind, {}))


@pytest.mark.parametrize("kind", FEWEST)
def test_each_row_of_the_table_can_be_told_from_the_others(kind: str) -> None:
    subjects = roster(kind)
    for names in (
        [(each.name, each.caught_by) for each in subjects.sabotaged],
        [each.name for each in subjects.correct],
    ):
        assert len(set(names)) == len(names)
    for each in subjects.sabotaged:
        assert each.bug
        assert re.compile(each.words)
        assert each.check.id == each.caught_by


def test_the_page_names_exactly_the_subjects_that_there_are() -> None:
    subjects = [each for kind in rosters(()) for each in (*kind.sabotaged, *kind.correct)]
    assert table.rows_of(README) == table.rows_meant(subjects)


CHECKS = CheckList[SignerSubject]("signer")


@CHECKS.add("passes", "Nothing is demanded.", source="here")
def passes(subject: SignerSubject) -> None:
    """Passes."""


@CHECKS.add("fails", "Nothing does.", source="here")
def fails(subject: SignerSubject) -> None:
    fail("it has | a bug")


@CHECKS.add("claimed", "It is deterministic.", source="here", claim="deterministic")
def claimed(subject: SignerSubject) -> None:
    fail("it is not")


def subject() -> SignerSubject:
    return SignerSubject("sound", Sound)


def broken(caught_by: str = "signer.fails", words: str = "a bug", alone: bool = False) -> Sabotaged[SignerSubject]:
    return Sabotaged("Broken", "a bug of its own", caught_by, words, CHECKS, subject, alone)


class TestVerdict:
    def test_as_meant(self) -> None:
        verdict = on_sabotaged(broken(alone=True))
        assert (verdict.flaw, verdict.evidence, verdict.also) == (None, "it has | a bug", ())

    def test_a_subject_that_passes_is_missed(self) -> None:
        assert on_sabotaged(broken("signer.passes")).flaw == "missed: signer.passes ended as passed"

    def test_a_check_that_is_skipped_has_missed_it(self) -> None:
        flaw = on_sabotaged(broken("signer.claimed")).flaw
        assert flaw == "missed: signer.claimed ended as skipped sound does not claim to be deterministic"

    def test_other_words_are_not_the_reason_meant(self) -> None:
        flaw = on_sabotaged(broken(words="a flaw")).flaw
        assert flaw == "caught with other words than 'a flaw': it has | a bug"

    def test_others_that_fail_are_named_and_refused_where_one_alone_is_meant(self) -> None:
        both = CheckList[SignerSubject]("signer")
        for name in ("one", "other"):
            both.add(name, "Nothing does.", source="here")(fails)
        subject_of_both = Sabotaged("Broken", "a bug", "signer.one", "bug", both, subject)
        assert on_sabotaged(subject_of_both).also == ("signer.other",)
        assert on_sabotaged(subject_of_both).flaw is None
        assert on_sabotaged(subject_of_both, only_meant=True).also == ()
        alone = Sabotaged("Broken", "a bug", "signer.one", "bug", both, subject, alone=True)
        assert on_sabotaged(alone).flaw == "signer.other failed as well, where signer.one alone is meant to"

    def test_a_correct_subject_that_is_blamed(self) -> None:
        verdict = on_correct(Correct("sound", CHECKS, subject))
        assert verdict.flaw == "a correct subject is blamed: signer.fails: it has | a bug"
        assert verdict.also == ("signer.fails",)


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> None:
    """One kind with one subject of each sort, all as meant."""
    fine = CheckList[SignerSubject]("signer")
    fine.add("passes", "Nothing is demanded.", source="here")(passes)
    staged = Roster("signers", (broken(),), (Correct("Sound", fine, subject),))
    monkeypatch.setattr(command, "rosters", lambda names: (staged,))


@pytest.fixture
def staged_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "rosters", lambda names: (Roster("signers", (broken(words="no"),), ()),))


class TestCommand:
    @pytest.mark.usefixtures("staged")
    def test_plain_text_where_there_is_no_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert command.main(["signers"]) == 0
        out, err = capsys.readouterr()
        lines = out.splitlines()
        assert re.split(r"\s{2,}", lines[0]) == ["subject", "bug", "caught by", "also failed", "verdict"]
        assert re.split(r"\s{2,}", lines[1]) == ["Broken", "a bug of its own", "signer.fails", "as meant"]
        assert lines[-1] == "1 of 1 sabotaged subjects caught as meant; 1 of 1 correct ones blamed by no check"
        assert err == ""

    @pytest.mark.usefixtures("staged_wrong")
    def test_a_verdict_that_was_not_meant_is_status_1(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert command.main([]) == 1
        out, err = capsys.readouterr()
        assert "0 of 1 sabotaged subjects caught as meant" in out
        assert err == "sabotage: signer Broken: caught with other words than 'no': it has | a bug\n"

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [(["singers"], "no sabotaged 'singers'; choose from: signers"), (["--page", "/no/such"], "No such file")],
        ids=["kind", "page"],
    )
    def test_what_cannot_be_run_is_status_2(
        self, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.main(arguments) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert words in err

    @pytest.mark.usefixtures("staged")
    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert command.main(["--json"]) == 0
        first, second = json.loads(capsys.readouterr().out)["subjects"]
        assert (first["subject"], first["caught_by"], first["also_failed"]) == ("Broken", "signer.fails", [])
        assert (second["subject"], second["caught_by"], second["flaw"]) == ("Sound", None, None)

    @pytest.mark.usefixtures("staged")
    def test_a_page_gets_the_table_between_its_markers(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        page = tmp_path / "page.md"
        page.write_text(f"before\n\n{table.BEGIN}\nold\n{table.END}\n\nafter\n", "utf-8")
        assert command.main(["--page", str(page)]) == 0
        assert command.main(["--markdown"]) == 0
        written, printed = page.read_text("utf-8"), capsys.readouterr().out.strip()
        assert written == f"before\n\n{printed}\n\nafter\n"
        assert table.rows_of(written) == table.rows_meant([broken(), Correct("Sound", CHECKS, subject)])
        assert "old" not in written

    @pytest.mark.parametrize(
        "text", ["", table.BEGIN, f"{table.END}{table.BEGIN}", f"{table.BEGIN}{table.END}" * 2],
        ids=["none", "one", "wrong-order", "twice"],
    )  # fmt: skip
    def test_a_page_without_its_markers_is_status_2_before_any_check(
        self, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(command, "rosters", lambda names: pytest.fail("checks ran"))
        page = tmp_path / "page.md"
        page.write_text(text, "utf-8")
        assert command.main(["--page", str(page)]) == 2
        assert "once each" in capsys.readouterr().err
        assert page.read_text("utf-8") == text


def test_text_of_a_bug_cannot_break_a_row() -> None:
    strange = Sabotaged("Strange", "writes a|b\nand c", "signer.fails", "bug", CHECKS, subject)
    page = table.markdown([on_sabotaged(strange)])
    assert table.rows_of(page) == [("Strange", "signer.fails")]


def test_a_terminal_gets_a_table_of_rich() -> None:
    console = pytest.importorskip("rich.console").Console(width=120, file=io.StringIO())
    console.print(table.rich_table([on_sabotaged(broken("signer.passes")), on_sabotaged(broken(words="[/red]"))]))
    assert "missed:" in console.file.getvalue()
    assert "[/red]" in console.file.getvalue()


def test_all_kinds_are_there() -> None:
    assert kinds() == tuple(FEWEST)
