"""The signer exam by command: what a program does instead of answering is what its report says."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import CheckFailed, Report, Result, SignerProgram, Status, check_signer
from gonka_conformance.__main__ import main
from gonka_conformance.material import KEY, digest
from gonka_conformance.runner import run_check
from gonka_conformance.signers.checks import SIGNER_CHECKS
from gonka_conformance.signers.programs import messages
from gonka_core import PrivateKey

PROGRAM = Path(__file__).with_name("signer_program.py")
CHECKS = {check.id.removeprefix("signer."): check for check in SIGNER_CHECKS}
LEFT_OUT = {"signer.pickle", "signer.threads"}


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(PROGRAM), *arguments]


@contextmanager
def program(*arguments: str, timeout: float = 20) -> Iterator[SignerProgram]:
    with SignerProgram(command(*arguments), timeout=timeout) as running:
        yield running


def json_line(value: object) -> bytes:
    return json.dumps({"id": 1, "signature": value}).encode()


def examine(mode: str, check: str, timeout: float = 20) -> Result:
    with program(mode, timeout=timeout) as running:
        return run_check(CHECKS[check], running.subject)


def by_status(report: Report, status: Status) -> dict[str, str]:
    return {result.id: result.evidence for result in report.results if result.status is status}


@pytest.mark.parametrize("mode", ["sound", "noisy", "stays"])
def test_a_right_program_passes_in_one_run_whatever_it_does_beside(mode: str) -> None:
    """Noisy: more on its stderr than a pipe holds. Stays: does not end when its input does."""
    with program(mode) as running:
        report = check_signer(running.subject)
        assert running.starts == 1
    assert report.conforms, by_status(report, Status.FAILED)
    assert report.claims == ("deterministic",)
    assert report.subject == f"{mode} program"
    assert by_status(report, Status.SKIPPED).keys() == LEFT_OUT


def test_a_program_that_gives_no_name_has_that_of_its_command() -> None:
    with program("nameless") as running:
        assert running.subject.name == f"{sys.executable} {PROGRAM} nameless"
        assert running.subject.claims == frozenset()


WRONG = [
    ("crash", "size", r"^it ended with status 3 instead of answering sign_digest; .* stderr: 'out of entropy'$"),
    ("by-signal", "low-s", r"^it was ended by signal 11 \(Segmentation fault\) instead of answering sign_digest$"),
    ("half-and-exit", "verifies", r"status 0 instead of answering sign_digest, after half a line: '\{\"id\": 2, "),
    ("closed", "size", r"^it closed its output instead of answering sign_digest$"),
    ("endless", "deterministic", r"^it answered sign_digest with \d+ bytes and no end of the line$"),
    # Whether the second line comes before the next question or behind it is a race, and both are what it did.
    (
        "flood",
        "own-key",
        r"^(before it was asked|it answered) public_key(, which has the id 3, with| it wrote) '\{\"id\": 2, ",
    ),
    ("twice", "size", r"^before it was asked sign_digest it wrote '\{\"id\": 2, .*, which answers nothing$"),
    ("garbage", "rfc6979", r"^it answered sign_digest with '-----BEGIN SIGNATURE-----', which is not JSON$"),
    ("binary", "zero-leading", r"with '\\\\xff\\\\xfe', which is not JSON$"),
    ("nested", "extreme-keys", r"^it answered sign_digest with '\[{200}' and \d+ bytes more, which is not JSON$"),
    ("list", "extreme-digests", r"which is not a JSON object$"),
    ("other-id", "vectors-signatures", r"^it answered sign_digest, which has the id 2, with '\{\"id\": 7, "),
    ("id-true", "size", r"^it answered hello, which has the id 1, with '\{\"id\": true"),
    ("not-hex", "size", r"^the 'signature' in its answer to sign_digest is not pairs of hex digits: '0x11"),
    ("base64", "size", r"is not pairs of hex digits: 'EREREQ=='$"),
    ("number", "size", r"has neither 'signature' as text nor 'error': '\{\"id\": 2, \"signature\": 12\}'$"),
    ("error", "size", r"^it answered sign_digest with the error 'no such slot'$"),
    ("der", "size", r"^it returned 8 bytes instead of 64"),
    ("high-s", "low-s", r"^s is above n/2 in 256 of 256 signatures"),
    ("exits-early", "public-key", r"^it ended with status 0 instead of answering hello$"),
    ("version-2", "vectors-keys", r"^it answered hello with the version 2; this kit speaks version 1$"),
    ("no-version", "size", r"^it answered hello with the version None"),
    ("no-hello", "size", r"^it answered hello with the error 'there is no op hello'$"),
    ("claims-text", "size", r"'claims' a list of texts: .*\"claims\": \"deterministic\""),
    ("exit-on-wrong-digest", "digest-length", r"^it ended with status 1 instead of answering sign_digest for 0 bytes$"),
    ("signs-anything", "digest-length", r"^it signed 0 bytes$"),
    ("leak-to-stderr", "no-key-shown", r"^stderr: it shows the key \(hex\)$"),
    ("leak-in-answer", "no-key-shown", r"^stdout: it shows the key \(hex\)$"),
    ("leak-in-error", "no-key-shown", r"it shows the key \(hex\)$"),
]


@pytest.mark.parametrize(("mode", "check", "words"), [pytest.param(*case, id=case[0]) for case in WRONG])
def test_a_wrong_program_fails_with_what_it_did(mode: str, check: str, words: str) -> None:
    result = examine(mode, check)
    assert result.status is Status.FAILED
    assert re.search(words, result.evidence), result.evidence
    assert KEY.hex()[:16] not in repr(result)


SLOW = [
    ("hang", "size", r"^it did not answer sign_digest within 1 seconds$"),
    ("flood-stderr", "size", r"^it did not answer sign_digest within 1 seconds; the end of its stderr: 'n+' and \d+"),
    ("half-and-hang", "size", r"within 1 seconds, after half a line: '\{\"id\": 2, \"sign"),
    ("hang-on-wrong-digest", "digest-length", r"^it did not answer sign_digest for 0 bytes within 1 seconds$"),
]


@pytest.mark.parametrize(("mode", "check", "words"), [pytest.param(*case, id=case[0]) for case in SLOW])
def test_a_program_that_hangs_fails_when_its_time_is_up(mode: str, check: str, words: str) -> None:
    result = examine(mode, check, timeout=1)
    assert result.status is Status.FAILED
    assert re.search(words, result.evidence), result.evidence


def test_its_stderr_stands_in_the_details() -> None:
    assert examine("crash", "size").details == (("stderr", "starting\nout of entropy\n"),)


def test_the_exam_goes_on_after_a_crash_with_a_new_run() -> None:
    with program("crash") as running:
        report = check_signer(running.subject)
        starts = running.starts
    passed = by_status(report, Status.PASSED)
    failed = by_status(report, Status.FAILED)
    assert passed.keys() == {"signer.vectors-keys"}
    assert failed.keys() == set(SIGNER_CHECKS.ids) - LEFT_OUT - passed.keys()
    assert all("it ended with status 3 instead of answering sign_digest" in words for words in failed.values())
    # Each check but the first finds a program that has ended.
    assert len(failed) <= starts <= len(SIGNER_CHECKS)


def test_one_that_never_says_hello_is_started_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gonka_conformance.signers.programs.conversation.START_S", 0.0)
    with program("silent", timeout=0.3) as running:
        report = check_signer(running.subject)
        assert running.starts == 3
    failed = by_status(report, Status.FAILED)
    assert failed.keys() == set(SIGNER_CHECKS.ids) - LEFT_OUT - {"signer.deterministic", "signer.rfc6979"}
    assert set(failed.values()) == {"it did not answer hello within 0.3 seconds"}


def test_a_program_is_not_started_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gonka_conformance.signers.programs.program._MOST_STARTS", 2)
    with program("crash") as running:
        report = check_signer(running.subject)
        assert running.starts == 2
    assert not report.conforms


def test_a_check_that_was_given_up_does_not_go_on_asking() -> None:
    """Each check has a thread of its own, and one that took too long is still alive when the next begins."""
    with program("slow") as running:
        given_up = run_check(replace(CHECKS["size"], patience=0.3), running.subject)
        left_behind = [thread for thread in threading.enumerate() if thread.name == "signer.size"]
        after = run_check(CHECKS["extreme-digests"], running.subject)
        assert running.starts == 2
    for thread in left_behind:
        thread.join(10)
    assert given_up.evidence == "it did not come to an end within 0.3 seconds"
    assert after.status is Status.PASSED
    assert not any(thread.is_alive() for thread in left_behind)


def test_what_a_program_has_started_ends_with_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with program("leaves-a-child", str(pipe)) as running:
        assert running.subject.holding(KEY).public_key
        with pytest.raises(BlockingIOError):
            os.read(reading, 1)
    ready, _, _ = select.select([reading], [], [], 10)
    assert ready
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_the_program_does_not_see_the_key_of_who_runs_the_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_PRIVATE_KEY", "11" * 32)
    monkeypatch.setenv("MONKEY", "is seen")
    with program("tells-environment") as running:
        assert "MONKEY" in running.subject.name.split()
        assert "GONKA_PRIVATE_KEY" not in running.subject.name


def test_the_signer_shows_its_key_nowhere_and_takes_bytes_only() -> None:
    with program("sound") as running:
        signer = running.signer(PrivateKey(KEY))
        assert KEY.hex()[:16] not in f"{signer!r} {vars(signer)}"
        with pytest.raises(TypeError, match="a digest is bytes"):
            signer.sign_digest("00" * 32)  # type: ignore[arg-type]
        assert len(signer.sign_digest(digest(0))) == 64
    with pytest.raises(CheckFailed, match="the exam is over"):
        signer.sign_digest(digest(0))


@given(line=st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json_line))
def test_any_line_is_an_answer_or_fails_the_check(line: bytes) -> None:
    try:
        found = messages.answer(line, 1, "sign_digest")
    except CheckFailed:
        return
    assert found["id"] == 1


@given(octets=st.binary(max_size=80), upper=st.booleans())
def test_octets_are_read_as_they_are_written(octets: bytes, upper: bool) -> None:
    text = octets.hex().upper() if upper else octets.hex()
    assert messages.octets({"id": 1, "signature": text}, "signature", "sign_digest") == octets


def run_main(*arguments: str) -> int:
    return main(["signer", *arguments])


def test_the_command_line_examines_programs(capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong = (f"{sys.executable} {PROGRAM} {mode}" for mode in ("sound", "exits-early"))
    assert run_main("--signer-cmd", right, "--claim", "constant-time") == 0
    assert "signer sound program (claims: constant-time, deterministic)" in capsys.readouterr().out
    assert run_main("--signer-cmd", wrong) == 1
    out = capsys.readouterr().out
    assert "seen: it ended with status 0 instead of answering hello" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no signer is named; add --signer NAME, or --signer-cmd COMMAND"),
        (["--signer", "coincurve", "--claim", "deterministic"], "use --claim with --signer-cmd only"),
        (["--signer-cmd", "/no/such/program"], "cannot start '/no/such/program'"),
        (["--signer-cmd", "./sign 'oops"], "No closing quotation"),
        (["--signer-cmd", " "], "name a program with its arguments"),
        (["--signer-cmd", f"{sys.executable} {PROGRAM} invents-a-claim"], "no signer can claim 'determinstic'"),
    ],
    ids=["none", "claim", "missing", "quote", "empty", "invented"],
)
def test_what_cannot_be_examined_is_status_2_and_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "x", "1e9"])
def test_a_time_limit_is_a_time(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        run_main("--signer-cmd", "true", "--answer-timeout", seconds)
    assert exit_info.value.code == 2
    assert "--answer-timeout" in capsys.readouterr().err


PAGE = (Path(__file__).parents[2] / "docs" / "signer-exam.md").read_text("utf-8")


def on_the_page(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_program_on_the_page_passes() -> None:
    with SignerProgram([sys.executable, "-c", on_the_page("python")]) as running:
        report = check_signer(running.subject)
        assert running.starts == 1
    assert report.conforms, by_status(report, Status.FAILED)
    assert by_status(report, Status.SKIPPED).keys() == LEFT_OUT


def test_the_program_on_the_page_answers_as_the_page_says() -> None:
    lines = on_the_page("jsonl").splitlines()
    requests, answers = lines[::2], lines[1::2]
    given = "".join(f"{line}\n" for line in requests)
    run = [sys.executable, "-c", on_the_page("python")]
    done = subprocess.run(run, input=given, capture_output=True, text=True, timeout=60, check=True)
    assert list(map(json.loads, done.stdout.splitlines())) == list(map(json.loads, answers))


def test_the_messages_on_the_page_are_those_of_the_kit() -> None:
    for line in on_the_page("jsonl").splitlines()[::2]:
        fields = json.loads(line)
        assert messages.request(fields.pop("id"), fields.pop("op"), fields) == line.encode()
