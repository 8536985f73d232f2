"""What was answered becomes a result, or the error that it is no such result. No I/O: the bytes were read by others."""

from __future__ import annotations

from typing import Final

from .answers import Answer, is_stream
from .chunks import Completion
from .errors import UnusableAnswerError
from .limits import DEFAULT, Limits, OverLimitError, exceeded, parse_object
from .refusals import quoted, refusal
from .types import Request

__all__ = ["Answer", "completion", "is_stream", "not_a_stream", "refusal"]

_BILLED: Final = "the request may have been billed"


def completion(request: Request, answer: Answer, limits: Limits = DEFAULT) -> Completion:
    """The completion in a successful answer.

    Raises `UnusableAnswerError` when it is not a JSON object, `LimitExceededError` when it is nested too deep, and the
    `NodeError` of an error that comes with a status of success.
    """
    body = answer.body or b""
    try:
        data = parse_object(body, limits)
    except OverLimitError as over:
        raise exceeded(over, request.endpoint, answer.status) from None
    if data is None:
        raise _no_object(request, answer)
    if data.get("error") and "choices" not in data:
        raise refusal(request, answer)
    return Completion(data=data, body=body, request=request)


def _no_object(request: Request, answer: Answer) -> UnusableAnswerError:
    what = "a stream" if is_stream(answer.status, answer.headers) else "something that is not a JSON object"
    step = "call stream(payload)" if what == "a stream" else "check that the endpoint URL leads to a node"
    return _unusable(request, answer, f"answered {what}", step)


def not_a_stream(request: Request, answer: Answer) -> UnusableAnswerError:
    """The error for a successful answer that is whole where a stream was asked for."""
    return _unusable(
        request, answer, "answered without a stream", 'call chat(payload), or say "stream": true in the payload'
    )


def _unusable(request: Request, answer: Answer, what: str, step: str) -> UnusableAnswerError:
    told = quoted((answer.body or b"").decode("utf-8", "replace"))
    return UnusableAnswerError(
        f"{request.endpoint} {what}: {told}", f"{step}; {_BILLED}", endpoint=request.endpoint, status=answer.status
    )
