"""A small chain: accounts, parameters, models, participants and a block clock. Several nodes may share one.

Everything on it is a frozen record; a change puts another record in its place. A test may change what it likes between
two requests, and go back with `reset`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from gonka_core.address import address_of, parse_address

from .clock import BlockClock, ClockSetting
from .epochs import FIRST_EPOCH, Epoch, Excluded, Participant, epoch_from
from .inferences import Inference, Inferences
from .ledger import Ledger
from .models import KNOWN_MODELS, Model
from .params import Params
from .validators import validators_hash, validators_of

DEFAULT_BALANCE: Final = 10**15
"""ngonka of an account that enrols itself: a million GNK, enough for any test that is not about balances."""
DEFAULT_PRICE: Final = 1
MOST_ENROLLED: Final = 100_000
"""Accounts that enrol themselves; the first of them goes when another comes, and may come again."""
FALLBACK_PRICE: Final = 1000
"""ngonka a token where the chain's price cannot be had (`protocol.md` §3.6)."""
OUTAGES: Final = frozenset(
    {"params", "status", "epoch-group", "price", "accounts", "node-status", "executors", "capacity"}
)
"""What can be made to fail: queries to the chain by their names, executors for every model, capacity for more."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its public key of 33 bytes, None while it is not published, and its spendable ngonka."""

    address: str
    public_key: bytes | None
    balance: int


@dataclass(frozen=True, slots=True)
class _Memory:
    """What `reset` goes back to."""

    fields: Mapping[str, Any]
    accounts: Mapping[bytes, Account]
    grants: Mapping[str, tuple[bytes, ...]]
    participants: tuple[Participant, ...]
    epochs: Mapping[int, Epoch]
    clock: ClockSetting


