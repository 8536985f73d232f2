"""From a refused request to a diagnosis: one function for each rule that has something to say."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from . import addresses
from .accounts import diagnose_account
from .evidence import Diagnosis, Evidence
from .search import Combination
from .signature import diagnose_signature
from .timing import diagnose_timestamp
from .wording import describe

REMEMBERED: Final = 8192
"""Accounts that a diagnoser keeps in mind."""
_ON_CHAIN: Final = 10_000
"""Addresses of the chain that are compared with; more would take longer than the search."""


class Diagnoser:
    """Diagnoses requests, and remembers which keys may have signed those that it could not explain.

    Every 64 bytes recover to some key, so that one recovery proves nothing; the same key recovered twice, over
    different bytes, proves that it signed. Not safe for use from several threads at once.
    """

    def __init__(self) -> None:
        self._memory: OrderedDict[bytes, bytes] = OrderedDict()

    def diagnose(self, evidence: Evidence) -> Diagnosis | None:
        """Why a request was refused; None for rules that have nothing to do with how it was signed. Never raises."""
        if evidence.rule == "signature":
            return self._signature(evidence)
        if evidence.rule == "account":
            return diagnose_account(evidence)
        if evidence.rule == "timestamp":
            return diagnose_timestamp(evidence)
        if evidence.rule == "authorization":
            return Diagnosis(("authorization-missing",), *describe(("authorization-missing",), {}), True)
        return _replayed() if evidence.rule == "replay" else None

    def _signature(self, evidence: Evidence) -> Diagnosis:
        on_chain = _accounts(evidence.known_accounts)

        def known(account: bytes, fingerprint: bytes) -> bool:
            return account in on_chain or self._memory.get(account, fingerprint) != fingerprint

        diagnosis, seen = diagnose_signature(evidence, known)
        self._remember(seen)
        return diagnosis

    def _remember(self, seen: Iterable[Combination]) -> None:
        for combination in seen:
            self._memory[combination.account] = combination.fingerprint
            self._memory.move_to_end(combination.account)
        while len(self._memory) > REMEMBERED:
            self._memory.popitem(last=False)


def diagnose(evidence: Evidence) -> Diagnosis | None:
    """The diagnosis of one request by itself: what a fresh `Diagnoser` says."""
    return Diagnoser().diagnose(evidence)


def _accounts(known: frozenset[str]) -> frozenset[bytes]:
    if len(known) > _ON_CHAIN:
        return frozenset()
    return frozenset(account for account in map(addresses.parsed, known) if account is not None)


def _replayed() -> Diagnosis:
    return Diagnosis(
        ("replayed",),
        "This node has seen the same Authorization before: the request was repeated without signing again, or two "
        "requests with the same body were signed with the same timestamp.",
        "Take a new timestamp and sign anew for every attempt, retries included; no two timestamps may be alike.",
        True,
    )
