"""What a client was told, and the `Party` that follows from it: everything is resolved here, when a client is made.

A `Setup` can be pickled, and with it a client. Secrets stay behind unless `pickle_secrets` says otherwise: the private
key is then read from `GONKA_PRIVATE_KEY` where the client is made again, and has to belong to the same account; the
key of a broker from `GONKA_BROKER_API_KEY`, if `GONKA_BROKER_URL` names the same broker.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias

from . import resolve, settings
from .allowing import allowing, require_one
from .canonical import checked
from .clock import SHARED, Clock
from .cooldown import Cooldown
from .discovery.records import Network
from .endpoints import Endpoint
from .errors import MissingSettingError
from .events import Emitter, Observer
from .hookspecs import TransportOptions
from .interfaces import Selector, Signer
from .keys import ApiKey, PrivateKey
from .limits import Limits
from .party import Party, SchemeMemory
from .pool import Pool
from .request import requester_address
from .retry import RetryPolicy
from .types import SchemeChoice

Observers: TypeAlias = Observer | Iterable[Observer] | None


@dataclass(frozen=True)
class Setup:
    """The arguments of a client but its transport; see `Client`."""

    endpoints: tuple[Endpoint, ...]
    network: Network | None = None
    private_key: PrivateKey | None = field(default=None, repr=False)
    address: str | None = None
    signer: str | Signer = resolve.AUTO
    selector: str | Selector = "random"
    scheme: SchemeChoice = "auto"
    clock: Clock = SHARED
    options: TransportOptions = field(default_factory=TransportOptions)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    limits: Limits = field(default_factory=Limits)
    allowed: tuple[str, ...] = ()
    requests_per_endpoint: int | None = None
    on_event: Observers = None
    pickle_secrets: bool = False

    def party(self) -> Party:
        """Everything bound. Raises the `ConfigurationError` of whatever is missing or wrong."""
        if self.scheme != "auto":
            checked(self.scheme)
        allowed = allowing(self.allowed)
        if self.network is None:
            require_one(self.endpoints, allowed)
        signer, address = self._holder()
        return Party(
            signer=signer,
            address=address,
            pool=Pool(
                self.endpoints,
                selector=resolve.selector(self.selector),
                cooldown=Cooldown(),
                limit_per_endpoint=self.requests_per_endpoint,
                allowed=allowed,
                awaited=self.network is not None,
            ),
            schemes=SchemeMemory(self.scheme),
            retry=self.retry,
            limits=self.limits,
            emitter=Emitter(self.on_event),
            clock=self.clock,
        )

    def _holder(self) -> tuple[Signer | None, str | None]:
        """Who signs, and for which account; nobody where only brokers are called."""
        if self.network is None and not any(endpoint.signed for endpoint in self.endpoints):
            return None, None
        signer = resolve.signer(self.signer, lambda: self.private_key or PrivateKey.from_environment())
        return signer, requester_address(signer, settings.address(self.address))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        secret = plain.pop("private_key")
        plain["endpoints"] = tuple(_frozen(endpoint, self.pickle_secrets) for endpoint in self.endpoints)
        if plain["clock"] is SHARED:
            del plain["clock"]
        return _made_again, (plain, secret.reveal() if secret and self.pickle_secrets else None)


def _frozen(endpoint: Endpoint, with_secrets: bool) -> tuple[Any, ...]:
    key = endpoint.api_key.reveal() if endpoint.api_key is not None and with_secrets else None
    return (endpoint.url, endpoint.provider_address, endpoint.weight, endpoint.models, key)


def _thawed(url: str, address: str, weight: int, models: frozenset[str] | None, key: str | None) -> Endpoint:
    if address:
        return Endpoint(url, address, weight=weight, models=models)
    if key is not None:
        return replace(Endpoint.broker(url, ApiKey(key)), weight=weight, models=models)
    for endpoint in settings.brokers():
        if endpoint.url == url:
            return replace(endpoint, weight=weight, models=models)
    raise MissingSettingError(
        f"the API key of {url} was not pickled with the client",
        "set GONKA_BROKER_URL and GONKA_BROKER_API_KEY here, or make the client with pickle_secrets=True",
    )


def _made_again(plain: dict[str, Any], secret: bytes | None) -> Setup:
    endpoints = tuple(_thawed(*parts) for parts in plain.pop("endpoints"))
    key = None if secret is None else PrivateKey(secret)
    del secret
    return Setup(endpoints=endpoints, private_key=key, **plain)