@dataclass
class Chain:
    """What nodes share.

    `models` are those that are served, as names or as `Model`; None serves any name and lists `KNOWN_MODELS`. `price`
    is ngonka a token for models without a price of their own. `open_accounts`: a requester is enrolled when a key
    recovered from its signature is its own. `outages` names what fails, of `OUTAGES`. `first_epoch` is the
    number of the epoch in which it begins, 1 or above.
    """

    clock: BlockClock = field(default_factory=BlockClock)
    params: Params = field(default_factory=Params)
    models: tuple[str | Model, ...] | None = None
    price: int = DEFAULT_PRICE
    unit_of_compute_price: int = 100
    open_accounts: bool = True
    default_balance: int = DEFAULT_BALANCE
    outages: set[str] = field(default_factory=set)
    first_epoch: int = FIRST_EPOCH

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._accounts: dict[bytes, Account] = {}
        self._enrolled: deque[bytes] = deque()
        self._grants: dict[str, tuple[bytes, ...]] = {}
        self._registered: tuple[Participant, ...] = ()
        self._listening: dict[str, str] = {}
        self.inferences: Inferences = Inferences()
        self.epochs: dict[int, Epoch] = {}
        self._begin(self.first_epoch, max(self.clock.height - self.params.epochs.epoch_length // 2, 1))
        self.remember()

    # Accounts

    def account(self, address: str) -> Account | None:
        """The account of an address. Raises `InvalidAddressError` for what is none."""
        return self._accounts.get(_parsed(address))

    def accounts(self) -> Iterable[Account]:
        """All accounts, as they are now."""
        return tuple(self._accounts.values())

    def put(self, account: Account) -> Account:
        """Add an account, or replace the one of that address."""
        with self._lock:
            self._accounts[parse_address(account.address)] = account
        return account

    def fund(self, public_key: bytes, balance: int | None = None) -> Account:
        """Add the account of a public key of 33 bytes."""
        return self.put(
            Account(address_of(public_key), public_key, self.default_balance if balance is None else balance)
        )

    def remove(self, address: str) -> None:
        """Take an account off the chain; nothing where it has none. Raises `InvalidAddressError`."""
        with self._lock:
            self._accounts.pop(parse_address(address), None)

    def enrol(self, address: str, public_key: bytes) -> Account:
        """The account of an address that proved its key; opened with the default balance at the first time."""
        with self._lock:
            key = _parsed(address)
            if key not in self._accounts:
                self._accounts[key] = Account(address, public_key, self.default_balance)
                self._enrolled.append(key)
            if len(self._enrolled) > MOST_ENROLLED:
                self._accounts.pop(self._enrolled.popleft(), None)
            return self._accounts[key]

    def grant(self, granter: str, public_key: bytes) -> None:
        """Let another key (33 bytes) sign as that provider, as a host's warm key does (`protocol.md` §13)."""
        with self._lock:
            self._grants[granter] = (*self._grants.get(granter, ()), public_key)

    def transfer_keys(self, address: str) -> tuple[bytes, ...]:
        """The keys (33 bytes) that may sign for a provider: those granted first, its own last if it is published."""
        account = self.account(address)
        own = (account.public_key,) if account is not None and account.public_key is not None else ()
        return (*self._grants.get(address, ()), *own)

    # Parameters

    def allow(self, *addresses: str) -> None:
        """Only these providers may be called; none at all means everyone, as on the chain (`protocol.md` §3.9)."""
        self.params = replace(self.params, allowed_transfer_addresses=frozenset(addresses))

    def allow_everyone(self) -> None:
        """Take the allow-list of providers away."""
        self.allow()

    def block_developers_until(self, height: int, allowed: Iterable[str] = ()) -> None:
        """Only these requesters may ask below a height; 0 opens the gate (`protocol.md` §3.9)."""
        self.params = replace(self.params, developer_gate_until=height, allowed_developers=frozenset(allowed))

    # Models

    def model_names(self) -> tuple[str, ...]:
        """The ids of the models that are listed."""
        return tuple(model.id for model in self.model_records)

    @property
    def model_records(self) -> tuple[Model, ...]:
        """The models that are listed."""
        return _records(KNOWN_MODELS if self.models is None else self.models)

    def model(self, name: str) -> Model | None:
        """The record of a model that is listed."""
        return _by_id(KNOWN_MODELS if self.models is None else self.models).get(name)

    def serves(self, model: str) -> bool:
        """Whether a model is served: every one, unless models were named."""
        return self.models is None or self.model(model) is not None

    def price_of(self, model: str) -> int:
        """ngonka a token. What the chain cannot tell, or does not know, costs the fallback (`protocol.md` §3.6)."""
        if "price" in self.outages or not self.serves(model):
            return FALLBACK_PRICE
        record = self.model(model)
        return self.price if record is None or record.price is None else record.price

    # Participants

    @property
    def epoch(self) -> int:
        """The number of the epoch that is under way."""
        return max(self.epochs)

    @property
    def current(self) -> Epoch:
        """The epoch that is under way."""
        return self.epochs[self.epoch]

    def participants(self) -> tuple[Participant, ...]:
        """Who takes part in the epoch that is under way."""
        return self.current.participants

    @property
    def registered(self) -> tuple[Participant, ...]:
        """Who takes part from the next epoch on."""
        return self._registered

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Who was thrown out of the epoch that is under way."""
        return self.current.excluded

    def enter(self, address: str, url: str) -> Participant:
        """A node listens: it takes part, or its URL is another now. Survives `reset`."""
        with self._lock:
            self._listening[address] = url
            known = next((known for known in self.current.participants if known.address == address), None)
            return self.join(Participant(address, url) if known is None else replace(known, url=url))

    def join(self, participant: Participant) -> Participant:
        """Add a participant, or replace the one of that address, in the epoch under way and those to come.

        A real epoch is fixed when it begins; which participants it has here is the test's to say, up to `next_epoch`.
        """
        models = self.model_names() if participant.models is None else participant.models
        participant = replace(participant, models=tuple(models))
        with self._lock:
            self.epochs[self.epoch] = self.current.with_participant(participant)
            self._registered = _with(self._registered, participant)
        return participant

    def leave(self, address: str) -> None:
        """No longer take part from the next epoch on. The one under way goes on listing it."""
        with self._lock:
            self._listening.pop(address, None)
            self._registered = tuple(known for known in self._registered if known.address != address)

    def exclude(self, address: str, reason: str) -> Excluded:
        """Throw a participant out of the epoch under way, which goes on listing it."""
        excluded = Excluded(address, reason, self.clock.height)
        with self._lock:
            self.epochs[self.epoch] = self.current.with_excluded(excluded)
        return excluded

    def next_epoch(self) -> Epoch:
        """Begin the next epoch now, with who is registered. Earlier ones stay readable as they were.

        Time does not move. Where the epoch before is too young for the heights of another, blocks come in no time.
        """
        with self._lock:
            least = max(self.current.effective + 1, self.current.created_at + 3)
            self.clock.reach(least + self.params.epochs.effective_after)
            return self._begin(self.epoch + 1, self.clock.height - self.params.epochs.effective_after, self._registered)

    def _begin(self, number: int, poc_start: int, participants: tuple[Participant, ...] = ()) -> Epoch:
        self.epochs[number] = epoch_from(number, poc_start, self.clock.latest, self.params.epochs, participants)
        return self.epochs[number]

    # Blocks

    def ledger(self, provider_address: str = "") -> Ledger:
        """What the node of a provider address tells of the chain as it stands now: blocks, commits, validators,
        proofs."""
        return Ledger(provider_address, dict(self.epochs), self.clock.latest)

    @property
    def validators_hash(self) -> bytes:
        """32 bytes: CometBFT's hash of the validators of the epoch under way, which the headers of its blocks have.

        What a client pins that is to believe no other validators.
        """
        return validators_hash(validators_of(self.current))

    # Inferences

    def record_inference(self, inference: Inference) -> None:
        """Remember an inference for those who ask by its id; the last 10,000 are kept."""
        self.inferences.add(inference)

    # Going back

    def remember(self) -> None:
        """Let `reset` go back to what is now. Done once when the chain is made."""
        with self._lock:
            self._memory = _Memory(
                fields={name: getattr(self, name) for name in _RESTORED} | {"outages": frozenset(self.outages)},
                accounts=dict(self._accounts),
                grants=dict(self._grants),
                participants=self._registered,
                epochs=dict(self.epochs),
                clock=self.clock.setting,
            )

    def reset(self) -> None:
        """Be as when it was made, or when `remember` was called last; nodes that listen still take part."""
        with self._lock:
            memory = self._memory
            for name, value in memory.fields.items():
                setattr(self, name, set(value) if name == "outages" else value)
            self._accounts = dict(memory.accounts)
            self._enrolled.clear()
            self._grants = dict(memory.grants)
            self._registered = memory.participants
            self.epochs = dict(memory.epochs)
            self.clock.restore(memory.clock)
            self.inferences.clear()
            for address, url in self._listening.items():
                self.enter(address, url)


_RESTORED: Final = ("params", "models", "price", "unit_of_compute_price", "open_accounts", "default_balance")


_parsed: Final = lru_cache(maxsize=4096)(parse_address)
"""Checking an address takes as long as verifying a signature; a test has few of them."""


@lru_cache(maxsize=64)
def _records(named: tuple[str | Model, ...]) -> tuple[Model, ...]:
    return tuple(Model(model) if isinstance(model, str) else model for model in named)


@lru_cache(maxsize=64)
def _by_id(named: tuple[str | Model, ...]) -> Mapping[str, Model]:
    """Of several with one id the first."""
    return {model.id: model for model in reversed(_records(named))}


def _with(participants: tuple[Participant, ...], participant: Participant) -> tuple[Participant, ...]:
    others = tuple(known for known in participants if not participant.address or known.address != participant.address)
    return (*others, participant)
