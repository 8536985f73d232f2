"""Nodes that listen: `MockNode` and `MockNetwork`, for `with` and for `async with`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Literal, Self

from aiohttp import web

from . import control
from .access import Access
from .answers import Answer, echo
from .app import application
from .chain import Account, Chain
from .expectations import Expectation, Expectations
from .faults import Fault, Faults
from .http_routes import add_the_rest
from .journal import Journal, Verdict
from .limits import Limits
from .listening import Gate, Listener, LoopThread, require_loopback
from .node import Node, provider_address
from .profiles import Profile, profile_named


class MockNetwork:
    """Several nodes on one chain, each on its own port of loopback.

    `providers` are the addresses of the first nodes; the others get addresses of their own. `port` is that of the
    first node, 0 for any free one. `accounts` is `open` (a requester that proves its key is enrolled with a default
    balance) or `listed` (only what was put on `chain`). `models` None serves every name. `answer` says what the
    assistant says. `access` is who may call a gateway. `control`: the routes under `/mock/`, and the inspector there.
    `explain`: refusals are diagnosed; a test that makes thousands of them may do without.
    `limits`: how long a client may take for what it does. `host` other than loopback needs `allow_remote`; `advertise`
    is the host name that goes into URLs then.

    In a `with` block the nodes run in a thread of their own; in an `async with` block in the caller's event loop.
    Raises `CannotListenError` at the start; `UnknownProfileError`, `InvalidAddressError` and `NotLoopbackError` when
    made.
    """

    profile: Profile
    chain: Chain
    journal: Journal
    faults: Faults
    expectations: Expectations
    nodes: tuple[Node, ...]

    def __init__(
        self,
        nodes: int = 3,
        *,
        profile: str | Profile = "seed",
        providers: Sequence[str] = (),
        accounts: Literal["open", "listed"] = "open",
        models: Sequence[str] | None = None,
        answer: Answer = echo,
        chain: Chain | None = None,
        faults: Faults | None = None,
        access: Access | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_remote: bool = False,
        advertise: str | None = None,
        control: bool = True,
        explain: bool = True,
        limits: Limits | None = None,
    ) -> None:
        require_loopback(host, allow_remote)
        self.profile = profile_named(profile) if isinstance(profile, str) else profile
        self.chain = chain or Chain(open_accounts=accounts == "open", models=None if models is None else tuple(models))
        self.journal = Journal()
        self.faults = Faults() if faults is None else faults
        self.expectations = Expectations()
        addresses = [*providers, *(provider_address() for _ in range(nodes - len(providers)))]
        self.nodes = tuple(
            Node(
                address,
                self.profile,
                self.chain,
                self.journal,
                self.faults,
                answer=answer,
                number=number,
                explains=explain,
                access=access or Access(),
                limits=limits or Limits(),
            )
            for number, address in enumerate(addresses, start=1)
        )
        self.control = control
        self._host = host
        self._port = port
        self._advertised = advertise
        self._faults_at_start: tuple[Fault, ...] = ()
        self._listeners: list[Listener] = []
        self._gate: Gate | None = None
        self._thread: LoopThread | None = None

    def fund(self, public_key: bytes, balance: int | None = None) -> Account:
        """Put the account of a public key (33 bytes) on the chain."""
        return self.chain.fund(public_key, balance)

    def reset(self) -> None:
        """As after the start: no request was seen, and the chain and the faults are as they were then."""
        self.faults.clear()
        for fault in self._faults_at_start:
            self.faults.add_again(fault)
        self.expectations.clear()
        self.chain.reset()
        for node in self.nodes:
            node.reset()
        self.journal.clear()

    @property
    def last_refusal(self) -> Verdict | None:
        """The latest request that was refused, with its diagnosis; None where every one was accepted."""
        return next((verdict for verdict in reversed(tuple(self.journal)) if verdict.verdict == "refused"), None)

    def assert_accepted(self, times: int | None = None) -> None:
        """Raise AssertionError unless requests came and all were accepted, so many where `times` is given.

        The message tells what came instead, with the diagnosis of each refusal.
        """
        verdicts = tuple(self.journal)
        accepted = sum(verdict.accepted for verdict in verdicts)
        others = [verdict for verdict in verdicts if not verdict.accepted]
        if not others and accepted and times in (None, accepted):
            return
        wanted = "at least one request, all accepted" if times is None else f"{times} accepted and no other"
        told = "\n".join(f"  {verdict.sentence()}" for verdict in others[-10:])
        raise AssertionError(f"wanted {wanted}; {accepted} were accepted, {len(others)} were not\n{told}".rstrip())

    def expect(self, *, times: int | Mapping[str, int] | None = None, name: str = "", **wanted: object) -> Expectation:
        """Expect requests of a kind from now on, as `Expectations.add` has it; see `assert_expectations`."""
        return self.expectations.add(times=times, name=name, since=self.journal.latest, **wanted)

    def assert_expectations(self) -> None:
        """Raise AssertionError unless every expectation is met; the message tells each one that is not."""
        unmet = [found.explanation() for found in self.expectations.findings(self.journal) if not found.met]
        if unmet:
            raise AssertionError("\n".join(unmet))

    @property
    def open_connections(self) -> int:
        """How many connections clients hold open now, to all nodes together."""
        return sum(listener.connections for listener in self._listeners)

    def until_idle(self, timeout_s: float = 10.0) -> bool:
        """Wait until no client holds a connection open; False where one still does when the time is up.

        In an `async with` block await `until_idle_async`.
        """
        assert self._thread is not None
        return self._thread.run(self.until_idle_async(timeout_s))

    async def until_idle_async(self, timeout_s: float = 10.0) -> bool:
        """`until_idle`, awaited."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.open_connections:
                    await asyncio.sleep(0.002)
        return not self.open_connections

    def __enter__(self) -> Self:
        self._thread = LoopThread()
        try:
            self._thread.run(self._start())
        except BaseException:
            self._thread.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        self._thread.run(self._stop())
        self._thread.stop()

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self) -> None:
        try:
            for number, node in enumerate(self.nodes):
                port = self._port + number if self._port else 0
                listener = Listener(self._application(node), node.limits, self._host, port, self._advertised)
                self._listeners.append(listener)
                node.url = await listener.open()
                self.chain.enter(node.provider_address, node.public_url)
                self.chain.grant(node.provider_address, node.warm_key.public_key)
        except BaseException:
            await self._stop()
            raise
        self.chain.remember()
        self._faults_at_start = tuple(self.faults)
        self._gate = Gate(self.nodes, self._listeners, self.faults)

    def _application(self, node: Node) -> web.Application:
        app = application(node)
        if self.control:
            control.attach(app, self)
        add_the_rest(app)
        return app

    async def _stop(self) -> None:
        if self._gate is not None:
            self._gate.leave()
        while self._listeners:
            await self._listeners.pop().close()


class MockNode(MockNetwork):
    """One node. See `MockNetwork`."""

    def __init__(
        self,
        *,
        profile: str | Profile = "seed",
        provider_address: str | None = None,
        accounts: Literal["open", "listed"] = "open",
        models: Sequence[str] | None = None,
        answer: Answer = echo,
        chain: Chain | None = None,
        faults: Faults | None = None,
        access: Access | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_remote: bool = False,
        advertise: str | None = None,
        control: bool = True,
        explain: bool = True,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(
            1,
            profile=profile,
            providers=() if provider_address is None else (provider_address,),
            accounts=accounts,
            models=models,
            answer=answer,
            chain=chain,
            faults=faults,
            access=access,
            host=host,
            port=port,
            allow_remote=allow_remote,
            advertise=advertise,
            control=control,
            explain=explain,
            limits=limits,
        )

    @property
    def url(self) -> str:
        """The base URL, which ends in `/v1`."""
        return self.nodes[0].url

    @property
    def provider_address(self) -> str:
        """The account address that signatures must be bound to."""
        return self.nodes[0].provider_address
