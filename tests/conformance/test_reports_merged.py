"""Reports that come back in: what is read is what was written, and nothing else is taken for a report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies
from jsonschema import Draft202012Validator

from gonka_conformance.__main__ import main
from gonka_conformance.report import Report
from gonka_conformance.reports import document, json_text, merged, read
from gonka_conformance.reports.merge import Batch
from tests.conformance.reported import ANYTHING, CLIENT, EVERY, OTHER_SIGNER, SIGNER, reports

SCHEMA = json.loads(files("gonka_conformance").joinpath("schemas", "report.schema.json").read_bytes())
VALIDATOR = Draft202012Validator(SCHEMA)
VALUES = strategies.one_of(
    strategies.none(),
    strategies.booleans(),
    strategies.integers(-2, 10**10),
    strategies.floats(allow_nan=False, allow_infinity=False),
    strategies.text(ANYTHING, max_size=3),
    strategies.sampled_from(["signer", "node.x", "passed", "failed", "recovered", "0" * 64]),
    strategies.just([]),
    strategies.just({}),
    strategies.just({"a": 1}),
)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@settings(max_examples=30, deadline=None)
@given(strategies.lists(reports(), max_size=3))
def test_reading_is_the_inverse_of_writing(several: list[Report]) -> None:
    back = read(json_text(several))
    assert back == tuple(several)
    assert [[one.seconds for one in each.results] for each in back] == [
        [one.seconds for one in each.results] for each in several
    ]
    VALIDATOR.validate(document(several))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of every object and array inside, as container and key."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from places(inner)


@settings(max_examples=150, deadline=None)
@given(data=strategies.data())
def test_schema_and_reader_agree_on_what_is_a_report(data: strategies.DataObject) -> None:
    whole = json.loads(json_text([data.draw(reports()), SIGNER]))
    container, key = data.draw(strategies.sampled_from(list(places(whole))))
    if data.draw(strategies.booleans()):
        del container[key]
    else:
        container[key] = data.draw(VALUES)
    assert takes(whole) is VALIDATOR.is_valid(whole)


def takes(whole: Any) -> bool:
    """Whether the reader takes it, or refuses it for what a schema cannot say: how members relate to each other."""
    try:
        read(json.dumps(whole))
    except ValueError as error:
        return "is about a" in str(error) or "twice" in str(error)
    return True


WHOLE = document([SIGNER])


def with_report(**changed: Any) -> str:
    return json.dumps(WHOLE | {"reports": [WHOLE["reports"][0] | changed]})


def with_result(**changed: Any) -> str:
    return with_report(results=[WHOLE["reports"][0]["results"][0] | changed], conforms=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("<html>", r"is no report of this kit: it is not JSON", id="html"),
        pytest.param("\xff", r"it is not JSON", id="latin-1"),
        pytest.param("[" * 100_000, r"nested too deeply", id="deep"),
        pytest.param("[]", r"it is JSON, but no report: a report has the member format", id="array"),
        pytest.param('{"format": 1}', r"its format is 1, and this kit reads 'gonka-conformance-report/1'", id="number"),
        pytest.param(
            json.dumps(WHOLE | {"format": "gonka-conformance-report/2"}), r"make it with this kit", id="later"
        ),
        pytest.param(json.dumps(WHOLE | {"reports": {}}), r"document\.reports is not an array", id="no-array"),
        pytest.param(with_report(kind="pump"), r"kind is 'pump'; it is one of: signer, transport", id="kind"),
        pytest.param(with_report(conforms=True), r"conforms contradicts its results", id="conforms"),
        pytest.param(with_report(results=WHOLE["reports"][0]["results"] * 2), r"'signer\.size' twice", id="twice"),
        pytest.param(with_report(kind="node"), r"about a node and has the check 'signer\.size'", id="foreign"),
        pytest.param(
            with_report(vectors={"schema": "s", "sha256": "0" * 63}), r"vectors\.sha256 is not 64 hex", id="sha256"
        ),
        pytest.param(with_result(id="size"), r"results\[0\]\.id is 'size'; it begins with a kind and a dot", id="id"),
        pytest.param(with_result(status="fine"), r"results\[0\]\.status is 'fine'", id="status"),
        pytest.param(with_result(details={"a": 1}), r"details\.a is not a string", id="details"),
        pytest.param(with_result(seconds=True), r"seconds is not a number from 0", id="seconds"),
        pytest.param(with_result(seconds=float("nan")), r"NaN is no number of JSON", id="nan"),
    ],
)
def test_what_is_no_report_is_refused_with_its_name(
    content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content.encode("latin-1"))
    assert main(["report", str(path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"conformance: {path} is no report of this kit: ")
    assert pytest.RaisesExc(ValueError, match=words).matches(ValueError(err))


def test_members_that_are_not_known_are_ignored() -> None:
    assert read(with_result(colour="blue"))[0].results == SIGNER.results[:1]


def write(path: Path, *reports: Report) -> str:
    path.write_text(json_text(reports), encoding="utf-8")
    return str(path)


def test_files_are_joined_and_their_subjects_kept_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = write(tmp_path / "a.json", OTHER_SIGNER, SIGNER), write(tmp_path / "b.json", CLIENT, OTHER_SIGNER)
    assert main(["report", first, second, "--json"]) == 1
    assert read(capsys.readouterr().out) == (OTHER_SIGNER, SIGNER, CLIENT)
    assert main(["report", write(tmp_path / "c.json", OTHER_SIGNER)]) == 0
    assert "plain conforms: 3 passed" in capsys.readouterr().out


def test_two_verdicts_on_one_subject_are_told_apart_by_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write(tmp_path / "a.json", SIGNER)
    second = write(tmp_path / "b.json", replace(SIGNER, results=SIGNER.results[:1]))
    assert main(["report", first, second]) == 2
    assert capsys.readouterr().err == (
        f"conformance: {first} and {second} say different things about the signer 'token.v2'; "
        "leave one out, or name them apart: LABEL=FILE, such as linux=a.json mac=b.json\n"
    )
    assert main(["report", f"linux={first}", f"mac={second}", "--json"]) == 1
    assert [report.subject for report in read(capsys.readouterr().out)] == ["token.v2 (linux)", "token.v2 (mac)"]


def test_a_file_whose_name_has_an_equals_sign_is_that_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", write(tmp_path / "a=b.json", OTHER_SIGNER)]) == 0
    assert "signer plain (claims" in capsys.readouterr().out


def test_a_file_that_is_not_there_or_holds_nothing_is_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err == (
        f"conformance: {tmp_path / 'none.json'} cannot be read: No such file or directory; name a JSON report\n"
    )
    assert main(["report", write(tmp_path / "empty.json")]) == 2
    assert "nothing was examined" in capsys.readouterr().err


@given(strategies.permutations(EVERY))
def test_merging_takes_each_once_in_the_order_of_the_files(order: list[Report]) -> None:
    assert merged([Batch("a", tuple(order)), Batch("b", tuple(reversed(order)))]) == order
