"""What a request costs with each SDK, as a table.

    python -m benchmarks.peers

CPU of the client's process in microseconds, and how many times that of `AsyncClient` on aiohttp it is.
"""

from __future__ import annotations

from typing import Final

from benchmarks.peers.figures import Figures, figures, installed

_UNIT: Final = {"chat": "chat-async-aiohttp", "stream": "stream-async-aiohttp"}


def table(found: Figures) -> str:
    """The lines: whole answers first, then streams, each kind by what it costs."""
    names = sorted(found.timings, key=lambda name: (_kind(name), found.us(name)))
    lines = [f"{'µs':>8} {'median':>8} {'×':>7}  subject"]
    for name in names:
        times = found.us(name) / found.us(f"gonka-core {_UNIT[_kind(name)]}")
        lines.append(f"{found.us(name):8,.0f} {found.timings[name].median_s * 1e6:8,.0f} {times:7.2f}  {name}")
    return "\n".join([*lines, *(f"{name}: {found.told(name)}" for name in found.versions)])


def _kind(name: str) -> str:
    return name.split()[1].split("-")[0]


if __name__ == "__main__":
    print(table(figures(installed())))
