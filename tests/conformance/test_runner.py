"""One check that fails, or a subject that falls over, stops no other; what was declared is held to."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from gonka_conformance import KIT_VERSION, CheckFailed, Report, Result, SignerSubject, Status, check_signer
from gonka_conformance.checks import Check, CheckList, NotApplicable, fail
from gonka_conformance.clients.checks import CLIENT_CHECKS
from gonka_conformance.clients.listed import PATIENCE_S
from gonka_conformance.material import KEY
from gonka_conformance.reports import document, text
from gonka_conformance.runner import Audience, run_check, run_checks
from gonka_conformance.signers.checks import SIGNER_CHECKS
from gonka_core import PrivateKey
from sabotage.signers.correct import Sound
from sabotage.signers.holding import Exits, KeyInRepr

CHECKS = CheckList[SignerSubject]("signer")
PANIC = type("PanicException", (BaseException,), {})


@CHECKS.add("fine", "It does nothing.", source="here")
def fine(subject: SignerSubject) -> None:
    """Passes."""


@CHECKS.add("wrong", "It does right.", source="here")
def wrong(subject: SignerSubject) -> None:
    fail("it does wrong")


@CHECKS.add("panics", "It does not panic.", source="here")
def panics(subject: SignerSubject) -> None:
    raise PANIC("in\nRust")


@CHECKS.add("claimed", "It does what it claims.", source="here", claim="deterministic")
def claimed(subject: SignerSubject) -> None:
    fail("it does not")


def statuses(report: Report) -> dict[str, str]:
    return {result.id.removeprefix("signer."): str(result.status) for result in report.results}


SUBJECT = SignerSubject("sound", Sound)


def test_every_check_has_its_own_result() -> None:
    report = run_checks(CHECKS, SUBJECT, {})
    assert statuses(report) == {"fine": "passed", "wrong": "failed", "panics": "failed", "claimed": "skipped"}
    assert [result.evidence for result in report.results] == [
        "",
        "it does wrong",
        "it raised PanicException: in Rust",
        "sound does not claim to be deterministic",
    ]
    assert not report.conforms


def test_a_claim_is_held_to() -> None:
    report = run_checks(CHECKS, SignerSubject("claims", Sound, frozenset({"deterministic"})), {})
    assert statuses(report)["claimed"] == "failed"


def test_a_known_failure_is_not_held_against_a_subject_until_it_passes() -> None:
    known = {"signer.wrong": "old token firmware", "signer.panics": "issue 12"}
    report = run_checks(CHECKS, SUBJECT, known)
    assert statuses(report)["wrong"] == statuses(report)["panics"] == "known-failure"
    assert [result.reason for result in report.results] == ["", "old token firmware", "issue 12", ""]
    assert report.conforms
    recovered = run_checks(CHECKS, SUBJECT, {**known, "signer.fine": "it was"})
    assert statuses(recovered)["fine"] == "recovered"
    assert not recovered.conforms


def test_a_known_failure_needs_a_check_and_a_reason() -> None:
    with pytest.raises(ValueError, match=r"no check 'signer\.low-z'; there are: signer\.size, signer\.low-s"):
        check_signer(SUBJECT, {"signer.low-z": "?"})
    with pytest.raises(ValueError, match=r"known failure 'signer\.low-s' has no reason"):
        check_signer(SUBJECT, {"signer.low-s": " "})


def test_a_claim_that_does_not_exist_is_refused() -> None:
    with pytest.raises(
        ValueError, match="no signer can claim 'determinstic'; claims are: constant-time, deterministic"
    ):
        SignerSubject("typo", Sound, frozenset({"determinstic"}))


def test_an_id_is_given_once() -> None:
    with pytest.raises(ValueError, match=r"a check 'signer\.fine' already"):
        CHECKS.add("fine", "again", source="here")
    assert len(set(SIGNER_CHECKS.ids)) == len(SIGNER_CHECKS) >= 16


def test_every_check_says_what_it_demands_and_where_that_comes_from() -> None:
    for check in SIGNER_CHECKS:
        assert check.id.startswith("signer.")
        assert check.requirement.endswith(".")
        assert check.source


def test_a_signer_that_cannot_be_made_fails_every_check_and_shows_no_key() -> None:
    def refuse(key: PrivateKey) -> Any:
        raise RuntimeError(f"no slot for {key.reveal().hex()}")

    report = check_signer(SignerSubject("refuses", refuse))
    assert {result.status for result in report.results} == {Status.FAILED, Status.SKIPPED}
    assert KEY.hex()[:16] not in repr(report)
    assert report.results[0].evidence == "(withheld: the text contains key material)"


def test_an_error_that_cannot_be_shown_is_still_a_verdict() -> None:
    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def run(subject: SignerSubject) -> None:
        raise Unspeakable

    check = Check("signer.x", "It can be shown.", "here", "signer", run)
    assert run_check(check, SUBJECT).evidence == "it raised Unspeakable: (an error that cannot be shown)"


def test_whoever_interrupts_is_obeyed() -> None:
    def run(subject: SignerSubject) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_check(Check("signer.x", "It goes on.", "here", "signer", run), SUBJECT)


def test_a_subject_that_hangs_has_failed_and_stops_no_other() -> None:
    hanging = CheckList[SignerSubject]("signer")
    released = threading.Event()
    hanging.add("hangs", "It ends.", source="here", patience=0.05)(lambda subject: assert_waited(released))
    hanging.add("fine", "It does nothing.", source="here")(fine)
    report = run_checks(hanging, SUBJECT)
    released.set()
    assert statuses(report) == {"hangs": "failed", "fine": "passed"}
    assert report.results[0].evidence == "it did not come to an end within 0.05 seconds"


def assert_waited(released: threading.Event) -> None:
    assert released.wait(timeout=30)


def test_what_does_not_apply_is_skipped_with_the_reason_and_details_go_with_a_failure() -> None:
    checks = CheckList[SignerSubject]("signer")

    @checks.add("elsewhere", "It does.", source="here")
    def elsewhere(subject: SignerSubject) -> None:
        raise NotApplicable("it has no streams")

    @checks.add("detailed", "It does.", source="here")
    def detailed(subject: SignerSubject) -> None:
        fail("it does not", request="POST / HTTP/1.1", diagnosis=f"shows {KEY.hex()}")

    told: list[str] = []
    skipped, failed = run_checks(checks, SUBJECT, told=lambda result: told.append(result.id)).results
    assert (skipped.status, skipped.evidence) == (Status.SKIPPED, "it has no streams")
    assert failed.details == (
        ("request", "POST / HTTP/1.1"),
        ("diagnosis", "(withheld: the text contains key material)"),
    )
    assert told == ["signer.elsewhere", "signer.detailed"]


def test_an_audience_hears_first_what_is_about_to_be_checked() -> None:
    heard: list[object] = []

    class Everything(Audience):
        def begins(self, subject: str, ids: Sequence[str]) -> None:
            heard.append((subject, tuple(ids)))

        def __call__(self, result: Result) -> None:
            heard.append(result.id)

    run_checks(CHECKS, SUBJECT, told=Everything())
    assert heard == [("sound", CHECKS.ids), *CHECKS.ids]


def test_a_name_that_shows_a_key_is_withheld() -> None:
    report = run_checks(CHECKS, SignerSubject(f"sign --key {KEY.hex()}", Sound))
    assert KEY.hex()[:16] not in repr(report)
    assert report.subject == "(withheld: the text contains key material)"


def test_the_time_that_a_check_took_is_no_part_of_what_came_out() -> None:
    first, second = run_checks(CHECKS, SUBJECT), run_checks(CHECKS, SUBJECT)
    assert all(result.seconds > 0 for result in first.results)
    assert first == second


def test_a_signer_that_exits_ends_no_run() -> None:
    report = check_signer(SignerSubject("exits", Exits))
    assert len(report.results) == len(SIGNER_CHECKS)
    assert "it raised SystemExit: 3" in {result.evidence for result in report.results}


def test_a_failed_check_can_be_raised_on_its_own() -> None:
    check = next(check for check in SIGNER_CHECKS if check.id == "signer.no-key-shown")
    with pytest.raises(CheckFailed, match=r"repr: it shows the key \(hex\)"):
        check.run(SignerSubject("shows", KeyInRepr))


def test_the_json_form_names_kit_and_vectors() -> None:
    report = run_checks(CHECKS, SUBJECT, {"signer.wrong": "old"})
    whole = json.loads(json.dumps(document([report])))
    assert whole["kit_version"] == KIT_VERSION
    assert whole["vectors"]["schema"] == "gonka-interop-vectors/1"
    assert len(whole["vectors"]["sha256"]) == 64
    (only,) = whole["reports"]
    assert (only["kind"], only["subject"], only["claims"], only["conforms"]) == ("signer", "sound", [], False)
    seconds = only["results"][1].pop("seconds")
    assert 0 <= seconds < 60
    assert only["results"][1] == {
        "id": "signer.wrong",
        "requirement": "It does right.",
        "source": "here",
        "status": "known-failure",
        "evidence": "it does wrong",
        "reason": "old",
        "details": {},
    }


def test_the_text_shows_what_to_mend() -> None:
    lines = text([run_checks(CHECKS, SUBJECT, {})]).splitlines()
    assert lines[0] == "signer sound (claims: nothing)"
    wanted = [
        "  failed           signer.wrong",
        "      requirement: It does right.",
        "      seen: it does wrong",
        "      source: here",
    ]
    start = lines.index(wanted[0])
    assert lines[start : start + 4] == wanted
    assert "  sound does not conform: 1 passed, 2 failed, 1 skipped" in lines
    assert lines[-1].startswith(f"kit {KIT_VERSION}, vectors gonka-interop-vectors/1 (sha256 ")


def test_a_list_says_how_long_its_checks_may_take_and_a_check_may_say_otherwise() -> None:
    patient = CheckList[SignerSubject]("signer", 7.0)
    patient.add("as-the-list", "It ends.", source="here")(fine)
    patient.add("as-it-says", "It ends.", source="here", patience=3.0)(fine)
    assert [check.patience for check in patient] == [7.0, 3.0]
    assert {check.patience for check in CLIENT_CHECKS} == {PATIENCE_S}
