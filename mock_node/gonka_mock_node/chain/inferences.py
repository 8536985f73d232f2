"""Inferences as the chain records them, in a store that forgets the oldest (`protocol.md` §6.5)."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

KEPT: Final = 10_000
"""Records that a store keeps."""

Status: TypeAlias = Literal["STARTED", "FINISHED", "VALIDATED", "INVALIDATED", "VOTING", "EXPIRED"]
STATUSES: Final[tuple[Status, ...]] = ("STARTED", "FINISHED", "VALIDATED", "INVALIDATED", "VOTING", "EXPIRED")
"""In the order of their numbers on the wire."""


@dataclass(frozen=True, slots=True)
class Inference:
    """One inference; `index` is the request's `Authorization`.

    Heights in blocks, `start_block_timestamp` and `end_block_timestamp` in milliseconds, `request_timestamp` in
    nanoseconds, costs in ngonka, hashes in hex. What is zero or empty does not go out.
    """

    index: str
    requested_by: str = ""
    model: str = ""
    status: Status = "FINISHED"
    prompt_hash: str = ""
    response_hash: str = ""
    original_prompt_hash: str = ""
    prompt_token_count: int = 0
    completion_token_count: int = 0
    executed_by: str = ""
    assigned_to: str = ""
    transferred_by: str = ""
    validated_by: tuple[str, ...] = ()
    start_block_height: int = 0
    end_block_height: int = 0
    start_block_timestamp: int = 0
    end_block_timestamp: int = 0
    max_tokens: int = 0
    actual_cost: int = 0
    escrow_amount: int = 0
    per_token_price: int = 0
    epoch_id: int = 0
    node_version: str = ""
    request_timestamp: int = 0
    transfer_signature: str = ""
    execution_signature: str = ""


class Inferences(Mapping[str, Inference]):
    """Inferences by index, oldest first. May be used from any thread.

    Each request adds one and few are ever asked for. So what is added waits in line, and is put into its place when
    somebody looks, or when as many wait as are kept.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._waiting: deque[tuple[str, Callable[[], Inference]]] = deque()
        self._records: OrderedDict[str, Inference | Callable[[], Inference]] = OrderedDict()
        self._lock = threading.RLock()

    def add(self, inference: Inference) -> None:
        """Add it, or replace the one of that index; the oldest goes where there are too many."""
        self.add_later(inference.index, lambda: inference)

    def add_later(self, index: str, make: Callable[[], Inference]) -> None:
        """The same for one that is made when it is asked for."""
        with self._lock:
            self._waiting.append((index, make))
            if len(self._waiting) >= self._kept:
                self._settle()

    def _settle(self) -> None:
        records = self._records
        with self._lock:
            while self._waiting:
                index, make = self._waiting.popleft()
                records.pop(index, None)
                records[index] = make
                if len(records) > self._kept:
                    records.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._records.clear()

    def __getitem__(self, index: str) -> Inference:
        with self._lock:
            self._settle()
            record = self._records[index]
            if not isinstance(record, Inference):
                record = self._records[index] = record()
            return record

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            self._settle()
            return iter(tuple(self._records))

    def __len__(self) -> int:
        with self._lock:
            self._settle()
            return len(self._records)
