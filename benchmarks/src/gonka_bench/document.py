"""The results as one JSON object."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .advice import advice
from .paired import Timing
from .results import Results, SignerFigure, TransportFigure


def document(results: Results) -> dict[str, Any]:
    """Plain values: microseconds, ratios, sentences. `complete` is false where the run was interrupted."""
    return {
        "complete": results.complete,
        "machine": dict(results.machine),
        "crowding": results.crowding,
        "signers": [_signer(figure) for figure in results.signers],
        "transports": [_transport(figure) for figure in results.transports],
        "json": None if results.json is None else _json(results.json.standard_s, results.json.orjson_s),
        "complaints": [asdict(complaint) for complaint in results.complaints],
        "unknown": dict(results.unknown),
        "recommendation": [asdict(line) for line in advice(results)],
    }


def _signer(figure: SignerFigure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "role": figure.role,
        "scheme": figure.scheme,
        "payload_bytes": figure.payload_bytes,
        **_timing(figure.timing),
        "clock": "wall" if figure.waits else "cpu",
        "faster_than_documented": figure.faster_than_documented,
        "slower_than_c_limit": figure.slower_than_limit,
        "claims": list(figure.claims),
    }


def _transport(figure: TransportFigure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "mode": figure.mode,
        "in_flight": figure.in_flight,
        "loop": figure.loop or None,
        **_timing(figure.timing),
        "wall_us": figure.wall_s * 1e6,
        "times_fastest": figure.times_fastest,
    }


def _timing(timing: Timing) -> dict[str, float]:
    return {"us": timing.best_s * 1e6, "us_median": timing.median_s * 1e6, "per_second": timing.per_second()}


def _json(standard_s: float, orjson_s: float | None) -> dict[str, float | None]:
    return {"standard_us": standard_s * 1e6, "orjson_us": None if orjson_s is None else orjson_s * 1e6}
