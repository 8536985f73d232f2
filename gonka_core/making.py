"""How a client is made, shown and pickled; what `Client` and `AsyncClient` share.

Names are resolved when a client is made. What is read from the environment where an argument is missing is listed in
`settings`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from . import resolve, settings
from .allowing import allow_list
from .clock import SHARED, Clock
from .endpoints import Endpoint
from .errors import InvalidKeyError, MissingSettingError
from .hookspecs import TransportOptions
from .interfaces import Selector, Signer
from .keys import PrivateKey
from .limits import Limits
from .party import Party
from .pool import EndpointState
from .request import Payload
from .retry import RetryPolicy
from .settings import GivenEndpoints, GivenNetwork
from .setup import Observers, Setup
from .types import SchemeChoice

_DEFAULTS: Final = TransportOptions()
_RETRY: Final = RetryPolicy()
_LIMITS: Final = Limits()


class Made:
    """What the two clients share: how one is made, shown, pickled."""

    _setup: Setup
    _party: Party
    _transport_choice: Any

    def __init__(
        self,
        endpoints: GivenEndpoints = None,
        *,
        network: GivenNetwork = None,
        private_key: PrivateKey | None = None,
        address: str | None = None,
        signer: str | Signer = resolve.AUTO,
        transport: Any = resolve.AUTO,
        selector: str | Selector = "random",
        scheme: SchemeChoice = "auto",
        clock: Clock = SHARED,
        options: TransportOptions = _DEFAULTS,
        retry: RetryPolicy = _RETRY,
        limits: Limits = _LIMITS,
        allowed: str | Iterable[str] | None = None,
        requests_per_endpoint: int | None = None,
        on_event: Observers = None,
        pickle_secrets: bool = False,
    ) -> None:
        if flaw := _flaw_of(private_key):
            del private_key  # it may be a key in text form, and tracebacks show arguments
            raise flaw
        places, found_in = settings.places(endpoints, network)
        self._begin(
            Setup(
                endpoints=places,
                network=found_in,
                private_key=private_key,
                address=address,
                signer=signer,
                selector=selector,
                scheme=scheme,
                clock=clock,
                options=options,
                retry=retry,
                limits=limits,
                allowed=allow_list(allowed),
                requests_per_endpoint=requests_per_endpoint,
                on_event=on_event,
                pickle_secrets=pickle_secrets,
            ),
            transport,
        )

    def _begin(self, setup: Setup, transport: Any) -> None:
        raise NotImplementedError

    @property
    def address(self) -> str | None:
        """The account that signs and pays; None where only brokers are called, which know their own."""
        return self._party.address

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints among which a selector chooses, and the only places that credentials go to.

        Those that are found in a network stand here from the first call, or `discover`, on.
        """
        return self._party.pool.endpoints

    @property
    def states(self) -> tuple[EndpointState, ...]:
        """Each endpoint at this moment: seconds of rest that are left, requests in hand, failures in a row."""
        return self._party.pool.states()

    def __getstate__(self) -> dict[str, Any]:
        # With the address the client cannot be made again for another account by accident.
        return {"setup": replace(self._setup, address=self.address), "transport": self._transport_choice}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._begin(state["setup"], state["transport"])

    def __repr__(self) -> str:
        # A traceback may show a client whose making failed half-way: it has no party yet.
        party: Party | None = getattr(self, "_party", None)
        places = ", ".join(endpoint.url for endpoint in party.pool.endpoints) if party else ""
        return f"{type(self).__name__}(address={party.address if party else None!r}, endpoints=[{places}])"


def no_network() -> MissingSettingError:
    return MissingSettingError(
        "this client was given its endpoints and finds none",
        "make it with network='https://…', or set GONKA_SOURCE_URL and no endpoint",
    )


def model_of(payload: Payload) -> str | None:
    model = None if isinstance(payload, bytes) else payload.get("model")  # `encode` has seen that it is a mapping
    return model if isinstance(model, str) else None


def _flaw_of(private_key: object) -> InvalidKeyError | None:
    if private_key is None or isinstance(private_key, PrivateKey):
        return None
    kind = type(private_key).__name__
    return InvalidKeyError(f"private_key is a {kind}, not a PrivateKey", "pass PrivateKey.from_hex(…) or from_file(…)")
