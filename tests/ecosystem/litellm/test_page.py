"""The blocks of the page run as they stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import litellm
import pytest

from tests.ecosystem.pages import Block

PAGE = "litellm.md"

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm"),
    pytest.mark.filterwarnings("ignore::UserWarning:pydantic"),
]


def test_it_runs(block: Block, run_block: Callable[[Block], dict[str, Any]]) -> None:
    names = run_block(block)
    assert names["litellm"] is litellm
