"""What may have been done to a message instead of one SHA-256: each way with its ids, and a bound on the work.

Wrappers of wallets count here as well: they sign the message inside an envelope of their own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gonka_mock_node.diagnosis.keccak import blocks, keccak_256_each

from .messages import Message

_HASHED: Final = 24 * 2**20
"""Bytes that are hashed for one diagnosis, beside the right message."""
_KECCAK_BLOCKS: Final = 500
"""Runs of Keccak's permutation, some 0.3 ms each; `_SIDE_BY_SIDE` messages of a length count as one."""
_SIDE_BY_SIDE: Final = 32
_COPIED: Final = 64 * 1024
"""Bytes of a message up to which it is put together, for what cannot be hashed in pieces."""


class Digester:
    """Digests of messages, each worked out once. None stands for what would be too much work."""

    def __init__(self, requester: str) -> None:
        self.requester = requester
        self._states: dict[tuple[str, bytes], Any] = {}
        self._done: dict[tuple[int, int], bytes | None] = {}
        self._left = _HASHED
        self._blocks: float = _KECCAK_BLOCKS

    def digest(self, kind: Kind, message: Message) -> bytes | None:
        """What `kind` makes of a message; for kinds with Keccak only of messages that were prepared."""
        key = (id(kind), id(message))
        if key not in self._done and not kind.keccak:
            self._done[key] = kind.function(self, message)
        return self._done.get(key)

    def prepare(self, kind: Kind, messages: Sequence[Message]) -> None:
        """Work out digests with Keccak, many at a time, the first ones first, while the budget lasts."""
        wanted = [message for message in messages if (id(kind), id(message)) not in self._done]
        inputs: list[tuple[Message, bytes]] = []
        lengths: set[int] = set()
        for message in wanted if kind.keccak else ():
            data = kind.function(self, message)
            if data is not None and self._affords(blocks(len(data)), lengths):
                inputs.append((message, data))
        for (message, _), digest in zip(inputs, keccak_256_each([data for _, data in inputs]), strict=True):
            self._done[id(kind), id(message)] = digest

    def _affords(self, length: int, lengths: set[int]) -> bool:
        cost = length / _SIDE_BY_SIDE if length in lengths else length
        if cost > self._blocks:
            return False
        self._blocks -= cost
        lengths.add(length)
        return True

    def hashed(self, name: str, message: Message) -> bytes | None:
        """The message's digest under a function of `hashlib`."""
        head, *rest = message.parts
        state = self._states.get((name, head))
        if state is None:
            state = self._begun(name, head)
        if state is None:
            return None
        state = state.copy()
        for part in rest:
            state.update(part)
        digest: bytes = state.digest()
        return digest

    def _begun(self, name: str, head: bytes) -> Any:
        if self._left < len(head) and self._states:
            return None
        self._left -= len(head)
        try:
            state = hashlib.new(name, head, usedforsecurity=False)
        except ValueError:
            return None
        self._states[name, head] = state
        return state

    def sha256(self, message: Message) -> bytes | None:
        return self.hashed("sha256", message)

    def whole(self, message: Message) -> bytes | None:
        return message.joined() if message.size <= _COPIED else None


