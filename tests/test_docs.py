"""Every Python block in README and docs runs; links, targets of make and commands exist.

What else is in the pages is tested in tests/docs: commands, formats, the tutorial, the reference, the site.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonka_mock_node import MockNode
from tests.docs.blocks import PAGES, Block, blocks, commands
from tests.docs.public import ROOT

KEY = "0x" + "11" * 32


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


def called(program: str) -> list[str]:
    """The first words behind a program's name, in blocks with prompts and in scripts."""
    prompted = [command.words for block in blocks("console") for command in commands(block)]
    scripts = [line.split() for block in blocks("bash", "sh") for line in block.text.splitlines()]
    return sorted({words[1] for words in (*prompted, *scripts) if len(words) > 1 and words[0] == program})


@pytest.mark.parametrize("target", called("make"))
def test_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", called("gonka"))
def test_commands_exist(name: str) -> None:
    command = [str(Path(sys.executable).parent / "gonka"), name, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()


def test_the_pages_are_found() -> None:
    assert len(blocks("python")) >= 40
    assert len(called("gonka")) >= 12
    assert ROOT / "docs" / "reference" / "client.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
