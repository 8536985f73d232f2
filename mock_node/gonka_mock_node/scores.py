"""Log probabilities as model servers send them: five alternatives a token, each with its bytes (`protocol.md` §5.1).

They are most of an answer, and tests say the same words again and again: so the JSON of a token is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from .reply import go_json

_ALTERNATIVES: Final = 5


def scores_json(tokens: Sequence[str]) -> bytes:
    """The objects that stand in the list under `logprobs`, with commas between them."""
    return b",".join(map(_json_of, tokens))


@lru_cache(maxsize=4096)
def _json_of(token: str) -> bytes:
    alternatives = [token, *(f"{token}{letter}" for letter in "abcd")][:_ALTERNATIVES]
    scored = [_scored(text, -0.01 - rank) for rank, text in enumerate(alternatives)]
    return go_json(scored[0] | {"top_logprobs": scored}, sort_keys=True)


def _scored(token: str, logprob: float) -> dict[str, Any]:
    return {"bytes": list(token.encode("utf-8", "replace")), "logprob": logprob, "token": token}
