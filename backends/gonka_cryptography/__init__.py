"""Signer `cryptography`: OpenSSL, with wheels for every Python."""

from __future__ import annotations

from gonka_core.hookspecs import SignerFactory, SignerPlugin, hookimpl


def _load() -> SignerFactory:
    from .signer import CryptographySigner

    return CryptographySigner


@hookimpl
def gonka_signer() -> SignerPlugin:
    return SignerPlugin(
        name="cryptography",
        summary="OpenSSL (pyca/cryptography); wheels for every Python",
        load=_load,
        requires=("cryptography",),
        extra="cryptography",
        deterministic=True,
        constant_time=True,
    )
