"""What is counted, as functions that make a run of so many times.

Each imports within itself what it needs: under valgrind an import takes a hundred times as long, and one of them counts
an import. The work of a run depends on nothing but its number of times.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from gonka_bench.paired import Run
    from gonka_core import Request
    from gonka_core.canonical import Scheme
    from gonka_core.interfaces import Signer

SMALL = 200
LARGER = 4_096
"""Bytes of a payload."""


def c_limit() -> Run:
    from gonka_bench import climit
    from gonka_bench.workload import chat_payload

    c, payload = climit.load(), chat_payload(SMALL)
    return lambda times: c.run(payload, "raw", times)


def documented() -> Run:
    from gonka_bench.documented import sign_payload
    from gonka_bench.workload import ENDPOINT, SECRET, TIMESTAMP_NS, chat_payload

    payload, private_key = chat_payload(SMALL), SECRET.hex()

    def run(times: int) -> None:
        for turn in range(times):
            sign_payload(payload, private_key, TIMESTAMP_NS + turn, ENDPOINT.provider_address)

    return run


def signing(signer: str, scheme: Scheme, size: int) -> Run:
    """`sign_request` with the signer of this name, each time with another timestamp."""
    from gonka_bench.workload import KEY
    from gonka_core import resolve

    return _signing(resolve.signer(signer, lambda: KEY), scheme, size)


def signing_itself(scheme: Scheme, size: int) -> Run:
    """`sign_request` with a signer that costs nothing: what is left is ours."""
    return _signing(_Instant(), scheme, size)


def chat() -> Run:
    """`Client.chat` of a mapping, over a transport without a network and with a signer that costs nothing."""
    from benchmarks.canned_server import answer
    from gonka_bench.workload import ENDPOINT
    from gonka_core import Client

    body = answer().partition(b"\r\n\r\n")[2]
    client = Client([ENDPOINT], signer=_Instant(), transport=_Canned(body), scheme="raw")
    payload = {"model": "canned", "messages": [{"role": "user", "content": "How are you?"}]}

    def run(times: int) -> None:
        for _ in range(times):
            client.chat(payload)

    return run


def chat_async() -> Run:
    """`AsyncClient.chat` of a body, over a transport whose answers are there at once, one call after the other."""
    import asyncio

    from benchmarks.canned_server import answer
    from gonka_bench.workload import ENDPOINT, chat_payload
    from gonka_core import AsyncClient

    carrier = _Arrived(answer().partition(b"\r\n\r\n")[2])
    client = AsyncClient([ENDPOINT], signer=_Instant(), transport=carrier, scheme="raw")
    payload = chat_payload(SMALL)

    async def several(times: int) -> None:
        for _ in range(times):
            await client.chat(payload)

    return lambda times: asyncio.run(several(times))  # what a loop itself costs cancels out


def decoding() -> Run:
    """A stream of 100 chunks through `EventReader`, an event a piece; the words of each chunk are looked up."""
    import re

    from benchmarks.canned_server import stream
    from gonka_bench.workload import ENDPOINT, TIMESTAMP_NS, chat_payload
    from gonka_core import sign_request
    from gonka_core.reading import EventReader

    events = re.findall(rb"data: .*\n\n", stream())
    request = sign_request(chat_payload(SMALL), ENDPOINT, _Instant(), timestamp_ns=TIMESTAMP_NS)

    def run(times: int) -> None:
        for _ in range(times):
            reader = EventReader(request, 200)
            for event in events:
                for chunk in reader.feed(event):
                    chunk.text  # noqa: B018 - found when it is asked for

    return run


def verifying_server() -> Run:
    from benchmarks.instructions import servers

    return servers.verifying_server()


def mock_node() -> Run:
    from benchmarks.instructions import servers

    return servers.mock_node()


def importing() -> Run:
    """The import of gonka_core; can be done once."""

    def run(times: int) -> None:
        if times:
            import gonka_core  # noqa: F401

    return run


def importing_client() -> Run:
    """The import of what a program with a `Client` needs of gonka_core; can be done once."""

    def run(times: int) -> None:
        if times:
            from gonka_core import Client  # noqa: F401

    return run


def _signing(signer: Signer, scheme: Scheme, size: int) -> Run:
    from gonka_bench.workload import ENDPOINT, TIMESTAMP_NS, chat_payload
    from gonka_core import sign_request

    payload = chat_payload(size)

    def run(times: int) -> None:
        for turn in range(times):
            sign_request(payload, ENDPOINT, signer, scheme=scheme, timestamp_ns=TIMESTAMP_NS + turn)

    return run


class _Instant:
    """A signer whose signature is always the same; its public key is that of the private key 1."""

    public_key = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")

    def sign_digest(self, digest: bytes, /) -> bytes:
        return b"\1" * 64


class _Canned:
    """A transport, and every answer that it gives."""

    status = 200
    headers: Mapping[str, str] = {"content-type": "application/json"}

    def __init__(self, body: bytes) -> None:
        self._body = body

    def send(self, request: Request, /, *, timeout: float | None = None) -> _Canned:
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        pass


class _Arrived:
    """An async transport, and every answer that it gives: one that needs neither waiting nor closing."""

    status = 200
    headers: Mapping[str, str] = {"content-type": "application/json"}

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def send(self, request: Request, /, *, timeout: float | None = None) -> _Arrived:
        return self

    def arrived(self) -> bytes:
        return self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body

    async def aclose(self) -> None:
        pass


WORK: dict[str, Callable[[], Run]] = {
    "c-limit": c_limit,
    "documented": documented,
    "sign-coincurve": lambda: signing("coincurve", "raw", SMALL),
    "sign-coincurve-hash": lambda: signing("coincurve", "hash", SMALL),
    "sign-coincurve-4k": lambda: signing("coincurve", "raw", LARGER),
    "sign-ecdsa": lambda: signing("ecdsa", "raw", SMALL),
    "sign-itself": lambda: signing_itself("raw", SMALL),
    "sign-itself-hash": lambda: signing_itself("hash", SMALL),
    "chat": chat,
    "chat-async": chat_async,
    "decoding": decoding,
    "verifying-server": verifying_server,
    "mock-node": mock_node,
    "import": importing,
    "import-client": importing_client,
}
"""By the name of the subject."""
