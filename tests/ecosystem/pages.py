"""The blocks of a page of the docs that need a library of others: their fence says `py`; all others say `python`."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).parents[2] / "docs"
_FENCE: Final = re.compile(r"^```py\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHOWN: Final = re.compile(r"^.*\bprint\(.*\)  # (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block: the page's name, the line of its fence, its text."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def shown(self) -> list[str]:
        """What it says that it prints: the comments behind `print`, two spaces from it."""
        return _SHOWN.findall(self.text)

    def run(self, folder: Path, printed: Callable[[], str]) -> dict[str, Any]:
        """Run it as a script that lies in `folder`, and return its names.

        `printed` returns what was printed. Raises what the block raises, and AssertionError where it did not print
        what it says, in that order.
        """
        names = runpy.run_path(str(self._script(folder)), run_name="__main__")
        self._check(printed())
        return names

    def run_apart(self, folder: Path) -> None:
        """Run it in a process of its own, for what is only put away at its end. Nothing may go to its stderr."""
        command = [sys.executable, str(self._script(folder))]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
        assert (done.returncode, done.stderr) == (0, ""), f"{self}:\n{done.stderr}"
        self._check(done.stdout)

    def _script(self, folder: Path) -> Path:
        script = folder / "block.py"
        script.write_text(self.text, encoding="utf-8")
        return script

    def _check(self, told: str) -> None:
        rest = iter(told.splitlines())
        for line in self.shown:
            assert line in rest, f"{self} does not print {line!r} where it says so, but:\n{told}"


def blocks(page: str, *, continued: bool = False) -> list[Block]:
    """The blocks of `docs/<page>`, of which there is at least one; with `continued` all go on from the first."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = [Block(page, text.count("\n", 0, match.start()) + 1, match[1]) for match in _FENCE.finditer(text)]
    assert found, f"docs/{page} has no block that begins with ```py"
    if not continued:
        return found
    return [found[0], *(replace(block, text=f"{found[0].text}\n{block.text}") for block in found[1:])]
