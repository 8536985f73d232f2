"""Which signer and which transports to use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from gonka_core.plugins import install_line
from gonka_core.resolve import AUTO_ASYNC_TRANSPORTS, AUTO_SIGNERS, AUTO_TRANSPORTS

from .results import Advice, Mode, Results, SignerFigure, TransportFigure
from .sizes import told

_ALIKE: Final = 1.05
"""Figures nearer than this are called equal."""

Figure = TypeVar("Figure", SignerFigure, TransportFigure)


def about_signers(results: Results) -> Iterator[Advice]:
    """The fastest, and how to get the one that would be faster."""
    ranked = _default_first(_fastest_first(results), results.default_signer)
    if ranked:
        use = _use("signer", ranked[0].name, results.default_signer)
        yield Advice("signer", f"{use}: {', '.join(_reasons(ranked))}")
    if _missing(results, "signer", AUTO_SIGNERS[0]):
        yield Advice(
            "signer", f"{AUTO_SIGNERS[0]} is not installed, and is the fastest; {install_line(AUTO_SIGNERS[0])}"
        )


def about_transports(results: Results, mode: Mode) -> Iterator[Advice]:
    """The cheapest for one kind of client, and how to get the one that would be cheaper."""
    order = AUTO_TRANSPORTS if mode == "sync" else AUTO_ASYNC_TRANSPORTS
    measured = cheapest_first(results, mode)
    default = next((name for name in order if name in {figure.name for figure in measured}), None)
    ranked = _default_first(measured, default)
    if ranked:
        cost = f"{ranked[0].timing.best_s * 1e6:,.0f} µs of CPU a call"
        next_one = [f"{other.name} costs {_times(ranked[0], other)} as much" for other in ranked[1:2]]
        use = _use("transport", ranked[0].name, default)
        yield Advice(f"{mode} client", f"{use}: {', '.join([cost, *next_one])}")
    if _missing(results, "transport", order[0]):
        yield Advice(f"{mode} client", f"{order[0]} is not installed, and is the cheapest; {install_line(order[0])}")


def cheapest_first(results: Results, mode: Mode) -> list[TransportFigure]:
    """A figure for each transport, with the most calls at once, on the event loop of the standard library."""
    kind = [figure for figure in results.transports if figure.mode == mode and figure.loop != "uvloop"]
    most = max((figure.in_flight for figure in kind), default=0)
    return sorted((figure for figure in kind if figure.in_flight == most), key=lambda figure: figure.timing.best_s)


def _fastest_first(results: Results) -> list[SignerFigure]:
    """With the smallest payload, where signing counts most."""
    raw = [figure for figure in results.signers if figure.role == "signer" and figure.scheme == "raw"]
    smallest = min((figure.payload_bytes for figure in raw), default=0)
    return sorted(
        (figure for figure in raw if figure.payload_bytes == smallest), key=lambda figure: figure.timing.best_s
    )


def _default_first(ranked: Sequence[Figure], default: str | None) -> list[Figure]:
    """The default leads where it is as good as the best: then there is nothing to change."""
    good_enough = _ALIKE * ranked[0].timing.best_s if ranked else 0.0
    return sorted(ranked, key=lambda one: not (one.name == default and one.timing.best_s < good_enough))


def _reasons(ranked: Sequence[SignerFigure]) -> Iterator[str]:
    best, *others = ranked
    if best.faster_than_documented is not None:
        yield f"at {told(best.payload_bytes)} {best.faster_than_documented:.3g} times as fast as the documented program"
    if best.slower_than_limit is not None:
        yield f"{best.slower_than_limit:.2f} times the time of C"
    if others:
        yield f"{others[0].name} takes {_times(best, others[0])} as long"
    if "constant-time" not in best.claims:
        yield "but it does not claim to hide the key from who can time it"


def _times(best: Figure, other: Figure) -> str:
    ratio = other.timing.best_s / best.timing.best_s
    return "about" if 1 / _ALIKE < ratio < _ALIKE else f"{ratio:.3g} times"


def _use(what: str, name: str, default: str | None) -> str:
    return f"{name}, which the default takes" if name == default else f'use {what}="{name}"'


def _missing(results: Results, kind: str, name: str) -> bool:
    return any((complaint.kind, complaint.name) == (kind, name) for complaint in results.named("missing"))
