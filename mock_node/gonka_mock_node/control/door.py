"""The door to the control plane: who may come in, what a call says, which route answers it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .calls import Call, ControlError, Route, error_response
from .events import Events
from .guard import host_is_ours, host_name, origin_is_ours
from .network import Network

BODY_LIMIT: Final = 1024 * 1024
BODY_TIMEOUT_S: Final = 30.0
_LOG: Final = logging.getLogger("gonka_mock_node")


class Door:
    """Answers every request below `/mock/`."""

    def __init__(self, network: Network, routes: Sequence[Route], events: Events) -> None:
        self._network = network
        self._routes = routes
        self._events = events

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer; whatever goes wrong has the shape of an error and no traceback."""
        try:
            return await self._answered(request)
        except ControlError as error:
            response = error_response(error)
            if error.status == 405:
                response.headers["Allow"] = ", ".join(self._methods(request.match_info["path"]))
            return response
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:  # noqa: BLE001
            _LOG.exception("the control plane failed at %s %s; please report this", request.method, request.path)
            return error_response(ControlError(500, "the mock node failed; its log says where"))

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        self._admit(request)
        route, parameters = self._route(request.method, request.match_info["path"])
        payload = None if route.method == "GET" else await _payload(request)
        call = Call(self._network, request, parameters, _query(request), payload)
        response = await route.handler(call)
        if route.method != "GET":
            self._events.wake()
        return response

    def _admit(self, request: web.Request) -> None:
        if not host_is_ours(request.host, self._own_names(request)):
            raise ControlError(403, "this Host is not the node's; call it by localhost, 127.0.0.1 or its own address")
        if request.method != "GET" and not origin_is_ours(request.headers.get("Origin"), request.host):
            raise ControlError(403, "another page sent this; open the node's own /mock/ instead")

    def _own_names(self, request: web.Request) -> tuple[str, ...]:
        """The address that the connection came to, and the hosts of the network's URLs."""
        endpoint = request.transport.get_extra_info("sockname") if request.transport else None
        bound = (str(endpoint[0]),) if isinstance(endpoint, tuple) else ()
        urls = (host_name(node.public_url) for node in self._network.nodes)
        return (*bound, *(name for name in urls if name))

    def _route(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        for route in self._routes:
            parameters = route.match(path)
            if parameters is not None and route.method == method:
                return route, parameters
        return self._no_route(method, path)

    def _no_route(self, method: str, path: str) -> NoReturn:
        methods = self._methods(path)
        if methods:
            raise ControlError(405, f"{method[:20]} is not for this; use {' or '.join(methods)}")
        raise ControlError(404, "there is nothing here; docs/mock-control.md lists the routes under /mock/")

    def _methods(self, path: str) -> list[str]:
        return sorted({route.method for route in self._routes if route.match(path) is not None})


def _query(request: web.Request) -> dict[str, str]:
    query = request.rel_url.query
    twice = next((name for name in query if len(query.getall(name)) > 1), None)
    if twice is not None:
        raise ControlError(400, f"{twice[:80]!r} stands twice in the query; give it once", twice[:80])
    return dict(query)


async def _payload(request: web.Request) -> Mapping[str, Any] | None:
    """The JSON object in the body; None where there is no body."""
    body = await _body(request)
    if not body:
        return None
    if request.method != "DELETE" and request.content_type != "application/json":
        raise ControlError(415, "the body is not declared as JSON; send Content-Type: application/json")
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ControlError(400, "the body is no JSON; check it with a JSON validator") from None
    if not isinstance(value, dict):
        raise ControlError(400, "the body is JSON, but no object; send {…}")
    return value


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    too_long = ControlError(413, f"the body is longer than {BODY_LIMIT} bytes; send less")
    if (request.content_length or 0) > BODY_LIMIT:
        raise too_long
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > BODY_LIMIT:
                    raise too_long
    except TimeoutError:
        raise ControlError(400, f"the body did not arrive within {BODY_TIMEOUT_S:g} s; send it at once") from None
    except (web.RequestPayloadError, HttpProcessingError):
        raise ControlError(400, "the body broke off; send it again") from None
    return bytes(body)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
