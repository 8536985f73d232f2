"""What a diagnosis starts from and what it comes to: two records."""

from __future__ import annotations

from dataclasses import dataclass, field

from gonka_mock_node.verification import Scheme


@dataclass(frozen=True)
class Evidence:
    """A refused request. Header texts are as they arrived, "" where absent, with `surrogateescape` for other bytes.

    `rule` is the name of the rule that refused. `timestamp_ns` is what the node read (0 if it could not),
    `provider_address` what it verified with. `public_key` (33 bytes) is that of the requester's account, None where the
    chain has none; `known_accounts` are the addresses on the chain.
    """

    rule: str
    scheme: Scheme
    body: bytes = field(repr=False)
    authorization: str
    requester: str
    timestamp_text: str
    timestamp_ns: int
    block_time_ns: int
    provider_address: str
    other_providers: tuple[str, ...]
    public_key: bytes | None
    known_accounts: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class Diagnosis:
    """What the client did, and what to change.

    `mistakes` are stable ids, those of the encoding first, then those of the message, the digest and the key; `unknown`
    where nothing fits. `certain` is False where they are a guess. `signed` is the message (before any digest) that the
    client signed, where it was found and is not the node's.
    """

    mistakes: tuple[str, ...]
    explanation: str
    next_step: str
    certain: bool
    signed: bytes | None = field(repr=False, default=None)
