"""Whether nodes are found through the sources, and how far it is proven who takes part (`protocol.md` §6.6, §7)."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from gonka_core.discovery.learning import learn
from gonka_core.discovery.records import Discovered
from gonka_core.errors import DiscoveryError, ProofError

from .findings import Finding, ok, wrong
from .patient import Patient, Place

_MOST: Final = 20
_SECOND: Final = 10**9


def discovery(patient: Patient) -> Finding:
    """Learn who takes part as a client would; where no endpoint is configured, the weightiest found is looked at."""
    network = patient.network
    assert network is not None
    asker, clock = patient.asker, patient.given.clock
    try:
        found = asker.run(learn(network, asker.seconds, lambda: clock.now_ns() / _SECOND, asker.timeout_s))
    except ProofError as error:
        return wrong("discovery", error.problem, error.next_step, reason=error.reason, sources=error.sources)
    except DiscoveryError as error:
        return wrong("discovery", error.problem, error.next_step, sources=error.sources)
    patient.discovered = found
    if all(place.broker for place in patient.places):
        weightiest = max(found.endpoints, key=lambda endpoint: endpoint.weight)
        patient.places.append(Place(weightiest, discovered=True))
    return ok("discovery", _told(found), **_facts(found))


def _told(found: Discovered) -> str:
    parts = [f"epoch {found.epoch}: {len(found.endpoints)} usable, as {found.source} tells", f"proof: {found.level}"]
    if found.shortfall:
        parts.append(f"no more because {found.shortfall}")
    if found.allow_list is None:
        parts.append("nobody tells the list of allowed providers")
    if found.left_out:
        reasons = Counter(found.left_out.values()).most_common(3)
        parts.append(f"{len(found.left_out)} left out: " + ", ".join(f"{many} {reason}" for reason, many in reasons))
    return "; ".join(parts)


def _facts(found: Discovered) -> dict[str, Any]:
    return {
        "epoch": found.epoch,
        "source": found.source,
        "level": found.level,
        "usable": len(found.endpoints),
        "left_out": dict(list(found.left_out.items())[:_MOST]),
        "allow_list": None if found.allow_list is None else len(found.allow_list),
    }
