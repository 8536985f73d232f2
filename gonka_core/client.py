"""`Client` and `AsyncClient`: names are resolved when one is made, and each call is a flow that `driving` runs.

What is read from the environment where an argument is missing is listed in `settings`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from . import hedging, resolve, settings
from .allowing import allow_list
from .canonical import HashedBody
from .chunks import Completion
from .clock import SHARED, Clock
from .driving import AsyncOpen, Open, run, run_async
from .endpoints import Endpoint
from .errors import InvalidKeyError, MissingSettingError
from .exchange import Accepted, Call, exchange
from .hookspecs import TransportOptions
from .interfaces import AsyncResponse, AsyncTransport, Response, Selector, Signer, Transport
from .keys import PrivateKey
from .limits import Limits
from .party import Party
from .pool import EndpointState
from .request import Payload, encode
from .retry import RetryPolicy
from .settings import GivenEndpoints, GivenNetwork
from .setup import Observers, Setup
from .steps import Result, Steps
from .streams import AsyncStream, Opened, Stream
from .types import SchemeChoice

if TYPE_CHECKING:
    from .accounts import Account
    from .discovery.records import Discovered
    from .finding import AsyncFinder, Finder
    from .models import Model

# What only some clients use is imported by those: the cost of importing `Client` is counted (`import-client` of
# `make bench-instructions`).

_DEFAULTS: Final = TransportOptions()
_RETRY: Final = RetryPolicy()
_LIMITS: Final = Limits()
LARGE: Final = 1024 * 1024
"""Bytes of a payload from which on it is hashed beside the event loop: a millisecond and more."""


class _Base:
    """What the two clients share: how one is made, shown, pickled."""

    _setup: Setup
    _party: Party
    _transport_choice: Any

    def __init__(
        self,
        endpoints: GivenEndpoints = None,
        *,
        network: GivenNetwork = None,
        private_key: PrivateKey | None = None,
        address: str | None = None,
        signer: str | Signer = resolve.AUTO,
        transport: Any = resolve.AUTO,
        selector: str | Selector = "random",
        scheme: SchemeChoice = "auto",
        clock: Clock = SHARED,
        options: TransportOptions = _DEFAULTS,
        retry: RetryPolicy = _RETRY,
        limits: Limits = _LIMITS,
        allowed: str | Iterable[str] | None = None,
        requests_per_endpoint: int | None = None,
        on_event: Observers = None,
        pickle_secrets: bool = False,
    ) -> None:
        if flaw := _flaw_of(private_key):
            del private_key  # it may be a key in text form, and tracebacks show arguments
            raise flaw
        places, found_in = settings.places(endpoints, network)
        self._begin(
            Setup(
                endpoints=places,
                network=found_in,
                private_key=private_key,
                address=address,
                signer=signer,
                selector=selector,
                scheme=scheme,
                clock=clock,
                options=options,
                retry=retry,
                limits=limits,
                allowed=allow_list(allowed),
                requests_per_endpoint=requests_per_endpoint,
                on_event=on_event,
                pickle_secrets=pickle_secrets,
            ),
            transport,
        )

    def _begin(self, setup: Setup, transport: Any) -> None:
        raise NotImplementedError

    @property
    def address(self) -> str | None:
        """The account that signs and pays; None where only brokers are called, which know their own."""
        return self._party.address

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints among which a selector chooses, and the only places that credentials go to.

        Those that are found in a network stand here from the first call, or `discover`, on.
        """
        return self._party.pool.endpoints

    @property
    def states(self) -> tuple[EndpointState, ...]:
        """Each endpoint at this moment: seconds of rest that are left, requests in hand, failures in a row."""
        return self._party.pool.states()

    def __getstate__(self) -> dict[str, Any]:
        # With the address the client cannot be made again for another account by accident.
        return {"setup": replace(self._setup, address=self.address), "transport": self._transport_choice}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._begin(state["setup"], state["transport"])

    def __repr__(self) -> str:
        # A traceback may show a client whose making failed half-way: it has no party yet.
        party: Party | None = getattr(self, "_party", None)
        places = ", ".join(endpoint.url for endpoint in party.pool.endpoints) if party else ""
        return f"{type(self).__name__}(address={party.address if party else None!r}, endpoints=[{places}])"


