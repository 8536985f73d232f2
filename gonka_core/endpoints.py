"""Endpoints: where a request goes, and whose address its signature is bound to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, urlsplit

from .address import parse_address
from .errors import InvalidEndpointError
from .keys import ApiKey

_EXAMPLE = "write it as https://host:port/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base URL ending in `/v1` (appended where it is missing), and whose requests it takes.

    Signed ones need the account address of its provider; a broker or gateway takes an API key instead
    (`Endpoint.broker`). `weight` is a participant's share for selectors that weigh; `models` are those that it serves,
    None where that is not known. Two endpoints are equal when URL, provider and key are.

    Raises `InvalidEndpointError` for a URL that is not http or https, that carries credentials, a query or a
    fragment, or has no host, and for neither address nor key; `InvalidAddressError` for an address that is none.
    """

    url: str
    provider_address: str = ""
    api_key: ApiKey | None = field(default=None, repr=False, kw_only=True)
    weight: int = field(default=1, compare=False, kw_only=True)
    models: frozenset[str] | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", normalised_url(self.url))
        if self.weight < 0:
            raise InvalidEndpointError(f"the weight of {self.url} is below zero", "give zero or more")
        if self.api_key is not None:
            self._require_no_address()
            return
        if not self.provider_address:
            raise InvalidEndpointError(
                f"the endpoint {self.url} has no provider address",
                f"give it as 'url;address' or in GONKA_PROVIDER_ADDRESS; a node tells its own at {self.url}/identity",
            )
        parse_address(self.provider_address, what="provider address")
        # All capitals are the same address; a node signs and verifies the small letters.
        object.__setattr__(self, "provider_address", self.provider_address.lower())

    def __hash__(self) -> int:
        # Equal endpoints have equal URLs, and text keeps its hash: a call looks endpoints up a dozen times.
        return hash(self.url)

    def _require_no_address(self) -> None:
        if self.provider_address:
            raise InvalidEndpointError(
                f"the endpoint {self.url} has an API key and a provider address",
                "give the key for a broker, or the address for a node that takes signed requests",
            )

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """The endpoint written as `url;address`, the form of `GONKA_ENDPOINTS` (`protocol.md` §10)."""
        url, _, address = text.partition(";")
        return cls(url.strip(), address.strip())

    @classmethod
    def broker(cls, url: str, api_key: ApiKey | str) -> Endpoint:
        """A broker or gateway, which is called with `Authorization: Bearer` and no signature (`protocol.md` §11.3)."""
        return cls(url, api_key=api_key if isinstance(api_key, ApiKey) else ApiKey(api_key))

    @classmethod
    def public(cls, url: str) -> Self:
        """A node of which only public routes are read: nothing is signed for it, and no key is sent to it.

        It is no endpoint of a client. Raises `InvalidEndpointError` as any other URL does.
        """
        made = object.__new__(cls)
        for name, value in {"url": normalised_url(url), "provider_address": "", "weight": 0, "models": None}.items():
            object.__setattr__(made, name, value)
        object.__setattr__(made, "api_key", None)
        return made

    @property
    def signed(self) -> bool:
        """Whether requests to it are signed, rather than sent with an API key or not at all."""
        return bool(self.provider_address)

    @property
    def chat_url(self) -> str:
        """Where chat requests go."""
        return f"{self.url}/chat/completions"

    @property
    def root(self) -> str:
        """The URL without `/v1`: where the chain's own routes begin."""
        return self.url.removesuffix("/v1")

    def __str__(self) -> str:
        return self.url


def as_endpoints(given: Endpoint | str | Iterable[Endpoint | str]) -> tuple[Endpoint, ...]:
    """One endpoint or several, given as objects or as text. Text may hold several, separated by commas."""
    if isinstance(given, Endpoint):
        return (given,)
    if isinstance(given, str):
        return tuple(Endpoint.parse(entry) for entry in given.split(",") if entry.strip())
    return tuple(endpoint for item in given for endpoint in as_endpoints(item))


def normalised_url(text: str) -> str:
    """The base URL with `/v1` at its end, once, and no slash behind it."""
    parts = _split(text)
    path = parts.path.rstrip("/")
    if not path.endswith("/v1"):
        path += "/v1"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidEndpointError(f"the endpoint URL is malformed ({error})", _EXAMPLE) from None
    if parts.username is not None or parts.password is not None:
        raise InvalidEndpointError("the endpoint URL carries a user name or password", f"leave them out; {_EXAMPLE}")
    if parts.scheme not in ("http", "https"):
        raise InvalidEndpointError(f"the endpoint URL {text!r} does not begin with http:// or https://", _EXAMPLE)
    if not host or any(character.isspace() or not character.isprintable() for character in text):
        raise InvalidEndpointError(f"the endpoint URL {text!r} has no usable host", _EXAMPLE)
    if parts.query or parts.fragment:
        raise InvalidEndpointError(f"the endpoint URL {text!r} has a query or fragment", _EXAMPLE)
    return parts
