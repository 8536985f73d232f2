"""`python -m gonka_mock_node`, and `gonka mock-node`, which hands its arguments to `main`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gonka_core.plugins import install_line


def main(argv: Sequence[str] | None = None, prog: str = "python -m gonka_mock_node") -> int:
    """Run a mock node until it is told to end; the exit status: 0, or 2 for what it was given wrong."""
    try:
        from .command import run
    except ModuleNotFoundError as error:
        print(
            f"{prog}: the mock node needs {error.name}, which is not installed; {install_line('mock-node')}",
            file=sys.stderr,
        )
        return 2
    return run(argv, prog)


if __name__ == "__main__":
    sys.exit(main())
