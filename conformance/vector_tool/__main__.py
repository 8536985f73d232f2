"""Write the vectors and schemas, or see whether they are what this code writes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from .catalogue import differences, write

KIT: Final = Path(__file__).parents[1] / "gonka_conformance"


def main(arguments: list[str] | None = None) -> int:
    """0 when all is written, or nothing differs; 1 when a file differs, with its name and the first line that does."""
    parser = argparse.ArgumentParser(prog="python -m vector_tool", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file differs")
    parser.add_argument("--kit", type=Path, default=KIT, help="the folder that holds vectors/ and schemas/")
    given = parser.parse_args(arguments)
    if not given.check:
        for path in write(given.kit):
            print(f"wrote {path}")
        return 0
    found = differences(given.kit)
    for difference in found:
        print(difference, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
