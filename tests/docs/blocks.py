"""The pages of this project, and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.docs.public import ROOT

PATTERNS = ("*.md", "docs/**/*.md", "[!.]*/README.md", "[!.]*/examples/README.md")
PAGES = sorted({page for pattern in PATTERNS for page in ROOT.glob(pattern)})
_FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code: its page, the line on which it opens, the word behind its fence."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """What follows a prompt in a block `console`, with the lines that continue it."""

    block: Block
    text: str

    def __str__(self) -> str:
        return f"{self.block.page.relative_to(ROOT)}: {self.text}"

    @property
    def words(self) -> list[str]:
        return self.text.split()


@cache
def blocks(*languages: str) -> tuple[Block, ...]:
    """The blocks of these languages, of all pages; all blocks where none is named."""
    found = [block for page in PAGES for block in blocks_of(page)]
    return tuple(block for block in found if not languages or block.language in languages)


def blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        yield Block(page, text.count("\n", 0, match.start()) + 1, match[2], match[3])


def commands(block: Block) -> Iterator[Command]:
    """Each line after a prompt, without its comment; a backslash at its end takes the next one in."""
    joined = block.text.replace("\\\n", " ")
    for line in joined.splitlines():
        if line.startswith("$ "):
            yield Command(block, re.sub(r"\s{2,}#.*$", "", line[2:]).strip())
