"""What the proxy itself refuses, before anything is signed, in the shape of OpenAI's errors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gonka_core.integrations.refusing import Refusal

_KINDS: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Refused(Exception):
    """An answer that ends the handling of a request. `again`: the same request may be sent again, and when."""

    refusal: Refusal

    def __init__(
        self,
        status: int,
        problem: str,
        next_step: str,
        *,
        code: str = "invalid_value",
        param: str | None = None,
        again: bool = False,
        headers: Mapping[str, str] = NOTHING,
        close: bool = False,
    ) -> None:
        super().__init__(status, code)
        kind = _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
        told = {"message": f"{problem}; {next_step}", "type": kind, "param": param, "code": code}
        common = {"content-type": "application/json", "x-should-retry": "true" if again else "false"}
        self.refusal = Refusal(status, {**common, **headers}, {"error": told})
        self.close = close


def too_long() -> Refused:
    """For headers over the limit."""
    return Refused(431, "the headers are too long", "send fewer, or shorter ones", code="headers_too_long", close=True)


def stopping() -> Refused:
    """For whoever comes, or is not done, when the proxy stops."""
    return Refused(
        503, "the proxy is stopping", "start it again, or ask another one", code="proxy_stopping", close=True
    )
