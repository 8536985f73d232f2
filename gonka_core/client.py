"""`Client`: each call is a flow that `driving` runs."""

from __future__ import annotations

import os
import time
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import hedging, resolve
from .canonical import HashedBody
from .chunks import Completion
from .driving import Open, run
from .endpoints import Endpoint
from .exchange import Accepted, Call, exchange
from .interfaces import Response, Transport
from .making import Made, model_of, no_network
from .request import Payload, encode
from .setup import Setup
from .steps import Result, Steps
from .streams import Opened, Stream

if TYPE_CHECKING:
    from .accounts import Account
    from .discovery.records import Discovered
    from .finding import Finder
    from .models import Model
    from .relaying import Relayed

# What only some clients use is imported by those: the cost of importing `Client` is counted (`import-client` of
# `make bench-instructions`).


class Client(Made):
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
        call = Call(HashedBody(encode(payload, stream=False)), model_of(payload), affinity=affinity)
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
        call = Call(HashedBody(encode(payload, stream=True)), model_of(payload), stream=True, affinity=affinity)

        def send() -> Opened[Response]:
            accepted, carried = self._drive(call, [])
            assert carried is not None
            return Opened(accepted, *carried)

        return Stream(send, self._party)

    def relay(
        self,
        body: bytes,
        *,
        model: str | None = None,
        stream: bool = False,
        affinity: str | None = None,
        patience: float | None = None,
        attempts: int | None = None,
    ) -> Relayed:
        """Send the bytes of a chat request, and hand on the bytes of its answer, for a program that made the one and
        reads the other itself.

        `model` and `stream`: as the body says, which is not read. `patience`: seconds that no single wait may exceed;
        `attempts`: in place of those of the client's policy. The headers are there when it returns. Raises as `chat`
        and `stream`.
        """
        from .relaying import Relayed

        call = Call(HashedBody(body), model, stream, affinity, patience, attempts)
        accepted, carried = self._drive(call, [])
        if carried is None:
            return Relayed(accepted, None)
        opened = Opened(accepted, *carried)
        return Relayed(accepted, Stream(opened, self._party))

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
            raise no_network()
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
