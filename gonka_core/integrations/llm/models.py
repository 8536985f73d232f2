"""The models, sync and async: `llm` calls `execute`, and that calls our clients."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from pydantic import Field  # pyright: ignore[reportMissingImports]

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client
from gonka_core.errors import GonkaError
from gonka_core.integrations.keeping import Clients
from gonka_core.keys import ENVIRONMENT_VARIABLE, PrivateKey
from gonka_core.wallet import system

from .saying import Heard, payload

llm: Any = import_module("llm")

KEYRING_VARIABLE: Final = "GONKA_LLM_KEYRING"


def private_key() -> PrivateKey | None:
    """The key in the system's keyring, where one is named there and not in the environment."""
    name = os.environ.get(KEYRING_VARIABLE, "")
    return system.load(name) if name and not os.environ.get(ENVIRONMENT_VARIABLE) else None


_CLIENTS: Final = Clients(lambda: Client(private_key=private_key()), lambda: AsyncClient(private_key=private_key()))


def served() -> list[str]:
    """The models that are served. Raises `NotToldError` and the `ConfigurationError` of what is missing."""
    return [model.id for model in _CLIENTS.client().models()]


class _Options(llm.Options):  # type: ignore[misc]
    """Fields of the payload. A node takes integers of 32 bits (`protocol.md` §3.3)."""

    temperature: float | None = Field(default=None, ge=0, description="0 for the likeliest words")
    top_p: float | None = Field(default=None, gt=0, le=1, description="Only words within this share of probability")
    max_tokens: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Bounds the answer and the escrow")
    seed: int | None = Field(default=None, ge=-(2**31), le=2**31 - 1, description="For the same answer again")
    stop: str | None = Field(default=None, description="Where the answer ends")
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)


class _Described:
    needs_key = None
    can_stream = True
    supports_schema = True
    supports_tools = True
    Options = _Options

    def __init__(self, name: str) -> None:
        self.name = name
        self.model_id = f"gonka/{name}"

    def __str__(self) -> str:
        return f"Gonka: {self.model_id}"


class GonkaModel(_Described, llm.Model):  # type: ignore[misc]
    """A model of the network. Raises `llm.ModelError`, whose cause is our error."""

    def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Iterator[Any]:
        """The answer to a prompt, event by event. Called by `llm`."""
        heard = Heard(response)
        with _as_model_error():
            asked, affinity = payload(self.name, prompt), _affinity(conversation)
            if not stream:
                yield from heard.whole(_CLIENTS.client().chat(asked, affinity=affinity))
                return
            with _CLIENTS.client().stream(asked, affinity=affinity) as chunks:
                for chunk in chunks:
                    yield from heard.chunk(chunk)
            yield from heard.end()


class AsyncGonkaModel(_Described, llm.AsyncModel):  # type: ignore[misc]
    """`GonkaModel`, awaited."""

    async def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> AsyncIterator[Any]:
        """`GonkaModel.execute`, awaited."""
        heard = Heard(response)
        with _as_model_error():
            asked, affinity = payload(self.name, prompt), _affinity(conversation)
            client = _CLIENTS.async_client()
            if not stream:
                for event in heard.whole(await client.chat(asked, affinity=affinity)):
                    yield event
                return
            async with client.stream(asked, affinity=affinity) as chunks:
                async for chunk in chunks:
                    for event in heard.chunk(chunk):
                        yield event
            for event in heard.end():
                yield event


def _affinity(conversation: Any) -> str | None:
    return None if conversation is None else str(conversation.id)


@contextmanager
def _as_model_error() -> Iterator[None]:
    """Our errors are raised as `llm` shows them."""
    try:
        yield
    except GonkaError as error:
        raise llm.ModelError(str(error)) from error
