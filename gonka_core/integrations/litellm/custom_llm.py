"""LiteLLM calls this, and it calls our clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple, Self

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client
from gonka_core.errors import ConfigurationError
from gonka_core.integrations.keeping import Clients
from gonka_core.relaying import Relayed
from gonka_core.request import encode

from .answers import Streamed, as_litellm, response

litellm: Any = import_module("litellm")  # by its name: type checkers take this package for it

_OF_LITELLM: Final = frozenset({"stream", "max_retries", "extra_body"})
"""Options that are no part of a payload. How often is tried again is the client's policy."""


class _Asked(NamedTuple):
    """What LiteLLM wants to know: the model, the body in JSON, and seconds that no single wait may exceed."""

    model: str
    body: bytes
    patience: float | None

    @classmethod
    def of(cls, given: Mapping[str, Any], *, stream: bool) -> Self:
        """Raises `PayloadError`, and `ConfigurationError` for settings that belong to the client."""
        for name in ("api_key", "api_base"):
            if given.get(name):
                raise ConfigurationError(
                    f"{name} is not taken from LiteLLM, which hands it to its loggers",
                    "leave it out: set GONKA_PRIVATE_KEY and GONKA_ENDPOINTS, or give GonkaLLM a client",
                )
        options = {**given["optional_params"], **given["optional_params"].get("extra_body", {})}
        payload = {"model": given["model"], "messages": given["messages"]}
        payload |= {name: value for name, value in options.items() if name not in _OF_LITELLM}
        timeout = given.get("timeout")
        patience = getattr(timeout, "read", timeout)
        return cls(given["model"], encode(payload, stream=stream), patience)


class GonkaLLM(litellm.CustomLLM):  # type: ignore[misc]
    """Sends what LiteLLM is asked through a `Client` or an `AsyncClient`.

    Clients that are not given are made at first use, from the environment. Connections of an event loop are closed with
    it; `close` closes the others. What a call ends in is raised as an exception of LiteLLM, with ours as its cause.
    """

    def __init__(self, client: Client | None = None, async_client: AsyncClient | None = None) -> None:
        super().__init__()
        self._given, self._given_async = client, async_client
        self._own = Clients(Client, AsyncClient)

    def completion(self, **given: Any) -> Any:
        """A `litellm.ModelResponse`. Called by LiteLLM, as are the next three."""
        with as_litellm(given["model"]):
            asked = _Asked.of(given, stream=False)
            client = self._given or self._own.client()
            with client.relay(asked.body, model=asked.model, patience=asked.patience) as answer:
                return response(answer.completion, given["model_response"])

    async def acompletion(self, **given: Any) -> Any:
        """`completion`, awaited."""
        with as_litellm(given["model"]):
            asked = _Asked.of(given, stream=False)
            client = self._given_async or self._own.async_client()
            relaying = client.relay(asked.body, model=asked.model, patience=asked.patience)
            async with await relaying as answer:
                return response(answer.completion, given["model_response"])

    def streaming(self, **given: Any) -> Iterator[Any]:
        """Yields `litellm.ModelResponseStream`. The headers of the answer are there when it returns."""
        with as_litellm(given["model"]):
            asked = _Asked.of(given, stream=True)
            client = self._given or self._own.client()
            answer = client.relay(asked.body, model=asked.model, stream=True, patience=asked.patience)
        return _streamed(answer, asked.model)

    async def astreaming(self, **given: Any) -> AsyncIterator[Any]:
        """`streaming`, awaited; sent when it is iterated."""
        with as_litellm(given["model"]):
            asked = _Asked.of(given, stream=True)
            streamed = Streamed()
            client = self._given_async or self._own.async_client()
            relaying = client.relay(asked.body, model=asked.model, stream=True, patience=asked.patience)
            async with await relaying as answer:
                async for piece in answer:
                    for chunk in streamed.feed(piece):
                        yield chunk
            for chunk in streamed.end():
                yield chunk

    def close(self) -> None:
        """Close the `Client` that was made here; the next call makes another one."""
        self._own.close()

    async def aclose(self) -> None:
        """Close the connections that were made here in the running event loop."""
        await self._own.aclose()


def _streamed(answer: Relayed, model: str) -> Iterator[Any]:
    streamed = Streamed()
    with as_litellm(model), answer:
        for piece in answer:
            yield from streamed.feed(piece)
        yield from streamed.end()
