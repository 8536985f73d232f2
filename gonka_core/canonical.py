"""The bytes that are signed.

A node knows a request by one message: the HTTP body exactly as it arrived, the timestamp in decimal and the
account address of the node itself (its *provider address*), one behind the other, with nothing between them.
A signature is therefore good for one body, one instant and one node. Two generations of the network differ in
what stands for the body (`protocol.md` §1.2):

    raw    body ‖ timestamp ‖ provider address                       nodes up to v0.2.5, and the developer page
    hash   hex(sha256(body)) ‖ timestamp ‖ provider address          nodes from v0.2.6 on

    hex        64 lower-case digits, as ASCII text
    timestamp  nanoseconds since the epoch, no sign, no leading zeros; left out when it is not above zero
    address    ASCII, as it was given; empty adds nothing

SHA-256 of the message is the *digest* that a signer signs, in both schemes: under `hash` a body is hashed twice.
No node accepts both schemes, and none tells which one it wants other than by refusing the signature.

The body may be megabytes, so signing feeds a running hash and never builds the message; `message` is for people
who look for the byte where they leave the path.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal, TypeAlias

from .errors import ConfigurationError

Scheme: TypeAlias = Literal["raw", "hash"]

SCHEMES: Final[tuple[Scheme, ...]] = ("raw", "hash")


def message(scheme: Scheme, body: bytes, timestamp_ns: int, provider_address: str) -> bytes:
    """The signed bytes in one piece. Raises `ConfigurationError` for another scheme."""
    head = body if checked(scheme) == "raw" else hashlib.sha256(body).hexdigest().encode("ascii")
    return head + tail(timestamp_ns, provider_address)


def digest(scheme: Scheme, body: bytes, timestamp_ns: int, provider_address: str) -> bytes:
    """32 bytes: SHA-256 of `message`, without copying the body."""
    running = hashlib.sha256(body)
    if checked(scheme) == "hash":
        running = hashlib.sha256(running.hexdigest().encode("ascii"))
    running.update(tail(timestamp_ns, provider_address))
    return running.digest()


class HashedBody:
    """A body that is hashed once, at the first digest, for all the signatures that its call needs.

    Another attempt then costs the same for 10 MB as for 200 bytes. May be shared by threads.
    """

    __slots__ = ("_states", "body")

    def __init__(self, body: bytes) -> None:
        self.body: bytes = body
        self._states: dict[str, hashlib._Hash] = {}

    def digest(self, scheme: Scheme, timestamp_ns: int, provider_address: str) -> bytes:
        """32 bytes: SHA-256 of `message`."""
        running = self._state(checked(scheme)).copy()
        running.update(tail(timestamp_ns, provider_address))
        return running.digest()

    def prepare(self) -> None:
        """Hash the body now, rather than at the first digest."""
        self._state("raw")

    def _state(self, scheme: str) -> hashlib._Hash:
        state = self._states.get(scheme)
        if state is None:
            head = self.body if scheme == "raw" else self._state("raw").hexdigest().encode("ascii")
            state = self._states[scheme] = hashlib.sha256(head)
        return state


def tail(timestamp_ns: int, provider_address: str) -> bytes:
    """What follows the body: the timestamp, when above zero, and the address (`protocol.md` §1.3)."""
    stamp = str(timestamp_ns) if timestamp_ns > 0 else ""
    return (stamp + provider_address).encode("utf-8")


def checked(scheme: str) -> str:
    """The scheme itself. Raises `ConfigurationError` for a name that is none."""
    if scheme not in SCHEMES:
        raise ConfigurationError(f"{scheme!r} is not a signing scheme", "use 'raw' or 'hash'")
    return scheme
