"""The signers in other languages pass the exam."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gonka_conformance import Report, SignerProgram, Status, check_signer
from gonka_conformance.material import KEY, digest
from gonka_conformance.signers import checks

EXAMPLES = Path(__file__).parents[2] / "conformance" / "examples"
SCRIPT = EXAMPLES / "openssl" / "sign.sh"
README = (EXAMPLES / "README.md").read_text("utf-8")

needs_openssl = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "openssl", "od"))), reason="bash, openssl or od is not installed"
)
needs_node = pytest.mark.skipif(not all(map(shutil.which, ("node", "npm"))), reason="node or npm is not installed")


def not_passed(report: Report) -> dict[str, str]:
    return {result.id: result.evidence for result in report.results if result.status is not Status.PASSED}


@needs_openssl
def test_openssl_in_a_shell_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    # A process for each signature: the checks that sign many digests sign fewer here.
    monkeypatch.setattr(checks, "_MANY", 16)
    with SignerProgram([str(SCRIPT)]) as program:
        report = check_signer(program.subject)
        assert program.starts == 1
    assert report.conforms, not_passed(report)
    assert report.subject == "bash-openssl"
    left_out = {"signer.deterministic", "signer.rfc6979", "signer.pickle", "signer.threads"}
    assert not_passed(report).keys() == left_out


@needs_openssl
def test_the_shell_keeps_the_key_out_of_arguments_and_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In front of openssl and od stands a program that notes its arguments."""
    seen, temporary = tmp_path / "seen", tmp_path / "tmp"
    temporary.mkdir()
    for name in ("openssl", "od"):
        noting = tmp_path / name
        noting.write_text(f'#!/bin/sh\necho {name} "$@" >>{seen}\nexec {shutil.which(name)} "$@"\n')
        noting.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("TMPDIR", str(temporary))
    with SignerProgram([str(SCRIPT)]) as program:
        signer = program.subject.holding(KEY)
        assert len(signer.public_key) == 33
        assert len(signer.sign_digest(digest(0))) == 64
        (key_file,) = temporary.glob("*/*")
        assert key_file.stat().st_mode & 0o77 == 0
    assert "openssl pkeyutl -sign" in seen.read_text()
    assert KEY.hex()[:16] not in seen.read_text()
    assert list(temporary.iterdir()) == []


@needs_node
@pytest.mark.packaging
def test_node_passes(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    shutil.copytree(EXAMPLES / "node", folder, ignore=shutil.ignore_patterns("node_modules"))
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with SignerProgram(["node", str(folder / "sign.mjs")]) as program:
        report = check_signer(program.subject)
        assert program.starts == 1
    assert report.claims == ("deterministic",)
    assert not_passed(report).keys() == {"signer.pickle", "signer.threads"}, not_passed(report)


def test_the_lock_file_names_what_is_installed_and_not_from_where() -> None:
    lock = (EXAMPLES / "node" / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in lock
    assert '"resolved"' not in lock


@pytest.mark.parametrize("path", [SCRIPT, EXAMPLES / "node" / "sign.mjs"], ids=lambda path: path.name)
def test_the_readme_leads_to_both(path: Path) -> None:
    assert f"conformance/examples/{path.relative_to(EXAMPLES)}" in README
