"""What `GET /health` says."""

from __future__ import annotations

from typing import Any

from gonka_core import AsyncClient


def health(client: AsyncClient, in_hand: int, *, stopping: bool, in_full: bool) -> dict[str, Any]:
    """Whether the proxy is up, and how its endpoints are; their URLs only `in_full`, to who has the key.

    `endpoints` is 0 where they are found in a network, until the first call.
    """
    states = client.states
    told: dict[str, Any] = {
        "status": "stopping" if stopping else "ok",
        "in_hand": in_hand,
        "endpoints": len(states),
        "resting": sum(state.cooling_s > 0 for state in states),
    }
    if in_full:
        told["states"] = [
            {
                "url": state.url,
                "cooling_s": round(state.cooling_s, 3),
                "in_flight": state.in_flight,
                "failures": state.failures,
            }
            for state in states
        ]
    return told
