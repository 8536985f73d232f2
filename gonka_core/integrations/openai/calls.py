"""What `request` of both clients does around the SDK's own: it is run once, and errors keep their cause."""

from __future__ import annotations

import copy
from typing import Any

from openai import APIStatusError

from . import answering
from .asked import ATTEMPTS


def once(options: Any, max_retries: int) -> Any:
    """The options of a request that the SDK does not repeat; how often it may be repeated goes along instead.

    `max_retries`: of the client, for requests that do not say it themselves.
    """
    ours = copy.copy(options)
    attempts = max(options.get_max_retries(max_retries), 0) + 1
    given = options.headers if isinstance(options.headers, dict) else {}
    if not any(name.lower() == ATTEMPTS for name in given):
        ours.headers = {**given, ATTEMPTS: str(attempts)}
    ours.max_retries = 0
    return ours


def keep_cause(error: APIStatusError) -> None:
    """Make ours the cause of the SDK's error, which the SDK raises from None."""
    cause = error.response.extensions.get(answering.ERROR)
    if cause is not None:
        error.__cause__ = cause


def with_count(answer: Any) -> Any:
    """The answer; a raw response tells how many repeats there were."""
    raw = getattr(answer, "http_response", None)
    attempts = getattr(raw, "extensions", {}).get(answering.ATTEMPTS)
    if attempts:
        answer.retries_taken = len(attempts) - 1
    return answer
