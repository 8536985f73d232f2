"""The endpoints of a client: which may be asked now, who is resting, and how many requests each has in hand.

A selector chooses, and the pool decides among whom: of the endpoints that serve the model and are allowed, those that
do not rest; of these, those that the call has not tried; of these, those that have not enough in hand. A step that
would leave nobody is softened, so that there always is an endpoint to ask:

    everybody rests          the one whose rest is over first
    everybody was tried      the one whose last failure is longest ago
    everybody has enough     the one with the fewest requests in hand

Only the model and the allow-list are absolute.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from .cooldown import Cooldown
from .endpoints import Endpoint
from .errors import ConfigurationError, MissingSettingError, PluginError
from .events import LOGGER
from .interfaces import Selector
from .types import Outcome, SelectionContext


@dataclass(frozen=True, slots=True)
class EndpointState:
    """An endpoint at one moment: seconds of rest that are left, requests in hand, failures since it last answered."""

    url: str
    cooling_s: float
    in_flight: int
    failures: int


class Pool:
    """Endpoints, from which a selector chooses. May be shared by threads.

    `limit_per_endpoint`: one that has so many requests in hand is passed over while others have fewer. `allowed` leaves
    endpoints out for good. `seconds` is a monotonic clock. Of endpoints that are equal the first is kept. `awaited`:
    there may be none yet, because others are still to be found.

    Raises `MissingSettingError` for no endpoints, `ConfigurationError` for a limit below one.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        *,
        selector: Selector,
        cooldown: Cooldown | None = None,
        limit_per_endpoint: int | None = None,
        allowed: Callable[[Endpoint], bool] | None = None,
        seconds: Callable[[], float] = time.monotonic,
        awaited: bool = False,
    ) -> None:
        if limit_per_endpoint is not None and limit_per_endpoint < 1:
            raise ConfigurationError(f"{limit_per_endpoint} requests per endpoint are none", "allow one or more")
        self._endpoints = _distinct(endpoints, or_none=awaited)
        self._members = {endpoint: endpoint for endpoint in self._endpoints}
        self._selector = selector
        self._cooldown = cooldown or Cooldown()
        self._limit = limit_per_endpoint
        self._allowed = allowed
        self._seconds = seconds
        self._in_flight: dict[Endpoint, int] = {}
        self._order_of_failures = itertools.count(1)
        self._failed: dict[Endpoint, int] = {}
        self._complained = False
        # A forgotten stream releases its endpoint when it is collected, which can be in the middle of a method here.
        self._lock = threading.RLock()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return self._endpoints

    def take(self, context: SelectionContext, tried: Collection[Endpoint] = ()) -> Endpoint:
        """`choose` and `acquire` in one step, so that no other request comes between."""
        with self._lock:
            chosen = self._chosen(context, tried)
            self._begin(chosen)
            return chosen

    def choose(self, context: SelectionContext, tried: Collection[Endpoint] = ()) -> Endpoint:
        """An endpoint for an attempt. `tried` are those that the call asked already.

        Raises `ConfigurationError` where no endpoint serves the model or none that does is allowed, and `PluginError`
        for a selector that returns something else.
        """
        with self._lock:
            return self._chosen(context, tried)

    def acquire(self, endpoint: Endpoint) -> None:
        """A request begins, and is counted until `release`."""
        with self._lock:
            self._begin(endpoint)

    def release(self, endpoint: Endpoint) -> None:
        """A request is over, or its stream is, whether or not it was reported."""
        with self._lock:
            self._end(endpoint)

    def report(
        self,
        endpoint: Endpoint,
        outcome: Outcome,
        error: BaseException | None = None,
        *,
        cools: bool = True,
        over: bool = False,
    ) -> float:
        """How an attempt ended that ended just now: the seconds of rest that begin with it, 0 for none.

        Without `cools` the failure is remembered, and the endpoint does not rest for it. With `over` it is released in
        the same step.
        """
        self._tell_selector(endpoint, outcome)
        with self._lock:
            rest = self._rest_after(endpoint, outcome, error, cools) if endpoint in self._members else 0.0
            if over:
                self._end(endpoint)
            return rest

    def has_fresh(self, model: str | None, tried: Collection[Endpoint]) -> bool:
        """Whether an endpoint is left that serves the model, was not tried and does not rest."""
        with self._lock:
            resting = self._cooldown.resting(self._seconds())
            return any(endpoint not in resting and endpoint not in tried for endpoint in self._fitting(model))

    def replace(self, endpoints: Iterable[Endpoint]) -> None:
        """Other endpoints from now on. What is known of those that stay is kept, and requests in hand are counted on.

        Raises `MissingSettingError` for none, and leaves everything as it was.
        """
        others = _distinct(endpoints)
        with self._lock:
            self._endpoints = others
            self._members = {endpoint: endpoint for endpoint in others}
            self._cooldown.keep(self._members)
            self._failed = {endpoint: order for endpoint, order in self._failed.items() if endpoint in self._members}

    def states(self) -> tuple[EndpointState, ...]:
        """Every endpoint as it is at this moment, in their order."""
        with self._lock:
            resting = self._cooldown.resting(self._seconds())
            return tuple(
                EndpointState(
                    endpoint.url,
                    resting.get(endpoint, 0.0),
                    self._load(endpoint),
                    self._cooldown.failures(endpoint),
                )
                for endpoint in self._endpoints
            )

    def _chosen(self, context: SelectionContext, tried: Collection[Endpoint]) -> Endpoint:
        candidates = self._candidates(context.model, tried)
        chosen = self._members.get(self._selector.select(candidates, context))
        if chosen is None or (candidates is not self._endpoints and not self._fits(chosen, context.model)):
            raise _stranger(self._selector)
        return chosen

    def _begin(self, endpoint: Endpoint) -> None:
        self._cooldown.asked(endpoint, self._seconds())
        self._in_flight[endpoint] = self._in_flight.get(endpoint, 0) + 1

    def _end(self, endpoint: Endpoint) -> None:
        left = self._in_flight.get(endpoint, 0) - 1
        if left > 0:
            self._in_flight[endpoint] = left
        else:
            self._in_flight.pop(endpoint, None)
            self._cooldown.abandoned(endpoint)

    def _rest_after(self, endpoint: Endpoint, outcome: Outcome, error: BaseException | None, cools: bool) -> float:
        if error is not None:
            self._failed[endpoint] = next(self._order_of_failures)
            if not cools:
                return 0.0
        now = self._seconds()
        return self._cooldown.ended(endpoint, error, began=now - outcome.seconds, now=now)

    def _candidates(self, model: str | None, tried: Collection[Endpoint]) -> Sequence[Endpoint]:
        fitting = self._fitting(model)
        if not fitting:
            raise self._nothing_fits(model)
        resting = self._cooldown.resting(self._seconds())
        awake = [endpoint for endpoint in fitting if endpoint not in resting] if resting else fitting
        if not awake:
            return (min(fitting, key=lambda endpoint: (resting[endpoint], self._last_failure(endpoint))),)
        fresh = [endpoint for endpoint in awake if endpoint not in tried] if tried else awake
        if not fresh:
            return (min(awake, key=self._last_failure),)
        return self._with_room(fresh)

    def _with_room(self, endpoints: Sequence[Endpoint]) -> Sequence[Endpoint]:
        if self._limit is None:
            return endpoints
        free = [endpoint for endpoint in endpoints if self._load(endpoint) < self._limit]
        return free or (min(endpoints, key=self._load),)

    def _load(self, endpoint: Endpoint) -> int:
        """Its requests in hand."""
        return self._in_flight.get(endpoint, 0)

    def _last_failure(self, endpoint: Endpoint) -> int:
        return self._failed.get(endpoint, 0)

    def _fitting(self, model: str | None) -> Sequence[Endpoint]:
        if model is None and self._allowed is None:
            return self._endpoints
        return [endpoint for endpoint in self._endpoints if self._fits(endpoint, model)]

    def _fits(self, endpoint: Endpoint, model: str | None) -> bool:
        return _serves(endpoint, model) and (self._allowed is None or self._allowed(endpoint))

    def _nothing_fits(self, model: str | None) -> ConfigurationError:
        serving = [endpoint.url for endpoint in self._endpoints if _serves(endpoint, model)]
        if serving:
            return ConfigurationError(
                f"none of the endpoints {', '.join(serving)} is allowed", "allow one of them, or add others"
            )
        if not self._endpoints:
            return MissingSettingError("there is no endpoint to choose from", "give at least one, or a source")
        served = sorted({name for endpoint in self._endpoints for name in endpoint.models or ()})
        return ConfigurationError(
            f"no endpoint serves the model {model!r}",
            f"choose one of: {', '.join(served)}" if served else "add endpoints that do: these serve none",
        )

    def _tell_selector(self, endpoint: Endpoint, outcome: Outcome) -> None:
        """An answer that was paid for is not lost because a selector cannot learn from it."""
        try:
            self._selector.report(endpoint, outcome)
        except Exception as error:  # noqa: BLE001 - it is somebody else's code
            if not self._complained:
                self._complained = True
                LOGGER.error(
                    "the selector %s raised %s in report; calls go on, and it is not logged again: mend the selector",
                    type(self._selector).__qualname__,
                    type(error).__name__,
                    exc_info=error,
                )


def _distinct(endpoints: Iterable[Endpoint], *, or_none: bool = False) -> tuple[Endpoint, ...]:
    found = tuple(dict.fromkeys(endpoints))
    if not found and not or_none:
        raise MissingSettingError("there is no endpoint to choose from", "give at least one")
    return found


def _serves(endpoint: Endpoint, model: str | None) -> bool:
    return model is None or endpoint.models is None or model in endpoint.models


def _stranger(selector: Selector) -> PluginError:
    return PluginError(
        f"the selector {type(selector).__qualname__} returned something else than a candidate",
        "return one of the endpoints that `select` was given",
    )
