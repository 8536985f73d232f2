"""What plain HTTP clients lack: headers for the very bytes of a request, for the endpoint that its URL names.

`GonkaAuth` of httpx, httpx2 and requests and `GonkaMiddleware` of aiohttp are this, each with the few lines that its
library needs. Each attempt gets a fresh timestamp and signature, and none of them is sent twice (`protocol.md` §3.7).
Nothing is chosen, repeated or read beyond that: for endpoints that stand in for each other there is `Client`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias
from urllib.parse import urlsplit

from gonka_core import resolve, settings
from gonka_core.answers import Answer
from gonka_core.canonical import HashedBody, Scheme
from gonka_core.clock import SHARED, Clock
from gonka_core.endpoints import Endpoint
from gonka_core.errors import (
    ConfigurationError,
    InvalidEndpointError,
    InvalidKeyError,
    PayloadError,
    SignatureRejectedError,
)
from gonka_core.interfaces import Signer
from gonka_core.keys import PrivateKey, refuse_to_pickle
from gonka_core.nodetext import quoted
from gonka_core.refusals import refusal
from gonka_core.request import bearer_body, sign_body
from gonka_core.settings import GivenEndpoints
from gonka_core.setup import Setup
from gonka_core.types import Request, SchemeChoice, SignedRequest

Headers: TypeAlias = Mapping[str, str]
Attempts: TypeAlias = Generator[Headers, Answer, None]
"""The headers of each attempt; is sent the answer to it."""

_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class Signing:
    """What signs, bound once. May be shared by threads, tasks and clients.

    `endpoints`: objects, or text `url;address`; without them those of the environment. A request goes to one of them,
    or raises `InvalidEndpointError`, and nothing is sent. `private_key`: without it `GONKA_PRIVATE_KEY`. `signer`: a
    plug-in's name, or an object. `scheme`: `raw`, `hash`, or `auto`, which asks with `raw` first, repeats the request
    with `hash` where the node refuses the signature, and remembers. `buffer`: a body that streams is read into memory
    and signed, rather than refused.

    Raises the `ConfigurationError` of whatever is missing or wrong.
    """

    def __init__(
        self,
        endpoints: GivenEndpoints = None,
        *,
        private_key: PrivateKey | None = None,
        address: str | None = None,
        signer: str | Signer = resolve.AUTO,
        scheme: SchemeChoice = "auto",
        clock: Clock = SHARED,
        buffer: bool = False,
    ) -> None:
        if private_key is not None and not isinstance(private_key, PrivateKey):
            kind = type(private_key).__name__
            del private_key  # it may be a key in text form, and tracebacks show arguments
            raise InvalidKeyError(f"private_key is a {kind}, not a PrivateKey", "pass PrivateKey.from_hex(…)")
        places, network = settings.places(endpoints)
        if network is not None:
            raise ConfigurationError(
                "nothing is looked for here, and GONKA_SOURCE_URL names a network rather than endpoints",
                "pass endpoints=['https://host:port/v1;gonka1…'], or use gonka_core.Client",
            )
        told = Setup(places, private_key=private_key, address=address, signer=signer, scheme=scheme, clock=clock)
        self._party = told.party()
        self._buffer = buffer
        self._places = tuple((_place(endpoint.url), endpoint) for endpoint in places)

    @property
    def address(self) -> str | None:
        """The account that signs and pays; None where only brokers are called."""
        return self._party.address

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The only places that anything is signed for."""
        return self._party.pool.endpoints

    def attempts(self, method: str, url: str, body: bytes) -> Attempts:
        """The headers for each attempt at a request; more than one only where a node refuses the scheme.

        A POST is signed, or has the key of a broker; other methods read public routes, which take neither. Raises
        `InvalidEndpointError` for a URL at none of the endpoints, `PayloadError` for a POST without a body,
        `SigningError`, and `MovedError` for a redirect, which is never followed.
        """
        endpoint = self._endpoint_at(url)
        if not endpoint.signed:
            request: Request = bearer_body(body, endpoint)
            _refuse_redirect(request, (yield request.headers))
        elif method != "POST":
            yield {}
        elif not body:
            raise PayloadError(f"the request to {endpoint} has no body to sign", "send the payload as JSON")
        else:
            yield from self._signed(endpoint, HashedBody(body))

    def _signed(self, endpoint: Endpoint, hashed: HashedBody) -> Attempts:
        for scheme in self._party.schemes.order(endpoint):
            request = self._request(endpoint, hashed, scheme)
            answer = yield request.headers
            _refuse_redirect(request, answer)
            if answer.ok:
                self._party.schemes.accepted(request)
            if answer.status != 401 or not isinstance(refusal(request, answer), SignatureRejectedError):
                return

    def _request(self, endpoint: Endpoint, hashed: HashedBody, scheme: Scheme) -> SignedRequest:
        signer, address = self._party.signer, self._party.address
        assert signer is not None
        assert address is not None
        stamp = self._party.clock.timestamp_ns()
        digest = hashed.digest(scheme, stamp, endpoint.provider_address)
        return sign_body(
            hashed.body, endpoint, signer, digest=digest, scheme=scheme, timestamp_ns=stamp, address=address
        )

    def _endpoint_at(self, url: str) -> Endpoint:
        origin, path = _place(url)
        for (own_origin, own_path), endpoint in self._places:
            if origin == own_origin and (path == own_path or path.startswith(f"{own_path}/")):
                return endpoint
        raise InvalidEndpointError(
            f"nothing is signed for {_shown(origin, path)}, where no endpoint is",
            f"call one of {', '.join(map(str, self.endpoints))}, or add it to the endpoints as 'url;address'",
        )

    def __repr__(self) -> str:
        places = ", ".join(endpoint.url for _, endpoint in getattr(self, "_places", ()))
        return f"{type(self).__name__}(endpoints=[{places}])"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        refuse_to_pickle(f"a {type(self).__name__}")


def reads_body(status: int) -> bool:
    """Whether an answer of this status says something that `attempts` has to know."""
    return status == 401 or status in _REDIRECTS


def following(attempts: Attempts, answer: Answer) -> Headers | None:
    """The headers of the next attempt; None where the answer is the last one."""
    try:
        return attempts.send(answer)
    except StopIteration:
        return None


def streams() -> PayloadError:
    """The error for a body that is not there yet."""
    return PayloadError(
        "the body of the request streams, and what is signed has to be whole",
        "send bytes or json=…, or sign with buffer=True, which reads it into memory",
    )


def _refuse_redirect(request: Request, answer: Answer) -> None:
    if answer.status in _REDIRECTS:
        raise refusal(request, answer)


def _place(url: str) -> tuple[_Origin | None, str]:
    """Where a URL leads: the origin, None for one that no endpoint has, and the path."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None, ""
    named = parts.hostname and parts.username is None
    return _Origin(parts.scheme, parts.hostname or "", port) if named else None, parts.path


def _shown(origin: _Origin | None, path: str) -> str:
    return "this URL" if origin is None else quoted(f"{origin.scheme}://{origin.host}:{origin.port}{path}")


def answered(response: Any) -> Answer:
    """The answer in a response of httpx, httpx2 or requests."""
    status: int = response.status_code
    return Answer(status, response.headers, response.content if reads_body(status) else None)
