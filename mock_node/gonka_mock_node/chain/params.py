"""Parameters of the chain that a developer's request meets, as far as `/chain-api` shows them (`protocol.md` §6.7)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """The limits behind 429 (`protocol.md` §3.8): KB and counts a block over the whole chain, blocks of a window."""

    estimated_limits_per_block_kb: int = 10752
    kb_per_input_token: float = 0.0023
    kb_per_output_token: float = 0.64
    expiration_blocks: int = 150
    max_inferences_per_block: int = 1000

    @property
    def per_block_kb(self) -> int:
        """KB a block for all nodes together; unset is twice the usual."""
        return self.estimated_limits_per_block_kb or 21504


@dataclass(frozen=True, slots=True)
class EpochParams:
    """Lengths in blocks: of an epoch, and of what happens at its beginning."""

    epoch_length: int = 15391
    epoch_shift: int = 16980
    poc_stage_duration: int = 60
    poc_exchange_duration: int = 5
    poc_validation_delay: int = 5
    poc_validation_duration: int = 480
    set_new_validators_delay: int = 120

    @property
    def created_after(self) -> int:
        """Blocks from an epoch's first one until its participants are written down."""
        return self.poc_stage_duration + self.poc_validation_delay + self.poc_validation_duration

    @property
    def effective_after(self) -> int:
        """Blocks from an epoch's first one until its participants serve."""
        return self.created_after + self.set_new_validators_delay


@dataclass(frozen=True, slots=True)
class Params:
    """Chain parameters (`protocol.md` §3.5, §3.8, §3.9); seconds, 0 for the fallback."""

    timestamp_expiration_s: int = 60
    timestamp_advance_s: int = 30
    allowed_transfer_addresses: frozenset[str] = frozenset()
    developer_gate_until: int = 0
    allowed_developers: frozenset[str] = frozenset()
    allowed_creators: frozenset[str] = frozenset()
    logprobs_mode: str = "processed_logprobs"
    bandwidth: Bandwidth = field(default_factory=Bandwidth)
    epochs: EpochParams = field(default_factory=EpochParams)

    @property
    def expiration_s(self) -> int:
        """How many seconds a timestamp may be behind the latest block (`protocol.md` §3.5)."""
        return self.timestamp_expiration_s or 10

    @property
    def advance_s(self) -> int:
        """How many seconds a timestamp may be ahead of the latest block (`protocol.md` §3.5)."""
        return self.timestamp_advance_s or 10

    @property
    def replay_blocks(self) -> int:
        """Blocks for which a used signature is remembered (`protocol.md` §3.7)."""
        return max(self.expiration_s * 2 // 4, 4)
