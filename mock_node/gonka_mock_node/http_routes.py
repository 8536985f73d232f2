"""Routes of an aiohttp application, without what aiohttp does by itself and no node does.

aiohttp answers an unknown `Expect` before any handler is asked, and fails where that header is no UTF-8; so every path
has a route here, also those that no node knows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_route(app: web.Application, method: str, path: str, handler: Handler) -> None:
    """A route that is strict about `Expect`, and quiet about what somebody writes into it."""
    app.router.add_route(method, path, handler, expect_handler=_expected)


def add_the_rest(app: web.Application) -> None:
    """What answers on every other path; to be called when all routes are there."""
    known = tuple(app.router.resources())

    async def not_there(request: web.Request) -> web.StreamResponse:
        for resource in known:
            _, allowed = await resource.resolve(request)
            if allowed:
                raise web.HTTPMethodNotAllowed(request.method, allowed)
        raise web.HTTPNotFound

    add_route(app, "*", "/{rest:.*}", not_there)


async def _expected(request: web.Request) -> None:
    """`Expect`, as Go's server takes it: `100-continue` is answered, anything else refused."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        raise web.HTTPExpectationFailed
    if request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
