"""Routes of an aiohttp application, without what aiohttp does by itself and no node does.

aiohttp answers an unknown `Expect` before any handler is asked, and fails where that header is no UTF-8; so every path
has a route here, also those that no node knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import web

from . import wire
from .node import Node
from .reply import refused

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

NODE: Final[web.AppKey[Node]] = web.AppKey("node", Node)
_LOG: Final = logging.getLogger("gonka_mock_node")


def add_route(app: web.Application, method: str, path: str, handler: Handler) -> None:
    """A route that is strict about `Expect`, and quiet about what somebody writes into it."""
    app.router.add_route(method, path, _in_the_nodes_shape(handler), expect_handler=_expected)


def _in_the_nodes_shape(handler: Handler) -> Handler:
    """What the framework refuses has the node's shape too (`protocol.md` §3.1); so has a failure of the mock itself.

    A middleware would do the same: it would be asked for by every request, and this is there.
    """

    async def shaped(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            return await wire.write(request, refused(error.status, error.reason, _content_type(request)))
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the node goes on
            _LOG.exception("the mock node failed at %s %s; please report this", request.method, request.path)
            told = "the mock node failed; its log says where"
            return await wire.write(request, refused(500, told, _content_type(request)))

    return shaped


def _content_type(request: web.Request) -> str:
    return request.app[NODE].profile.content_type


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