Function: TypeAlias = Callable[[Digester, Message], bytes | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way from a message to 32 bytes: what `function` gives, or with `keccak` the Keccak-256 of that."""

    mistakes: tuple[str, ...]
    function: Function
    keccak: bool = False


def _twice(digester: Digester, message: Message) -> bytes | None:
    return _again("sha256", digester.sha256(message))


def _not_hashed(_: Digester, message: Message) -> bytes:
    """The first 32 bytes, as libraries cut what is longer than n; fewer count as a number."""
    head, *rest = message.parts
    start = b"".join((head[:32], *(part[:32] for part in rest)))[:32]
    return start.rjust(32, b"\0")


def _hex_text(digester: Digester, message: Message) -> bytes | None:
    digest = digester.sha256(message)
    return None if digest is None else hashlib.sha256(digest.hex().encode()).digest()


def _hex_text_cut(digester: Digester, message: Message) -> bytes | None:
    digest = digester.sha256(message)
    return None if digest is None else digest.hex().encode()[:32]


def _function(name: str) -> Function:
    """The first 32 bytes of another function; a shorter digest counts as a number."""

    def digest(digester: Digester, message: Message) -> bytes | None:
        found = digester.hashed(name, message)
        return None if found is None else found[:32].rjust(32, b"\0")

    return digest


def _sha1_of_digest(digester: Digester, message: Message) -> bytes | None:
    found = _again("sha1", digester.sha256(message))
    return None if found is None else found.rjust(32, b"\0")


def _personal(digester: Digester, message: Message) -> bytes | None:
    return _in_ethereum_envelope(digester.whole(message))


def _personal_of_digest(digester: Digester, message: Message) -> bytes | None:
    return _in_ethereum_envelope(digester.sha256(message))


def _personal_of_keccak(digester: Digester, message: Message) -> bytes | None:
    return _in_ethereum_envelope(digester.digest(KECCAK, message))


def _in_ethereum_envelope(data: bytes | None) -> bytes | None:
    """EIP-191, version 0x45."""
    return None if data is None else b"\x19Ethereum Signed Message:\n%d" % len(data) + data


def _adr_036(digester: Digester, message: Message) -> bytes | None:
    """Cosmos ADR-036: an amino sign document around the message, as `signArbitrary` of wallets makes it."""
    data = digester.whole(message)
    if data is None:
        return None
    value = {"data": base64.b64encode(data).decode(), "signer": digester.requester}
    document = {
        "account_number": "0",
        "chain_id": "",
        "fee": {"amount": [], "gas": "0"},
        "memo": "",
        "msgs": [{"type": "sign/MsgSignData", "value": value}],
        "sequence": "0",
    }
    return hashlib.sha256(json.dumps(document, separators=(",", ":"), sort_keys=True).encode()).digest()


def _bitcoin(digester: Digester, message: Message) -> bytes | None:
    data = digester.whole(message)
    if data is None:
        return None
    length = bytes([len(data)]) if len(data) < 0xFD else b"\xfd" + len(data).to_bytes(2, "little")
    envelope = b"\x18Bitcoin Signed Message:\n" + length + data
    return _again("sha256", hashlib.sha256(envelope).digest()) if len(data) < 2**16 else None


def _again(name: str, digest: bytes | None) -> bytes | None:
    return None if digest is None else hashlib.new(name, digest, usedforsecurity=False).digest()


RIGHT: Final = Kind((), Digester.sha256)
KECCAK: Final = Kind(("keccak-256",), Digester.whole, keccak=True)
COMMON: Final = (
    Kind(("digest-twice",), _twice),
    Kind(("not-hashed",), _not_hashed),
    Kind(("digest-hex",), _hex_text),
    Kind(("sha-1",), _function("sha1")),
    Kind(("sha3-256",), _function("sha3_256")),
    Kind(("sha-512",), _function("sha512")),
    Kind(("sha-512-256",), _function("sha512_256")),
    Kind(("cosmos-adr-036",), _adr_036),
    KECCAK,
    Kind(("ethereum-personal-sign",), _personal, keccak=True),
)
RARE: Final = (
    Kind(("digest-hex",), _hex_text_cut),
    Kind(("digest-twice", "sha-1"), _sha1_of_digest),
    Kind(("sha-384",), _function("sha384")),
    Kind(("bitcoin-signed-message",), _bitcoin),
    Kind(("digest-twice", "keccak-256"), Digester.sha256, keccak=True),
    Kind(("ethereum-personal-sign", "digest-twice"), _personal_of_digest, keccak=True),
    Kind(("ethereum-personal-sign", "keccak-256"), _personal_of_keccak, keccak=True),
)
