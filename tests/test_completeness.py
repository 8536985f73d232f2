"""What `make types` says of names without a type: those, and not what only follows from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import completeness
from tests.completeness import Gap

UNTYPED = """class Open:
    def __init__(self, given: dict[str, int]) -> None:
        self.kept = given.copy()
        self.told: int = 1


def first(of: Open) -> Open:
    return of
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(completeness, "ROOT", tmp_path)
    folder = tmp_path / "sample_package"
    folder.mkdir()
    (folder / "py.typed").touch()
    return folder / "__init__.py"


def test_a_gap_is_told_with_its_place_and_what_follows_from_it_is_not(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package.write_text(UNTYPED)
    score, found = completeness.examine("sample_package")
    assert score < 100
    assert [(gap.name, gap.place) for gap in found] == [("sample_package.Open.kept", "sample_package/__init__.py:3")]
    assert completeness.main(["sample_package"]) == 1
    assert "sample_package/__init__.py:3" in capsys.readouterr().out


def test_without_one_it_is_complete(package: Path) -> None:
    package.write_text(UNTYPED.replace("self.kept =", "self.kept: dict[str, int] ="))
    assert completeness.examine("sample_package") == (100.0, [])
    assert completeness.main(["sample_package"]) == 0


def test_names_of_other_causes_are_left_out() -> None:
    said = ["Type of base class unknown", "No docstring found for function", "Return type is partially unknown"]
    symbol = {"name": "a", "isExported": True, "isTypeKnown": False, "isTypeAmbiguous": False}
    told = {"typeCompleteness": {"symbols": [{**symbol, "diagnostics": [{"message": words} for words in said]}]}}
    assert list(completeness.gaps(told)) == []
    told["typeCompleteness"]["symbols"][0]["diagnostics"] = [{"message": "Type unknown for constant"}]
    assert list(completeness.gaps(told)) == [Gap("a", "", "Type unknown for constant")]
