"""The chart says what the figures say, to eyes and to screen readers, whatever the names and ratios are."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks import bench_signing, chart
from benchmarks.ratios import Figure, number

MACHINE = {
    "processor": "A <fast> one & more",
    "cores": 2,
    "python": "CPython 3.11.7",
    "versions": {"coincurve": "21.0.0"},
}
SVG = "{http://www.w3.org/2000/svg}"
RATIOS = st.floats(1e-5, 1e6)
NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=40)


def figure(subject: str, speedup: float, role: str = "subject") -> Figure:
    return Figure(subject, "raw", role, 1e-3 / speedup, 2e-3 / speedup, speedup)


BASELINE = figure("documented program", 1.0, "baseline")


def drawn(*figures: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(chart.chart(figures, MACHINE))


def texts(svg: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text")]


def widths(svg: ElementTree.Element) -> list[float]:
    return [float(one.attrib["width"]) for one in svg.iter(f"{SVG}rect") if one.get("class") != "ground"]


def per_decade(svg: ElementTree.Element) -> float:
    """Length of a factor of ten, from the lines of the grid and what is written under them."""
    lines = [float(one.attrib["x1"]) for one in svg.iter(f"{SVG}line") if one.get("class") == "grid"]
    marks = [float(text.rstrip("×")) for text in texts(svg) if re.fullmatch(r"[\d.e+-]+×", text)][: len(lines)]
    return (lines[-1] - lines[0]) / math.log10(marks[-1] / marks[0])


def test_the_group_is_one_of_the_signing_benchmarks() -> None:
    assert bench_signing.signed_request("200 B") == chart.GROUP


def test_each_signer_has_a_bar_with_its_figures_the_fastest_first() -> None:
    svg = drawn(BASELINE, figure("ecdsa", 1.8), figure("coincurve", 36.0), figure("C limit", 39.0, "limit"))
    said = texts(svg)
    names = [text for text in said if text in {"coincurve", "ecdsa", "documented program"}]
    assert names == ["coincurve", "ecdsa", "documented program"]
    assert {"36.0×", "1.80×", "1.00×", "27.8 µs", "556 µs", "1,000 µs"} <= set(said)
    assert "C on libsecp256k1: 39.0×, 25.6 µs" in said
    assert [one.get("class") for one in svg.iter(f"{SVG}rect")] == ["ground", "bar", "bar", "baseline"]


@given(st.lists(st.tuples(NAMES, RATIOS), min_size=1, max_size=8), st.none() | RATIOS)
@example([("just above a line", 0.500001)], None)
def test_bars_are_as_long_as_the_logarithm_of_their_ratio(
    subjects: list[tuple[str, float]], limit: float | None
) -> None:
    figures = [figure(name, ratio) for name, ratio in subjects]
    limits = [figure("C limit", limit, "limit")] if limit else []
    svg = drawn(BASELINE, *figures, *limits)
    ratios = sorted([1.0, *(ratio for _, ratio in subjects)], reverse=True)
    lengths, decade = widths(svg), per_decade(svg)
    assert all(1 < length <= chart._RIGHT - chart._LEFT for length in lengths)
    for (one, longer), (other, shorter) in pairwise(zip(ratios, lengths, strict=True)):
        assert longer - shorter == pytest.approx(decade * math.log10(one / other), abs=0.2, rel=0.01)
    assert len([one for one in svg.iter(f"{SVG}line") if one.get("class") == "limit"]) == len(limits)


def test_the_axis_is_as_long_as_it_has_to_be() -> None:
    few = [text for text in texts(drawn(BASELINE, figure("coincurve", 36.0))) if re.fullmatch(r"[\d.]+×", text)]
    assert few[:7] == ["0.5×", "1×", "2×", "5×", "10×", "20×", "50×"]
    many = [text for text in texts(drawn(BASELINE, figure("remote", 0.004))) if re.fullmatch(r"[\d.]+×", text)]
    assert many[:9] == ["0.002×", "0.005×", "0.01×", "0.02×", "0.05×", "0.1×", "0.2×", "0.5×", "1×"]
    most = [text for text in texts(drawn(BASELINE, figure("remote", 0.00123))) if re.fullmatch(r"[\d.]+×", text)]
    assert most[:4] == ["0.001×", "0.01×", "0.1×", "1×"]


def test_a_screen_reader_is_told_every_figure_with_its_whole_name() -> None:
    name = "a-signer-with-a-very-long-name & <more>"
    svg = drawn(BASELINE, figure(name, 12.5), figure("C limit", 39.0, "limit"))
    assert svg.get("role") == "img"
    told = {one.get("id"): one.text or "" for tag in ("title", "desc") for one in svg.iter(SVG + tag)}
    assert svg.get("aria-labelledby", "").split() == list(told)
    assert f"{name} {number(12.5)} times as fast" in told["desc"]
    assert "the limit, 39.0 times as fast" in told["desc"]
    assert name not in texts(svg)


def test_machine_and_versions_are_told() -> None:
    said = " ".join(texts(drawn(BASELINE, figure("ecdsa", 2.0))))
    for word in ("A <fast> one & more", "2 cores", "CPython 3.11.7", "coincurve\N{NO-BREAK SPACE}21.0.0"):
        assert word in said


def test_it_has_colours_for_light_and_dark() -> None:
    text = chart.chart([BASELINE, figure("ecdsa", 2.0)], {})
    light, _, dark = text.partition("prefers-color-scheme: dark")
    for kind in ("ground", "bar", "baseline", "limit", "grid", "small"):
        assert f".{kind} {{" in light
        assert f".{kind} {{" in dark


def results(tmp_path: Path, *figures: tuple[str, str, str, float]) -> Path:
    rows = [
        {
            "fullname": "benchmarks/bench_signing.py::t",
            "name": subject,
            "group": chart.GROUP,
            "extra_info": {"subject": subject, "variant": variant, "role": role},
            "stats": {"min": seconds, "median": seconds},
        }
        for subject, variant, role, seconds in figures
    ]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"benchmarks": rows, "machine_info": MACHINE}))
    return path


def test_the_command_draws_the_scheme_that_the_documented_program_signs(tmp_path: Path) -> None:
    documented, raw = ("documented program", "raw", "baseline", 7e-4), ("coincurve", "raw", "subject", 2e-5)
    file = results(tmp_path, documented, raw, ("coincurve", "hash", "subject", 1e-5))
    svg = tmp_path / "chart.svg"
    assert chart.main([str(file), str(svg)]) == 0
    said = texts(ElementTree.fromstring(svg.read_text(encoding="utf-8")))
    assert said.count("coincurve") == 1
    assert "35.0×" in said


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param([("coincurve", "raw", "subject", 2e-5)], id="no baseline"),
        pytest.param([("documented program", "raw", "baseline", 7e-4)], id="no signer"),
    ],
)
def test_without_a_comparison_there_is_no_chart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[Any]
) -> None:
    svg = tmp_path / "chart.svg"
    assert chart.main([str(results(tmp_path, *rows)), str(svg)]) == 2
    assert not svg.exists()
    assert "no signer beside a baseline" in capsys.readouterr().err
