"""The blocks of the page run as they stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.ecosystem.pages import Block

PAGE = "llm.md"


@pytest.mark.usefixtures("folder")
def test_it_runs(block: Block, run_block: Callable[[Block], dict[str, Any]]) -> None:
    assert run_block(block)["model"].model_id == "gonka/Qwen/QwQ-32B"
