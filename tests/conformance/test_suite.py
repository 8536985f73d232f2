"""The suite as an adopter uses it: subclassed in a project of their own, and run by a pytest of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gonka_conformance.suite import SignerSuite
from gonka_core import PrivateKey, Signer
from sabotage.signers.correct import Sound

HEAD = """
from gonka_conformance.suite import SignerSuite
from gonka_coincurve.signer import CoincurveSigner

class HighS(CoincurveSigner):
    def sign_digest(self, digest):
        signature = super().sign_digest(digest)
        n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        return signature[:32] + (n - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
"""


def run(tmp_path: Path, text: str, *options: str) -> tuple[int, str, dict[str, int]]:
    (tmp_path / "test_mine.py").write_text(HEAD + text)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), *options]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path)
    summary = done.stdout.strip().splitlines()[-1]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|xfailed)", summary)}
    return done.returncode, done.stdout, counts


def test_each_check_is_a_test(tmp_path: Path) -> None:
    status, output, counts = run(
        tmp_path,
        """
class TestMine(SignerSuite):
    claims = {"deterministic"}
    def make_signer(self, key):
        return CoincurveSigner(key)
""",
        "-v",
    )
    assert (status, counts) == (0, {"passed": 16})
    assert "test_mine.py::TestMine::test_signer[signer.low-s] PASSED" in output


def test_what_is_not_claimed_is_skipped(tmp_path: Path) -> None:
    text = "class TestMine(SignerSuite):\n    def make_signer(self, key): return CoincurveSigner(key)\n"
    assert run(tmp_path, text)[2] == {"passed": 14, "skipped": 2}


def test_a_failure_is_told_in_the_words_of_the_kit(tmp_path: Path) -> None:
    text = "class TestMine(SignerSuite):\n    def make_signer(self, key): return HighS(key)\n"
    status, output, counts = run(tmp_path, text, "-k", "low-s")
    assert (status, counts) == (1, {"failed": 1})
    assert "signer.low-s: s is at most n/2 in every signature." in output
    assert "seen: s is above n/2 in 256 of 256 signatures" in output
    assert "Traceback" not in output


def test_a_known_failure_is_expected_and_must_go_when_it_passes(tmp_path: Path) -> None:
    text = """
class TestMine(SignerSuite):
    known_failures = {"signer.low-s": "old firmware", "signer.size": "it was 65 bytes"}
    def make_signer(self, key):
        return HighS(key)
"""
    status, output, counts = run(tmp_path, text, "-k", "low-s or size", "-rx")
    assert (status, counts) == (1, {"failed": 1, "xfailed": 1})
    assert "old firmware" in output
    assert "seen: it passes: remove it from the known failures" in output


def test_importing_the_suite_is_the_only_way_in(tmp_path: Path) -> None:
    status, output, _ = run(tmp_path, "", "--collect-only", "-q")
    assert status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "no tests" in output


def test_a_check_cannot_be_overridden() -> None:
    with pytest.raises(TypeError, match="declare it in known_failures"):

        class _Hides(SignerSuite):
            def make_signer(self, key: PrivateKey) -> Signer:
                return Sound(key)

            def test_signer(self, check: object) -> None:
                """Passes whatever happens."""


def test_a_declaration_is_checked_when_the_class_is_made() -> None:
    with pytest.raises(ValueError, match=r"no check 'signer\.low_s'"):
        type("_Typo", (SignerSuite,), {"known_failures": {"signer.low_s": "?"}})


def test_the_signer_must_be_supplied() -> None:
    incomplete = type("_Incomplete", (SignerSuite,), {})
    with pytest.raises(TypeError, match="make_signer"):
        incomplete()
