"""Headers of blocks in each form in which nodes show them, and their hash (`protocol.md` §6.6, CometBFT 0.38)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from gonka_core.numbers import whole

from . import messages
from .merkle import simple_root
from .reasons import refused
from .strict import mapping, number, octets, text, time_ns

HASH: Final = 32
ADDRESS: Final = 20
_UINT32: Final = 2**32 - 1
_UINT64: Final = 2**64 - 1
_MOST_CHAIN_ID: Final = 50


@dataclass(frozen=True, slots=True)
class BlockId:
    """Hash of a block, number and hash of the parts in which it was sent: 32 bytes each, none in front of block 1."""

    hash: bytes
    total: int
    parts_hash: bytes

    def message(self) -> Any:
        parts = messages.PartSetHeader(total=self.total, hash=self.parts_hash)
        return messages.BlockID(hash=self.hash, part_set_header=parts)


@dataclass(frozen=True, slots=True)
class Header:
    """The fourteen fields of a header; hashes have 32 bytes, the proposer's address 20.

    Those of `last_commit`, `data`, `last_results` and `evidence` may be empty.
    """

    block_version: int
    app_version: int
    chain_id: str
    height: int
    time_ns: int
    last_block_id: BlockId
    last_commit_hash: bytes
    data_hash: bytes
    validators_hash: bytes
    next_validators_hash: bytes
    consensus_hash: bytes
    app_hash: bytes
    last_results_hash: bytes
    evidence_hash: bytes
    proposer_address: bytes

    @property
    def hash(self) -> bytes:
        """32 bytes: the simple Merkle root over the fields, each as protobuf. What validators sign."""
        fields = (
            messages.Consensus(block=self.block_version, app=self.app_version),
            messages.StringValue(value=self.chain_id),
            messages.Int64Value(value=self.height),
            messages.timestamp(self.time_ns),
            self.last_block_id.message(),
            *(messages.BytesValue(value=getattr(self, name)) for name in _HASHES),
            messages.BytesValue(value=self.proposer_address),
        )
        return simple_root([messages.encode(field) for field in fields])


_HASHES: Final[Mapping[str, bool]] = {
    "last_commit_hash": True,
    "data_hash": True,
    "validators_hash": False,
    "next_validators_hash": False,
    "consensus_hash": False,
    "app_hash": False,
    "last_results_hash": True,
    "evidence_hash": True,
}
"""Hashes of a header in their order -> whether it may be empty."""


_SHOWN: Final[Mapping[str, str]] = {
    "block_version": "version.block",
    "app_version": "version.app",
    "time_ns": "time",
}
"""Fields whose name in JSON is another one."""


def differing(one: Header, other: Header) -> tuple[str, ...]:
    """The names, as in JSON, of the fields in which two headers differ."""
    names = (field.name for field in fields(Header))
    return tuple(_SHOWN.get(name, name) for name in names if getattr(one, name) != getattr(other, name))


def header_of(told: object) -> Header:
    """The header in its JSON: numbers or digits, hex or base64, `parts` or `part_set_header`.

    Raises `ProofError` (`malformed`).
    """
    header = mapping(told, "the header")
    version = mapping(header.get("version"), "header.version")
    chain_id = text(header.get("chain_id"), "header.chain_id")
    if len(chain_id) > _MOST_CHAIN_ID:
        raise refused("malformed", f"header.chain_id has more than {_MOST_CHAIN_ID} letters")
    return Header(
        number(version.get("block", 0), "header.version.block", _UINT64),
        number(version.get("app", 0), "header.version.app", _UINT64),
        chain_id,
        number(header.get("height"), "header.height"),
        time_ns(header.get("time"), "header.time"),
        block_id_of(header.get("last_block_id"), "header.last_block_id", optional=True),
        proposer_address=octets(header.get("proposer_address"), "header.proposer_address", ADDRESS),
        **{
            name: octets(header.get(name), f"header.{name}", HASH, optional=optional and name in header)
            for name, optional in _HASHES.items()
        },
    )


def block_id_of(told: object, what: str, *, optional: bool = False) -> BlockId:
    """The id of a block in its JSON. Raises `ProofError` (`malformed`). `optional`: its hashes may be empty."""
    block_id = mapping(told, what)
    forms = [name for name in ("parts", "part_set_header") if name in block_id]
    if len(forms) != 1:
        raise refused("malformed", f"{what} has not one of `parts` and `part_set_header`")
    parts = mapping(block_id[forms[0]], f"{what}.{forms[0]}")
    return BlockId(
        octets(block_id.get("hash"), f"{what}.hash", HASH, optional=optional and "hash" in block_id),
        number(parts.get("total"), f"{what}.{forms[0]}.total", _UINT32),
        octets(parts.get("hash"), f"{what}.{forms[0]}.hash", HASH, optional=optional and "hash" in parts),
    )


def header_at(block: object, height: int) -> Header:
    """The header of that height in `block` of an answer: one block, or a list of them (`protocol.md` §6.6).

    Raises `ProofError`: `absent` for none, `height` where no block has it, `malformed`.
    """
    if block is None:
        raise refused("absent", "the answer has no block")
    blocks = block if isinstance(block, list | tuple) else [block]
    for each in blocks:
        header = mapping(mapping(each, "block").get("header"), "block.header")
        if whole(header.get("height")) == height:
            return header_of(header)
    raise refused("height", f"no block of height {height} is there, which is the one after the participants")
