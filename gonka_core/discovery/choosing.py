"""From participants to endpoints: who of them may be asked, and why the others may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gonka_core.endpoints import Endpoint
from gonka_core.errors import GonkaError, NobodyLeftError
from gonka_core.limits import OverLimitError, parse_object
from gonka_core.nodetext import quoted

from .records import Participant
from .urls import Reach, refused

PARAMS: Final = "/chain-api/productscience/inference/inference/params"
"""The path behind the host that tells the chain's parameters (`protocol.md` §6.7)."""

EXCLUDED: Final = "it was excluded from the epoch"
NOT_ALLOWED: Final = "it is not on the chain's list of allowed providers"
_ALLOWED: Final = ("transfer_agent_access_params", "allowed_transfer_addresses")


@dataclass(frozen=True, slots=True)
class Choice:
    """Endpoints that may be asked, in the order of the participants; the address of each other one to its reason."""

    endpoints: tuple[Endpoint, ...]
    left_out: Mapping[str, str]


def allow_list_of(body: bytes) -> tuple[str, ...] | None:
    """The chain's list of allowed providers in the answer to `PARAMS`; None for anything else.

    An empty list allows everyone (`protocol.md` §3.9), and so does a chain before v0.2.9, which has none.
    """
    try:
        told: Any = (parse_object(body) or {}).get("params")
    except OverLimitError:
        return None
    if not isinstance(told, dict):
        return None
    for name in _ALLOWED:
        told = told.get(name) if isinstance(told, dict) else False
        if told is None:
            return ()
    if not isinstance(told, list) or not all(isinstance(address, str) for address in told):
        return None
    return tuple(dict.fromkeys(map(str.lower, told)))


def choose(
    participants: Iterable[Participant],
    *,
    excluded: Collection[str] = (),
    allow_list: tuple[str, ...] | None = None,
    reach: Reach = "public",
) -> Choice:
    """Who may be asked: not excluded, allowed, and at a URL that a stranger may name (`urls`).

    `allow_list`: None where nobody told it, which allows everyone as an empty one does. Models that are not told and an
    empty list of them are the same on the wire: whoever has none is asked for every model.
    """
    endpoints: dict[str, Endpoint] = {}
    left_out: dict[str, str] = {}
    allowed = frozenset(allow_list or ())
    for participant in participants:
        reason = _reason(participant, excluded, allowed, reach)
        made = reason if reason is not None else _endpoint(participant)
        if isinstance(made, str):
            left_out.setdefault(participant.address or quoted(participant.url), made)
        else:
            endpoints.setdefault(made.provider_address, made)
    return Choice(tuple(endpoints.values()), left_out)


def _reason(participant: Participant, excluded: Collection[str], allowed: Collection[str], reach: Reach) -> str | None:
    if not participant.address or not participant.url:
        return "it has no URL" if participant.address else "it has no address"
    address = participant.address.lower()
    if address in excluded:
        return EXCLUDED
    if allowed and address not in allowed:
        return NOT_ALLOWED
    return refused(participant.url, reach)


def _endpoint(participant: Participant) -> Endpoint | str:
    models = frozenset(participant.models) if participant.models else None
    try:
        return Endpoint(participant.url, participant.address, weight=participant.weight, models=models)
    except GonkaError as error:
        return error.problem


def require_one(choice: Choice, epoch: int, left_out: Mapping[str, str]) -> None:
    """Raises `NobodyLeftError`, which counts the reasons, where nobody may be asked. `left_out`: all that are."""
    if choice.endpoints:
        return
    if not left_out:
        raise NobodyLeftError(f"epoch {epoch} has no participants", "wait for the next epoch, or ask another node")
    counts = Counter(left_out.values()).most_common(4)
    told = "; ".join(f"{count}: {quoted(reason)}" for reason, count in counts)
    more = "" if len(counts) == len(set(left_out.values())) else "; and others"
    raise NobodyLeftError(
        f"of the {len(left_out)} participants of epoch {epoch} none may be asked ({told}{more})",
        "nodes at private addresses are asked with Network(private=True)"
        if all(reason not in (EXCLUDED, NOT_ALLOWED) for reason in left_out.values())
        else "wait for the next epoch, or ask another node whether it says the same",
    )
