"""What there is to run: a checkout, its groups of requirements, and what decides which environment a group needs."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_VERSION: Final = re.compile(r"-\d+$")
_ALONE: Final = re.compile(r"^# alone\b", re.MULTILINE)


@dataclass(frozen=True)
class Group:
    """A file of requirements, and the folder with the tests that need them.

    `openai-2.txt` and `openai-3.txt` are two groups for the tests in `openai/`. A file with a line `# alone: why` is
    run when no other is.
    """

    file: Path

    @property
    def name(self) -> str:
        return self.file.stem

    @property
    def tests(self) -> Path:
        return self.file.parents[1] / _VERSION.sub("", self.name)

    @property
    def alone(self) -> bool:
        return _ALONE.search(self.file.read_text(encoding="utf-8")) is not None


@dataclass(frozen=True)
class Checkout:
    """A clone of this repository: `root`; its environments are in `places`, which other clones may share."""

    root: Path
    places: Path

    def groups(self) -> dict[str, Group]:
        """All groups by name, in the order of their names."""
        files = (self.root / "tests" / "ecosystem" / "groups").glob("*.txt")
        return {file.stem: Group(file) for file in sorted(files, key=lambda file: file.stem)}

    def project(self) -> Mapping[str, Any]:
        """`pyproject.toml`."""
        return tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))

    def requirements(self, group: Group) -> tuple[Path, Path]:
        """The files that are installed: what all groups need, and the group's own."""
        return self.root / "tests" / "ecosystem" / "common.txt", group.file

    def environment(self, group: Group) -> Path:
        """Where the environment of a group is, whether it is there or not: a name made of all that decides on it."""
        files = [path.read_text(encoding="utf-8") for path in self.requirements(group)]
        told = json.dumps([sys.version, self.project()["project"], files], sort_keys=True)
        return self.places / f"{_stem(group)}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"

    def others(self, group: Group) -> list[Path]:
        """The environments of the same group and the same Python that were made of something else."""
        found = self.places.glob(f"{_stem(group)}-{'[0-9a-f]' * 12}")
        return [place for place in found if place != self.environment(group)]


def _stem(group: Group) -> str:
    return f"{group.name}-py{sys.version_info.major}.{sys.version_info.minor}"
