"""`GonkaOpenAI` and `AsyncGonkaOpenAI`: the SDK's clients, whose requests go to the Gonka network, signed."""

from __future__ import annotations

from typing import Any, Self

import openai
from openai import APIStatusError, AsyncOpenAI, OpenAI

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client
from gonka_core.keys import PrivateKey

from . import calls, carrying, making
from .generation import BASE_URL, UNUSED_KEY, http
from .official import GivenEndpoints, Strategy
from .transport import AsyncGonkaHttpClient, GonkaHttpClient


class GonkaOpenAI(OpenAI):
    """`openai.OpenAI` whose chat requests are signed for the Gonka network and carried by a `Client`.

    `gonka_private_key` (hex, or a `PrivateKey`), `gonka_address`, `endpoints` (objects with `url` and `address`, text
    `url;address`, or ours), `source_url` (a node, or several with commas between them, that tells who takes part; used
    where there are no endpoints) and `endpoint_selection_strategy` (a function from a list of endpoints to one of
    them) are the names of the official SDK; what is missing is read from the environment (`gonka_core.settings`).
    `client`: a `Client` that carries the requests instead, and stays open when this is closed. `http_client`: one of
    `gonka_core.integrations.openai.http_client`, or any other httpx client, through which nodes are called then.
    `api_key` is not used. `options` are those of `OpenAI`.

    Raises the `ConfigurationError` of whatever is missing or wrong, before anything is opened.
    """

    def __init__(
        self,
        *,
        gonka_private_key: str | PrivateKey | None = None,
        gonka_address: str | None = None,
        endpoints: GivenEndpoints = None,
        endpoint_selection_strategy: Strategy | None = None,
        source_url: str | None = None,
        client: Client | None = None,
        http_client: http.Client | None = None,
        api_key: object = None,
        **options: Any,
    ) -> None:
        key, flaw = making.read_key(gonka_private_key, "gonka_private_key")
        del gonka_private_key, api_key  # tracebacks show arguments, and either may be a key
        if flaw is not None:
            raise flaw
        making.require_ours(options)
        named = making.Named(key, gonka_address, endpoints, endpoint_selection_strategy, source_url)
        carrier = carrying.carrier(client, http_client, named, options.get("timeout", openai.NOT_GIVEN))
        super().__init__(api_key=UNUSED_KEY, base_url=BASE_URL, http_client=carrier, **options)

    @property
    def gonka_client(self) -> Client:
        """Who signs and carries the requests."""
        return self._carrier.gonka_client

    @property
    def gonka_address(self) -> str | None:
        """The account that signs and pays; None where only brokers are called."""
        return self.gonka_client.address

    @property
    def _carrier(self) -> GonkaHttpClient:
        assert isinstance(self._client, GonkaHttpClient)
        return self._client

    def request(self, cast_to: Any, options: Any, *, stream: bool = False, stream_cls: Any = None) -> Any:
        """`OpenAI.request`, whose errors have ours as their cause. Repeats are those of the `Client`."""
        ours = calls.once(options, self.max_retries)
        try:
            return calls.with_count(super().request(cast_to, ours, stream=stream, stream_cls=stream_cls))
        except APIStatusError as error:
            calls.keep_cause(error)
            raise

    def copy(self, **options: Any) -> Self:
        """`OpenAI.copy`. The `Client` is shared. Raises `ConfigurationError` for another `http_client`."""
        carrying.require_same(options.get("http_client"), self._client)
        return super().copy(**options)

    with_options = copy


class AsyncGonkaOpenAI(AsyncOpenAI):
    """`GonkaOpenAI`, awaited: `openai.AsyncOpenAI` over an `AsyncClient`."""

    def __init__(
        self,
        *,
        gonka_private_key: str | PrivateKey | None = None,
        gonka_address: str | None = None,
        endpoints: GivenEndpoints = None,
        endpoint_selection_strategy: Strategy | None = None,
        source_url: str | None = None,
        client: AsyncClient | None = None,
        http_client: http.AsyncClient | None = None,
        api_key: object = None,
        **options: Any,
    ) -> None:
        key, flaw = making.read_key(gonka_private_key, "gonka_private_key")
        del gonka_private_key, api_key
        if flaw is not None:
            raise flaw
        making.require_ours(options)
        named = making.Named(key, gonka_address, endpoints, endpoint_selection_strategy, source_url)
        carrier = carrying.async_carrier(client, http_client, named, options.get("timeout", openai.NOT_GIVEN))
        super().__init__(api_key=UNUSED_KEY, base_url=BASE_URL, http_client=carrier, **options)

    @property
    def gonka_client(self) -> AsyncClient:
        """Who signs and carries the requests."""
        return self._carrier.gonka_client

    @property
    def gonka_address(self) -> str | None:
        """The account that signs and pays; None where only brokers are called."""
        return self.gonka_client.address

    @property
    def _carrier(self) -> AsyncGonkaHttpClient:
        assert isinstance(self._client, AsyncGonkaHttpClient)
        return self._client

    async def request(self, cast_to: Any, options: Any, *, stream: bool = False, stream_cls: Any = None) -> Any:
        """`AsyncOpenAI.request`, whose errors have ours as their cause. Repeats are those of the `AsyncClient`."""
        ours = calls.once(options, self.max_retries)
        try:
            return calls.with_count(await super().request(cast_to, ours, stream=stream, stream_cls=stream_cls))
        except APIStatusError as error:
            calls.keep_cause(error)
            raise

    def copy(self, **options: Any) -> Self:
        """`AsyncOpenAI.copy`. The `AsyncClient` is shared. Raises `ConfigurationError` for another `http_client`."""
        carrying.require_same(options.get("http_client"), self._client)
        return super().copy(**options)

    with_options = copy
