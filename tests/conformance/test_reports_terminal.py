"""Reports and progress on a terminal: real ones, opened as pseudo-terminals, and what happens without."""

from __future__ import annotations

import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from gonka_conformance.report import Report
from gonka_conformance.reports import json_text, text
from gonka_conformance.reports.progress import Bar, bars_on
from gonka_conformance.reports.terminal import show_on
from tests.conformance.reported import CLIENT, EVERY, NASTY, SIGNER

rich_console = pytest.importorskip("rich.console", reason="terminals are served with rich; pip install rich")

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9]")

WITHOUT_RICH = """
from importlib.machinery import PathFinder

find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: None if name == "rich" else find(name, *more)
"""


def shown(*reports: Report, width: int = 120) -> str:
    stream = io.StringIO()
    show_on(rich_console.Console(file=stream, width=width, highlight=False), reports)
    return stream.getvalue()


def on_a_terminal(*arguments: str, width: int = 100, **environ: str) -> tuple[int, str]:
    """Status of the command and what it wrote, with stdout and stderr on a terminal of that width."""
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-m", "gonka_conformance", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env={**kept, "TERM": "xterm-256color", **environ},
    ) as process:
        os.close(follower)
        written = b"".join(iter(lambda: _read(leader), b""))
    os.close(leader)
    return process.returncode, written.decode("utf-8")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side has closed
        return b""


@pytest.fixture
def every(tmp_path: Path) -> str:
    path = tmp_path / "a.json"
    path.write_text(json_text(EVERY), encoding="utf-8")
    return str(path)


def test_a_terminal_gets_colours_tables_and_evidence(every: str) -> None:
    status, written = on_a_terminal("report", every, width=120)
    assert status == 1
    assert COLOUR.search(written)
    bare = CONTROL.sub("", written)
    assert "requirement, or why it was skipped" in bare
    assert re.search(r"failed +signer\.low-s +It is low-s in every answer\.", bare)
    assert "    seen: s is above n/2 in 256 of 256 signatures" in bare
    assert re.search(r"conforms +signer +plain +3 passed", bare)


def test_no_color_is_respected(every: str) -> None:
    _, written = on_a_terminal("report", every, NO_COLOR="1")
    assert not COLOUR.search(written)
    assert "failed  signer.low-s" in CONTROL.sub("", written)


@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_gets_no_line_that_is_too_long(every: str, width: int) -> None:
    _, written = on_a_terminal("report", every, width=width)
    lines = CONTROL.sub("", written).replace("\r\n", "\n").split("\n")
    assert max(rich_console.Text(line).cell_len for line in lines) <= width
    assert "requirement, or why" not in written


def test_a_dumb_terminal_and_a_pipe_get_plain_text(every: str) -> None:
    _, written = on_a_terminal("report", every, TERM="dumb")
    assert written.replace("\r\n", "\n") == text(EVERY) + "\n"
    command = [sys.executable, "-m", "gonka_conformance", "report", every]
    piped = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (piped.stdout, piped.stderr) == (text(EVERY) + "\n", "")


def test_an_encoding_that_lacks_characters_loses_no_report(every: str) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "gonka_conformance", "report", every]
    done = subprocess.run(command, capture_output=True, env=environ, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"protocol.md \\xa71.5" in done.stdout


def test_without_rich_a_terminal_gets_plain_text(every: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_RICH, encoding="utf-8")
    _, written = on_a_terminal("report", every, PYTHONPATH=str(tmp_path))
    assert written.replace("\r\n", "\n") == text(EVERY) + "\n"


def test_what_a_subject_says_moves_no_cursor() -> None:
    written = shown(NASTY, SIGNER)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800]", written)
    assert "[bold]" in written


def test_details_are_shown_below_what_was_seen() -> None:
    written = shown(CLIENT)
    assert "    request:\n      POST /v1/chat/completions" in written
    assert "X-Timestamp: 1700000000000000000" in written


def test_the_bar_counts_checks_and_failures_and_names_the_next() -> None:
    stream = io.StringIO()
    bars = bars_on(rich_console.Console(file=stream, force_terminal=True, width=100))
    bar = Bar(bars)
    assert stream.getvalue() == "", "nothing is drawn before the exam begins"
    try:
        bar.begins("token.v2 [bold]", [result.id for result in SIGNER.results])
        bar(SIGNER.results[0])
        bar(SIGNER.results[1])
        bars.refresh()
    finally:
        bars.stop()
    last = CONTROL.sub("", stream.getvalue())
    assert "token.v2 [bold]" in last
    assert re.search(r"2/5.*1 failed.*signer\.pickle", last)


def test_the_bar_is_seen_while_an_exam_goes_on_and_is_gone_at_its_end() -> None:
    status, written = on_a_terminal("signer", "--signer", "coincurve", "--json")
    assert status == 0
    assert re.search(r"coincurve .*\d+/16", CONTROL.sub("", written))
    assert written.rstrip().endswith("}")
