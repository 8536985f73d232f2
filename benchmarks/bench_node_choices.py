"""`bench_choices.py` for the mock node: what its code that is less plain gains over the plain way."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.bench_choices import WAYS, chosen
from benchmarks.measuring import CPU
from gonka_bench.workload import chat_payload
from gonka_mock_node import Said, answers, completions, log_lines, rules, shapes
from gonka_mock_node.completions import Form
from gonka_mock_node.go import json_value
from gonka_mock_node.profiles import PROFILES
from gonka_mock_node.reply import _GO_ESCAPES, go_bytes

pytestmark = CPU
TOGETHER = ("way",)

WORDS: Final = "You said: the quick brown fox jumps over the lazy dog, twice, and goes home."


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_words_put_together_once(benchmark: BenchmarkFixture, way: str) -> None:
    """The choice of an answer, its log probabilities with it: put together for each, or kept."""
    said, form = Said(WORDS), Form("id", "m", 10, 0)
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: b"".join(completions._choice(said, form, 0)),
        "ours": lambda: b"".join(completions._whole_choice(said, form, 0)),
    }
    assert ways["plain"]() == ways["ours"]()
    chosen(benchmark, "node: the words of an answer", way, ways)


def test_words_split_once(benchmark: BenchmarkFixture, way: str) -> None:
    """The pieces of an answer: found for each, or kept."""
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: answers._split(WORDS),
        "ours": lambda: answers._repeated(WORDS),
    }
    assert ways["plain"]() == ways["ours"]()
    chosen(benchmark, "node: the pieces of an answer", way, ways)


def test_json_without_white_space_around_it(benchmark: BenchmarkFixture, way: str) -> None:
    """A payload: by the decoder's `decode`, which looks for white space first and last, or by what is under it."""
    text = chat_payload(200).decode()
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: json_value._DECODER.decode(text),
        "ours": lambda: json_value._value(text),
    }
    assert ways["plain"]() == ways["ours"]()
    chosen(benchmark, "node: a payload read", way, ways)


def test_ordinary_messages(benchmark: BenchmarkFixture, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shape of a message that is a role and a text: by the rules, or seen at once."""
    messages = [{"role": "user", "content": WORDS}]
    if way == "plain":
        monkeypatch.setattr(shapes, "_is_ordinary", lambda message: False)

    def looked() -> None:
        shapes.require_messages(messages)

    chosen(benchmark, "node: the shape of a message", way, {"plain": looked, "ours": looked})


def test_rules_in_order(benchmark: BenchmarkFixture, way: str) -> None:
    """The rules of a generation: looked up by name, or kept."""
    names = PROFILES["v0.2.13"].rules
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: rules.order_of.__wrapped__(names, False, False),
        "ours": lambda: rules.order_of(names, False, False),
    }
    chosen(benchmark, "node: the rules of a request", way, ways)


def test_escapes_looked_for_one_by_one(benchmark: BenchmarkFixture, way: str) -> None:
    """A text that Go would escape nothing in: asked for each character in a loop, or in one expression."""

    def plain() -> bytes:
        text = WORDS
        for character, escaped in _GO_ESCAPES.items():
            if character in text:
                text = text.replace(character, escaped)
        return text.encode("utf-8", "replace")

    chosen(benchmark, "node: a text with Go's escapes", way, {"plain": plain, "ours": lambda: go_bytes(WORDS)})


def test_log_lines_together(benchmark: BenchmarkFixture, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve lines of the log in four turns of the loop: written at the end of each turn, or all together."""
    with open(os.devnull, "w", encoding="utf-8") as out, asyncio.Runner() as runner:
        monkeypatch.setattr(sys, "stdout", out)
        if way == "plain":
            monkeypatch.setattr(log_lines, "TOGETHER_S", 0.0)

        async def twelve() -> None:
            lines = log_lines.Lines(gone=lambda: None)
            for _ in range(4):
                for _ in range(3):
                    lines.put(WORDS)
                await asyncio.sleep(0)
            lines.flush()

        def written() -> Any:
            runner.run(twelve())

        chosen(benchmark, "node: twelve lines of the log", way, {"plain": written, "ours": written})
