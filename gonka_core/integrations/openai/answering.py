"""What the SDK is told: answers and refusals as HTTP responses, and the SDK's own errors where there is no response.

A refusal carries the error of ours that it stands for in `response.extensions["gonka_error"]`, an answer what it took
in `response.extensions["gonka_attempts"]`. The SDK is told not to repeat anything: what may be repeated has been.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from openai import APIConnectionError, APIError, APITimeoutError

from gonka_core.errors import (
    DeadlineError,
    DiscoveryError,
    GonkaError,
    NotToldError,
    PayloadError,
    StreamTruncatedError,
    TransportError,
    TransportTimeout,
)
from gonka_core.integrations.refusing import refusal
from gonka_core.models import Model
from gonka_core.relaying import AsyncRelayed, Relayed

from .asked import Route
from .generation import http

ERROR: Final = "gonka_error"
ATTEMPTS: Final = "gonka_attempts"
_UNREACHED: Final = (TransportError, DiscoveryError, NotToldError, StreamTruncatedError)
_INSTEAD: Final[Mapping[str, str]] = {
    "responses": "call chat.completions.create, or chat.completions.parse for structured output",
    "completions": "call chat.completions.create with the prompt as a message",
}
_CHAT_ONLY: Final = "call chat.completions or models; for anything else make a client of another provider"


def whole(relayed: Relayed | AsyncRelayed) -> http.Response:
    """An answer that is there."""
    assert relayed.completion is not None
    return http.Response(
        relayed.status,
        headers=dict(relayed.headers),
        content=relayed.completion.body,
        extensions={ATTEMPTS: relayed.attempts},
    )


def streamed(relayed: Relayed | AsyncRelayed, stream: http.SyncByteStream | http.AsyncByteStream) -> http.Response:
    """An answer whose body is still to come."""
    return http.Response(
        relayed.status, headers=dict(relayed.headers), stream=stream, extensions={ATTEMPTS: relayed.attempts}
    )


def listed(models: Iterable[Model], route: Route) -> http.Response:
    """The models as OpenAI's protocol lists them, or the one that is named."""
    rows = [_row(model) for model in models]
    if route.kind == "models":
        return _json(200, {"object": "list", "data": rows})
    named = next((row for row in rows if row["id"] == route.name), None)
    if named is not None:
        return _json(200, named)
    served = ", ".join(row["id"] for row in rows[:20]) or "none at the moment"
    return _not_found(PayloadError(f"nobody serves the model {route.name!r}", f"choose one that is served: {served}"))


def no_route(route: Route) -> http.Response:
    """For a route that the network does not have; nothing is sent."""
    _, _, path = route.name.partition(" /")
    step = _INSTEAD.get(path.partition("/")[0], _CHAT_ONLY)
    return _not_found(PayloadError(f"the Gonka network has no route {route.name}, and nothing was sent", step))


def failed(error: GonkaError, request: http.Request) -> http.Response:
    """The refusal that an error is. Raises the SDK's error where nobody answered."""
    if isinstance(error, (DeadlineError, *_UNREACHED)):
        raise broken(error, request) from error
    told = refusal(error)
    return http.Response(
        told.status, headers=dict(told.headers), content=told.content(), extensions={ERROR: error, ATTEMPTS: ()}
    )


def broken(error: GonkaError, request: http.Request) -> APIError:
    """The SDK's error for one that came instead of an answer, or in the middle of one; raise it from ours."""
    if isinstance(error, DeadlineError | TransportTimeout) or isinstance(error.__cause__, TransportTimeout):
        late = APITimeoutError(request=request)
        late.message, late.args = str(error), (str(error),)
        return late
    if isinstance(error, _UNREACHED):
        return APIConnectionError(message=str(error), request=request)
    return APIError(str(error), request, body=refusal(error).body["error"])


def _row(model: Model) -> dict[str, Any]:
    told = {
        "name": model.name,
        "context_length": model.context_length,
        "max_output_length": model.max_output,
        "quantization": model.quantization,
        "description": model.description,
        "price_ngonka": model.price_ngonka,
    }
    known = {name: value for name, value in told.items() if value not in (None, "")}
    # The SDK's type has a time of making, which nodes do not tell.
    return {"id": model.id, "object": "model", "created": 0, "owned_by": "gonka", **known}


def _not_found(error: PayloadError) -> http.Response:
    told = refusal(error)
    inner = {**told.body["error"], "type": "not_found_error", "code": "not_found"}
    return _json(404, {"error": inner}, {**told.headers}, {ERROR: error})


def _json(
    status: int,
    value: object,
    headers: Mapping[str, str] | None = None,
    extensions: dict[str, Any] | None = None,
) -> http.Response:
    return http.Response(
        status,
        headers={"content-type": "application/json", **(headers or {})},
        content=json.dumps(value, ensure_ascii=False).encode("utf-8"),
        extensions=extensions or {},
    )
