"""Whether packages that make others faster are worth having here: gmpy2, uvloop, orjson."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gonka_core.plugins import install_line

from .advice_plugins import cheapest_first
from .results import Advice, Results

_WORTH: Final = 0.05
"""The part of a call from which on a package is worth having."""


def about_gmpy2(results: Results) -> Iterator[Advice]:
    """It makes the signer `ecdsa` faster, and nothing else."""
    if not any(figure.name == "ecdsa" for figure in results.signers):
        return
    if "gmpy2" in results.versions:
        yield Advice("gmpy2", "installed: ecdsa and the documented program have used it here")
    elif results.default_signer == "ecdsa":
        yield Advice("gmpy2", "not installed; ecdsa computes faster with it; run: pip install gmpy2")
    else:
        yield Advice("gmpy2", "not installed, and not worth it: only ecdsa would use it")


def about_uvloop(results: Results) -> Iterator[Advice]:
    """Measured where it is installed, with the transport that is the cheapest without it."""
    for plain in cheapest_first(results, "async")[:1]:
        fast = [f.timing.best_s for f in results.transports if f.loop == "uvloop" and f.name == plain.name]
        if fast:
            yield _worth("uvloop", 1 - fast[0] / plain.timing.best_s, f"an async call over {plain.name}")
        else:
            yield Advice("uvloop", f"not installed, so not measured; to see what it brings, {install_line('uvloop')}")


def about_orjson(results: Results) -> Iterator[Advice]:
    """What it saves, or the most that it could save, of the cheapest call."""
    if results.json is None or not results.transports:
        return
    call = min(figure.timing.best_s for figure in results.transports)
    standard, fast = results.json.standard_s, results.json.orjson_s
    if fast is not None:
        yield _worth("orjson", (standard - fast) / call, "the cheapest call, with 4 KB of JSON each way")
    elif standard / call < _WORTH:
        yield Advice("orjson", f"not installed, and not worth it: JSON is {standard / call:.0%} of the cheapest call")
    else:
        share = f"4 KB of JSON each way are {standard / call:.0%} of the cheapest call, and it saves most of that"
        yield Advice("orjson", f"not installed; {share}; {install_line('fast')}")


def _worth(package: str, saved: float, of: str) -> Advice:
    if saved < _WORTH:
        return Advice(package, f"installed, and makes no difference that counts to {of}")
    return Advice(package, f"installed, and worth it: it saves {saved:.0%} of {of}")
