"""Blocks, commits and proofs made by hand: protobuf, Merkle trees and keys of its own, nothing of what is tested.

Short enough to be checked by eye against CometBFT's definitions.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Shape: TypeAlias = Literal["comet", "rpc", "sdk"]
Form: TypeAlias = Literal["document", "rpc", "rest"]
SHAPES: tuple[Shape, ...] = ("comet", "rpc", "sdk")
SECOND = 10**9
NOW = 1_766_422_712 * SECOND + 100
FLAGS = {1: "BLOCK_ID_FLAG_ABSENT", 2: "BLOCK_ID_FLAG_COMMIT", 3: "BLOCK_ID_FLAG_NIL"}
BEGINNING = "0001-01-01T00:00:00Z"


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def varint(number: int) -> bytes:
    number %= 2**64
    head = b""
    while number > 127:
        head += bytes([number % 128 + 128])
        number //= 128
    return head + bytes([number])


def num(number: int, value: int) -> bytes:
    """A varint field; nothing for 0."""
    return varint(number * 8) + varint(value) if value else b""


def fixed(number: int, value: int) -> bytes:
    return varint(number * 8 + 1) + value.to_bytes(8, "little") if value else b""


def sub(number: int, data: bytes) -> bytes:
    """A message, also where it is empty."""
    return varint(number * 8 + 2) + varint(len(data)) + data


def octet(number: int, data: bytes) -> bytes:
    return sub(number, data) if data else b""


def time(ns: int) -> bytes:
    return num(1, ns // SECOND) + num(2, ns % SECOND)


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, as it is written there: split at the largest power of two below the number of leaves."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\0" + leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha(b"\1" + root(leaves[:half]) + root(leaves[half:]))


def rfc3339(ns: int) -> str:
    return datetime.fromtimestamp(ns // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ns % SECOND:09d}Z"


def shown(shape: Shape, data: bytes) -> str:
    return b64(data) if shape == "sdk" else data.hex().upper()


def counted(shape: Shape, number: int) -> int | str:
    return number if shape == "comet" else str(number)


@dataclass(frozen=True)
class Id:
    hash: bytes
    parts: bytes = bytes(32)
    total: int = 1

    @property
    def proto(self) -> bytes:
        return octet(1, self.hash) + sub(2, num(1, self.total) + octet(2, self.parts))

    def json(self, shape: Shape) -> dict[str, Any]:
        name = "part_set_header" if shape == "sdk" else "parts"
        return {"hash": shown(shape, self.hash), name: {"total": self.total, "hash": shown(shape, self.parts)}}


HASHES = (
    "last_commit_hash",
    "data_hash",
    "validators_hash",
    "next_validators_hash",
    "consensus_hash",
    "app_hash",
    "last_results_hash",
    "evidence_hash",
)


@dataclass(frozen=True)
class MadeHeader:
    height: int
    app_hash: bytes
    validators_hash: bytes
    chain_id: str = "gonka-mainnet"
    time_ns: int = NOW
    block: int = 11
    app: int = 0
    last_block_id: Id = Id(sha(b"block before"), sha(b"parts before"))
    others: tuple[bytes, ...] = tuple(sha(name.encode()) for name in HASHES)
    proposer: bytes = sha(b"proposer")[:20]

    @property
    def hashes(self) -> dict[str, bytes]:
        mine = {"app_hash": self.app_hash, "validators_hash": self.validators_hash}
        return dict(zip(HASHES, self.others, strict=True)) | mine

    @property
    def hash(self) -> bytes:
        return root(
            [
                num(1, self.block) + num(2, self.app),
                octet(1, self.chain_id.encode()),
                num(1, self.height),
                time(self.time_ns),
                self.last_block_id.proto,
                *(octet(1, self.hashes[name]) for name in HASHES),
                octet(1, self.proposer),
            ]
        )

    def json(self, shape: Shape) -> dict[str, Any]:
        version = {"block": counted(shape, self.block)} | ({"app": counted(shape, self.app)} if self.app else {})
        return {
            "version": version,
            "chain_id": self.chain_id,
            "height": counted(shape, self.height),
            "time": rfc3339(self.time_ns),
            "last_block_id": self.last_block_id.json(shape),
            **{name: shown(shape, value) for name, value in self.hashes.items()},
            "proposer_address": shown(shape, self.proposer),
        }


@dataclass(frozen=True)
class Signer:
    """A validator with its private key."""

    seed: bytes
    power: int

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def key(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def address(self) -> bytes:
        return sha(self.key)[:20]


def signers(*powers: int) -> tuple[Signer, ...]:
    """One for each power, in CometBFT's order."""
    made = [Signer(sha(f"signer {number}".encode()), power) for number, power in enumerate(powers)]
    return tuple(sorted(made, key=lambda each: (-each.power, each.address)))


