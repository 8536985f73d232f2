"""The models, in OpenAI's form, asked for once in a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from gonka_core.models import Model


class Tells(Protocol):
    """A client, as far as it tells which models are served."""

    async def models(self) -> tuple[Model, ...]: ...


class Listing:
    """What `client.models()` says, believed for `keep_s` seconds of the monotonic clock `seconds`.

    Many may ask at once; the network is asked by one of them. An error is not kept.
    """

    def __init__(self, client: Tells, keep_s: float, seconds: Callable[[], float]) -> None:
        self._client = client
        self._keep_s = keep_s
        self._seconds = seconds
        self._asking = asyncio.Lock()
        self._known: dict[str, Mapping[str, Any]] = {}
        self._until: float | None = None

    async def models(self) -> Mapping[str, Mapping[str, Any]]:
        """Each model by its id, as OpenAI's `GET /v1/models/{id}` shows it. Raises what `AsyncClient.models` does."""
        if not self._fresh():
            async with self._asking:
                if not self._fresh():
                    self._known = {model.id: _shown(model) for model in await self._client.models()}
                    self._until = self._seconds() + self._keep_s
        return self._known

    def _fresh(self) -> bool:
        return self._until is not None and self._seconds() < self._until


def _shown(model: Model) -> dict[str, Any]:
    """OpenAI's four fields, and what else is known. Nobody tells when a model was made: `created` is 0."""
    more = {
        "name": model.name,
        "context_length": model.context_length,
        "max_output_length": model.max_output,
        "description": model.description or None,
    }
    known = {name: value for name, value in more.items() if value is not None}
    return {"id": model.id, "object": "model", "created": 0, "owned_by": "gonka", **known}
