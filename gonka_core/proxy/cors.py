"""What browsers are told: nothing, unless the page's origin was named.

There is no wildcard: any page could then try keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_NAMES: Final = re.compile(r"[A-Za-z0-9-]+(?:\s*,\s*[A-Za-z0-9-]+)*", re.ASCII)
_USUAL: Final = "authorization, content-type, x-api-key, api-key"
_KEPT_S: Final = 600


def for_page(headers: Mapping[str, str], origins: frozenset[str]) -> dict[str, str]:
    """The headers that let a page read an answer; empty for a page that may not, and for who is no page."""
    origin = headers.get("Origin")
    if not origins:
        return {}
    if origin is None or origin not in origins:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "retry-after, x-request-id, x-should-retry",
    }


def preflight(headers: Mapping[str, str], origins: frozenset[str], methods: str) -> dict[str, str] | None:
    """The headers that answer the question of a browser whether it may; None where nobody may, or none was asked."""
    if headers.get("Origin") not in origins or "Access-Control-Request-Method" not in headers:
        return None
    asked = headers.get("Access-Control-Request-Headers", "")
    allowed = {
        **for_page(headers, origins),
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": asked if _NAMES.fullmatch(asked) else _USUAL,
        "Access-Control-Max-Age": str(_KEPT_S),
    }
    if headers.get("Access-Control-Request-Private-Network") == "true":
        allowed["Access-Control-Allow-Private-Network"] = "true"
    return allowed
