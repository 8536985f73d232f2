"""`Client` and `AsyncClient`: names are resolved when one is made, and two short drivers run one flow.

What is read from the environment where an argument is missing is listed in `settings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Final, Self

from . import resolve, settings
from .canonical import checked
from .clock import SHARED, Clock
from .endpoints import Endpoint
from .errors import InvalidKeyError, TransportError
from .exchange import Party, SchemeMemory, exchange
from .hookspecs import TransportOptions
from .interfaces import AsyncResponse, AsyncTransport, Response, Selector, Signer, Transport
from .keys import PrivateKey
from .request import Payload, encode, requester_address
from .response import Answer, completion, is_stream, not_a_stream
from .streams import AsyncStream, Stream
from .types import Completion, SchemeChoice, SignedRequest

Endpoints = Endpoint | str | Iterable[Endpoint | str] | None

_DEFAULTS: Final = TransportOptions()


class Client:
    """Sends signed chat requests. May be shared by threads. Use it in a `with` block, or close it.

    `endpoints`: objects, or text `url;address`; without them those of the environment.
    `private_key`: without it `GONKA_PRIVATE_KEY`; not read when `signer` is an object, which holds its own.
    `address`: checked against the key; derived from it by default.
    `signer`, `transport`, `selector`: a plug-in's name, or an object.
    `scheme`: `raw`, `hash`, or `auto`, which asks each provider with `raw` first and remembers what it accepted.

    Raises the `ConfigurationError` of whatever is missing or wrong, before anything is opened.
    """

    def __init__(
        self,
        endpoints: Endpoints = None,
        *,
        private_key: PrivateKey | None = None,
        address: str | None = None,
        signer: str | Signer = resolve.AUTO,
        transport: str | Transport = resolve.AUTO,
        selector: str | Selector = "random",
        scheme: SchemeChoice = "auto",
        clock: Clock = SHARED,
        options: TransportOptions = _DEFAULTS,
    ) -> None:
        if flaw := _flaw_of(private_key):
            del private_key  # it may be a key in text form, and tracebacks show arguments
            raise flaw
        self._party = _party(endpoints, private_key, address, signer, selector, scheme, clock)
        self._transport = resolve.transport(transport, options)
        self._owns_transport = isinstance(transport, str)

    @property
    def address(self) -> str:
        """The account that signs and pays."""
        return self._party.address

    def chat(self, payload: Payload) -> Completion:
        """The answer to a chat payload, whole. A mapping is encoded once; bytes go out untouched.

        Raises `PayloadError` before anything is sent, `TransportError` when no answer arrives, `NodeError` for the
        refusal of a node, `UnusableAnswerError` for an answer that is no completion.
        """
        request, answer, _ = self._drive(encode(payload, stream=False), _model_of(payload), stream=False)
        return completion(request, answer)

    def stream(self, payload: Payload) -> Stream:
        """The answer to a chat payload, chunk by chunk; `"stream": true` is added to a mapping that lacks it.

        Sent when the stream is entered or iterated. Raises as `chat`, and `StreamTruncatedError` when the stream
        ends early.
        """
        body, model = encode(payload, stream=True), _model_of(payload)

        def send() -> tuple[SignedRequest, Response]:
            request, answer, response = self._drive(body, model, stream=True)
            if response is None:
                raise not_a_stream(request, answer)
            return request, response

        return Stream(send)

    def _drive(self, body: bytes, model: str | None, *, stream: bool) -> tuple[SignedRequest, Answer, Response | None]:
        flow = exchange(self._party, body, model)
        request = next(flow)
        while True:
            try:
                answer, response = self._carry(request, stream=stream)
            except TransportError as error:
                flow.throw(error)
                raise
            try:
                request = flow.send(answer)
            except StopIteration as finished:
                return *finished.value, response

    def _carry(self, request: SignedRequest, *, stream: bool) -> tuple[Answer, Response | None]:
        response = self._transport.send(request)
        if stream and is_stream(response.status, response.headers):
            return Answer(response.status, response.headers, None), response
        try:
            return Answer(response.status, response.headers, b"".join(response)), None
        finally:
            response.close()

    def close(self) -> None:
        """Close the connections; a transport that was handed in as an object stays open."""
        if self._owns_transport:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return _shown(self)


class AsyncClient:
    """`Client`, awaited. May be shared by the tasks of one event loop."""

    def __init__(
        self,
        endpoints: Endpoints = None,
        *,
        private_key: PrivateKey | None = None,
        address: str | None = None,
        signer: str | Signer = resolve.AUTO,
        transport: str | AsyncTransport = resolve.AUTO,
        selector: str | Selector = "random",
        scheme: SchemeChoice = "auto",
        clock: Clock = SHARED,
        options: TransportOptions = _DEFAULTS,
    ) -> None:
        if flaw := _flaw_of(private_key):
            del private_key  # it may be a key in text form, and tracebacks show arguments
            raise flaw
        self._party = _party(endpoints, private_key, address, signer, selector, scheme, clock)
        self._transport = resolve.async_transport(transport, options)
        self._owns_transport = isinstance(transport, str)

    @property
    def address(self) -> str:
        """The account that signs and pays."""
        return self._party.address

    async def chat(self, payload: Payload) -> Completion:
        """`Client.chat`, awaited."""
        request, answer, _ = await self._drive(encode(payload, stream=False), _model_of(payload), stream=False)
        return completion(request, answer)

    def stream(self, payload: Payload) -> AsyncStream:
        """`Client.stream`, for `async with` and `async for`."""
        body, model = encode(payload, stream=True), _model_of(payload)

        async def send() -> tuple[SignedRequest, AsyncResponse]:
            request, answer, response = await self._drive(body, model, stream=True)
            if response is None:
                raise not_a_stream(request, answer)
            return request, response

        return AsyncStream(send)

    async def _drive(
        self, body: bytes, model: str | None, *, stream: bool
    ) -> tuple[SignedRequest, Answer, AsyncResponse | None]:
        flow = exchange(self._party, body, model)
        request = next(flow)
        while True:
            try:
                answer, response = await self._carry(request, stream=stream)
            except TransportError as error:
                flow.throw(error)
                raise
            try:
                request = flow.send(answer)
            except StopIteration as finished:
                return *finished.value, response

    async def _carry(self, request: SignedRequest, *, stream: bool) -> tuple[Answer, AsyncResponse | None]:
        response = await self._transport.send(request)
        if stream and is_stream(response.status, response.headers):
            return Answer(response.status, response.headers, None), response
        try:
            return Answer(response.status, response.headers, b"".join([piece async for piece in response])), None
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close the connections; a transport that was handed in as an object stays open."""
        if self._owns_transport:
            await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return _shown(self)


