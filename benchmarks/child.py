"""Processes that run a module of this checkout, wherever the benchmark itself was started."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from gonka_bench import child as started

child: Final = partial(started.child, folder=Path(__file__).parents[1])
