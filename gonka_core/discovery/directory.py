"""The latest list of a network, kept for all who use it: threads, tasks, and what a fork makes of them.

Nothing is asked here. Whoever uses a `Directory` asks whether something is `due`, which at most one of them is told,
carries out `learning.learn`, and brings what came of it: `learned` or `failed`.
"""

from __future__ import annotations

import copy
import os
import threading
import time
from collections.abc import Callable
from typing import Final

from gonka_core.endpoints import Endpoint
from gonka_core.errors import DiscoveryError, NobodyLeftError, ProofError

from . import urls
from .records import Discovered, Network
from .refreshing import Freshness
from .requirements import require_sound
from .shelf import Shelf

EPOCH_LOOKS: Final = 10
"""So many times in the life of a list it is asked whether another epoch has begun."""


class Directory:
    """Holds the latest `Discovered` of a network. May be shared by threads.

    `seconds` is a monotonic clock, `now` tells seconds since the epoch. `shelf` keeps the list on disk; by default the
    user's own, where `network.cache` is set. A list on the shelf that is younger than `network.refresh_s` is used from
    the start, as it would be had this process learned it; one of up to a day only where no source tells anything. Of a
    source on loopback only the latter: there networks for tests come and go behind the same port.

    Raises the `ConfigurationError` of a network that cannot be asked.
    """

    def __init__(
        self,
        network: Network,
        *,
        seconds: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        shelf: Shelf | None = None,
    ) -> None:
        require_sound(network)
        urls.sources(network.sources)
        self.network = network
        self._seconds = seconds
        self._now = now
        self._shelf = shelf or (Shelf(network) if network.cache else None)
        self._freshness = Freshness(network.refresh_s)
        self._latest: Discovered | None = None
        self._trouble: BaseException | None = None
        self._asking = False
        self._looked = False
        self._epoch_heard = seconds()
        self._lock = threading.Lock()
        self._process = os.getpid()

    @property
    def latest(self) -> Discovered | None:
        """The list to use, None before there is one."""
        with self._held():
            self._look()
            return self._latest

    @property
    def trouble(self) -> BaseException | None:
        """Why the last attempt to learn failed, None where it did not; a copy, to raise where there is no list."""
        with self._held():
            return None if self._trouble is None else copy.copy(self._trouble)

    def due(self) -> bool:
        """Whether the caller is to learn now, and then to say `learned` or `failed`. Nobody else is told so meanwhile.

        Where it is not due and there is no list, somebody is learning, or has failed just now: see `trouble`.
        """
        with self._held():
            self._look()
            moment = self._seconds()
            if (self._asking and self._freshness.claimed(moment)) or not self._freshness.due(moment):
                return False
            self._asking = True
            self._freshness = self._freshness.began(moment)
            return True

    def learned(self, discovered: Discovered) -> Discovered:
        """What a source told; kept on the shelf as well."""
        with self._held():
            self._asking = False
            self._latest, self._trouble = discovered, None
            self._epoch_heard = self._seconds()
            self._freshness = self._freshness.succeeded(self._epoch_heard)
        if self._shelf is not None:
            self._shelf.put(discovered)
        return discovered

    def failed(self, error: BaseException) -> Discovered:
        """The list to go on with: the latest one, or that of the shelf where no source told anything.

        Raises the error where there is none, and a `ProofError` or `NobodyLeftError` where there was no list before: a
        source that answered is not overruled by what was true yesterday.
        """
        with self._held():
            self._asking = False
            self._trouble = error
            self._freshness = self._freshness.failed()
            found = self._latest
            if found is None and _nothing_told(error) and self._shelf is not None:
                found = self._latest = self._shelf.get(self._now())
        if found is None:
            raise error
        return found

    def noticed(self, endpoint: Endpoint, error: str | None) -> None:
        """How a request to an endpoint ended, by the name of its error: it may say that the list is out of date."""
        if error is None and not self._freshness.unreachable:  # nearly always; no lock for that
            return
        with self._held():
            known = len(self._latest.endpoints) if self._latest else 1
            self._freshness = self._freshness.noticed(endpoint.url, error, known)

    def epoch_due(self) -> bool:
        """Whether the caller is to ask which epoch is under way, and then to say `told_epoch`: a tenth of the time
        after which the list itself is old."""
        with self._held():
            moment = self._seconds()
            idle = self._latest is None or self._asking
            if idle or moment - self._epoch_heard < self.network.refresh_s / EPOCH_LOOKS:
                return False
            self._epoch_heard = moment
            return True

    def told_epoch(self, epoch: int) -> None:
        """A node told the epoch that is under way."""
        with self._held():
            if self._latest is not None and epoch > self._latest.epoch:
                self._freshness = self._freshness.outdated()

    def age_s(self) -> float | None:
        """Seconds since the list was learned, by whoever learned it; None before there is one."""
        latest = self.latest
        return None if latest is None else max(self._now() - latest.learned_at, 0.0)

    def _look(self) -> None:
        """Once, take a young list from the shelf."""
        if self._looked or self._shelf is None or any(map(urls.is_loopback, self.network.sources)):
            return
        self._looked = True
        found = self._shelf.get(self._now(), self.network.refresh_s)
        if found is not None and self._latest is None:
            self._latest = found
            age = max(self._now() - found.learned_at, 0.0)
            self._freshness = self._freshness.succeeded(self._seconds() - age)

    def _held(self) -> threading.Lock:
        """The lock; a new one in a forked process, where the old one may be held by a thread that is not there."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._lock = threading.Lock()
            self._asking = False
        return self._lock


def _nothing_told(error: BaseException) -> bool:
    return isinstance(error, DiscoveryError) and not isinstance(error, ProofError | NobodyLeftError)
