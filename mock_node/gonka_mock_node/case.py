"""One request as the rules see it: what arrived, what the node is and knows, and what follows from both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from gonka_core.address import address_of
from gonka_core.errors import InvalidAddressError

from . import verification
from .chain import Account, Chain
from .go_json import ChatFields, GoJsonError, chat_fields
from .profiles import Profile
from .replay import ReplayMemory

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it came over the wire; of repeated headers the first. Absent headers are empty."""

    route: str
    body: bytes = field(repr=False)
    authorization: str = ""
    requester: str = ""
    timestamp: str = ""
    transfer_address: str = ""


@dataclass(frozen=True)
class Case:
    """`block_time_ns` and `height` are those of the instant at which the request is judged."""

    arrived: Arrived
    profile: Profile
    own_address: str
    chain: Chain
    replay: ReplayMemory
    block_time_ns: int
    height: int

    @cached_property
    def timestamp_ns(self) -> int:
        """The timestamp that the node reads: 0 for what is no int64 in decimal (`protocol.md` §1.4)."""
        return parse_int64(self.arrived.timestamp)

    @property
    def provider_address(self) -> str:
        """The address that the node verifies with: its own, unless the request names another (`protocol.md` §1.4)."""
        return self.arrived.transfer_address or self.own_address

    @cached_property
    def fields(self) -> ChatFields | GoJsonError:
        """What the node reads of the payload, or why it cannot."""
        try:
            return chat_fields(self.arrived.body)
        except GoJsonError as error:
            return error

    @cached_property
    def digest(self) -> bytes:
        """32 bytes: what must have been signed."""
        return verification.message_digest(
            self.profile.scheme, self.arrived.body, self.timestamp_ns, self.provider_address
        )

    @cached_property
    def account(self) -> Account | InvalidAddressError | None:
        """The requester's account; None where the chain has none.

        With open accounts a requester that proves its key is enrolled; one that does not is looked at as if it were
        known under another key, so that its signature is what is refused.
        """
        requester = self.arrived.requester
        try:
            known = self.chain.account(requester)
        except InvalidAddressError as error:
            return error
        if known is not None or not self.chain.open_accounts:
            return known
        proven = self._proven_key()
        return Account(requester, _NOBODY, 0) if proven is None else self.chain.enrol(requester, proven)

    def _proven_key(self) -> bytes | None:
        try:
            r, s = verification.read_signature(self.arrived.authorization)
        except verification.SignatureError:
            return None
        claimed = self.arrived.requester.lower()
        keys = verification.recovered_keys(self.digest, r, s)
        return next((key for key in keys if address_of(key) == claimed), None)


_NOBODY = b"\x02" + bytes(32)
"""No point of the curve has x = 0: nothing verifies under it."""


def parse_int64(text: str) -> int:
    """Go's ParseInt(text, 10, 64), with 0 for its errors."""
    if not _INTEGER.fullmatch(text) or len(text.lstrip("+-0")) > 19:
        return 0
    number = int(text)
    return number if -(2**63) <= number < 2**63 else 0