def set_hash(validators: Sequence[Signer]) -> bytes:
    return root([sub(1, octet(1, each.key)) + num(2, each.power) for each in validators])


def key_json(form: Form, key: bytes) -> str | dict[str, str]:
    if form == "rpc":
        return {"type": "tendermint/PubKeyEd25519", "value": b64(key)}
    return {"@type": "/cosmos.crypto.ed25519.PubKey", "key": b64(key)} if form == "rest" else b64(key)


def rows(validators: Sequence[Signer], form: Form = "document") -> list[dict[str, Any]]:
    return [
        {
            "address": each.address.hex().upper(),
            "pub_key": key_json(form, each.key),
            "voting_power": each.power if form == "document" else str(each.power),
            "proposer_priority": -7 if form == "document" else "-7",
        }
        for each in validators
    ]


@dataclass(frozen=True)
class MadeVote:
    flag: int
    address: bytes = b""
    time_ns: int = 0
    signature: bytes = b""

    @property
    def proto(self) -> bytes:
        ns = -62_135_596_800 * SECOND if self.flag == 1 else self.time_ns
        return num(1, self.flag) + octet(2, self.address) + sub(3, time(ns)) + octet(4, self.signature)

    def json(self, shape: Shape) -> dict[str, Any]:
        return {
            "block_id_flag": FLAGS[self.flag] if shape == "sdk" else self.flag,
            "validator_address": shown(shape, self.address),
            "timestamp": BEGINNING if self.flag == 1 else rfc3339(self.time_ns),
            "signature": b64(self.signature) if self.signature else ("" if shape == "sdk" else None),
        }


@dataclass(frozen=True)
class MadeCommit:
    height: int
    block_id: Id
    votes: tuple[MadeVote, ...]
    round: int = 0

    @property
    def hash(self) -> bytes:
        return root([vote.proto for vote in self.votes])

    def json(self, shape: Shape) -> dict[str, Any]:
        return {
            "height": counted(shape, self.height),
            "round": self.round,
            "block_id": self.block_id.json(shape),
            "signatures": [vote.json(shape) for vote in self.votes],
        }


def canonical(commit: MadeCommit, flag: int, time_ns: int, chain_id: str) -> bytes:
    """A precommit as it is signed."""
    block_id = sub(4, commit.block_id.proto) if flag == 2 else b""
    rest = sub(5, time(time_ns)) + octet(6, chain_id.encode())
    vote = num(1, 2) + fixed(2, commit.height) + fixed(3, commit.round) + block_id + rest
    return varint(len(vote)) + vote


def voted(commit: MadeCommit, validator: Signer, flag: int, chain_id: str, time_ns: int) -> MadeVote:
    if flag == 1:
        return MadeVote(1)
    signature = validator.private.sign(canonical(commit, flag, time_ns, chain_id))
    return MadeVote(flag, validator.address, time_ns, signature)


def signed(
    header: MadeHeader, validators: Sequence[Signer], flags: Sequence[int] = (), *, in_round: int = 0, chain: str = ""
) -> MadeCommit:
    """The commit of a header: everybody for it, or as the flags say."""
    bare = MadeCommit(header.height, Id(header.hash, sha(b"parts")), (), in_round)
    chosen = flags or [2] * len(validators)
    on = chain or header.chain_id
    votes = (
        voted(bare, each, flag, on, header.time_ns + at * SECOND)
        for at, (each, flag) in enumerate(zip(validators, chosen, strict=True), start=1)
    )
    return replace(bare, votes=tuple(votes))


@dataclass(frozen=True)
class Case:
    """An answer with a header of ours, who signed it, and their commit."""

    answer: dict[str, Any]
    header: MadeHeader
    validators: tuple[Signer, ...]
    commit: MadeCommit
    epoch: int = field(default=0)

    def document(self, shape: Shape) -> dict[str, Any]:
        return self.answer | {"block": {"header": self.header.json(shape)}}


def case(answer: dict[str, Any], validators: Sequence[Signer]) -> Case:
    """An answer of the mock node whose block is replaced by one that is signed by keys that the test holds."""
    told = answer["block"]["header"]
    text = told["app_hash"]
    app_hash = base64.b64decode(text) if len(text) == 44 else bytes.fromhex(text)
    header = MadeHeader(int(told["height"]), app_hash, set_hash(validators))
    epoch = int(answer["active_participants"]["epoch_id"])
    return Case(answer, header, tuple(validators), signed(header, validators), epoch)
