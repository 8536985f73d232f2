"""A proxy in front of mock nodes, on the loop of a test, and a client that speaks bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from gonka_core import AsyncClient, PrivateKey, RetryPolicy
from gonka_core.proxy import Entry, Proxy, ProxyOptions, watch
from gonka_mock_node import MockNetwork

Result = TypeVar("Result")

KEY: Final = PrivateKey((79).to_bytes(32, "big"))
API_KEY: Final = "sk-what-the-programs-send"
CHAT: Final = "/v1/chat/completions"
NO_WAIT: Final = RetryPolicy(attempts=3, backoff=0.001)


def body(**more: object) -> bytes:
    """A chat request; its spaces are not those that an encoder of ours would write."""
    return json.dumps({"model": "test", "messages": [{"role": "user", "content": "a b c d"}], **more}).encode()


def client(network: MockNetwork, **more: Any) -> AsyncClient:
    places = [f"{node.url};{node.provider_address}" for node in network.nodes]
    given = {"selector": "first", "scheme": "hash", "retry": NO_WAIT, "on_event": watch, **more}
    return AsyncClient(places, private_key=KEY, **given)


@asynccontextmanager
async def proxied(
    network: MockNetwork,
    told: Callable[[Entry], None] | None = None,
    *,
    made: AsyncClient | None = None,
    **options: Any,
) -> AsyncIterator[Proxy]:
    """A proxy that listens as long as the block lasts."""
    seconds = {"seconds": options.pop("seconds")} if "seconds" in options else {}
    upstream = made or client(network)
    async with upstream, Proxy(upstream, API_KEY, ProxyOptions(**options), told=told, **seconds) as proxy:
        yield proxy


@dataclass(frozen=True)
class Answer:
    """Status, headers with names in lower case, and the body, its chunks put together."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The error, which has OpenAI's four fields."""
        told = json.loads(self.body)["error"]
        assert {"message", "type", "param", "code"} <= set(told)
        assert self.headers["content-type"] == "application/json"
        assert "x-should-retry" in self.headers
        return dict(told)


class Wire:
    """One connection: bytes out, bytes in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self.reader, self.writer, self.host = reader, writer, host

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def ask(self, method: str, path: str, content: bytes | None = None, **headers: str) -> None:
        """A request with the key, unless `Authorization` says otherwise; an underscore in a name is a hyphen."""
        named = {"Host": self.host, "Authorization": f"Bearer {API_KEY}"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            named.setdefault("Content-Length", str(len(content)))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items() if value)]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (content or b""))

    async def head(self) -> tuple[int, dict[str, str]]:
        lines = (await self._within(self.reader.readuntil(b"\r\n\r\n"))).decode().split("\r\n")[:-2]
        pairs = (line.split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), {name.lower(): value for name, value in pairs}

    async def chunk(self) -> bytes:
        """The next chunk of a body; empty for the last one."""
        size = int(await self._within(self.reader.readuntil(b"\r\n")), 16)
        return (await self._within(self.reader.readexactly(size + 2)))[:-2]

    async def answer(self) -> Answer:
        status, headers = await self.head()
        if headers.get("transfer-encoding") != "chunked":
            length = int(headers.get("content-length", "0"))
            return Answer(status, headers, await self._within(self.reader.readexactly(length)))
        pieces = []
        while piece := await self.chunk():
            pieces.append(piece)
        return Answer(status, headers, b"".join(pieces))

    async def ended(self) -> bool:
        """Whether the other side ends the connection, with nothing more to say."""
        return await self._within(self.reader.read()) == b""

    async def _within(self, work: Awaitable[Result]) -> Result:
        return await asyncio.wait_for(work, 20)


@asynccontextmanager
async def wire(proxy: Proxy) -> AsyncIterator[Wire]:
    at = urlsplit(proxy.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port, limit=1 << 24)
    try:
        yield Wire(reader, writer, at.netloc)
    finally:
        writer.close()


async def asked(proxy: Proxy, method: str, path: str, content: bytes | None = None, **headers: str) -> Answer:
    """One request on a connection of its own."""
    async with wire(proxy) as connection:
        connection.ask(method, path, content, **headers)
        return await connection.answer()


async def until(true: Callable[[], bool], what: str) -> None:
    """Let others work until it is true. Raises AssertionError where it does not come about."""
    try:
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(f"it did not come about that {what}") from None
