"""One request as the rules see it: what arrived, what the node is and knows, and what follows from both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from gonka_core.address import address_of
from gonka_core.errors import InvalidAddressError

from . import verification
from .access import Access
from .chain import Account, Chain
from .curve import CURVE
from .escrow import estimate, max_tokens
from .go.json_value import ChatFields, CompletionsFields, GoJsonError, chat_fields, completions_fields
from .once import once
from .profiles import Profile
from .replay import ReplayMemory
from .throughput import Throughput, estimated_kilobytes

COMPLETIONS: Final = "/v1/completions"
_SIGNS: Final = ("+", "-")


@dataclass(slots=True)
class Arrived:
    """A request as it came over the wire; of repeated headers the first. Absent headers are empty.

    Nobody changes one; it is not frozen because one is made for each request, which would take three times as long.
    """

    route: str
    body: bytes = field(repr=False)
    authorization: str = field(default="", repr=False)
    requester: str = ""
    timestamp: str = ""
    transfer_address: str = ""
    inference_id: str = ""
    seed: str = ""
    transfer_signature: str = ""
    prompt_hash: str = ""

    @property
    def for_executor(self) -> bool:
        """Whether another node hands the request on, rather than a developer (`protocol.md` §2)."""
        return bool(self.inference_id and self.seed)


@dataclass(eq=False)
class Case:
    """`block_time_ns` and `height` are those of the instant at which the request is judged.

    What every verdict tells is worked out when a case is made: `timestamp_ns` is the timestamp that the node reads, 0
    for what is no int64 in decimal, `provider_address` the one that it verifies with, its own unless the request names
    another (both `protocol.md` §1.4); `parsed` is what it reads of the payload, or why it cannot, and `fields` the same
    with nothing where it cannot; `prompt_tokens` is what it takes the prompt for, `max_tokens` what it may answer,
    `kilobytes` what both weigh for the capacity of the node (`protocol.md` §3.8); `digest` are the 32 bytes that must
    have been signed, `body_sha256` is in hex.
    """

    arrived: Arrived
    profile: Profile
    own_address: str
    public_url: str
    chain: Chain
    replay: ReplayMemory
    executor_replay: ReplayMemory
    throughput: Throughput
    access: Access
    block_time_ns: int
    height: int

    # Not frozen, and hardly a property that is kept: either takes longer than what most of them hold.
    def __post_init__(self) -> None:
        self.timestamp_ns: int = parse_int64(self.arrived.timestamp)
        self.provider_address: str = self.arrived.transfer_address or self.own_address
        self.parsed: ChatFields | GoJsonError = self._parsed()
        self.fields: ChatFields = _NOTHING if isinstance(self.parsed, GoJsonError) else self.parsed
        self.prompt_tokens: int = estimate(self.fields)
        self.max_tokens: int = max_tokens(self.fields)
        self.kilobytes: float = estimated_kilobytes(self.chain.params.bandwidth, self.prompt_tokens, self.max_tokens)
        body = hashlib.sha256(self.arrived.body)
        self.body_sha256: str = body.hexdigest()
        self.digest: bytes = verification.digest_behind(
            self.profile.scheme, body, self.timestamp_ns, self.provider_address
        )

    @once
    def prompt(self) -> CompletionsFields | GoJsonError:
        """What the node reads of a `/v1/completions` payload, or why it cannot."""
        try:
            return completions_fields(self.arrived.body)
        except GoJsonError as error:
            return error

    def _parsed(self) -> ChatFields | GoJsonError:
        if self.arrived.route == COMPLETIONS:
            return self.prompt if isinstance(self.prompt, GoJsonError) else self.prompt.as_chat()
        try:
            return chat_fields(self.arrived.body, content_parts=self.profile.content_parts)
        except GoJsonError as error:
            return error

    @once
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
        keys = CURVE.recovered_keys(self.digest, r, s)
        return next((key for key in keys if address_of(key) == claimed), None)

    @property
    def known_key(self) -> bytes | None:
        """The public key (33 bytes) of the requester's account, where the chain has it."""
        account = self.account
        return account.public_key if isinstance(account, Account) and account.public_key != _NOBODY else None


_NOTHING: Final = ChatFields()
_NOBODY = b"\x02" + bytes(32)
"""No point of the curve has x = 0: nothing verifies under it."""


def parse_int64(text: str) -> int:
    """Go's ParseInt(text, 10, 64), with 0 for its errors."""
    digits = text[1:] if text[:1] in _SIGNS else text
    if not (digits.isascii() and digits.isdigit()):
        return 0
    # Go reads any number of zeros in front; Python would not.
    digits = digits.lstrip("0") or "0"
    number = int(digits) if len(digits) <= 19 else 0
    number = -number if text[0] == "-" else number
    return number if -(2**63) <= number < 2**63 else 0
