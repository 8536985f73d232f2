"""Wrong answers: each changes one that a correct node was about to send."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from .stage import Edit


def at(path: str, change: Callable[[Any], Any], *, status: int = 200) -> Edit:
    """Change the JSON of an answer with that status, on paths that begin so."""

    def edit(request: web.Request, response: web.Response) -> None:
        if request.path.startswith(path) and response.status == status:
            _put(response, json.dumps(change(_json(response)), separators=(",", ":")).encode() + b"\n")

    return edit


def put(**fields: Any) -> Callable[[Any], Any]:
    """Other values for some fields."""
    return lambda document: {**document, **fields}


def in_data(**fields: Any) -> Callable[[Any], Any]:
    """Other values for some fields under `data`."""
    return lambda document: {**document, "data": {**document["data"], **fields}}


def error_objects(_request: web.Request, response: web.Response) -> None:
    """Errors in the shape of OpenAI."""
    if response.status >= 400:
        error = {"message": _json(response)["error"], "type": "invalid_request_error"}
        _put(response, json.dumps({"error": error}).encode() + b"\n")


def flat_errors(_request: web.Request, response: web.Response) -> None:
    """Errors of a gateway as plain strings."""
    if response.status >= 400:
        _put(response, json.dumps({"error": _json(response)["error"]["message"]}).encode() + b"\n")


def no_line_feed(_request: web.Request, response: web.Response) -> None:
    _put(response, _bytes(response).rstrip(b"\n"))


def plain_not_found(_request: web.Request, response: web.Response) -> None:
    """The framework's own page for a path that does not exist."""
    if response.status == 404:
        _put(response, b"404: Not Found")


def disabled_by_page(request: web.Request, response: web.Response) -> None:
    if request.path.startswith("/chain-"):
        response.set_status(404)
        _put(response, b"<html>404 Not Found</html>")


def missing_is_an_error(request: web.Request, response: web.Response) -> None:
    """500 for an account that does not exist."""
    if request.path.startswith("/v2/accounts/") and response.status == 404:
        response.set_status(500)


def spaced(request: web.Request, response: web.Response) -> None:
    """JSON as Python writes it."""
    if request.path.endswith("completions") and response.status == 200:
        _put(response, json.dumps(_json(response), sort_keys=True).encode())


def without_scores(document: Any) -> Any:
    return {**document, "choices": [{**choice, "logprobs": None} for choice in document["choices"]]}


def asks_first(request: web.Request, response: web.Response) -> None:
    """Looks whether a retired request was authorized."""
    if response.status == 410 and "Authorization" not in request.headers:
        response.set_status(401)
        _put(response, b'{"error":"Authorization is required"}\n')


def without_request_id(_request: web.Request, response: web.Response) -> None:
    response.headers.popall("X-Request-Id", None)


def every_fifth() -> Edit:
    """Fails now and then when much is asked."""
    count = itertools.count(1)

    def edit(_request: web.Request, response: web.Response) -> None:
        if next(count) % 5 == 0:
            response.set_status(500)

    return edit


def _bytes(response: web.Response) -> bytes:
    body = response.body
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


def _json(response: web.Response) -> Any:
    return json.loads(_bytes(response))


def _put(response: web.Response, body: bytes) -> None:
    response.body = body
