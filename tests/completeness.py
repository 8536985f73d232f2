# ruff: noqa: T201 - a command, whose output is its purpose
"""Are the types that users of our packages see complete? `make types` asks: `python -m tests.completeness [PACKAGE …]`.

Counted is every exported name, as basedpyright does it (`--verifytypes`). It reads no library, so the score lacks what
derives from a class of one; whether such a base is known is for `mypy --strict`, which takes no unknown one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = (".", "backends", "conformance", "mock_node", "benchmarks/src")
PACKAGES: Final = (
    "gonka_core",
    "gonka_ecdsa",
    "gonka_coincurve",
    "gonka_cryptography",
    "gonka_httpx",
    "gonka_aiohttp",
    "gonka_conformance",
    "gonka_mock_node",
    "gonka_bench",
)
OTHERWISE: Final = ("partially unknown", "metaclass unknown", "base class unknown", "No docstring found")
"""What is said of names that are unclear because of another one, or of a library, and what is no matter of types."""


@dataclass(frozen=True)
class Gap:
    """A name whose type is not known, or could be taken for another by another type checker."""

    name: str
    place: str
    reason: str


def gaps(told: Mapping[str, Any]) -> Iterator[Gap]:
    """The first causes in basedpyright's JSON: names that are only unclear because of another one are left out."""
    for symbol in told["typeCompleteness"]["symbols"]:
        if not symbol["isExported"] or (symbol["isTypeKnown"] and not symbol["isTypeAmbiguous"]):
            continue
        for each in symbol["diagnostics"]:
            if not any(words in each["message"] for words in OTHERWISE):
                line = each.get("range", {}).get("start", {}).get("line", -1) + 1
                place = f"{os.path.relpath(each['file'], ROOT)}:{line}" if each.get("file") else ""
                yield Gap(symbol["name"], place, each["message"].splitlines()[0])


def examine(package: str) -> tuple[float, list[Gap]]:
    """How much of a package is complete, in per cent, and what is not."""
    paths = os.pathsep.join(str(ROOT / folder) for folder in FOLDERS)
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(
        [*command, "--verifytypes", package, "--ignoreexternal"],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = json.loads(done.stdout)
    return 100 * told["typeCompleteness"]["completenessScore"], list(gaps(told))


def main(arguments: Sequence[str]) -> int:
    well = True
    for package in arguments or PACKAGES:
        score, found = examine(package)
        print(f"{package:<20} {score:6.1f} %")
        for gap in found:
            print(f"  {gap.place or gap.name}: {gap.name}: {gap.reason}")
        well = well and not found
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
