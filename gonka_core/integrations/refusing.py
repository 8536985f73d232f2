"""Our errors as a server of OpenAI's protocol would tell them, for clients that know that protocol only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import ceil
from typing import Any, Final, NamedTuple

from gonka_core.errors import (
    AnswerError,
    CallError,
    ConfigurationError,
    DeadlineError,
    DiscoveryError,
    GonkaError,
    NodeError,
    PayloadError,
    TransportTimeout,
)

_TYPES: Final[Mapping[int, str]] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
}
_INNER_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


class Refusal(NamedTuple):
    """An answer with an error: status, headers with names in lower case, and a JSON object."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    def content(self) -> bytes:
        """The body as JSON in UTF-8."""
        return json.dumps(self.body, ensure_ascii=False).encode("utf-8")

    def event(self) -> bytes:
        """The body as an event of a stream (`protocol.md` §11.4): how an error is told once a stream has begun."""
        return b"data: " + self.content() + b"\n\n"


def refusal(error: GonkaError) -> Refusal:
    """The error as `{"error": {"message", "type", "param", "code"}}`.

    `message` is the error's own with its next step, `code` the name of its class in small letters (`rate_limited`), and
    `gonka` beside them says whether the request may have been billed and how many attempts there were. A client is told
    not to repeat it (`x-should-retry`): what may be repeated has been.
    """
    status = _status(error)
    headers = {"content-type": "application/json", "x-should-retry": "false"}
    told: dict[str, Any] = {
        "message": str(error),
        "type": _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error"),
        "param": None,
        "code": _code(error),
    }
    if isinstance(error, CallError):
        told["gonka"] = {"maybe_billed": error.maybe_billed, "attempts": len(error.attempts)}
    if isinstance(error, NodeError) and error.retry_after_s is not None:
        headers["retry-after"] = str(ceil(error.retry_after_s))
    return Refusal(status, headers, {"error": told})


def _code(error: GonkaError) -> str:
    return _INNER_CAPITAL.sub("_", type(error).__name__.removesuffix("Error")).lower()


def _status(error: GonkaError) -> int:
    if isinstance(error, NodeError) and error.status >= 400:
        return error.status
    if isinstance(error, DeadlineError | TransportTimeout):
        return 504
    if isinstance(error, PayloadError):
        return 400
    if isinstance(error, DiscoveryError):
        return 503
    if isinstance(error, ConfigurationError) or not isinstance(error, CallError | AnswerError):
        return 500
    return 502
