"""What is asked of a network, looked at before anybody is: a slip of the pen must not count as no requirement."""

from __future__ import annotations

import math
from typing import Final

from gonka_core.errors import ConfigurationError

from .records import LEVELS, MAINNET, Network

_MOST_CHAIN_ID: Final = 50
"""Letters, as CometBFT bounds them."""


def require_sound(network: Network) -> None:
    """Raise `ConfigurationError` for a level that there is not, a chain id that no header has, or no length of time."""
    if network.verify not in LEVELS:
        raise ConfigurationError(f"there is no level of proof {network.verify!r}", f"give one of: {', '.join(LEVELS)}")
    if not is_chain_id(network.chain_id):
        raise ConfigurationError(
            f"the chain id {str(network.chain_id)[:80]!r} is none",
            f"give 1 to {_MOST_CHAIN_ID} printable ASCII letters, as {MAINNET}",
        )
    if not isinstance(network.max_age_s, int | float) or not network.max_age_s > 0:
        raise ConfigurationError(
            f"max_age_s is {network.max_age_s!r}", "give more than 0 seconds; math.inf accepts lists of any age"
        )
    if not isinstance(network.trusting_s, int | float) or not 0 <= network.trusting_s < math.inf:
        raise ConfigurationError(
            f"trusting_s is {network.trusting_s!r}", "give seconds; 0 trusts the validators that are pinned alone"
        )


def is_chain_id(text: object) -> bool:
    """Whether a header may have it."""
    return isinstance(text, str) and 0 < len(text) <= _MOST_CHAIN_ID and text.isascii() and text.isprintable()
