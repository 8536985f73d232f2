"""What a request of the SDK asks for: its route, and what of it decides how the call is made. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from gonka_core.errors import PayloadError
from gonka_core.limits import OverLimitError, parse_object

ATTEMPTS: Final = "x-gonka-attempts"
"""A header that never leaves: how many requests the call may take."""
AFFINITY: Final = "x-gonka-affinity"
"""A header that never leaves: the key by which selectors that stick choose (`Client.relay`)."""

Kind: TypeAlias = Literal["chat", "models", "model", "none"]


class Route(NamedTuple):
    """`name`: the model's id for `model`, and for `none` the path as it is shown."""

    kind: Kind
    name: str = ""


class Asked(NamedTuple):
    """The arguments of `Client.relay`."""

    body: bytes
    model: str | None
    stream: bool
    affinity: str | None
    patience: float | None
    attempts: int | None

    @property
    def options(self) -> dict[str, Any]:
        """All but the body."""
        return {name: value for name, value in self._asdict().items() if name != "body"}


def route(method: str, path: str) -> Route:
    """The route of a request, by its path behind `/v1`, percent-encoding undone."""
    _, found, behind = path.partition("/v1/")
    words = behind if found else path.lstrip("/")
    if (method, words) == ("POST", "chat/completions"):
        return Route("chat")
    if (method, words) == ("GET", "models"):
        return Route("models")
    name = words.removeprefix("models/")
    if method == "GET" and name not in ("", words):
        return Route("model", name)
    return Route("none", f"{method} /{words}")


def asked(body: bytes, headers: Mapping[str, str], extensions: Mapping[str, Any]) -> Asked:
    """What the body of a chat request, its headers (names in any case) and its timeouts ask for.

    The body goes out as it is; model and stream are read from it. `extensions` are those of httpx, whose `timeout` has
    the seconds to wait for an answer under `read`. Raises `PayloadError`.
    """
    told = _object(body)
    model = told.get("model")
    return Asked(
        body,
        model if isinstance(model, str) else None,
        told.get("stream") is True,
        headers.get(AFFINITY),
        extensions.get("timeout", {}).get("read"),
        _attempts(headers.get(ATTEMPTS)),
    )


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        told = parse_object(body)
    except OverLimitError as error:
        raise PayloadError(f"the body is {error}", "send less deeply nested JSON") from None
    if told is None:
        raise PayloadError("the body of the chat request is no JSON object", "send an object with model and messages")
    return told


def _attempts(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text[:9]) < 1:
        raise PayloadError(f"the header {ATTEMPTS} is {text[:40]!r}", "give a number of requests, one or more")
    return int(text[:9])
