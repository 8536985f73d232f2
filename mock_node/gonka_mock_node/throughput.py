"""How much a node takes on at once: the limiter behind its 429 (`protocol.md` §3.8).

A request weighs an estimate of the kilobytes that it will move. The weight is booked at the block at which the request
expires, and taken off when it is answered; what counts is the average over the blocks up to there.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from .chain import Bandwidth


class Booking(NamedTuple):
    """A request that is under way: the block that it is booked at, and its weight in KB."""

    block: int
    kilobytes: float


class Throughput:
    """The bookings of one node."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._booked: dict[int, tuple[int, float]] = {}

    def accepts(self, limits: Bandwidth, height: int, kilobytes: float, participants: int) -> bool:
        """Whether a request of that weight still fits, on a network of so many participants."""
        window = limits.expiration_blocks + 1
        share = max(participants, 1)
        booked, requests = 0.0, 0
        with self._lock:
            for block, (count, weight) in self._booked.items():
                if height <= block < height + window:
                    booked, requests = booked + weight, requests + count
        if (booked + kilobytes) / window > limits.per_block_kb / share:
            return False
        most = limits.max_inferences_per_block
        return not most or (requests + 1) / window <= max(most // share, 1)

    def book(self, limits: Bandwidth, height: int, kilobytes: float) -> Booking:
        booking = Booking(height + limits.expiration_blocks, kilobytes)
        with self._lock:
            count, weight = self._booked.get(booking.block, (0, 0.0))
            self._booked[booking.block] = (count + 1, weight + kilobytes)
        return booking

    def release(self, booking: Booking) -> None:
        with self._lock:
            count, weight = self._booked.get(booking.block, (0, 0.0))
            if count > 1:
                self._booked[booking.block] = (count - 1, weight - booking.kilobytes)
            else:
                self._booked.pop(booking.block, None)

    def clear(self) -> None:
        with self._lock:
            self._booked.clear()


def estimated_kilobytes(limits: Bandwidth, prompt_tokens: int, max_tokens: int) -> float:
    """The weight of a request."""
    return prompt_tokens * limits.kb_per_input_token + max_tokens * limits.kb_per_output_token
