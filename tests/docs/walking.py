"""Pages that hold a whole package: their files, and their commands with what is shown beneath each."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ELLIPSIS = "…"


@dataclass(frozen=True)
class Step:
    """A command, and the lines that the page shows beneath it."""

    command: str
    shown: tuple[str, ...]


def files(page: str) -> dict[str, str]:
    """Each file of a page: a path in code, alone on its line, and the block beneath it."""
    return dict(FILE.findall(page))


def steps(page: str) -> list[Step]:
    """The commands of the block that begins with a new venv."""
    block = re.search(r"^```console\n(\$ python3 -m venv .*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert block is not None
    found = [step.splitlines() for step in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]]
    return [Step(command, tuple(lines)) for command, *lines in found]


def require_shown(step: Step, output: str) -> None:
    """Every line that the page shows is printed, in that order.

    An ellipsis stands for any lines, and at the end of a line for the rest of it.
    """
    printed = iter([line.split() for line in output.splitlines()])
    for line in step.shown:
        wanted = line.split()
        if wanted[-1:] == [ELLIPSIS]:
            begun = wanted[:-1]
            found = not begun or any(words[: len(begun)] == begun for words in printed)
        else:
            found = wanted in printed
        assert found, f"{step.command} does not print {line!r} there:\n{output}"


def lay_out(page: str, folder: Path) -> None:
    """Write the files, and beside them what an installer would make of their pyproject.toml.

    With `folder` and the package's own folder on `PYTHONPATH` the package is there as if it were installed.
    """
    for path, text in files(page).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
        if path.endswith("pyproject.toml"):
            _describe((folder / path).parent, tomllib.loads(text)["project"])


def _describe(folder: Path, project: dict[str, object]) -> None:
    name, version, points = project["name"], project["version"], project["entry-points"]
    info = folder / f"{str(name).replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    assert isinstance(points, dict)
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in of.items()) for group, of in points.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
