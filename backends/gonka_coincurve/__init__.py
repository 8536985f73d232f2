"""Signer `coincurve`: libsecp256k1, the fast one."""

from __future__ import annotations

from gonka_core.hookspecs import SignerFactory, SignerPlugin, hookimpl


def _load() -> SignerFactory:
    from .signer import CoincurveSigner

    return CoincurveSigner


@hookimpl
def gonka_signer() -> SignerPlugin:
    return SignerPlugin(
        name="coincurve",
        summary="libsecp256k1 (coincurve); fastest, constant-time",
        load=_load,
        requires=("coincurve",),
        extra="coincurve",
        deterministic=True,
        constant_time=True,
    )
