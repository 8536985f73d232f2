"""The yardstick that is installed is the text of the program that stands alone."""

from __future__ import annotations

import inspect

from benchmarks import baseline
from gonka_bench import documented


def test_the_function_is_that_of_the_documented_program() -> None:
    assert inspect.getsource(documented.sign_payload) == inspect.getsource(baseline.sign_payload)
