"""Reports in every form: what each says, what hostile subjects cannot make of them, and what they never show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies

from gonka_conformance import KIT_VERSION, SignerSubject, vectors
from gonka_conformance.checks import CheckList, fail
from gonka_conformance.leaks import WINDOW, spelling
from gonka_conformance.material import KEY
from gonka_conformance.report import Report
from gonka_conformance.reports import html_page, json_text, junit_xml, text
from gonka_conformance.reports.visible import folded, visible
from gonka_conformance.runner import run_checks
from gonka_core import PrivateKey
from tests.conformance.reported import CLIENT, EVERY, HOSTILE, NASTY, OTHER_SIGNER, SIGNER, reports

FORMS: dict[str, Callable[[Sequence[Report]], str]] = {
    "text": text,
    "json": json_text,
    "junit": junit_xml,
    "html": html_page,
}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@every_form
def test_every_form_names_kit_and_vectors(form: Callable[[Sequence[Report]], str]) -> None:
    written = form([SIGNER, CLIENT])
    assert KIT_VERSION in written
    assert vectors.fingerprint()[:12] in written
    assert "0.0.9" in written, "the kit that examined a merged report"
    assert "abababababab" in written


@every_form
def test_every_form_tells_what_was_seen_and_declared(form: Callable[[Sequence[Report]], str]) -> None:
    written = form(EVERY)
    for words in (
        "s is above n/2 in 256 of 256 signatures",
        "it is a program",
        "one session only",
        "made for another provider address",
        "X-Timestamp: 1700000000000000000",
        "protocol.md",
    ):
        assert words in written


@every_form
def test_no_form_shows_a_key_that_a_subject_says(form: Callable[[Sequence[Report]], str]) -> None:
    checks = CheckList[SignerSubject]("signer")

    @checks.add("says", "It says nothing of its key.", source="here")
    def says(subject: SignerSubject) -> None:
        fail(f"it said {KEY.hex()}", output=f"key={KEY!r}")

    def refuse(key: PrivateKey) -> Any:
        raise RuntimeError(f"no slot for {list(key.reveal())}")

    @checks.add("raises", "It is made.", source="here")
    def raises(subject: SignerSubject) -> None:
        subject.holding(KEY)

    report = run_checks(checks, SignerSubject(f"./sign {KEY.hex()}", refuse))
    assert spelling(form([report]), KEY) is None
    unguarded = replace(report, results=(replace(report.results[0], evidence=KEY[:WINDOW].hex()),))
    assert spelling(form([unguarded]), KEY) == "hex", "the search finds what was not withheld"


@every_form
@settings(max_examples=25, deadline=None)
@given(several=strategies.lists(reports(), max_size=3))
def test_every_form_can_be_written_whatever_a_subject_says(
    form: Callable[[Sequence[Report]], str], several: list[Report]
) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", form(several).encode("utf-8").decode("utf-8"))


@given(strategies.text())
def test_what_is_visible_stays_and_the_rest_becomes_escapes(said: str) -> None:
    assert all(character.isprintable() or character in "\n\t" for character in visible(said))
    assert visible(visible(said)) == visible(said)
    if said.isprintable():
        assert visible(said) == said
    assert "\n" not in folded(said)


def test_plain_lines_cannot_be_forged() -> None:
    lines = text([NASTY]).splitlines()
    assert not [line for line in lines if line.startswith("  passed")]
    assert len([line for line in lines if line.startswith("  failed")]) == 1
    assert r"        \x1b[2J\x1b]0;title\x07\x00\u202eevil\u2028\ud800\ufffe [bold]${x} {y}" in lines


def test_plain_details_stand_below_what_was_seen() -> None:
    lines = text([CLIENT]).splitlines()
    start = lines.index("      seen: the second request carries the signature of the first")
    assert lines[start + 1 : start + 3] == ["      request:", r"        POST /v1/chat/completions HTTP/1.1\r"]
    assert "      diagnosis: signature: made for another provider address" in lines


# What the Jenkins schema of JUnit reports (junit-10.xsd) admits: attributes and children of each element.
JUNIT_ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id", "package"},
    "properties": set[str](),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time", "assertions", "status"},
    "failure": {"message", "type"},
    "skipped": {"message", "type"},
    "system-out": set[str](),
}
JUNIT_CHILDREN = {
    "testsuites": r"(testsuite )*",
    "testsuite": r"(properties )?(testcase )*",
    "properties": r"(property )*",
    "testcase": r"(skipped |failure )?(system-out )?",
}


@settings(max_examples=25, deadline=None)
@given(strategies.lists(reports(), max_size=3))
def test_junit_is_what_its_readers_expect(several: list[Report]) -> None:
    root = ElementTree.fromstring(junit_xml([*several, *EVERY]).encode("utf-8"))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= JUNIT_ATTRIBUTES[element.tag]
        children = "".join(f"{child.tag} " for child in element)
        assert re.fullmatch(JUNIT_CHILDREN.get(element.tag, ""), children)
    for suite, report in zip(root, [*several, *EVERY], strict=True):
        cases = suite.findall("testcase")
        assert len(cases) == len(report.results) == int(suite.attrib["tests"])
        assert len(suite.findall("testcase/failure")) == int(suite.attrib["failures"])
        assert len(suite.findall("testcase/skipped")) == int(suite.attrib["skipped"])
        assert (suite.attrib["failures"] == "0") is report.conforms


def test_junit_tells_each_status_in_its_readers_terms() -> None:
    root = ElementTree.fromstring(junit_xml([SIGNER]))
    cases = {case.attrib["name"].removeprefix("signer."): case for case in root.iter("testcase")}
    assert {case.attrib["classname"] for case in cases.values()} == {"signer.token_v2"}
    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "size": [],
        "low-s": ["failure"],
        "pickle": ["skipped"],
        "threads": ["skipped", "system-out"],
        "rfc6979": ["failure"],
    }
    assert cases["threads"][0].attrib["message"] == "known failure: one session only"
    assert cases["rfc6979"][0].attrib["message"] == "it passes: remove it from the known failures"
    assert "source: protocol.md §1.5" in (cases["low-s"][0].text or "")
    assert (cases["size"].attrib["time"], root.attrib["time"]) == ("0.250", "1.750")


def test_json_keeps_what_was_said_to_the_letter() -> None:
    written = json_text([NASTY])
    assert written.isascii()
    (report,) = json.loads(written)["reports"]
    assert report["results"][0]["evidence"] == HOSTILE


def test_equal_exams_give_equal_text() -> None:
    slower = replace(OTHER_SIGNER, results=tuple(replace(one, seconds=9.0) for one in OTHER_SIGNER.results))
    assert text([slower]) == text([OTHER_SIGNER])
