"""What a client can check of an epoch's participants, from JSON alone: its own hashes, `cryptography` for signatures.

It shares no code with the node's chain, so that the node cannot agree with itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gonka_mock_node import MockNetwork
from gonka_mock_node.node import Node
from tests.mock_node.requester import get
from tests.mock_node.test_proofs import decoded_participants, holds, op_of

JSON = dict[str, Any]


def fetched(node: Node, path: str) -> JSON:
    """The JSON object of a route; a test fails where there is none."""
    reply = get(node.url, path)
    assert reply.status == 200, reply.body
    value = json.loads(reply.body)
    assert isinstance(value, dict)
    return value


def rpc(node: Node, path: str) -> JSON:
    answer = fetched(node, f"/chain-rpc/{path}")
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", -1)
    result: JSON = answer["result"]
    return result


# CometBFT's hashes, from its JSON


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def varint(number: int) -> bytes:
    number %= 2**64
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value) if value else b""


def data(field: int, value: bytes, *, always: bool = False) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value if value or always else b""


def instant(text: str) -> bytes:
    match = re.fullmatch(r"(.*?)(?:\.(\d+))?Z", text)
    assert match is not None
    seconds = datetime.fromisoformat(match[1]).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return number(1, seconds.days * 86400 + seconds.seconds) + number(2, int((match[2] or "").ljust(9, "0")))


def root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return sha(b"\x00" + leaves[0]) if leaves else sha(b"")
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha(b"\x01" + root(leaves[:half]) + root(leaves[half:]))


def id_bytes(block_id: JSON) -> bytes:
    parts = number(1, block_id["parts"]["total"]) + data(2, bytes.fromhex(block_id["parts"]["hash"]))
    return data(1, bytes.fromhex(block_id["hash"])) + data(2, parts, always=True)


def header_hash(header: JSON) -> str:
    named = (
        *("last_commit_hash", "data_hash", "validators_hash", "next_validators_hash", "consensus_hash", "app_hash"),
        *("last_results_hash", "evidence_hash", "proposer_address"),
    )
    leaves = [
        number(1, int(header["version"]["block"])),
        data(1, header["chain_id"].encode()),
        number(1, int(header["height"])),
        instant(header["time"]),
        id_bytes(header["last_block_id"]),
        *(data(1, bytes.fromhex(header[name])) for name in named),
    ]
    return root(leaves).hex().upper()


def commit_hash(commit: JSON) -> str:
    leaves = [
        number(1, vote["block_id_flag"])
        + data(2, bytes.fromhex(vote["validator_address"]))
        + data(3, instant(vote["timestamp"]), always=True)
        + data(4, base64.b64decode(vote["signature"] or ""))
        for vote in commit["signatures"]
    ]
    return root(leaves).hex().upper()


def validators_hash(validators: Sequence[JSON]) -> bytes:
    return root(
        [
            data(1, data(1, base64.b64decode(each["pub_key"]["value"]))) + number(2, int(each["voting_power"]))
            for each in validators
        ]
    )


def vote_bytes(commit: JSON, vote: JSON) -> bytes:
    height = int(commit["height"]).to_bytes(8, "little", signed=True)
    body = number(1, 2) + b"\x11" + height + data(4, id_bytes(commit["block_id"]))
    body += data(5, instant(vote["timestamp"]), always=True) + data(6, b"gonka-mainnet")
    return varint(len(body)) + body


def is_signed(commit: JSON, vote: JSON, validator: JSON) -> bool:
    key = base64.b64decode(validator["pub_key"]["value"])
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(vote["signature"]), vote_bytes(commit, vote))
    except InvalidSignature:
        return False
    return bool(vote["validator_address"] == validator["address"] == sha(key)[:20].hex().upper())


# What can be found wrong


@dataclass(frozen=True)
class Evidence:
    """All that a node says of its current epoch."""

    document: JSON
    header: JSON
    commit: JSON
    validators: list[JSON]
    behind: JSON
    identity: str

    @property
    def height(self) -> int:
        return int(self.header["height"])


def gathered(node: Node, *, from_blocks: bool = False) -> Evidence:
    """From `/commit`, or, `from_blocks`, from a block and the commit in the one behind it."""
    document = fetched(node, "/v1/epochs/current/participants")
    height = document["active_participants"].get("created_at_block_height", 0) + 1
    behind = rpc(node, f"block?height={height + 1}")["block"]
    if from_blocks:
        header, commit = rpc(node, f"block?height={height}")["block"]["header"], behind["last_commit"]
    else:
        signed = rpc(node, f"commit?height={height}")["signed_header"]
        header, commit = signed["header"], signed["commit"]
    validators = rpc(node, f"validators?height={height}")["validators"]
    return Evidence(document, header, commit, validators, behind, fetched(node, "/v1/identity")["data"]["address"])


def flaws(found: Evidence, network: MockNetwork, node: Node) -> set[str]:
    """What does not hold, by name; nothing for a node that tells the truth."""
    checks = {
        "proof": _is_proven(found.document),
        "json": decoded_participants(_value(found.document)) == found.document["active_participants"],
        "app-hash": found.document["block"]["header"]["app_hash"] == found.header["app_hash"],
        "block": header_hash(found.header) == found.commit["block_id"]["hash"],
        "signatures": _are_signed(found),
        "power": _signing(found) * 3 > sum(int(each["voting_power"]) for each in found.validators) * 2,
        "validators": validators_hash(found.validators).hex().upper() == found.header["validators_hash"],
        "anchor": validators_hash(found.validators) == network.chain.validators_hash,
        "next": _is_followed(found),
        "url": _listed(found.document) == [(each.address, each.url) for each in network.chain.participants()],
        "epoch": found.document["active_participants"]["epoch_id"] == network.chain.epoch,
        "identity": found.identity == node.provider_address,
    }
    return {name for name, holds_ in checks.items() if not holds_}


def _value(document: JSON) -> bytes:
    return bytes.fromhex(document["active_participants_bytes"])


def _is_proven(document: JSON) -> bool:
    app_hash = bytes.fromhex(document["block"]["header"]["app_hash"])
    return holds(_value(document), [op_of(each) for each in document["proof_ops"]["ops"]], app_hash)


def _cast(found: Evidence) -> list[tuple[JSON, JSON]]:
    votes = found.commit["signatures"]
    return [pair for pair in zip(found.validators, votes, strict=True) if pair[1]["block_id_flag"] != 1]


def _are_signed(found: Evidence) -> bool:
    return all(is_signed(found.commit, vote, validator) for validator, vote in _cast(found))


def _signing(found: Evidence) -> int:
    return sum(int(validator["voting_power"]) for validator, _ in _cast(found))


def _is_followed(found: Evidence) -> bool:
    """The block behind names the one that the commit signs, and has that commit."""
    header = found.behind["header"]
    told = header["last_block_id"], header["last_commit_hash"], found.behind["last_commit"]
    return told == (found.commit["block_id"], commit_hash(found.commit), found.commit)


def _listed(document: JSON) -> list[tuple[str, str]]:
    return [(each["index"], each["inference_url"]) for each in document["active_participants"]["participants"]]
