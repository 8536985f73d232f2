"""Signer `ecdsa`: pure Python, there on every machine; the slowest."""

from __future__ import annotations

from gonka_core.hookspecs import SignerFactory, SignerPlugin, hookimpl


def _load() -> SignerFactory:
    from .signer import EcdsaSigner

    return EcdsaSigner


@hookimpl
def gonka_signer() -> SignerPlugin:
    return SignerPlugin(
        name="ecdsa",
        summary="pure Python (python-ecdsa); runs anywhere, slowest, timing depends on the key",
        load=_load,
        requires=("ecdsa",),
        deterministic=True,
    )
