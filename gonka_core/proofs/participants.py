"""Who takes part, read from the very bytes that are proven (`protocol.md` §7.1), and what is shown beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from gonka_core.discovery.records import Participant
from gonka_core.numbers import whole

from . import messages
from .reasons import refused
from .strict import mapping, rows

_MOST_EPOCH: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class ActiveParticipants:
    """Participants of an epoch, and the height of the block in which they were written."""

    participants: tuple[Participant, ...]
    epoch: int
    created_at: int


def participants_key(epoch: int) -> bytes:
    """The key under which the chain keeps the participants of an epoch since July 2025 (`protocol.md` §7.1)."""
    if not 0 <= epoch <= _MOST_EPOCH:
        raise refused("epoch", "an epoch is a number from 0 to 2^64 - 1")
    return b"ActiveParticipants/value/" + epoch.to_bytes(8, "big") + b"/"


def active_of(value: bytes) -> ActiveParticipants:
    """What the bytes say; they are taken as proven, so that fields of a later version may stand in them unread.

    Raises `ProofError` (`malformed`).
    """
    try:
        told = messages.parse(messages.ActiveParticipants, value)
    except messages.MalformedError as error:
        raise refused("malformed", f"active_participants_bytes are {error}") from None
    if told.created_at_block_height < 1 or any(each.weight < 0 for each in told.participants):
        raise refused("malformed", "active_participants_bytes have a height or a weight below zero, or no height")
    participants = tuple(
        Participant(each.index, each.inference_url, each.weight, tuple(each.models)) for each in told.participants
    )
    return ActiveParticipants(participants, told.epoch_id, told.created_at_block_height)


def require_shown(active: ActiveParticipants, told: object) -> None:
    """Raise `ProofError` (`contradiction`) unless the JSON beside the bytes lists the same, in the same order.

    Compared are epoch, height, and of each participant address, URL, weight and models. Nodes leave out what is zero
    or empty; some write numbers as text (`protocol.md` §6.6).
    """
    shown = mapping(told, "active_participants")
    listed = rows(shown.get("participants") or [], "active_participants.participants")
    facts = (whole(shown.get("epoch_id", 0)), whole(shown.get("created_at_block_height", 0)), len(listed))
    if facts != (active.epoch, active.created_at, len(active.participants)):
        raise refused("contradiction", "active_participants shows another epoch, height or number of participants")
    for place, (proven, row) in enumerate(zip(active.participants, listed, strict=True)):
        if not _same(proven, mapping(row, "a participant")):
            raise refused("contradiction", f"active_participants shows number {place} otherwise than it is proven")


def _same(proven: Participant, row: Any) -> bool:
    models = row.get("models")
    return (
        row.get("index", "") == proven.address
        and row.get("inference_url", "") == proven.url
        and whole(row.get("weight", 0)) == proven.weight
        and ([] if models is None else models) == list(proven.models or ())
    )
