"""Answers that are whole: JSON, and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from gonka_core.integrations.refusing import Refusal

from .refused import NOTHING


def told(value: object, extra: Mapping[str, str]) -> web.Response:
    """A value as JSON, with these headers as well."""
    headers = {"content-type": "application/json", **extra}
    return web.Response(headers=headers, body=json.dumps(value, ensure_ascii=False).encode())


def refused(refusal: Refusal, extra: Mapping[str, str] = NOTHING, *, close: bool = False) -> web.Response:
    """An error, with these headers as well; the connection ends behind it where that is asked for."""
    response = web.Response(status=refusal.status, headers={**refusal.headers, **extra}, body=refusal.content())
    if close:
        response.force_close()
    return response
