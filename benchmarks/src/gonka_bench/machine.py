"""Where figures were taken: without that they mean little."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

LIBRARIES: Final = (
    "gonka-core",
    "coincurve",
    "ecdsa",
    "cryptography",
    "gmpy2",
    "httpx",
    "httpx2",
    "aiohttp",
    "orjson",
    "uvloop",
)
"""The distributions whose version changes a figure."""


def machine() -> dict[str, object]:
    """Processor, number of cores, operating system, interpreter, and the versions of what is installed."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": {name: found for name in LIBRARIES if (found := installed(name))},
    }


def installed(distribution: str) -> str | None:
    """The version of a distribution; None where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown")
