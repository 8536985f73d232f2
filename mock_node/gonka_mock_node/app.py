"""The HTTP coat of a node: requests in, replies out. What is answered is decided in `service` and `reading`."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import StreamReader, http_exceptions, web
from multidict import istr

from . import reading, wire
from .case import COMPLETIONS, Arrived
from .http_routes import NODE, Handler, add_route
from .judgement import Refusal
from .node import Node
from .reply import Reply, refused
from .service import read, refuse, retired, serve

CHAT: Final = "/v1/chat/completions"
BODY_LIMIT: Final = 10 * 1024 * 1024
"""Of the node itself from v0.2.10 on, of the nginx in front of it before (`protocol.md` §3.8, §3.11)."""

_HEADERS: Final = tuple(
    istr(name)
    for name in (
        "Authorization",
        "X-Requester-Address",
        "X-Timestamp",
        "X-Transfer-Address",
        "X-Inference-Id",
        "X-Seed",
        "X-TA-Signature",
        "X-Prompt-Hash",
    )
)
"""What a node reads, in the order of the fields of `Arrived`."""


class _BodyError(Exception):
    """The body cannot be had: the rule, the status and the node's text (`protocol.md` §3.2, rows 0b and 1)."""

    def __init__(self, status: int, text: str, rule: str = "body") -> None:
        super().__init__(text)
        self.refusal = Refusal(rule, status, text)


def application(node: Node) -> web.Application:
    """The routes of a node, as an aiohttp application."""
    app = web.Application(client_max_size=0)
    app[NODE] = node
    app.on_response_prepare.append(_without_server_name)
    for path in (CHAT, COMPLETIONS) if node.profile.routes.completions else (CHAT,):
        add_route(app, "POST", path, inference)
    if node.profile.kind == "gone":
        add_route(app, "GET", CHAT, gone)
        for path in ("/v1/devshard", "/v1/devshard/{rest:.*}"):
            add_route(app, "*", path, gone_devshard)
    for route in reading.routes(node.profile):
        add_route(app, route.method, route.path, _reader(route))
    return app


async def inference(request: web.Request) -> web.StreamResponse:
    """`POST` on a route that a model answers, `protocol.md` §3, §5 and §11."""
    node = request.app[NODE]
    try:
        body = await _body(request, node)
    except _BodyError as error:
        reply = refuse(node, _arrived(request, b""), error.refusal)
        return await wire.write(request, Reply(reply.status, reply.headers, reply.steps, reply.length, close=True))
    served = await serve(node, _arrived(request, body))
    try:
        return await wire.write(request, served.reply, node.limits.write_s)
    finally:
        served.finish()


async def gone(request: web.Request) -> web.StreamResponse:
    return await wire.write(request, retired("classic inference is deprecated; use devshard"))


async def gone_devshard(request: web.Request) -> web.StreamResponse:
    return await wire.write(request, retired("/v1/devshard is deprecated; use /devshard/{version}"))


def _reader(route: reading.Route) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        node = request.app[NODE]
        try:
            body = await _body(request, node) if request.can_read_body else b""
        except _BodyError as error:
            return await wire.write(request, refused(error.refusal.status, error.refusal.error))
        ask = reading.Ask(node, dict(request.match_info), dict(request.query), body)
        reply = read(node, request.path, lambda: reading.read(route, ask))
        return await wire.write(request, reply, node.limits.write_s)

    return answer


async def _body(request: web.Request, node: Node) -> bytes:
    """The body as it arrived.

    Raises `_BodyError`: too long by its declared length or by what came, broken off, late.
    """
    raw, content = node.profile.body_limit == "raw", request.content
    if not content.is_eof() and (request.content_length or 0) > BODY_LIMIT and not raw:
        raise _BodyError(
            413, "Request Entity Too Large" if node.profile.kind != "gateway" else "request body too large"
        )
    try:
        # A short body came with the head; a timeout for it would take longer than reading it.
        body = content.read_nowait() if content.is_eof() else await _awaited(content, node.limits.body_s)
    except TimeoutError:
        raise _BodyError(408, "request body read timeout") from None
    except (web.RequestPayloadError, http_exceptions.HttpProcessingError, ConnectionError):
        raise _BodyError(400, "malformed request body") from None
    if len(body) > BODY_LIMIT:
        raise _BodyError(*((500, "http: request body too large") if raw else (413, "request body too large")))
    return body


async def _awaited(content: StreamReader, seconds: float) -> bytes:
    """What comes, up to the limit and the piece that goes beyond it. Raises TimeoutError."""
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for piece in content.iter_any():
            body += piece
            if len(body) > BODY_LIMIT:
                break
    return bytes(body)


def _arrived(request: web.Request, body: bytes) -> Arrived:
    first = request.headers.get
    return Arrived(request.path, body, *[first(name, "") for name in _HEADERS])


async def _without_server_name(_request: web.Request, response: web.StreamResponse) -> None:
    """A node's own server sends no `Server`; what names Python would give the mock away."""
    if response.headers.get("Server", "").startswith("Python"):
        del response.headers["Server"]
