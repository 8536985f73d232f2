"""What the exam learns of a node before it judges: generation, provider address, account, model, prices, time.

Each is asked once, when a check needs it first. Nothing here is billed.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from gonka_conformance.vectors import Scheme
from gonka_core.keys import ApiKey, PrivateKey

from .asking import Answer, Asker
from .blocktime import Instant, latest_block
from .detection import Detected, detect
from .developer import Developer
from .drafts import Draft, chat_payload, encoded
from .generations import GENERATIONS, NOT_ALLOWED, Generation

NO_MODEL: Final = "gonka-conformance/no-such-model"
"""A model that no node serves: a request for it stops before anything is computed (`protocol.md` §3.2, rows 12, 18)."""

_HOUR_NS: Final = 3600 * 10**9
_NOBODY: Final = Developer.unknown().address
_PARAMS: Final = "/chain-api/productscience/inference/inference/params"


class Survey:
    """One node, as far as it is known."""

    def __init__(
        self,
        *,
        url: str,
        profile: str | None,
        provider_address: str | None,
        key: PrivateKey | None,
        api_key: ApiKey | None,
        model: str | None,
        block_time_ns: int | None,
        timeout_s: float,
    ) -> None:
        self.asker: Asker = Asker(url, timeout_s, api_key)
        self.api_key = api_key
        self.has_key: bool = key is not None
        self.developer: Developer = Developer.unknown() if key is None else Developer(key)
        self._profile = profile
        self._provider_address = provider_address
        self._model = model
        self._block_time_ns = block_time_ns

    def reach(self) -> None:
        """Raise `UnreachableError` where nobody answers."""
        self.asker.get("/v1/status")

    # What the node is

    @cached_property
    def detected(self) -> Detected:
        """The generation, given or found out."""
        if self._profile is not None:
            return Detected(GENERATIONS[self._profile], (self._profile,))
        return detect(self.asker, self._probe_scheme)

    @property
    def generation(self) -> Generation:
        return self.detected.generation

    @cached_property
    def provider(self) -> str | None:
        """The node's account address, given or from `/v1/identity`."""
        if self._provider_address is not None:
            return self._provider_address
        address = _field(_field(self.asker.get("/v1/identity").json(), "data"), "address")
        return address if isinstance(address, str) else None

    @cached_property
    def model(self) -> str | None:
        """A model that is served, given or the first that is listed."""
        if self._model is not None:
            return self._model
        document = self.asker.get("/v1/models").json()
        listed = _field(document, "data") or _field(document, "models")
        found = _field(listed[0], "id") if isinstance(listed, list) and listed else None
        return found if isinstance(found, str) else None

    @cached_property
    def params(self) -> Any:
        """The chain's parameters; None where the node does not show them."""
        return _field(self.asker.get(_PARAMS).json(), "params")

    @property
    def window_s(self) -> tuple[int, int]:
        """Seconds that a timestamp may lie before and after block time (`protocol.md` §3.5)."""
        window = _field(self.params, "validation_params")
        old, new = _number(_field(window, "timestamp_expiration")), _number(_field(window, "timestamp_advance"))
        return (60 if old is None else old or 10), (30 if new is None else new or 10)

    @property
    def allowed(self) -> frozenset[str] | None:
        """The providers that may be called; empty where all may, None where it cannot be known."""
        listed = _field(_field(self.params, "transfer_agent_access_params"), "allowed_transfer_addresses")
        return frozenset(map(str, listed)) if isinstance(listed, list) else None

    def now(self) -> Instant:
        """The time of the latest block."""
        return latest_block(self.asker, self._block_time_ns)

    # The account

    @cached_property
    def balance(self) -> int | None:
        """The developer's spendable ngonka; None where the node does not tell."""
        document = self.account(self.developer.address).json()
        balance = _field(document, "balance")
        # The older shape leaves a balance of zero out.
        return balance if isinstance(balance, int) else 0 if _field(document, "pubkey") else None

    def account(self, address: str) -> Answer:
        """The answer of the route for accounts that the generation has."""
        route = "/v2/accounts" if self.generation.accounts == "spendable" else "/v1/participants"
        return self.asker.get(f"{route}/{quote(address)}")

    @cached_property
    def price(self) -> int | None:
        """ngonka a token of the model, as the escrow is reckoned (`protocol.md` §3.6); None where it is not shown."""
        path = "/chain-api/productscience/inference/inference/model_per_token_price/"
        shown = self.asker.get(path + quote(self.model or "", safe="")).json()
        if _field(shown, "found") is True:
            return _number(_field(shown, "price"))
        document = self.asker.get("/v1/governance/pricing").json()
        listed = _field(document, "models")
        prices = {_field(each, "id"): _number(_field(each, "price_per_token")) for each in _list(listed)}
        return prices.get(self.model) if _field(document, "dynamic_pricing_enabled") is True else None

    # Asking

    def draft(self, body: bytes, timestamp_ns: int) -> Draft:
        """A request of the developer as it should be."""
        return Draft(body, timestamp_ns, self.generation.scheme, self.provider or _NOBODY, self.developer)

    def probe(self) -> Draft:
        """A request that is right but for two things: its timestamp is of an hour ago, and no node has its model.

        What a node answers tells whether it came past the signature, and no node computes it.
        """
        return self.draft(encoded(chat_payload(NO_MODEL)), self.stale_ns)

    @cached_property
    def stale_ns(self) -> int:
        """An hour before block time."""
        return self.now().time_ns - _HOUR_NS

    def send(self, draft: Draft) -> Answer:
        return self.asker.ask(draft.request())

    @cached_property
    def first_probe(self) -> Answer:
        """The answer to the first probe: it tells whether requests of this developer come to be judged."""
        return self.send(self.probe())

    @cached_property
    def closed(self) -> str | None:
        """Why the node turns every request away before it looks at it; None where it does not."""
        answer = self.first_probe
        if answer.status != 403:
            return None
        hint = "name a provider that is on the chain's list" if answer.error == NOT_ALLOWED else "wait until it opens"
        return f"the node turns every request away ({answer.words}); {hint}"

    @cached_property
    def unheard(self) -> str | None:
        """Why the node cannot judge signatures of the developer; None where it can."""
        if not self.has_key:
            return "there is no key to sign with; set GONKA_PRIVATE_KEY or name a file with --key-file"
        if self.provider is None:
            return "the provider address is not known; name it with --provider"
        if self.first_probe.status == 500:
            return (
                f"the node finds no public key for {self.developer.address} ({self.first_probe.words}); "
                "fund that account and publish its key (protocol.md §8)"
            )
        return self.closed

    def _probe_scheme(self, scheme: Scheme) -> Answer | None:
        if not self.has_key or self.provider is None:
            return None
        body = encoded(chat_payload(NO_MODEL))
        return self.send(Draft(body, self.stale_ns, scheme, self.provider, self.developer))


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> int | None:
    """A number, also where it is written as text."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
