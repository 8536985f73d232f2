"""One request of a client, from its head to its answer: who may ask, what there is, and how errors are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol, TypeAlias
from urllib.parse import unquote

from aiohttp import web

from gonka_core import AsyncClient
from gonka_core.errors import GonkaError
from gonka_core.events import LOGGER
from gonka_core.integrations.refusing import Refusal, refusal
from gonka_core.keytext import withheld
from gonka_core.nodetext import quoted

from . import answers, cors
from .access import Hosts, ProxyKey, given_key
from .chat import Chat
from .entries import CURRENT, GONE, Entry
from .hand import Hand
from .health import health
from .listing import Listing
from .options import ProxyOptions
from .refused import Refused, stopping, too_long

Told: TypeAlias = Callable[[Entry], None]

CHAT: Final = "/v1/chat/completions"
MODELS: Final = "/v1/models"
HEALTH: Final = "/health"
_METHODS: Final[Mapping[str, str]] = {CHAT: "POST", MODELS: "GET", HEALTH: "GET"}
_THERE_IS: Final = f"there are POST {CHAT}, GET {MODELS}, GET {MODELS}/{{id}} and GET {HEALTH}"


class Busy(Protocol):
    """A connection that is told when a request on it begins and ends."""

    def request_began(self) -> None: ...

    def request_ended(self) -> None: ...


class Handler:
    """Answers every request of a proxy. `told` hears of each one when it is over."""

    def __init__(
        self,
        client: AsyncClient,
        key: ProxyKey,
        options: ProxyOptions,
        hand: Hand,
        told: Told | None,
        seconds: Callable[[], float],
    ) -> None:
        self._client = client
        self._key = key
        self._hosts = Hosts(options.host)
        self._origins = frozenset(options.origins)
        self._header_bytes = options.header_bytes
        self._hand = hand
        self._told = told
        self._complained = False
        self._seconds = seconds
        self._chat = Chat(client, options, hand, seconds)
        self._listing = Listing(client, options.models_s, seconds)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        connection: Busy = request.protocol  # type: ignore[assignment]
        connection.request_began()
        began = self._seconds()
        entry = Entry(request.method, request.path)
        if self._told is not None:
            CURRENT.set(entry)
        try:
            response = await self._answered(request, entry, began)
            entry.status = response.status
            return response
        except (asyncio.CancelledError, ConnectionError):
            entry.status, entry.error = GONE, "client_gone"
            raise
        finally:
            connection.request_ended()
            self._tell(entry, began)

    def _tell(self, entry: Entry, began: float) -> None:
        if self._told is None:
            return
        entry.seconds = self._seconds() - began
        entry.method, entry.path = self._shown(entry.method), self._shown(entry.path)
        if entry.model is not None:
            entry.model = self._shown(entry.model)
        try:
            self._told(entry)
        except Exception as error:  # noqa: BLE001 - a log that cannot be written is no reason for an answer to fail
            if not self._complained:
                LOGGER.error("the proxy's log raised %s; further errors of it are not told", type(error).__name__)
            self._complained = True

    def _shown(self, text: str) -> str:
        """What a program sent, fit for a log: somebody may have put a key there."""
        words = ("(withheld)" if self._key.matches(word) else word for word in text.split("/"))
        return quoted(withheld("/".join(words)))

    async def _answered(self, request: web.BaseRequest, entry: Entry, began: float) -> web.StreamResponse:
        extra = cors.for_page(request.headers, self._origins)
        close = False
        try:
            return await self._answer(request, entry, began, extra)
        except Refused as refused:
            told, close = refused.refusal, refused.close
        except GonkaError as error:
            told = refusal(error)
        except asyncio.CancelledError:
            if not self._hand.cutting or request.transport is None:
                raise
            told, close = stopping().refusal, True
        except ConnectionError:
            raise  # the client is gone
        except Exception as error:  # noqa: BLE001 - whatever it is, its words may hold a key
            told, close = _bug(error), True
        entry.error = str(told.body["error"]["code"])
        # The rest of a body that nobody reads must not be taken for another request.
        return answers.refused(told, extra, close=close or not request.content.is_eof())

    async def _answer(
        self, request: web.BaseRequest, entry: Entry, began: float, extra: Mapping[str, str]
    ) -> web.StreamResponse:
        self._require_sound(request)
        path = request.path
        if request.method == "OPTIONS" and path in _METHODS:
            allowed = cors.preflight(request.headers, self._origins, _METHODS[path])
            if allowed is not None:
                return web.Response(status=204, headers=allowed)
        authorized = self._authorized(request)
        if path == HEALTH and request.method == "GET":
            return answers.told(
                health(self._client, self._hand.count, stopping=self._hand.stopping, in_full=authorized), extra
            )
        if not authorized:
            raise _unauthorized(given_key(request.headers) is not None)
        if path == CHAT and request.method == "POST":
            return await self._in_hand(lambda: self._chat.answer(request, entry, began, extra))
        if request.method == "GET" and (path == MODELS or path.startswith(f"{MODELS}/")):
            return await self._in_hand(lambda: self._models(path, extra))
        raise _nothing_there(request.method, path)

    def _require_sound(self, request: web.BaseRequest) -> None:
        if sum(len(name) + len(value) for name, value in request.raw_headers) > self._header_bytes:
            raise too_long()
        if not self._hosts.allow(request.headers.getall("Host", ())):
            raise Refused(
                403,
                "the proxy is not called by that name",
                "use the URL that it printed when it started (--host decides by which name others may reach it)",
                code="host_not_allowed",
                close=True,
            )

    def _authorized(self, request: web.BaseRequest) -> bool:
        given = given_key(request.headers)
        return given is not None and self._key.matches(given)

    async def _in_hand(self, answer: Callable[[], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        task = self._hand.take()
        try:
            return await answer()
        finally:
            self._hand.leave(task)

    async def _models(self, path: str, extra: Mapping[str, str]) -> web.Response:
        known = await self._listing.models()
        name = unquote(path[len(MODELS) + 1 :])
        if not name:
            return answers.told({"object": "list", "data": list(known.values())}, extra)
        if name not in known:
            served = ", ".join(known) or "none at the moment"
            raise Refused(
                404, f"the model {quoted(name)} is not served", f"choose one that is: {served}", code="model_not_found"
            )
        return answers.told(known[name], extra)


def _unauthorized(wrong: bool) -> Refused:
    problem = "the API key is not the proxy's" if wrong else "there is no API key"
    return Refused(
        401,
        problem,
        "send the key that `gonka proxy` printed, or was given, as Authorization: Bearer",
        code="invalid_api_key",
        headers={"www-authenticate": "Bearer"},
    )


def _nothing_there(method: str, path: str) -> Refused:
    allowed = "GET" if path.startswith(f"{MODELS}/") else _METHODS.get(path)
    if allowed is not None:
        headers = {"allow": allowed}
        return Refused(
            405, f"{path} takes {allowed}, not {method}", _THERE_IS, code="method_not_allowed", headers=headers
        )
    hint = "; the base URL ends in /v1" if f"/v1{path}" in _METHODS or path.startswith("/models/") else ""
    return Refused(404, f"nothing is at {quoted(withheld(path))}", _THERE_IS + hint, code="not_found")


def _bug(error: Exception) -> Refusal:
    name = type(error).__name__
    LOGGER.error("the proxy failed with %s; its words are withheld, they may hold a key", name)
    return Refused(500, f"the proxy failed ({name})", "report it as a bug of gonka-core", code="internal_error").refusal
