"""CHANGELOG.md keeps to its format, and knows the version that is released."""

from __future__ import annotations

import re
import tomllib
from datetime import date

from tests.docs.public import ROOT

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
RELEASE = re.compile(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def flaws(changelog: str, version: str) -> list[str]:
    """What is wrong with a changelog, for a package of that version."""
    headings = HEADING.findall(changelog)
    releases = [RELEASE.fullmatch(heading) for heading in headings if heading != "[Unreleased]"]
    found = [] if headings[:1] == ["[Unreleased]"] else ["it does not begin with what is not released"]
    if not all(releases):
        return [*found, "a heading is no `[1.2.3] - 2026-12-31`"]
    told = [(tuple(map(int, each[1].split("."))), date.fromisoformat(each[2])) for each in releases if each]
    if told != sorted(told, reverse=True):
        found.append("the newest is not the first")
    if told and version not in changelog:
        found.append(f"{version} is not told of")
    if not set(re.findall(r"^### (.+)$", changelog, re.MULTILINE)) <= KINDS:
        found.append("a kind of change has another name than the format gives it")
    return found


def test_the_changelog_is_sound() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert flaws(changelog, version) == []
    assert "Semantic Versioning" in changelog


def test_what_is_wrong_is_noticed() -> None:
    sound = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n## [0.1.0] - 2026-11-01\n"
    assert flaws(sound, "0.2.0") == []
    assert flaws(sound, "0.3.0") == ["0.3.0 is not told of"]
    assert flaws(sound.replace("## [Unreleased]\n", ""), "0.2.0") == ["it does not begin with what is not released"]
    assert flaws(sound.replace("[0.1.0]", "[0.9.0]"), "0.2.0") == ["the newest is not the first"]
    assert flaws(sound.replace(" - 2026-11-01", ""), "0.2.0") == ["a heading is no `[1.2.3] - 2026-12-31`"]
    assert len(flaws(sound.replace("### Added", "### New"), "0.2.0")) == 1
