"""One pair of backends tried against a mock node."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client
from gonka_core.errors import GonkaError, PluginError
from gonka_core.keys import PrivateKey
from gonka_core.plugins import load, registry
from gonka_core.types import Request, SignedRequest

from .plugins import loaders

if TYPE_CHECKING:
    from gonka_mock_node import MockNode

Mode = Literal["sync", "async"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A signer and a transport, used by the sync or the async client."""

    signer: str
    transport: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it. Seconds run from the call to the first byte of the answer.

    `verdict` is the node's own: `accepted`, `refused`, or `nothing arrived`; `error` what the client raised.
    """

    signer: str
    transport: str
    mode: Mode
    profile: str
    scheme: str
    first_byte_whole_s: float
    first_byte_streamed_s: float
    words: str
    verdict: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Heard:
    scheme: str
    whole: str
    streamed: str
    first_byte_whole_s: float
    first_byte_streamed_s: float


def pairs() -> tuple[list[Pair], list[str]]:
    """Every combination whose libraries are there, and a line for each plug-in that is left out."""
    left_out: list[str] = []
    signers = [name for name in registry().of_kind("signer") if _loads("signer", name, left_out)]
    transports = [name for name in registry().of_kind("transport") if _loads("transport", name, left_out)]
    known = registry().of_kind("transport")
    modes: tuple[Mode, Mode] = ("sync", "async")
    usable = [
        Pair(signer, transport, mode)
        for signer in signers
        for transport in transports
        for mode in modes
        if mode in known[transport].plugin.capabilities
    ]
    return usable, left_out


def _loads(kind: Literal["signer", "transport"], name: str, left_out: list[str]) -> bool:
    entry = registry().find(kind, name)
    try:
        for loader in loaders(entry):
            load(entry, loader)
    except PluginError as error:
        left_out.append(str(error))
        return False
    return True


def run_pair(pair: Pair, profile: str, node: MockNode, question: str) -> Trial:
    """Ask once for the whole answer and once for a stream, with a key made for it."""
    before = len(node.journal)
    options: dict[str, Any] = {
        "endpoints": f"{node.url};{node.provider_address}",
        "private_key": PrivateKey.generate(),
        "signer": pair.signer,
        "scheme": node.profile.scheme,
    }
    payload = {"model": "test", "messages": [{"role": "user", "content": question}]}
    heard, error = _Heard(node.profile.scheme, "", "", 0.0, 0.0), None
    try:
        heard = _ask(pair, options, payload) if pair.mode == "sync" else asyncio.run(_ask_async(pair, options, payload))
    except GonkaError as failure:
        error = str(failure)
    if heard.whole != heard.streamed:
        error = "the streamed words are not those of the whole answer"
    verdicts = {verdict.verdict for verdict in list(node.journal)[before:]}
    return Trial(
        pair.signer,
        pair.transport,
        pair.mode,
        profile,
        heard.scheme,
        heard.first_byte_whole_s,
        heard.first_byte_streamed_s,
        heard.whole,
        "/".join(sorted(verdicts)) or "nothing arrived",
        error,
    )


def _ask(pair: Pair, options: dict[str, Any], payload: dict[str, Any]) -> _Heard:
    with Client(transport=pair.transport, **options) as client:
        client.chat(payload)  # opens the connection, which is not what is measured
        started = time.perf_counter()
        whole = client.chat(payload)
        whole_s = time.perf_counter() - started
        started = time.perf_counter()
        with client.stream(payload) as stream:
            chunks = iter(stream)
            words = [next(chunks).text]
            streamed_s = time.perf_counter() - started
            words += [chunk.text for chunk in chunks]
    return _Heard(_scheme(whole.request), whole.text, "".join(words), whole_s, streamed_s)


async def _ask_async(pair: Pair, options: dict[str, Any], payload: dict[str, Any]) -> _Heard:
    async with AsyncClient(transport=pair.transport, **options) as client:
        await client.chat(payload)  # opens the connection, which is not what is measured
        started = time.perf_counter()
        whole = await client.chat(payload)
        whole_s = time.perf_counter() - started
        started = time.perf_counter()
        async with client.stream(payload) as stream:
            chunks = aiter(stream)
            words = [(await anext(chunks)).text]
            streamed_s = time.perf_counter() - started
            words += [chunk.text async for chunk in chunks]
    return _Heard(_scheme(whole.request), whole.text, "".join(words), whole_s, streamed_s)


def _scheme(request: Request) -> str:
    return request.scheme if isinstance(request, SignedRequest) else "none"
