"""The faults that are active: added, counted, removed. Safe from any thread."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from gonka_mock_node.reply import Reply

from .catalogue import CATALOGUE
from .matching import Tally, concerns, is_node, reaches
from .records import Connection, Fault, FaultError, Seen, Stage, Value
from .validation import sound_fault

MOST: Final = 1000
"""Faults that may be active at once."""


class Faults:
    """The active faults of a network, in the order in which they were added.

    `on_change` are called, without arguments, after every change: whoever holds the ports asks `refusing` again then.
    """

    def __init__(self) -> None:
        self.on_change: list[Callable[[], None]] = []
        self._active: dict[str, tuple[Fault, Tally]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(
        self,
        name: str,
        /,
        *,
        route: str | None = None,
        node: int | str | None = None,
        model: str | None = None,
        stream: bool | None = None,
        nth: Sequence[int] | int | None = None,
        every: int | None = None,
        first: int | None = None,
        times: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        **parameters: Value,
    ) -> Fault:
        """Activate a fault of the catalogue for the requests that fit (see `Match`).

        Raises `FaultError` for an unknown name or parameter, a value of the wrong type or out of its bounds, and when
        there are 1,000 already.
        """
        match: dict[str, Any] = {"route": route, "node": node, "model": model, "stream": stream, "nth": nth}
        turn: dict[str, Any] = {
            "every": every,
            "first": first,
            "times": times,
            "probability": probability,
            "seed": seed,
        }
        return self._added(name, {**match, **turn, **parameters})

    def add_object(self, value: object) -> Fault:
        """The same from a JSON object: `name` beside the other fields. Raises `FaultError`."""
        if not isinstance(value, Mapping) or "name" not in value:
            raise FaultError("name", 'a fault is a JSON object with a name; send something like {"name": "latency"}')
        return self._added(value["name"], {key: item for key, item in value.items() if key != "name"})

    def add_again(self, fault: Fault) -> Fault:
        """Activate what a fault says once more, under an id of its own and counting from the start."""
        fields = fault.as_object()
        return self.add_object({name: value for name, value in fields.items() if name != "id"})

    def _added(self, name: object, fields: Mapping[str, Any]) -> Fault:
        with self._lock:
            if len(self._active) >= MOST:
                raise FaultError("name", f"{MOST} faults are active; remove some, or clear() them all")
            made = sound_fault(next(self._numbers), name, fields)
            self._active[made.id] = (made, Tally(made.match))
        self._tell()
        return made

    def remove(self, identity: str) -> None:
        """Raises `FaultError` where no active fault has that id."""
        with self._lock:
            self._entry(identity)
            del self._active[identity]
        self._tell()

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._active.clear()
        self._tell()

    def strikes(self, identity: str) -> int:
        """How many requests an active fault struck. Raises `FaultError` where none has that id."""
        with self._lock:
            return self._entry(identity)[1].strikes

    def strike(self, seen: Seen, *stages: Stage, reply: Reply | None = None) -> tuple[Fault, ...]:
        """Count a request; the faults that strike it, in the order in which they were added.

        Without `stages`, of every stage. A node that asks at each stage in its turn (`chain` and `front` on arrival,
        `executor` once every rule was passed, `reply` with the reply in hand) does not use up a fault on a request that
        it never meets: with `reply`, only faults that can change that reply count it.
        """
        with self._lock:
            return tuple(
                fault
                for fault, tally in self._active.values()
                if self._counts(fault, seen, stages, reply) and tally.strikes_next()
            )

    def refusing(self, number: int, url: str, provider_address: str) -> bool:
        """Whether that node (its number counts from 1) is to refuse connections now."""
        return any(
            isinstance(CATALOGUE[fault.name], Connection) and is_node(fault.match.node, number, url, provider_address)
            for fault in self
        )

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call it after every change from now on."""
        self.on_change.append(listener)

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter([fault for fault, _ in self._active.values()])

    def __len__(self) -> int:
        return len(self._active)

    @staticmethod
    def _counts(fault: Fault, seen: Seen, stages: tuple[Stage, ...], reply: Reply | None) -> bool:
        effect = CATALOGUE[fault.name]
        if effect.stage == "connection" or (stages and effect.stage not in stages):
            return False
        return concerns(fault.match, seen) and reaches(effect, seen, reply)

    def _entry(self, identity: str) -> tuple[Fault, Tally]:
        if identity not in self._active:
            known = ", ".join(self._active) or "none"
            raise FaultError("id", f"no active fault has the id {identity!r}; active are: {known}")
        return self._active[identity]

    def _tell(self) -> None:
        for listener in tuple(self.on_change):
            listener()
