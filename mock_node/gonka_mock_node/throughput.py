"""How much a node takes on at once: the limiter behind its 429 (`protocol.md` §3.8).

A request weighs an estimate of the kilobytes that it will move. The weight is booked at the block at which the request
expires, and taken off when it is answered; what counts is the average over the blocks up to there.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

from .chain import Bandwidth


@dataclass(frozen=True, slots=True)
class Booking:
    """A request that is under way: the block that it is booked at, and its weight in KB."""

    block: int
    kilobytes: float


class Throughput:
    """The bookings of one node."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kilobytes: dict[int, float] = {}
        self._requests: Counter[int] = Counter()

    def accepts(self, limits: Bandwidth, height: int, kilobytes: float, participants: int) -> bool:
        """Whether a request of that weight still fits, on a network of so many participants."""
        window = limits.expiration_blocks + 1
        share = max(participants, 1)
        with self._lock:
            blocks = range(height, height + window)
            booked = sum(weight for block, weight in self._kilobytes.items() if block in blocks)
            requests = sum(count for block, count in self._requests.items() if block in blocks)
        if (booked + kilobytes) / window > limits.per_block_kb / share:
            return False
        most = limits.max_inferences_per_block
        return not most or (requests + 1) / window <= max(most // share, 1)

    def book(self, limits: Bandwidth, height: int, kilobytes: float) -> Booking:
        booking = Booking(height + limits.expiration_blocks, kilobytes)
        with self._lock:
            self._kilobytes[booking.block] = self._kilobytes.get(booking.block, 0.0) + kilobytes
            self._requests[booking.block] += 1
        return booking

    def release(self, booking: Booking) -> None:
        with self._lock:
            if booking.block not in self._requests:
                return
            self._requests[booking.block] -= 1
            self._kilobytes[booking.block] -= booking.kilobytes
            if self._requests[booking.block] <= 0:
                del self._requests[booking.block], self._kilobytes[booking.block]

    def clear(self) -> None:
        with self._lock:
            self._kilobytes.clear()
            self._requests.clear()


def estimated_kilobytes(limits: Bandwidth, prompt_tokens: int, max_tokens: int) -> float:
    """The weight of a request."""
    return prompt_tokens * limits.kb_per_input_token + max_tokens * limits.kb_per_output_token
