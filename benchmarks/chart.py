"""The chart of the README: how many times as fast as the documented program each signer is.

    python -m benchmarks.chart FILE SVG

FILE is what pytest-benchmark wrote with `--benchmark-json`; SVG is written: bars on a logarithmic axis for a 200-byte
payload (scheme raw, as the documented program signs), the C limit as a line. It follows the reader's light or dark
setting. Ends with 2 where FILE holds no such group.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any, Final
from xml.sax.saxutils import escape

from benchmarks.ratios import Figure, Group, ResultsError, number, read

GROUP: Final = "1. payload of 200 B to a signed request"
TITLE: Final = "Signing a 200-byte request"
_SAYS: Final = "times as fast as the documented program, logarithmic; longer is faster"
_METHOD: Final = "CPU time of the fastest round, all in one run; `make bench` writes this chart."
_WIDTH: Final = 760
_LEFT: Final = 184
_RIGHT: Final = 588
"""The plot lies between these; names stand left of it, figures right of it."""
_TOP: Final = 92
_ROW: Final = 34
_BAR: Final = 20
_LEAST: Final = 1.2
"""The axis begins so far below the smallest ratio that its bar can be seen."""
_MOST_LINES: Final = 9
_NAME_LETTERS: Final = 22
_FOOT_LETTERS: Final = 108
_STYLE: Final = """
  text { font: 14px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 }
  .small { font-size: 12px; fill: #59636e }
  .ground { fill: #ffffff }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .bar { fill: #0969da }
  .baseline { fill: #818b98 }
  .limit { stroke: #bc4c00; stroke-width: 2; stroke-dasharray: 5 4 }
  .limit-text { font-size: 12px; fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .ground { fill: #0d1117 }
    .grid { stroke: #3d444d }
    .bar { fill: #4493f8 }
    .baseline { fill: #656c76 }
    .limit { stroke: #f0883e }
    .limit-text { fill: #f0883e }
  }
"""


def chart(figures: Sequence[Figure], machine: Mapping[str, Any]) -> str:
    """The SVG. `figures`: of one group and one scheme, with speedups; `machine`: as in `gonka_bench.machine`."""
    bars = sorted((one for one in figures if one.role != "limit"), key=_speedup, reverse=True)
    limit = next((one for one in figures if one.role == "limit"), None)
    axis = _Axis([_speedup(one) for one in figures])
    foot = _foot(machine)
    bottom = _TOP + _ROW * len(bars)
    height = bottom + 34 + 17 * len(foot) + 10
    parts = [
        f'<rect class="ground" width="{_WIDTH}" height="{height}" rx="8"/>',
        _text(24, 34, TITLE, "title"),
        _text(24, 55, _SAYS, "small"),
        *axis.drawn(bottom),
        *(part for place, one in enumerate(bars) for part in _bar(one, _TOP + _ROW * place, axis)),
        *(_limit(limit, bottom, axis) if limit else ()),
        *(_text(24, bottom + 47 + 17 * place, line, "small") for place, line in enumerate(foot)),
    ]
    return _svg(height, _description(bars, limit), parts)


class _Axis:
    """A logarithmic axis from below the smallest ratio to the largest: lines at 1, 2 and 5, or at powers of ten."""

    def __init__(self, ratios: Sequence[float]) -> None:
        decades = [10.0**power for power in range(-6, 7)]
        steps = [factor * decade for decade in decades for factor in (1, 2, 5)]
        self._low = max(step for step in steps if step < min(ratios) / _LEAST)
        self._high = min(step for step in steps if step >= max(ratios))
        lines, few = ([at for at in some if self._low <= at <= self._high] for some in (steps, decades))
        self._lines = lines if len(lines) <= _MOST_LINES else few

    def x(self, ratio: float) -> float:
        share = math.log(ratio / self._low) / math.log(self._high / self._low)
        return _LEFT + share * (_RIGHT - _LEFT)

    def drawn(self, bottom: int) -> Iterator[str]:
        for ratio in self._lines:
            x = self.x(ratio)
            yield f'<line class="grid" x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{bottom}"/>'
            yield _text(x, bottom + 18, f"{ratio:g}×", "small", "middle")


def _bar(figure: Figure, y: int, axis: _Axis) -> Iterator[str]:
    ratio, middle = _speedup(figure), y + _BAR / 2 + 5
    kind = "baseline" if figure.role == "baseline" else "bar"
    length = axis.x(ratio) - _LEFT
    yield _text(_LEFT - 12, middle, _cut(figure.subject), "", "end")
    yield f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR}" rx="2"/>'
    yield _text(_RIGHT + 14, middle, f"{number(ratio)}×")
    yield _text(_WIDTH - 22, middle, f"{number(figure.best_s * 1e6)} µs", "small", "end")


def _limit(figure: Figure, bottom: int, axis: _Axis) -> Iterator[str]:
    x = axis.x(_speedup(figure))
    yield f'<line class="limit" x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{bottom}"/>'
    words = f"C on libsecp256k1: {number(_speedup(figure))}×, {number(figure.best_s * 1e6)} µs"
    yield _text(x + 6, _TOP - 14, words, "limit-text", "end" if x > (_LEFT + _RIGHT) / 2 else "start")


def _foot(machine: Mapping[str, Any]) -> list[str]:
    """Machine and versions, in lines that fit."""
    cores = f"{machine['cores']} core{'s' * (machine['cores'] != 1)}" if machine.get("cores") else None
    place = [machine.get("processor"), cores, machine.get("system"), machine.get("python")]
    # A name stays with its version where the line breaks.
    versions = [f"{name}\N{NO-BREAK SPACE}{version}" for name, version in machine.get("versions", {}).items()]
    lines = [", ".join(filter(None, place)), ", ".join(versions), _METHOD]
    return [part for line in lines for part in wrap(line, _FOOT_LETTERS)]


def _description(bars: Sequence[Figure], limit: Figure | None) -> str:
    said = [f"{one.subject} {number(_speedup(one))} times as fast" for one in bars if one.role != "baseline"]
    if limit:
        said.append(f"C on libsecp256k1, the limit, {number(_speedup(limit))} times as fast")
    return "Against the documented program: " + "; ".join(said) + "."


def _svg(height: int, description: str, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">'
    told = [f'<title id="title">{TITLE}</title>', f'<desc id="desc">{escape(description)}</desc>']
    return "\n".join([head, *told, f"<style>{_STYLE}</style>", *parts, "</svg>\n"])


def _cut(name: str) -> str:
    return name if len(name) <= _NAME_LETTERS else name[: _NAME_LETTERS - 1] + "…"


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def compared(groups: Sequence[Group]) -> list[Figure]:
    """What the chart shows of a run. Raises `ResultsError` where no signer stands beside its baseline."""
    figures = [one for group in groups if group.title == GROUP for one in group.figures if one.speedup is not None]
    shown = [one for one in figures if one.variant == "raw"]
    if any(one.role == "subject" for one in shown):
        return shown
    raise ResultsError(f"the run holds no signer beside a baseline in {GROUP!r}; `make bench` measures them")


def _speedup(figure: Figure) -> float:
    assert figure.speedup is not None
    return figure.speedup


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chart", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, metavar="FILE", help="what --benchmark-json wrote")
    parser.add_argument("svg", type=Path, metavar="SVG", help="the chart to write")
    given = parser.parse_args(argv)
    try:
        results = read(given.file)
        figures = compared(results.groups)
    except ResultsError as error:
        print(error, file=sys.stderr)
        return 2
    given.svg.write_text(chart(figures, results.machine), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
