"""Which way is taken."""

from __future__ import annotations

from typing import Final

from .ways import Curve


def _found() -> Curve:
    try:
        from . import by_libsecp256k1
    except ImportError:  # also where another version of coincurve has other insides
        from . import by_ecdsa

        return by_ecdsa
    return by_libsecp256k1


CURVE: Final = _found()


def is_point(public_key: bytes | None) -> bool:
    """Whether these are 33 bytes of a compressed point."""
    if public_key is None or len(public_key) != 33:
        return False
    try:
        return bool(CURVE.compressed(public_key))
    except ValueError:
        return False
