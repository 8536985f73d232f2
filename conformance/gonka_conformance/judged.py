"""A result of the kit as the outcome of a pytest test. The suites to subclass share it."""

from __future__ import annotations

import pytest

from .report import Result, Status


def as_outcome(result: Result) -> None:
    """Skip, expect the failure, or fail with requirement, evidence and source; nothing for what passed."""
    if result.status is Status.SKIPPED:
        pytest.skip(result.evidence)
    if result.status is Status.KNOWN_FAILURE:
        pytest.xfail(result.reason)
    if result.status is not Status.PASSED:
        details = "".join(f"\n{name}: {text}" for name, text in result.details)
        words = f"{result.id}: {result.requirement}\nseen: {result.evidence}{details}\nsource: {result.source}"
        pytest.fail(words, pytrace=False)
