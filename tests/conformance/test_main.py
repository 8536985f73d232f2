"""The command line: what it prints, and the exit status that says what came out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gonka_conformance import SignerSubject
from gonka_conformance.__main__ import build_parser, main
from gonka_conformance.commands import signer as command
from gonka_conformance.reports import read
from gonka_core.hookspecs import SignerPlugin
from gonka_core.plugins import Broken, Entry, Registry, registry
from sabotage.signers.correct import Sound
from sabotage.signers.signing import HighS

WITHOUT_CRYPTOGRAPHY = """
import sys
sys.modules["cryptography"] = None
from gonka_conformance.__main__ import main
sys.exit(main(["signer", "--signer", "ecdsa"]))
"""


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two signers that work, one of them wrong, one without its library, and a broken plug-in."""
    plugins = (
        SignerPlugin("right", "", lambda: Sound),
        SignerPlugin("high", "", lambda: HighS),
        SignerPlugin("absent", "", lambda: Sound, requires=("no_such_module",), extra="some-token"),
    )
    entries = tuple(Entry("signer", plugin, "elsewhere 1") for plugin in plugins)
    found = Registry(entries, (Broken("broken", "elsewhere 1", ImportError("no")),))
    monkeypatch.setattr("gonka_conformance.signers.subject.registry", lambda: found)


@pytest.mark.usefixtures("installed")
def test_a_signer_that_conforms_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signer", "--signer", "right"]) == 0
    out, err = capsys.readouterr()
    assert "signer right (claims: nothing)" in out
    assert "  right conforms: 14 passed, 2 skipped" in out
    assert err == ""


@pytest.mark.usefixtures("installed")
def test_a_signer_that_does_not_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signer", "--signer", "right", "--signer", "high", "--signer", "right"]) == 1
    out, _ = capsys.readouterr()
    assert out.count("signer right (") == 1
    assert "seen: s is above n/2 in 256 of 256 signatures" in out


@pytest.mark.usefixtures("installed")
def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signer", "--signer", "high", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [report["subject"] for report in document["reports"]] == ["high"]
    failed = {result["id"] for result in document["reports"][0]["results"] if result["status"] == "failed"}
    assert "signer.low-s" in failed


