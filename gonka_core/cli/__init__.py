"""The `gonka` command. Importing this is cheap; the commands need the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, by default those of the process; the exit status.

    0 done; 1 a node refused or did not answer, or a check said no; 2 something given was wrong; 130 interrupted.
    """
    try:
        from .run import run
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        from gonka_core.plugins import install_line

        print(f"gonka: the command needs {error.name}, which is not installed; {install_line('cli')}", file=sys.stderr)  # noqa: T201
        return 2
    return run(argv)
