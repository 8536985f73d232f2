"""The inspector: three files, served as they are under a policy that lets them load nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

from .calls import Call, Handler, Route

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@cache
def _content(name: str) -> bytes:
    return files("gonka_mock_node").joinpath("inspector", name).read_bytes()


def _file(name: str, content_type: str) -> Handler:
    async def handler(_call: Call) -> web.StreamResponse:
        return web.Response(body=_content(name), headers={"Content-Type": content_type, **_HEADERS})

    return handler


ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "", _file("index.html", "text/html; charset=utf-8")),
    Route("GET", "inspector.js", _file("inspector.js", "text/javascript; charset=utf-8")),
    Route("GET", "inspector.css", _file("inspector.css", "text/css; charset=utf-8")),
)
