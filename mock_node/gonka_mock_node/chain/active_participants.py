"""The record of an epoch's participants, as it is stored and as it is shown (`protocol.md` §6.6, §7.1)."""

from __future__ import annotations

import hashlib

from .epochs import Epoch, Participant
from .protobuf import Message, message


def active_participants(epoch: Epoch) -> Message:
    """The message whose bytes are proven and whose JSON is `active_participants`."""
    return message(
        (1, "participants", tuple(_participant(participant, epoch.number) for participant in epoch.participants)),
        (2, "epoch_group_id", epoch.group_id),
        (3, "poc_start_block_height", epoch.poc_start),
        (4, "effective_block_height", epoch.effective),
        (5, "created_at_block_height", epoch.created_at),
        (6, "epoch_id", epoch.number),
    )


def _participant(participant: Participant, epoch: int) -> Message:
    models = participant.models or ()
    return message(
        (1, "index", participant.address),
        (2, "validator_key", participant.consensus_key_text),
        (3, "weight", participant.weight),
        (4, "inference_url", participant.url),
        (5, "models", models),
        (6, "seed", _seed(participant, epoch)),
        (7, "ml_nodes", tuple(_ml_nodes(number, participant.weight) for number, _ in enumerate(models, start=1))),
    )


def _seed(participant: Participant, epoch: int) -> Message:
    """The signature is bytes that only look like one: nothing that a client can do depends on it."""
    signature = hashlib.sha512(f"{participant.address} {epoch}".encode()).hexdigest()
    return message((1, "participant", participant.address), (2, "epoch_index", epoch), (3, "signature", signature))


def _ml_nodes(number: int, weight: int) -> Message:
    node = message((1, "node_id", f"node{number}"), (2, "throughput", 0), (3, "poc_weight", weight))
    return message((1, "ml_nodes", (node,)))
