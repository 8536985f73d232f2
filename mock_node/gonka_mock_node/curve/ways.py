"""What every way to reckon on the curve offers. A module is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Recovery(Protocol):
    """The keys behind one signature, for many digests: see `Curve.recovery`."""

    def keys(self, digest: bytes) -> Iterator[bytes]:
        """Both keys (33 bytes) under which it is a signature over the digest (32 bytes); s above n/2 is no matter."""
        ...


class Curve(Protocol):
    """Points in 33 bytes (65 where it says so), digests in 32, signatures as r ‖ s in 64 or as two integers."""

    def verifies(self, public_key: bytes, digest: bytes, compact: bytes) -> bool:
        """Whether r ‖ s is a signature over the digest by the key.

        False for what is no key, for an r or s that is zero or not below n, and for an s above n/2.
        """
        ...

    def recovered_keys(self, digest: bytes, r: int, s: int) -> Iterator[bytes]:
        """The keys, up to four, under which r and s, both below n, are a signature over the digest (SEC 1 §4.1.6)."""
        ...

    def recovery(self, r: int, s: int) -> Recovery:
        """The keys behind r and s, both below n and not zero, quickly for many digests.

        Raises ValueError where no point of the curve has r as its x: then it is no signature under any key. (r + n is
        left out as an x: it would need an r below 2^128.)
        """
        ...

    def compressed(self, public_key: bytes) -> bytes:
        """A point that is given in 33 or 65 bytes. Raises ValueError for what is none."""
        ...

    def uncompressed(self, public_key: bytes) -> bytes:
        """The same in 65 bytes. Raises ValueError for what is none."""
        ...

    def public_key_of(self, secret: bytes) -> bytes:
        """The public key of a private key (32 bytes). Raises ValueError for what is none."""
        ...

    def signature(self, secret: bytes, digest: bytes) -> bytes:
        """r ‖ s over the digest by a private key (32 bytes): deterministic (RFC 6979), s not above n/2."""
        ...
