"""Whether the provider is the one that signatures are made for, and may pass requests on (`protocol.md` §3.9, §6.2)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from gonka_core import accounts
from gonka_core.address import parse_address
from gonka_core.discovery.document import CURRENT
from gonka_core.discovery.identity import PATH as IDENTITY
from gonka_core.discovery.identity import judged, read
from gonka_core.discovery.signed import verifies
from gonka_core.errors import DiscoveryError, InvalidAddressError, ProviderNotAllowedError
from gonka_core.nodetext import quoted
from gonka_core.numbers import whole
from gonka_core.refusals import STEPS

from . import chain
from .findings import Finding, ok, unknown, wrong
from .generation import address_told
from .patient import Patient, Place

_SIGNED: Final = {
    "verified": " (its key signed that)",
    "other-key": " (another key signed that, as a warm key may)",
}
_OTHER: Final = STEPS[ProviderNotAllowedError]


def provider(patient: Patient, place: Place) -> Finding:
    """The provider address against the one that the node tells of itself."""
    if not place.answers or place.kind not in ("node", "retired"):
        return unknown("provider", "no node answered that could tell its address", place.url)
    told = _told(patient, place)
    configured = place.endpoint.provider_address
    if told is None:
        return unknown(
            "provider",
            f"{place.url}/identity tells no address: nodes before v0.2.6 have no such route",
            place.url,
            configured=configured or None,
        )
    if not configured:
        return unknown(
            "provider",
            f"none is configured; the node calls itself {told}",
            place.url,
            f"if you trust it: export GONKA_PROVIDER_ADDRESS={told}",
            told=told,
        )
    if told == configured:
        signed = _signed(patient, place)
        cause = f"the node is {told}, for which requests are signed{_SIGNED.get(signed, '')}"
        return ok("provider", cause, place.url, told=told, identity_signed=signed)
    mend = f"if you trust it: export GONKA_PROVIDER_ADDRESS={told}; else correct the endpoint's URL"
    return wrong(
        "provider",
        f"requests are signed for {configured}, and the node calls itself {told}",
        "use another endpoint: this one is not whom the list of participants names" if place.discovered else mend,
        place.url,
        configured=configured,
        told=told,
    )


def _signed(patient: Patient, place: Place) -> str:
    """What is known of the signature under the node's identity; a word of `discovery.identity.Signed`, or `unread`."""
    try:
        identity = read(patient.asker.read(place.endpoint, IDENTITY).body)
    except DiscoveryError:
        return "unread"
    for path in accounts.routes(identity.address):
        account = accounts.account_of(identity.address, patient.asker.read(place.endpoint, path).body)
        if account is not None and account.public_key is not None:
            with suppress(ValueError):  # the key of another account
                return judged(identity, account.public_key, verifies).signed
    return identity.signed


def _told(patient: Patient, place: Place) -> str | None:
    address = address_told(patient.asker.read(place.endpoint, IDENTITY))
    try:
        parse_address(address or "", what="node's address")
    except InvalidAddressError:
        return None
    return (address or "").lower()


def allowed(patient: Patient, place: Place) -> Finding:
    """Whether the chain's list of providers has it; an empty list is everyone."""
    address = place.endpoint.provider_address
    if not address:
        return unknown("allowed", "no provider address is configured", place.url)
    params = chain.params(patient)
    if params is None:
        return unknown(
            "allowed",
            f"nobody tells the chain's list of allowed providers: {patient.nobody()}",
            place.url,
            "give --source with a node that serves /chain-api",
        )
    entries = chain.listed(chain.table(params, "transfer_agent_access_params"), "allowed_transfer_addresses")
    if entries is None:
        return unknown("allowed", "the chain's list of allowed providers cannot be read", place.url)
    if not entries:
        return ok("allowed", "the chain allows every provider", place.url, listed=0)
    if address in entries:
        return ok("allowed", f"{address} is one of {len(entries)} allowed providers", place.url, listed=len(entries))
    return wrong(
        "allowed",
        f"{address} is not among the {len(entries)} providers that the chain allows to pass requests on",
        _OTHER,
        place.url,
        listed=len(entries),
    )


def epoch(patient: Patient, place: Place) -> Finding:
    """Whether the provider takes part in the epoch, and was not thrown out of it (`protocol.md` §6.6)."""
    address = place.endpoint.provider_address
    if not address:
        return unknown("epoch", "no provider address is configured", place.url)
    for endpoint in patient.readers():
        told = patient.asker.read(endpoint, CURRENT).told
        active = told.get("active_participants")
        if isinstance(active, dict):
            return _standing(address, place, active, told.get("excluded_participants"))
    return unknown("epoch", "nobody tells who takes part in the epoch", place.url)


def _standing(address: str, place: Place, active: dict[str, Any], excluded: Any) -> Finding:
    number = whole(active.get("epoch_id"))
    called = "the epoch" if number is None else f"epoch {number}"
    for entry in _rows(excluded):
        if str(entry.get("address")).lower() == address:
            reason = quoted(str(entry.get("reason") or "no reason is told"))
            return wrong(
                "epoch",
                f"{address} was excluded from {called}: {reason}",
                "use another endpoint; one that takes part is found with GONKA_SOURCE_URL",
                place.url,
                epoch=number,
                reason=reason,
            )
    taking_part = any(str(entry.get("index")).lower() == address for entry in _rows(active.get("participants")))
    if not taking_part:
        return unknown("epoch", f"{address} does not take part in {called}", place.url, _OTHER, epoch=number)
    return ok("epoch", f"{address} takes part in {called}", place.url, epoch=number)


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
