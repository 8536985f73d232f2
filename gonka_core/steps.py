"""What the flow of a call wants done next, and what it is sent in return. `driving` does it."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple, TypeAlias, TypeVar

from .answers import Answer
from .types import Request

Result = TypeVar("Result")


class Send(NamedTuple):
    """Send this, and bring the answer. `timeout`: what is left of the call's deadline, in seconds."""

    request: Request
    timeout: float | None = None
    stream: bool = False


class Wait(NamedTuple):
    """Do nothing for so long."""

    seconds: float


Step: TypeAlias = Send | Wait
Steps: TypeAlias = Generator[Step, Answer | None, Result]
"""A part of the flow: yields steps, is sent answers or has a `CallError` thrown into it, and returns a result."""
