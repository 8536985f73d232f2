"""Who may use the proxy: its API key, and the host names under which browsers may reach it.

The key is the proxy's own and goes nowhere else: upstream requests are signed with the private key, or carry the key of
a broker, which both stay in the client.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from gonka_core.errors import InvalidKeyError
from gonka_core.keys import refuse_to_pickle
from gonka_core.keytext import is_hex_key

from .options import is_loopback

SHORTEST_KEY: Final = 16
"""Characters."""
_KEY: Final = re.compile(r"[!-~]{16,4096}", re.ASCII)
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::\d{1,5})?", re.ASCII)
_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "[::1]"))
_EVERYWHERE: Final = frozenset(("0.0.0.0", "::"))  # noqa: S104 - recognised, not bound
_NEW_KEY: Final = (
    'leave it out, and the proxy makes one, or: python -c "import secrets; print(secrets.token_urlsafe())"'
)


def new_key() -> str:
    """A key with 256 bits of chance. Begins with `sk-`, which some programs insist on."""
    return f"sk-gonka-{secrets.token_urlsafe(32)}"


class ProxyKey:
    """What clients of the proxy send. Only its digest is kept, so that there is nothing to show.

    Raises `InvalidKeyError`, without quoting it, for text that no header can hold, that is shorter than 16 characters,
    or that looks like a private key.
    """

    __slots__ = ("__digest",)

    def __init__(self, text: str) -> None:
        flaw = _flaw(text)
        if flaw is None:
            self.__digest = _digest(text.encode("ascii"))
            return
        del text
        raise InvalidKeyError(*flaw)

    def matches(self, given: str) -> bool:
        """Whether it is the key. Takes as long for every text of the same length, right or wrong."""
        return hmac.compare_digest(_digest(given.encode("utf-8", "surrogateescape")), self.__digest)

    def __repr__(self) -> str:
        return "ProxyKey(hidden)"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        refuse_to_pickle("a ProxyKey")


def as_key(given: ProxyKey | str) -> ProxyKey | InvalidKeyError:
    """The key, or why it is none: returned, so that the frame which holds the text can drop it before it raises."""
    if isinstance(given, ProxyKey):
        return given
    flaw = _flaw(given)
    return ProxyKey(given) if flaw is None else InvalidKeyError(*flaw)


def given_key(headers: Mapping[str, str]) -> str | None:
    """The key in a request: `Authorization: Bearer`, else `x-api-key` or `api-key`, which some programs send."""
    scheme, _, rest = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    return headers.get("x-api-key") or headers.get("api-key")


class Hosts:
    """The names by which the proxy may be called.

    A web page can make a browser call loopback under a name of its own (DNS rebinding); the browser still says in
    `Host` which name it was.
    """

    def __init__(self, host: str) -> None:
        self._any = host in _EVERYWHERE
        bracketed = f"[{host}]" if ":" in host else host
        own = frozenset((bracketed.lower(),))
        self._names = _LOOPBACK | own if is_loopback(host) else own

    def allow(self, given: Sequence[str]) -> bool:
        """Whether a request with these values of `Host` is meant for the proxy: exactly one, and one of its names."""
        if len(given) != 1:
            return False
        match = _HOST.fullmatch(given[0].strip())
        return match is not None and (self._any or match[1].lower().removesuffix(".") in self._names)


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


def _flaw(text: str) -> tuple[str, str] | None:
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        return f"the proxy's API key is not {SHORTEST_KEY} or more visible characters of ASCII in one word", _NEW_KEY
    if is_hex_key(text):
        return "the proxy's API key is 64 hex digits, as a private key is", _NEW_KEY
    return None
