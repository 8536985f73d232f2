"""What the chain knows of a model (`protocol.md` §6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KNOWN_MODELS: Final = (
    "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8",
    "moonshotai/Kimi-K2.6",
    "MiniMaxAI/MiniMax-M2.7",
    "Qwen/QwQ-32B",
    "Qwen/Qwen2.5-7B-Instruct",
    "test",
)
"""What a chain lists that serves any name."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model as governance registered it.

    `price` is its own price in ngonka a token, None for the chain's. `hf_repo` None is derived: the id, where that
    looks like a repository. `validation_threshold` is a value and a power of ten. `capacity` (tokens) and `utilization`
    (0 to 1) belong to dynamic pricing.
    """

    id: str
    hf_repo: str | None = None
    context_window: int = 131072
    units_of_compute_per_token: int = 100
    quantization: str = ""
    description: str = ""
    price: int | None = None
    proposed_by: str = ""
    coins_per_input_token: int = 0
    coins_per_output_token: int = 0
    hf_commit: str = ""
    model_args: tuple[str, ...] = ()
    v_ram: int = 0
    throughput_per_nonce: int = 0
    validation_threshold: tuple[int, int] | None = None
    capacity: int | None = None
    utilization: float | None = None

    @property
    def repository(self) -> str:
        """The Hugging Face repository; empty where there is none."""
        if self.hf_repo is not None:
            return self.hf_repo
        return self.id if "/" in self.id else ""
