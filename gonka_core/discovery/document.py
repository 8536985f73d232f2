"""The list of participants as a node serves it (`protocol.md` §6.6), read. No I/O, and nothing is believed.

What makes the list as a whole unusable is a `DiscoveryError`; a participant that is unusable is left out with its
reason, and never spoils the others. Numbers may be text, as in v0.2.15.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from gonka_core.address import parse_address
from gonka_core.errors import DiscoveryError, InvalidAddressError
from gonka_core.limits import OverLimitError, parse_object
from gonka_core.nodetext import quoted
from gonka_core.numbers import whole

from .records import Participant

CURRENT: Final = "/v1/epochs/current/participants"
"""The path behind the host."""
MOST_PARTICIPANTS: Final = 20_000
MOST_MODELS: Final = 1_000
_INT64: Final = 2**63 - 1
_STEP: Final = "ask another node (GONKA_SOURCE_URL may name several, separated by commas)"


@dataclass(frozen=True, slots=True)
class Document:
    """Who takes part in an epoch, as it is told.

    `participants` are in the order of the document, each address once. `excluded`: addresses of those that were thrown
    out. `height`: of the block in whose state they stand, None where it is not told. `left_out`: address, URL or number
    of an entry to why it is unusable. `tree` is the JSON object itself, for those who look at its proof.
    """

    epoch: int
    participants: tuple[Participant, ...]
    excluded: frozenset[str] = frozenset()
    height: int | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    tree: Mapping[str, Any] = field(default_factory=dict, repr=False)


def path_of(epoch: int | None) -> str:
    """The path behind the host for an epoch, None for the one under way."""
    return CURRENT if epoch is None else f"/v1/epochs/{epoch}/participants"


def read(body: bytes) -> Document:
    """The document in the body of an answer. Raises `DiscoveryError`, whose problem says what is wrong with it."""
    try:
        tree = parse_object(body)
    except OverLimitError as over:
        raise _unusable(f"it sent {over}") from None
    if tree is None:
        raise _unusable("it sent something that is not a JSON object, or not all of it")
    return document_of(tree)


def document_of(tree: Mapping[str, Any]) -> Document:
    """`read` for JSON that is parsed already."""
    listed = tree.get("active_participants")
    if not isinstance(listed, dict):
        raise _unusable("its answer has no active_participants")
    epoch = whole(listed.get("epoch_id"))
    if not epoch or epoch > _INT64:
        raise _unusable("its answer does not tell the epoch (epoch_id)")
    rows = listed.get("participants")
    if rows is not None and not isinstance(rows, list):
        raise _unusable("its participants are no list")
    if rows and len(rows) > MOST_PARTICIPANTS:
        raise _unusable(f"it lists {len(rows)} participants, and more than {MOST_PARTICIPANTS} are not believed")
    participants, left_out = _participants(rows or [])
    return Document(
        epoch=epoch,
        participants=participants,
        excluded=_excluded(tree.get("excluded_participants")),
        height=whole(listed.get("created_at_block_height")),
        left_out=left_out,
        tree=tree,
    )


def _participants(rows: list[Any]) -> tuple[tuple[Participant, ...], dict[str, str]]:
    found: dict[str, Participant] = {}
    left_out: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        made = _participant(row)
        if isinstance(made, str):
            left_out.setdefault(_name(row, number), made)
        else:
            found.setdefault(made.address, made)
    return tuple(found.values()), left_out


def _participant(row: Any) -> Participant | str:
    """The participant of an entry, or why it is none."""
    if not isinstance(row, dict):
        return "the entry is no JSON object"
    address, url = row.get("index"), row.get("inference_url")
    if not isinstance(address, str) or not address:
        return "it has no address"
    if not isinstance(url, str) or not url:
        return "it has no URL"
    try:
        parse_address(address, what="provider address")
    except InvalidAddressError as error:
        return error.problem
    weight = whole(row.get("weight", 0))
    if weight is None or weight > _INT64:
        return "its weight is no number of zero or more"
    models = _models(row.get("models"))
    return "its models are no list of names" if models is False else Participant(address.lower(), url, weight, models)


def _models(told: Any) -> tuple[str, ...] | Literal[False] | None:
    if told is None:
        return None
    if not isinstance(told, list) or len(told) > MOST_MODELS or not all(isinstance(name, str) for name in told):
        return False
    return tuple(told)


def _name(row: Any, number: int) -> str:
    """What an entry is called that cannot be used: its address, its URL, or its number, from 1."""
    told = (row.get("index"), row.get("inference_url")) if isinstance(row, dict) else ()
    return next((quoted(text) for text in told if isinstance(text, str) and text), f"entry {number}")


def _excluded(told: Any) -> frozenset[str]:
    """The addresses. A list that cannot be read excludes nobody in particular, so that it makes the whole unusable."""
    if told is None:
        return frozenset()
    rows = told if isinstance(told, list) else [None]
    named = [row.get("address") if isinstance(row, dict) else row for row in rows]
    addresses = [address for address in named if isinstance(address, str)]
    if len(addresses) < len(named):
        raise _unusable("its excluded_participants cannot be read")
    return frozenset(map(str.lower, addresses))


def _unusable(problem: str) -> DiscoveryError:
    return DiscoveryError(problem, _STEP)
