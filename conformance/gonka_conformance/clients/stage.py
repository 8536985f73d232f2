"""The network of one scenario: mock nodes on loopback, and a tap in front of each that keeps what was sent."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gonka_conformance.vectors import Scheme

from . import material
from .collecting import arrived
from .tap import Recording, Tap, closed_port
from .transcript import Place, Role, Run, Task, Transcript

try:
    from gonka_mock_node import Access, MockNetwork
    from gonka_mock_node.listening import LoopThread
    from gonka_mock_node.profiles import Profile, profile_named
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f"the client exam needs mock nodes, and {_missing.name} is not installed; run: pip install "
        "'gonka-core[conformance,mock-node]' (from a checkout: pip install '.[conformance,mock-node]')",
        name=_missing.name,
    ) from _missing

_OTHER: Final[Mapping[Scheme, str]] = {"hash": "v0.2.5", "raw": "v0.2.13"}
_SETTLE_S: Final = 2.0


def exam_profile(name: str) -> Profile:
    """A generation of nodes that takes signed requests, with the routes that tell block time.

    Raises ValueError for another one.
    """
    found = profile_named(name)
    if found.kind != "classic":
        raise ValueError(f"nodes of the profile {name!r} take no signed requests; use v0.2.13 (hash) or seed (raw)")
    return replace(found, routes=replace(found.routes, chain_proxy=True))


class Stage:
    """A network for a task, for the length of a `with` block. `ports` remembers where places listened before."""

    def __init__(self, task: Task, profile: Profile, ports: dict[str, int] | None = None) -> None:
        scenario = task.scenario
        self.task = task
        self.places: list[Place] = []
        self._ports = ports
        self._taps: dict[str, Tap] = {}
        self._closed: list[socket.socket] = []
        self._left_over = contextlib.ExitStack()
        self.profile: Profile = exam_profile(_OTHER[profile.scheme]) if scenario.other else profile
        self.network: MockNetwork = MockNetwork(
            scenario.nodes,
            profile=profile_named("gateway") if scenario.told == "broker" else self.profile,
            providers=[material.provider_address(number + 1) for number in range(scenario.nodes)],
            accounts="listed",
            answer=lambda payload: task.answer,
            access=Access([material.API_KEY]),
            control=False,
            explain=scenario.explains,
        )
        self.network.fund(material.PUBLIC_KEY)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gonka-exam-")))
            self.payload_file.write_bytes(self.task.payload)
            self._loop = LoopThread()
            stack.callback(self._loop.stop)
            stack.callback(self._close)
            stack.enter_context(self.network)
            self._open()
            self._left_over = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left_over.close()

    @property
    def payload_file(self) -> Path:
        return self._folder / "payload.json"

    def place(self, name: str) -> Place:
        return next(place for place in self.places if place.name == name)

    def nodes(self) -> list[Place]:
        """Where a client may send signed requests, whether somebody listens there or not."""
        return [place for place in self.places if place.role in ("node", "broker")]

    def stranger(self) -> Place:
        """An origin that the client was not told of; it answers as a model would."""
        return self._tapped("stranger", "stranger", "nobody")

    def recordings(self) -> list[tuple[Place, Recording]]:
        """Every connection so far, with where it went."""
        found = [(place, self._taps[place.name]) for place in self.places if place.name in self._taps]
        return [(place, recording) for place, tap in found for recording in tuple(tap.recordings)]

    def transcript(self, runs: tuple[Run, ...], environment: Mapping[str, str]) -> Transcript:
        """What was seen, once the last connection is over."""
        for tap in self._taps.values():
            self._loop.run(tap.settle(_SETTLE_S))
        seen = self.recordings()
        requests = arrived(seen, tuple(self.network.journal))
        received = tuple(b"".join(piece for _, piece in recording.sent) for _, recording in seen)
        return Transcript(self.task, tuple(self.places), runs, requests, received, environment)

    def _open(self) -> None:
        from .stagings import STAGINGS

        staging = STAGINGS[self.task.scenario.stage]
        broker = self.task.scenario.told == "broker"
        for node in self.network.nodes:
            name = "the broker" if broker else f"node {node.number}"
            role: Role = "broker" if broker else "trap" if node.number in staging.traps else "node"
            if node.number in staging.down:
                self._closed.append(closed_port())
                url = f"http://127.0.0.1:{self._closed[-1].getsockname()[1]}/v1"
                self.places.append(Place(name, role, url, node.provider_address))
                continue
            # What the network tells of the node leads to the tap.
            node.url = self._tapped(name, role, node.url, node.provider_address, staging.clock_s).url
            self.network.chain.enter(node.provider_address, node.public_url)
        staging.prepare(self)

    def _tapped(self, name: str, role: Role, behind: str, address: str = "", shift_s: int = 0) -> Place:
        tap = Tap(behind, shift_s)
        port = self._loop.run(tap.open(0 if self._ports is None else self._ports.get(name, 0)))
        if self._ports is not None:
            self._ports[name] = port
        scheme = self.profile.scheme if role in ("node", "trap") else None
        place = Place(name, role, f"http://127.0.0.1:{port}/v1", address, scheme)
        self._taps[name] = tap
        self.places.append(place)
        return place

    def _close(self) -> None:
        for tap in self._taps.values():
            self._loop.run(tap.close())
        for held in self._closed:
            held.close()
