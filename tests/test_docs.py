"""Every Python block in README and docs runs, and every command in them exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gonka_mock_node import MockNode

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("[!.]*/README.md"), *ROOT.glob("docs/*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KEY = "0x" + "11" * 32


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(language: str) -> list[Block]:
    found: list[Block] = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        matches = (match for match in FENCE.finditer(text) if match[1] == language)
        found += (Block(page, text.count("\n", 0, match.start()) + 1, language, match[2]) for match in matches)
    return found


@pytest.fixture(scope="module")
def node() -> Iterator[MockNode]:
    with MockNode() as node:
        yield node


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_blocks_run(block: Block, node: MockNode, tmp_path: Path) -> None:
    """Each in a process of its own, with the environment of a user whose endpoint is a mock node."""
    environ = {
        **os.environ,
        "GONKA_PRIVATE_KEY": KEY,
        "GONKA_ENDPOINT": node.url,
        "GONKA_PROVIDER_ADDRESS": node.provider_address,
    }
    script = tmp_path / "test_block.py"
    script.write_text(block.text, encoding="utf-8")
    command = [sys.executable, str(script)]
    if re.search(r"^class Test|^def test_|^    def test_", block.text, re.MULTILINE):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(script)]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def commands(program: str) -> list[str]:
    lines = [line for language in ("console", "bash") for block in blocks(language) for line in block.text.splitlines()]
    words = [line.removeprefix("$ ").split() for line in lines]
    return sorted({line[1] for line in words if len(line) > 1 and line[0] == program})


@pytest.mark.parametrize("target", commands("make"))
def test_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", commands("gonka"))
def test_commands_exist(name: str) -> None:
    command = [str(Path(sys.executable).parent / "gonka"), name, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()


def test_the_pages_are_found() -> None:
    assert len(blocks("python")) >= 5
    assert len(commands("gonka")) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
