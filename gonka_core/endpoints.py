"""Endpoints: where a request goes, and whose address its signature is bound to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from .address import parse_address
from .errors import InvalidEndpointError

_EXAMPLE = "write it as https://host:port/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base URL ending in `/v1` (appended where it is missing) and the account address of its provider.

    Raises `InvalidEndpointError` for a URL that is not http or https, that carries credentials, a query or a
    fragment, or has no host; `InvalidAddressError` for an address that is none.
    """

    url: str
    provider_address: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", normalised_url(self.url))
        if not self.provider_address:
            raise InvalidEndpointError(
                f"the endpoint {self.url} has no provider address",
                f"give it as 'url;address' or in GONKA_PROVIDER_ADDRESS; a node tells its own at {self.url}/identity",
            )
        parse_address(self.provider_address, what="provider address")
        # All capitals are the same address; a node signs and verifies the small letters.
        object.__setattr__(self, "provider_address", self.provider_address.lower())

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """The endpoint written as `url;address`, the form of `GONKA_ENDPOINTS` (`protocol.md` §10)."""
        url, _, address = text.partition(";")
        return cls(url.strip(), address.strip())

    @property
    def chat_url(self) -> str:
        return f"{self.url}/chat/completions"

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