@pytest.mark.usefixtures("installed")
def test_all_is_whatever_can_be_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signer", "--signer", "all", "--json"]) == 1
    out, err = capsys.readouterr()
    assert [report["subject"] for report in json.loads(out)["reports"]] == ["right", "high"]
    assert "conformance: broken is left out: ImportError: no" in err
    assert "conformance: absent is left out: the signer 'absent' needs no_such_module" in err


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--signer", "rihgt"], "no signer named 'rihgt'; did you mean 'right'?"),
        (["--signer", "absent"], "run: pip install some-token"),
        (["--signer", "broken"], "mend or uninstall that distribution"),
        (
            ["--signer", "right", "--known-failure", "signer.x=y"],
            "there is no check 'signer.x'; there are: signer.size",
        ),
    ],
)
def test_what_cannot_be_run_is_status_2_and_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["signer", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("conformance: ")
    assert err.count("\n") == 1


@pytest.mark.usefixtures("installed")
def test_known_failures_are_declared_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signer", "--signer", "right", "--known-failure", "signer.low-s=old firmware"]) == 1
    out, _ = capsys.readouterr()
    assert "recovered        signer.low-s" in out
    assert "declared: old firmware" in out
    with pytest.raises(SystemExit) as exit_info:
        main(["signer", "--signer", "right", "--known-failure", "signer.low-s"])
    assert exit_info.value.code == 2
    assert "ID=REASON" in capsys.readouterr().err


@pytest.mark.usefixtures("installed")
def test_every_form_goes_into_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"--json-file": "a.json", "--junit": "a.xml", "--html": "a.html"}
    arguments = [word for option, name in names.items() for word in (option, str(tmp_path / name))]
    assert main(["signer", "--signer", "high", *arguments]) == 1
    assert "high does not conform" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names.values())
    assert read((tmp_path / "a.json").read_bytes())[0].subject == "high"
    assert ElementTree.parse(tmp_path / "a.xml").getroot().attrib["failures"] != "0"
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.fixture
def no_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exam that must not be held."""

    def examined(*anything: object) -> object:
        raise AssertionError("a check ran")

    monkeypatch.setattr(command, "check_signer", examined)


@pytest.mark.usefixtures("installed", "no_exam")
@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("none/a.xml", "a.html"), "none/a.xml cannot be written: there is no directory {0}/none; make it first"),
        ((".", "a.html"), " cannot be written: it is there and is no file; name another"),
        (("a.xml", "a.xml"), "two reports are to go into {0}/a.xml; give each a file of its own"),
        (("x" * 300, "a.html"), " cannot be written: File name too long; name another"),
    ],
    ids=["no-directory", "directory", "twice", "too-long"],
)
def test_a_place_that_cannot_be_written_is_status_2_before_any_check(
    names: tuple[str, str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    junit, html = (str(tmp_path / name) for name in names)
    assert main(["signer", "--signer", "right", "--junit", junit, "--html", html]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words.format(tmp_path) in err
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("installed", "no_exam")
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is where nobody can make a file, not even root")
def test_a_directory_that_takes_no_file_is_status_2_before_any_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signer", "--signer", "right", "--html", "/proc/a.html"]) == 2
    assert capsys.readouterr().err.startswith("conformance: /proc/a.html cannot be written: ")


@pytest.mark.usefixtures("installed")
def test_a_report_that_is_lost_at_the_end_is_status_2_and_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*anything: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gonka_conformance.reports.files.os.replace", full)
    old = tmp_path / "a.html"
    old.write_text("old")
    assert main(["signer", "--signer", "right", "--html", str(old)]) == 2
    out, err = capsys.readouterr()
    assert "right conforms" in out, "what was found out is shown all the same"
    words = "could not be written: No space left on device; make room for it, or name another"
    assert err == f"conformance: {old} {words}\n"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.html", "old")]


@pytest.mark.usefixtures("installed")
def test_a_file_keeps_its_permissions_and_a_link_its_target(tmp_path: Path) -> None:
    target, link = tmp_path / "a.json", tmp_path / "link.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    assert main(["signer", "--signer", "right", "--json-file", str(link)]) == 0
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert read(target.read_bytes())[0].conforms


def test_nothing_examined_is_nothing_found_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gonka_conformance.signers.subject.registry", lambda: Registry((), ()))
    assert main(["signer", "--signer", "all"]) == 2
    assert "nothing was examined" in capsys.readouterr().err


def test_without_cryptography_it_says_how_to_get_it() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_CRYPTOGRAPHY], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith(
        "run: pip install 'gonka-core[conformance]' (from a checkout: pip install '.[conformance]')\n"
    )


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gonka_conformance", "signer", "--signer", "auto"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "conforms: 16 passed" in done.stdout


def test_auto_is_the_signer_that_a_client_would_take(monkeypatch: pytest.MonkeyPatch) -> None:
    examined: list[str] = []

    def note(subject: SignerSubject, *others: object) -> object:
        examined.append(subject.name)
        raise ValueError("enough")

    monkeypatch.setattr(command, "check_signer", note)
    assert main(["signer", "--signer", "auto"]) == 2
    present = registry().of_kind("signer")
    assert examined == [name for name in ("coincurve", "cryptography", "ecdsa") if not present[name].missing][:1]


def test_the_help_goes_by_the_name_of_the_command_that_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert build_parser("gonka conformance").format_usage().startswith("usage: gonka conformance ")
    with pytest.raises(SystemExit) as exit_info:
        main([], prog="gonka conformance")
    assert exit_info.value.code == 2
    assert "usage: gonka conformance" in capsys.readouterr().err
