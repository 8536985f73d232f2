"""The HTTP coat of a node: routes in, JSON and events out. What is decided is decided in `rules`."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import http_exceptions, web

from gonka_core.errors import InvalidAddressError

from .answers import completion
from .case import Arrived, Case
from .chain import KNOWN_MODELS, Account
from .go_json import ChatFields
from .node import Node
from .rules import BODY_LIMIT

_NODE: Final = web.AppKey("node", Node)
_GO_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BodyError(Exception):
    """The body cannot be had: the status and the node's text (`protocol.md` §3.2, rows 0b and 1)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def application(node: Node) -> web.Application:
    """The routes of a node, as an aiohttp application."""
    app = web.Application(middlewares=[_json_errors], client_max_size=0)
    app[_NODE] = node
    app.router.add_post("/v1/chat/completions", chat_completions)
    for path, handler in _READING.items():
        app.router.add_get(path, handler, allow_head=False)
    return app


async def chat_completions(request: web.Request) -> web.StreamResponse:
    """`POST /v1/chat/completions`, `protocol.md` §3 and §5."""
    node = request.app[_NODE]
    try:
        body = await _body(request)
    except BodyError as error:
        response = _refused(node, error.status, str(error))
        response.force_close()
        return response
    case, verdict = node.consider(_arrived(request, body))
    if verdict.error is not None:
        return _refused(node, verdict.status, verdict.error)
    return await _answered(request, node, case)


async def _answered(request: web.Request, node: Node, case: Case) -> web.StreamResponse:
    assert isinstance(case.fields, ChatFields)
    created = case.block_time_ns // 10**9
    result = completion(case.fields, case.arrived.authorization, node.answer, created)
    if case.fields.data.get("stream") is not True:
        return web.Response(body=result.body(), headers={"Content-Type": "application/json", "Server": "uvicorn"})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", "Server": "uvicorn"})
    await response.prepare(request)
    for event in result.events():
        await response.write(event)
    await response.write_eof()
    return response


async def status(_request: web.Request) -> web.Response:
    return _json({"status": "ok"})


async def models(request: web.Request) -> web.Response:
    """`protocol.md` §6.4, the shape from v0.2.12 on."""
    chain = request.app[_NODE].chain
    served = chain.models if chain.models is not None else KNOWN_MODELS
    created = chain.clock.time_ns // 10**9
    return _json({"object": "list", "data": [_model(name, created) for name in served]})


async def identity(request: web.Request) -> web.Response:
    """`protocol.md` §6.2, shape A: signed over the compact JSON of `data` by the node's warm key."""
    node = request.app[_NODE]
    instant = datetime.fromtimestamp(node.chain.clock.time_ns // 10**9, UTC)
    data = {
        "address": node.provider_address,
        "block": node.chain.clock.height,
        "timestamp": instant.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    digest = hashlib.sha256(_encode(data).encode()).digest()
    signature = node.warm_key.sign_recoverable(digest, hasher=None)[:64]
    return _json({"data": data, "signature": base64.b64encode(signature).decode()})


async def account(request: web.Request) -> web.Response:
    """`protocol.md` §6.3."""
    node = request.app[_NODE]
    try:
        found = node.chain.account(request.match_info["address"])
    except InvalidAddressError:
        return _refused(node, 400, "rpc error: code = InvalidArgument desc = invalid address: invalid request")
    if found is None or found.public_key is None:
        what = "account not found" if found is None else "account has no public key"
        return _refused(node, 404, f"rpc error: code = NotFound desc = {what}: key not found")
    return _json(_account(found, found.public_key))


_READING: Final[dict[str, _Handler]] = {
    "/v1/status": status,
    "/v1/models": models,
    "/v1/identity": identity,
    "/v2/accounts/{address}": account,
    "/v1/participants/{address}": account,
}


@web.middleware
async def _json_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """What the framework refuses has the node's shape too (`protocol.md` §3.1)."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _refused(request.app[_NODE], error.status, error.reason)


async def _body(request: web.Request) -> bytes:
    """The body as it arrived. Raises `BodyError`: too long by its declared length or by what came, or broken off."""
    if (request.content_length or 0) > BODY_LIMIT:
        raise BodyError(413, "Request Entity Too Large")
    body = bytearray()
    try:
        async for piece in request.content.iter_any():
            body += piece
            if len(body) > BODY_LIMIT:
                raise BodyError(413, "request body too large")
    except (web.RequestPayloadError, http_exceptions.HttpProcessingError, ConnectionError):
        raise BodyError(400, "malformed request body") from None
    return bytes(body)


def _arrived(request: web.Request, body: bytes) -> Arrived:
    headers = request.headers
    return Arrived(
        route=request.path,
        body=body,
        authorization=headers.get("Authorization", ""),
        requester=headers.get("X-Requester-Address", ""),
        timestamp=headers.get("X-Timestamp", ""),
        transfer_address=headers.get("X-Transfer-Address", ""),
    )


def _refused(node: Node, status: int, error: str) -> web.Response:
    text = _encode({"error": error}).translate(_GO_ESCAPES) + "\n"
    return web.Response(
        status=status, body=text.encode("utf-8", "replace"), headers={"Content-Type": node.profile.content_type}
    )


def _json(value: dict[str, Any]) -> web.Response:
    return web.Response(body=(_encode(value) + "\n").encode(), headers={"Content-Type": "application/json"})


def _encode(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _account(found: Account, public_key: bytes) -> dict[str, Any]:
    return {"pubkey": base64.b64encode(public_key).decode(), "balance": found.balance, "denom": "ngonka"}


def _model(name: str, created: int) -> dict[str, Any]:
    return {
        "object": "model",
        "id": name,
        "hugging_face_id": name,
        "name": name,
        "created": created,
        "input_modalities": ["text"],
        "output_modalities": ["text"],
        "context_length": 131072,
        "max_output_length": 131072,
    }
