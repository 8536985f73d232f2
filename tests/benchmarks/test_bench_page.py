"""What is printed fits a narrow terminal: names wrap, no number is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from gonka_bench.page import show
from gonka_bench.paired import Timing
from gonka_bench.progress import progress
from gonka_bench.results import Complaint, Results, SignerFigure, TransportFigure

NAME = "the-vault-of-a-company-with-a-long-name-and-then-some"
MACHINE = {
    "processor": "A processor with a name that goes on and on, as they do @ 3.00 GHz",
    "cores": 128,
    "system": "Linux x86_64",
    "python": "CPython 3.11.7",
    "versions": {"gonka-core": "0.1.0", "coincurve": "21.0.0"},
}
RESULTS = Results(
    machine=MACHINE,
    signers=(
        SignerFigure("coincurve", "signer", "raw", 200, Timing(31.26e-6, 32e-6), False, 26.53, 1.27),
        SignerFigure(NAME, "signer", "raw", 64 * 1024**2, Timing(59.123456, 60), True, 0.00034, 1_234_567.8),
        SignerFigure("documented program", "documented program", "raw", 200, Timing(821e-6, 1e-3), False, 1.0, 33.7),
    ),
    transports=(TransportFigure(NAME, "async", 16, "uvloop", Timing(0.0123456, 0.02), 1.234567, 151.21),),
    complaints=(
        Complaint("signer", "hasty", "wrong", "it does not verify; do not use it"),
        Complaint("signer", "[bold]markup[/bold]", "failed", "[/] nothing; go on"),
    ),
    unknown={"C limit": "there is no C compiler; install one"},
    complete=False,
)
NUMBERS = (
    "31.3",
    "31,990",
    "26.5",
    "1.27",
    "59,123,456",
    "0.02",
    "0.00034",
    "1,234,567.8",
    "12,346",
    "1,234,567",
    "151.2",
)


def page(width: int) -> str:
    out = io.StringIO()
    show(Console(file=out, width=width, highlight=False), RESULTS)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_numbers_are_whole_and_lines_fit(width: int) -> None:
    printed = page(width)
    assert all(len(line) <= width for line in printed.splitlines())
    assert "…" not in printed
    words = printed.split()
    assert [number for number in NUMBERS if number not in words] == []


def test_what_is_wrong_is_told_as_it_is_written() -> None:
    printed = page(120)
    assert "signer hasty: WRONG: it does not verify" in printed
    assert "signer [bold]markup[/bold]: failed: [/] nothing" in printed
    assert "(waits): most of its time passes elsewhere" in " ".join(printed.split())
    assert "interrupted" in printed


def test_no_bar_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2) as stage:
        stage("signing", 1)()
    assert capsys.readouterr() == ("", "")


def test_a_bar_where_somebody_looks(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress(2) as stage:
        stage("signing", 1)()
        stage("transports", 4)()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "transports" in printed.err
