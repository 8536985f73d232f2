"""`python -m gonka_bench`, and `gonka bench`, which hands its arguments to `main`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gonka_core.errors import PluginError
from gonka_core.plugins import install_line


def main(argv: Sequence[str] | None = None, prog: str = "python -m gonka_bench") -> int:
    """Measure and print; the exit status. Raises SystemExit for `--help` and wrong arguments, as argparse does."""
    try:
        from .command import run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("gonka"):
            raise
        print(f"{prog}: the tables need {error.name}, which is not installed; {install_line('cli')}", file=sys.stderr)
        return 2
    try:
        return run(argv, prog)
    except PluginError as error:
        print(f"gonka: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
