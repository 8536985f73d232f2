"""A small chain: accounts, parameters, models and a block clock. Several nodes may share one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from gonka_core.address import address_of, parse_address

DEFAULT_BALANCE: Final = 10**15
"""ngonka of an account that enrols itself: a million GNK, enough for any test that is not about balances."""
DEFAULT_PRICE: Final = 1
KNOWN_MODELS: Final = (
    "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8",
    "moonshotai/Kimi-K2.6",
    "MiniMaxAI/MiniMax-M2.7",
    "Qwen/QwQ-32B",
    "Qwen/Qwen2.5-7B-Instruct",
    "test",
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its public key of 33 bytes, None while it is not published, and its spendable ngonka."""

    address: str
    public_key: bytes | None
    balance: int


@dataclass(frozen=True, slots=True)
class Params:
    """Chain parameters that a developer's request meets (`protocol.md` §3.5, §3.9); seconds, 0 for the fallback."""

    timestamp_expiration_s: int = 60
    timestamp_advance_s: int = 30
    allowed_transfer_addresses: frozenset[str] = frozenset()
    developer_gate_until: int = 0
    allowed_developers: frozenset[str] = frozenset()

    @property
    def expiration_s(self) -> int:
        return self.timestamp_expiration_s or 10

    @property
    def advance_s(self) -> int:
        return self.timestamp_advance_s or 10

    @property
    def replay_blocks(self) -> int:
        """Blocks for which a used signature is remembered (`protocol.md` §3.7)."""
        return max(self.expiration_s * 2 // 4, 4)


class BlockClock:
    """Time as the chain has it: nanoseconds of the latest block, and its height.

    By default the latest block is always of now. `freeze` stops it, `advance` moves a stopped or running clock,
    `lag` lets blocks fall behind.
    """

    def __init__(
        self, now_ns: Callable[[], int] = time.time_ns, *, height: int = 4_300_000, interval_s: int = 5
    ) -> None:
        self._now_ns = now_ns
        self._start = now_ns()
        self._base_height = height
        self._interval_ns = interval_s * 10**9
        self._offset = 0
        self._frozen: int | None = None

    @property
    def time_ns(self) -> int:
        return (self._now_ns() if self._frozen is None else self._frozen) + self._offset

    @property
    def height(self) -> int:
        return self._base_height + (self.time_ns - self._start) // self._interval_ns

    def freeze(self, at_ns: int | None = None) -> None:
        """Stop at an instant, by default the present one."""
        self._frozen = self.time_ns if at_ns is None else at_ns
        self._offset = 0

    def thaw(self) -> None:
        """Go with the wall clock again."""
        self._frozen, self._offset = None, 0

    def advance(self, seconds: float) -> None:
        """Move forward, or back where negative."""
        self._offset += int(seconds * 10**9)


@dataclass
class Chain:
    """What nodes share. `open_accounts`: a requester is enrolled when a key recovered from its signature is its own."""

    clock: BlockClock = field(default_factory=BlockClock)
    params: Params = field(default_factory=Params)
    models: tuple[str, ...] | None = None
    price: int = DEFAULT_PRICE
    open_accounts: bool = True
    default_balance: int = DEFAULT_BALANCE

    def __post_init__(self) -> None:
        self._accounts: dict[bytes, Account] = {}
        self._lock = threading.Lock()

    def account(self, address: str) -> Account | None:
        """The account of an address. Raises `InvalidAddressError` for what is none."""
        return self._accounts.get(parse_address(address))

    def accounts(self) -> Iterable[Account]:
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

    def serves(self, model: str) -> bool:
        return self.models is None or model in self.models

    def enrol(self, address: str, public_key: bytes) -> Account:
        """The account of an address that proved its key; opened with the default balance at the first time."""
        with self._lock:
            return self._accounts.setdefault(parse_address(address), Account(address, public_key, self.default_balance))
