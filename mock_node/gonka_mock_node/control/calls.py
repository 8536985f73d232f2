"""The words of the control plane: a call, its answer, its error, and a route that leads from one to the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

from gonka_mock_node.reply import go_json

from .network import Network


class ControlError(Exception):
    """Why a call is refused: the status, what is wrong and what to do next, and the field to blame, if there is one."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.field = field


@dataclass(frozen=True, slots=True)
class Call:
    """One request under `/mock/`: `parameters` of the path, decoded; `payload` None where no body came."""

    network: Network
    request: web.Request
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, as JSON."""

    value: Mapping[str, Any]
    status: int = 200


Handler: TypeAlias = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path below `/mock/`; `{name}` in it stands for one segment."""

    method: str
    path: str
    handler: Handler

    def match(self, path: str) -> Mapping[str, str] | None:
        """The parameters where the path is this route's."""
        wanted, given = self.path.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        parameters = {name[1:-1]: text for name, text in zip(wanted, given, strict=True) if name.startswith("{")}
        filled = [parameters.get(name[1:-1], name) for name in wanted]
        return parameters if filled == given and all(parameters.values()) else None


def json_route(method: str, path: str, function: Callable[[Call], Answer]) -> Route:
    """A route whose function knows nothing of HTTP."""

    async def handler(call: Call) -> web.StreamResponse:
        return json_response(function(call))

    return Route(method, path, handler)


def json_response(answer: Answer) -> web.Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(status=answer.status, body=go_json(answer.value), headers=headers)


def error_response(error: ControlError) -> web.Response:
    return json_response(Answer({"error": str(error), "field": error.field}, error.status))