def _flaw_of(private_key: object) -> InvalidKeyError | None:
    if private_key is None or isinstance(private_key, PrivateKey):
        return None
    kind = type(private_key).__name__
    return InvalidKeyError(f"private_key is a {kind}, not a PrivateKey", "pass PrivateKey.from_hex(…) or from_file(…)")


def _party(
    endpoints: Endpoints,
    private_key: PrivateKey | None,
    address: str | None,
    signer: str | Signer,
    selector: str | Selector,
    scheme: SchemeChoice,
    clock: Clock,
) -> Party:
    if scheme != "auto":
        checked(scheme)
    holder = resolve.signer(signer, lambda: private_key or PrivateKey.from_environment())
    return Party(
        signer=holder,
        address=requester_address(holder, settings.address(address)),
        endpoints=settings.endpoints(endpoints),
        selector=resolve.selector(selector),
        schemes=SchemeMemory(scheme),
        clock=clock,
    )


def _model_of(payload: Payload) -> str | None:
    model = payload.get("model") if isinstance(payload, Mapping) else None
    return model if isinstance(model, str) else None


def _shown(client: Client | AsyncClient) -> str:
    # A traceback may show a client whose making failed half-way: it has no party yet.
    party: Party | None = getattr(client, "_party", None)
    places = ", ".join(endpoint.url for endpoint in party.endpoints) if party else ""
    return f"{type(client).__name__}(address={party.address if party else None!r}, endpoints=[{places}])"
