"""The network: endpoints that a client may use, and proofs of who takes part."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .files import vectors_of


@dataclass(frozen=True, slots=True)
class UrlVector:
    """A text and the base URL it stands for; None where it is refused, for the reason `error`."""

    id: str
    flags: tuple[str, ...]
    text: str
    url: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class ListedEndpoint:
    """An endpoint; `provider_address` is None for a broker. Of participants weight and models are known."""

    url: str
    provider_address: str | None
    weight: int | None = None
    models: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentVector:
    """Variables, and the endpoints that they name, or the reason `error` why there are none."""

    id: str
    flags: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    endpoints: tuple[ListedEndpoint, ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class ParticipantsVector:
    """A document of §6.6, the chain's list of allowed providers (empty allows all), and who may be asked."""

    id: str
    flags: tuple[str, ...]
    document: Mapping[str, Any] = field(repr=False)
    allowed: tuple[str, ...]
    endpoints: tuple[ListedEndpoint, ...]


@dataclass(frozen=True, slots=True)
class ProofOperation:
    """One operation of a proof; `data` is a protobuf `CommitmentProof`."""

    type: str
    key: bytes
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProofVector:
    """A claim that a value stands under a key of a store; `reason` is None where the proof holds.

    Hashes are 32 bytes, and None where a proof is refused before they are known.
    """

    id: str
    flags: tuple[str, ...]
    key: bytes
    store: str
    value: bytes = field(repr=False)
    operations: tuple[ProofOperation, ...]
    app_hash: bytes
    leaf_hash: bytes | None
    store_root: bytes | None
    store_leaf_hash: bytes | None
    computed_app_hash: bytes | None
    reason: str | None

    @property
    def valid(self) -> bool:
        return self.reason is None


@cache
def urls() -> tuple[UrlVector, ...]:
    """Base URLs in `endpoints.json`."""
    return tuple(
        UrlVector(
            item["id"],
            tuple(item["flags"]),
            item["url"],
            item["expected"].get("url"),
            item["expected"].get("error"),
        )
        for item in _endpoints("url")
    )


@cache
def environments() -> tuple[EnvironmentVector, ...]:
    """Environments in `endpoints.json`."""
    return tuple(
        EnvironmentVector(
            item["id"],
            tuple(item["flags"]),
            item["environment"],
            _listed(item["expected"]),
            item["expected"].get("error"),
        )
        for item in _endpoints("environment")
    )


@cache
def participants() -> tuple[ParticipantsVector, ...]:
    """Documents in `endpoints.json`."""
    return tuple(
        ParticipantsVector(
            item["id"],
            tuple(item["flags"]),
            item["document"],
            tuple(item["allowed_transfer_addresses"]),
            _listed(item["expected"]),
        )
        for item in _endpoints("participants")
    )


@cache
def proofs() -> tuple[ProofVector, ...]:
    """`ics23.json`."""
    return tuple(
        ProofVector(
            id=item["id"],
            flags=tuple(item["flags"]),
            key=bytes.fromhex(item["expected_key_hex"]),
            store=item["expected_store"],
            value=bytes.fromhex(item["value_hex"]),
            operations=tuple(
                ProofOperation(op["type"], base64.b64decode(op["key"]), base64.b64decode(op["data"]))
                for op in item["proof_ops"]["ops"]
            ),
            app_hash=bytes.fromhex(item["app_hash_hex"]),
            leaf_hash=_hash(item["leaf_hash"]),
            store_root=_hash(item["store_root"]),
            store_leaf_hash=_hash(item["store_leaf_hash"]),
            computed_app_hash=_hash(item["computed_app_hash"]),
            reason=item["expected"].get("reason"),
        )
        for item in vectors_of("ics23")
    )


def _endpoints(kind: str) -> list[dict[str, Any]]:
    return [item for item in vectors_of("endpoints") if item["type"] == kind]


def _listed(expected: Mapping[str, Any]) -> tuple[ListedEndpoint, ...]:
    return tuple(
        ListedEndpoint(
            item["url"],
            item.get("provider_address"),
            int(item["weight"]) if "weight" in item else None,
            tuple(item["models"]) if "models" in item else None,
        )
        for item in expected.get("endpoints", ())
    )


def _hash(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
