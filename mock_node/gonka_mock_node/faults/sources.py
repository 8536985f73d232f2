"""Faults of a node as a source: it tells something else than the chain has. Others on the same chain tell the truth."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gonka_core.address import encode_address
from gonka_mock_node.chain import Epoch, Ledger
from gonka_mock_node.chain.clock import BlockTime

from .liars import (
    ContradictingParticipants,
    ForgedAppHash,
    ForgedCommit,
    ForgedProof,
    MinorityCommit,
    StaleEpoch,
    with_validators_of_its_own,
)
from .records import Fault, Source, choice, text

_REST: Final = "/chain-api/cosmos/base/tendermint/v1beta1"
_PARTICIPANTS: Final = ("/v1/epochs/*/participants",)
_BLOCKS: Final = ("/chain-rpc/block", "/chain-rpc/commit", f"{_REST}/blocks/*")
_VALIDATORS: Final = ("/chain-rpc/validators", f"{_REST}/validatorsets/*")
_ANYWHERE: Final = "/*"
_URL: Final = text("http://203.0.113.66:8000", "where the first participant is said to be")


def forged_proof(fault: Fault, ledger: Ledger) -> Ledger:
    return ForgedProof(*_told(ledger), ledger, fault.text("url"), fault.text("which") == "path")


def contradicting_participants(fault: Fault, ledger: Ledger) -> Ledger:
    return ContradictingParticipants(*_told(ledger), ledger, fault.text("url"))


def forged_app_hash(fault: Fault, ledger: Ledger) -> Ledger:
    return ForgedAppHash(*_told(ledger), ledger, fault.text("url"))


def forged_commit(fault: Fault, ledger: Ledger) -> Ledger:
    return ForgedCommit(*_told(ledger), ledger, fault.text("url"))


def forged_validators(fault: Fault, ledger: Ledger) -> Ledger:
    return with_validators_of_its_own(ledger, fault.text("url"))


def minority_commit(_fault: Fault, ledger: Ledger) -> Ledger:
    return MinorityCommit(*_told(ledger), ledger)


def stale_epoch(_fault: Fault, ledger: Ledger) -> Ledger:
    return StaleEpoch(*_told(ledger), ledger)


def lying_identity(fault: Fault, ledger: Ledger) -> Ledger:
    """By default an address that belongs to nobody, always the same for the same node."""
    nobody = hashlib.sha256(b"gonka mock node nobody " + ledger.provider_address.encode()).digest()[:20]
    return replace(ledger, provider_address=fault.text("address") or encode_address(nobody))


def _told(ledger: Ledger) -> tuple[str, Mapping[int, Epoch], BlockTime]:
    return ledger.provider_address, ledger.epochs, ledger.latest


EFFECTS: Final = (
    Source(
        name="forged-proof",
        summary="participants of which one has another URL, in JSON and in bytes, and a proof that does not lead from "
        "them to the root",
        stands_for="a node that sends clients to its own machines, and clients that do not check the proof",
        parameters={
            "which": choice(
                ("value", "path"), "where the proof breaks: at the value, or, made to fit that, on its way to the root"
            ),
            "url": _URL,
        },
        route="/v1/epochs/*",
        shows=_PARTICIPANTS,
        apply=forged_proof,
    ),
    Source(
        name="contradicting-participants",
        summary="participants whose JSON has another URL than their bytes, which are proven",
        stands_for="a node that sends clients to its own machines, and clients that check the proof and use the JSON",
        parameters={"url": _URL},
        route="/v1/epochs/*",
        shows=_PARTICIPANTS,
        apply=contradicting_participants,
    ),
    Source(
        name="forged-app-hash",
        summary="another URL with a proof that holds for the `app_hash` of the header, which is not the block that the "
        "commit signs",
        stands_for="a node that makes up a state, and clients that do not look at signatures",
        parameters={"url": _URL},
        route=_ANYWHERE,
        shows=(*_PARTICIPANTS, *_BLOCKS),
        apply=forged_app_hash,
    ),
    Source(
        name="forged-commit",
        summary="another URL, a proof and a header that hold, and a commit that names this header with signatures that "
        "were made for another",
        stands_for="a node that makes up a block, and clients that do not verify signatures",
        parameters={"url": _URL},
        route=_ANYWHERE,
        shows=(*_PARTICIPANTS, *_BLOCKS),
        apply=forged_commit,
    ),
    Source(
        name="forged-validators",
        summary="a whole chain that holds together, with another URL, signed by validators whose keys the node made",
        stands_for="a node that makes up everything: only who knows the validators, or asks another node, can tell",
        parameters={"url": _URL},
        route=_ANYWHERE,
        shows=(*_PARTICIPANTS, *_BLOCKS, *_VALIDATORS, "/chain-rpc/status"),
        apply=forged_validators,
    ),
    Source(
        name="minority-commit",
        summary="the true header, signed by validators with at most two thirds of the power; the others are absent",
        stands_for="a block that the network did not agree on, signed by some of its validators",
        route=_ANYWHERE,
        shows=_BLOCKS,
        apply=minority_commit,
    ),
    Source(
        name="stale-epoch",
        summary="the epoch before as the current one; the first where there is none before",
        stands_for="a node that fell behind, or that keeps participants who are gone",
        route="/v1/epochs/*",
        shows=("/v1/epochs/current/participants", "/v1/epochs/latest"),
        apply=stale_epoch,
    ),
    Source(
        name="lying-identity",
        summary="`/v1/identity` names another address",
        stands_for="a node that would have requests signed for somebody else, or stands at a URL that was another's",
        parameters={"address": text("", "the address; empty for one that belongs to nobody")},
        route="/v1/identity",
        shows=("/v1/identity",),
        apply=lying_identity,
    ),
)