class Client(_Base):
    """Sends signed chat requests. May be shared by threads. Use it in a `with` block, or close it.

    `endpoints`: objects, or text `url;address`; without them those of the environment. `network`: nodes that tell who
    takes part, as URLs or a `Network`; the endpoints found there are called. `private_key`: without it
    `GONKA_PRIVATE_KEY`; not read when `signer` is an object, which holds its own, or where only brokers are called.
    `address`: checked against the key; derived from it by default. `signer`, `transport`, `selector`: a plug-in's
    name, or an object. `scheme`: `raw`, `hash`, or `auto`, which asks each provider with `raw` first and remembers
    what it accepted. `retry`: how often and how long (`RetryPolicy`); `limits`: how much an answer may be (`Limits`).
    `allowed`: provider addresses or base URLs, one or several; others are never asked. None and an empty list allow
    every endpoint, as the network's own list does.
    `requests_per_endpoint`: more than so many at once go to other endpoints while there are any. `on_event`: one
    function or several that are told what happens (`gonka_core.events`). `pickle_secrets`: keys go along when the
    client is pickled; otherwise they are read again where it is made again.

    Raises the `ConfigurationError` of whatever is missing or wrong, before anything is opened.
    """

    def _begin(self, setup: Setup, transport: str | Transport) -> None:
        self._setup = setup
        self._transport_choice = transport
        self._party = setup.party()
        self._transport = resolve.transport(transport, setup.options)
        self._process = os.getpid()
        self._finder: Finder | None = None
        if setup.network is not None:
            from .discovery.directory import Directory
            from .finding import Finder

            self._finder = Finder(Directory(setup.network), self._party.pool, self._learn, self._look)

    def chat(self, payload: Payload, *, affinity: str | None = None, hedge_after: float | None = None) -> Completion:
        """The answer to a chat payload, whole. A mapping is encoded once; bytes go out untouched.

        `affinity` is a key by which selectors that stick choose. `hedge_after`: after so many seconds without an
        answer the payload is sent to a second endpoint as well, and the first answer counts; both may be billed.

        Raises `PayloadError` before anything is sent, and a `CallError` for what ended the call: `TransportError` when
        no answer arrives, `NodeError` for the refusal of a node, `UnusableAnswerError` for an answer that is no
        completion, `DeadlineError`. Each carries its `attempts`, and says whether the request may have been billed.
        """
        call = Call(HashedBody(encode(payload, stream=False)), _model_of(payload), affinity=affinity)
        if hedge_after is None:
            return self._whole(call, [])
        return hedging.race(partial(self._whole, call), hedge_after)

    def _whole(self, call: Call, tried: list[Endpoint]) -> Completion:
        accepted, _ = self._drive(call, tried)
        assert accepted.completion is not None
        return accepted.completion

    def stream(self, payload: Payload, *, affinity: str | None = None) -> Stream:
        """The answer to a chat payload, chunk by chunk; `"stream": true` is added to a mapping that lacks it.

        Sent when the stream is entered or iterated. Raises as `chat`, and `StreamTruncatedError` when the stream
        ends early.
        """
        call = Call(HashedBody(encode(payload, stream=True)), _model_of(payload), stream=True, affinity=affinity)

        def send() -> Opened[Response]:
            accepted, carried = self._drive(call, [])
            assert carried is not None
            return Opened(accepted, *carried)

        return Stream(send, self._party)

    def _drive(self, call: Call, tried: list[Endpoint]) -> tuple[Accepted, Open]:
        self._after_fork()
        if self._finder is not None:
            return self._finder.call(lambda tried: self._run(exchange(self._party, call, tried)), tried)
        return self._run(exchange(self._party, call, tried))

    def discover(self) -> Discovered:
        """Who takes part in the network, as it is known, learned now where nothing is known yet.

        Raises `DiscoveryError` where nobody tells, `ProofError` where it is not proven as far as was asked, and
        `MissingSettingError` for a client that was given its endpoints.
        """
        self._after_fork()
        if self._finder is None:
            raise _no_network()
        return self._finder.ready()

    def account(self, address: str | None = None) -> Account:
        """What the chain tells of an account: whether it exists, its balance and key; by default that of this client.

        Raises `NotToldError` where no node tells, `InvalidAddressError`, and `DiscoveryError`.
        """
        from .accounts import account_flow

        places = self._places()
        party = self._party
        return self._run(account_flow(places, address or party.address, seconds=party.seconds))[0]

    def models(self) -> tuple[Model, ...]:
        """The models that are served, with their prices. Raises `NotToldError` where no endpoint tells."""
        from .models import models_flow

        return self._run(models_flow(self._places(), seconds=self._party.seconds))[0]

    def _places(self) -> tuple[Endpoint, ...]:
        self._after_fork()
        if self._finder is not None:
            self._finder.ready()
        return self.endpoints

    def _learn(self) -> Discovered:
        from .discovery.learning import learn

        assert self._setup.network is not None
        return self._run(learn(self._setup.network, self._party.seconds, time.time))[0]

    def _look(self, source: str) -> int | None:
        from .discovery.epochs import latest_epoch

        return self._run(latest_epoch(source, self._party.seconds))[0]

    def _run(self, flow: Steps[Result]) -> tuple[Result, Open]:
        return run(flow, self._transport, self._party.limits, self._party.seconds)

    def _after_fork(self) -> None:
        """A forked process shares neither connections nor counts with the one that it came from."""
        if self._process != os.getpid():
            self._begin(self._setup, self._transport_choice)

    def close(self) -> None:
        """Close the connections; a transport that was handed in as an object stays open."""
        if isinstance(self._transport_choice, str):
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Base):
    """`Client`, awaited. May be shared by the tasks of one event loop."""

    def _begin(self, setup: Setup, transport: str | AsyncTransport) -> None:
        self._setup = setup
        self._transport_choice = transport
        self._party = setup.party()
        self._transport = resolve.async_transport(transport, setup.options)
        self._process = os.getpid()
        self._finder: AsyncFinder | None = None
        if setup.network is not None:
            from .discovery.directory import Directory
            from .finding import AsyncFinder

            self._finder = AsyncFinder(Directory(setup.network), self._party.pool, self._learn, self._look)

    async def chat(
        self, payload: Payload, *, affinity: str | None = None, hedge_after: float | None = None
    ) -> Completion:
        """`Client.chat`, awaited."""
        call = Call(HashedBody(encode(payload, stream=False)), _model_of(payload), affinity=affinity)
        if hedge_after is None:  # the whole of `_whole`, without a coroutine of its own
            accepted, _ = await self._drive(call, [])
            assert accepted.completion is not None
            return accepted.completion
        return await hedging.race_async(partial(self._whole, call), hedge_after)

    async def _whole(self, call: Call, tried: list[Endpoint]) -> Completion:
        accepted, _ = await self._drive(call, tried)
        assert accepted.completion is not None
        return accepted.completion

    def stream(self, payload: Payload, *, affinity: str | None = None) -> AsyncStream:
        """`Client.stream`, for `async with` and `async for`."""
        call = Call(HashedBody(encode(payload, stream=True)), _model_of(payload), stream=True, affinity=affinity)

        async def send() -> Opened[AsyncResponse]:
            accepted, carried = await self._drive(call, [])
            assert carried is not None
            return Opened(accepted, *carried)

        return AsyncStream(send, self._party)

    def _drive(self, call: Call, tried: list[Endpoint]) -> Awaitable[tuple[Accepted, AsyncOpen]]:
        self._after_fork()
        if self._finder is None and len(call.body) < LARGE:
            return self._run(exchange(self._party, call, tried))
        return self._drive_prepared(call, tried)

    async def _drive_prepared(self, call: Call, tried: list[Endpoint]) -> tuple[Accepted, AsyncOpen]:
        if len(call.body) >= LARGE and self._party.signer is not None:
            await asyncio.to_thread(call.hashed.prepare)
        if self._finder is not None:
            return await self._finder.call(lambda tried: self._run(exchange(self._party, call, tried)), tried)
        return await self._run(exchange(self._party, call, tried))

    async def discover(self) -> Discovered:
        """`Client.discover`, awaited."""
        self._after_fork()
        if self._finder is None:
            raise _no_network()
        return await self._finder.ready()

    async def account(self, address: str | None = None) -> Account:
        """`Client.account`, awaited."""
        from .accounts import account_flow

        places = await self._places()
        party = self._party
        return (await self._run(account_flow(places, address or party.address, seconds=party.seconds)))[0]

    async def models(self) -> tuple[Model, ...]:
        """`Client.models`, awaited."""
        from .models import models_flow

        return (await self._run(models_flow(await self._places(), seconds=self._party.seconds)))[0]

    async def _places(self) -> tuple[Endpoint, ...]:
        self._after_fork()
        if self._finder is not None:
            await self._finder.ready()
        return self.endpoints

    async def _learn(self) -> Discovered:
        from .discovery.learning import learn

        assert self._setup.network is not None
        return (await self._run(learn(self._setup.network, self._party.seconds, time.time)))[0]

    async def _look(self, source: str) -> int | None:
        from .discovery.epochs import latest_epoch

        return (await self._run(latest_epoch(source, self._party.seconds)))[0]

    def _run(self, flow: Steps[Result]) -> Awaitable[tuple[Result, AsyncOpen]]:
        return run_async(flow, self._transport, self._party.limits, self._party.seconds)

    def _after_fork(self) -> None:
        """A forked process shares neither connections nor counts with the one that it came from."""
        if self._process != os.getpid():
            self._begin(self._setup, self._transport_choice)

    async def aclose(self) -> None:
        """Close the connections; a transport that was handed in as an object stays open."""
        if self._finder is not None:
            await self._finder.aclose()
        if isinstance(self._transport_choice, str):
            await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _flaw_of(private_key: object) -> InvalidKeyError | None:
    if private_key is None or isinstance(private_key, PrivateKey):
        return None
    kind = type(private_key).__name__
    return InvalidKeyError(f"private_key is a {kind}, not a PrivateKey", "pass PrivateKey.from_hex(…) or from_file(…)")


def _no_network() -> MissingSettingError:
    return MissingSettingError(
        "this client was given its endpoints and finds none",
        "make it with network='https://…', or set GONKA_SOURCE_URL and no endpoint",
    )


def _model_of(payload: Payload) -> str | None:
    model = payload.get("model") if isinstance(payload, Mapping) else None
    return model if isinstance(model, str) else None
