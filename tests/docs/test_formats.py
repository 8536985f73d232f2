"""Blocks in other languages than Python: each is read by what reads that language, and every exception has a reason."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import Block, blocks, blocks_of
from tests.docs.public import ROOT
from tests.docs.tooling import tools
from tests.docs.walking import files

REQUEST_LINE = re.compile(r"(GET|POST|PUT|DELETE) /\S* ?(HTTP/1\.1)?|HTTP/1\.1 \d{3} .+")
NOT_RUN = {
    "docs/keys.md": "the system's keyring, which its user unlocks; tests/wallet/test_system.py has one of its own",
    "docs/remote-signer.md": "sockets of an installed system; tests/wallet/test_remote_signer.py runs the module",
}
"""Pages with a block `py` that nobody runs, and why."""


def json_values(text: str) -> Iterator[object]:
    """The values in a text, one behind the other."""
    decoder, at = json.JSONDecoder(), 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        value, at = decoder.raw_decode(text, at)
        yield value


def is_json(text: str) -> None:
    json.loads(text)


def are_json(text: str) -> None:
    assert len(list(json_values(text))) > 1


def is_toml(text: str) -> None:
    tomllib.loads(text)


def is_yaml(text: str) -> None:
    """Read by the tools of the docs, which have a reader; it needs a package index the first time."""
    program = "import sys, yaml; sys.exit(not yaml.safe_load(sys.stdin))"
    subprocess.run([tools(), "-c", program], input=text, text=True, check=True, timeout=60, stderr=subprocess.PIPE)


def is_http(text: str) -> None:
    """Requests or answers, one behind the other, each with its headers and perhaps a body of JSON."""
    paragraphs = [paragraph for paragraph in text.strip().split("\n\n") if paragraph]
    for paragraph in paragraphs:
        first, *headers = paragraph.splitlines()
        if first.startswith(("{", "[")):
            json.loads(paragraph)
            continue
        assert REQUEST_LINE.fullmatch(first), first
        assert all(re.fullmatch(r"[\w-]+: .+", header) for header in headers), headers


def is_shell(text: str) -> None:
    subprocess.run(["sh", "-n"], input=text, text=True, check=True, timeout=20)


def is_javascript(text: str) -> None:
    """Checked where Node.js is; CI has it."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    subprocess.run(["node", "--check", "-"], input=text, text=True, check=True, timeout=20)


READERS: dict[str, Callable[[str], None]] = {
    "http": is_http,
    "javascript": is_javascript,
    "json": is_json,
    "jsonl": are_json,
    "sh": is_shell,
    "bash": is_shell,
    "toml": is_toml,
    "yaml": is_yaml,
}
ELSEWHERE = {"python", "py", "console", "text"}
"""Run by tests/test_docs.py, by those who have the library, by test_console.py; and what is no code."""


def test_each_block_says_what_it_is() -> None:
    assert {block.language for block in blocks()} <= ELSEWHERE | set(READERS)


@pytest.mark.parametrize("block", blocks(*READERS), ids=str)
def test_it_is_read_by_its_language(block: Block) -> None:
    READERS[block.language](block.text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("json", '{"a": 1,}'),
        ("jsonl", '{"a": 1}'),
        ("toml", "a = "),
        ("yaml", "a: [1"),
        ("http", "FETCH /v1 HTTP/1.1"),
        ("http", 'POST /v1 HTTP/1.1\nContent-Type: application/json\n\n{"a"}'),
        ("sh", "if true; then"),
        ("javascript", "const = 1"),
    ],
)
def test_what_is_wrong_is_noticed(language: str, text: str) -> None:
    with pytest.raises((ValueError, AssertionError, subprocess.CalledProcessError)):
        READERS[language](text)


def page_of(block: Block) -> str:
    return block.page.relative_to(ROOT).as_posix()


def is_run_by_a_group(page: Path) -> bool:
    """Whether a test with the real library names the page, which it then runs."""
    tests = (ROOT / "tests" / "ecosystem").glob("*/test_*.py")
    return any(page.name in test.read_text(encoding="utf-8") for test in tests)


def is_a_file_of_its_page(block: Block) -> bool:
    """Whether it is a file of a page that holds a whole package, which a test lays out and uses."""
    return block.text in files(block.page.read_text(encoding="utf-8")).values()


@pytest.mark.parametrize("block", blocks("py"), ids=str)
def test_it_is_python(block: Block) -> None:
    compile(block.text, str(block), "exec", dont_inherit=True)


@pytest.mark.parametrize("block", blocks("py"), ids=str)
def test_somebody_runs_it(block: Block) -> None:
    if page_of(block) not in NOT_RUN:
        assert is_run_by_a_group(block.page) or is_a_file_of_its_page(block)


@pytest.mark.parametrize("page", NOT_RUN)
def test_what_is_not_run_is_there_and_could_not_be_left_to_others(page: str) -> None:
    left = [block for block in blocks_of(ROOT / page) if block.language == "py"]
    assert left
    assert not any(is_run_by_a_group(block.page) or is_a_file_of_its_page(block) for block in left)
