"""The parameters of secp256k1 that are reckoned with (SEC 2 §2.4.1)."""

from typing import Final

FIELD: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def scalar(number: int) -> bytes:
    """A number below 2^256 in 32 bytes, big-endian."""
    return number.to_bytes(32, "big")
