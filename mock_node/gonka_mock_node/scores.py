"""Log probabilities as model servers send them: five alternatives a token, each with its bytes (`protocol.md` §5.1).

They are most of an answer, and tests say the same words again and again: so the JSON of a token is made once. In the
value that is encoded an object of `Scores` stands in their place, as a text that no other member of that name can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from .reply import go_json

_ALTERNATIVES: Final = 5
_PLACE: Final = "\x00"
_WRITTEN: Final = b'"logprobs":"\\u0000"'
"""Within a JSON text the quotes would be escaped, so that this is found where it was put and nowhere else."""


class Scores(str):
    """The place of the log probabilities of some tokens."""

    __slots__ = ("tokens",)

    tokens: tuple[str, ...]

    def __new__(cls, tokens: tuple[str, ...]) -> Scores:
        made = super().__new__(cls, _PLACE)
        made.tokens = tokens
        return made


def filled_in(document: bytes, choices: Iterable[Mapping[str, Any]]) -> bytes:
    """The document with the log probabilities of its choices in their places, in the order in which they stand."""
    for choice in choices:
        scores = choice.get("logprobs")
        if isinstance(scores, Scores):
            written = b",".join(map(_json_of, scores.tokens))
            document = document.replace(_WRITTEN, b'"logprobs":{"content":[%b]}' % written, 1)
    return document


@lru_cache(maxsize=4096)
def _json_of(token: str) -> bytes:
    alternatives = [token, *(f"{token}{letter}" for letter in "abcd")][:_ALTERNATIVES]
    scored = [_scored(text, -0.01 - rank) for rank, text in enumerate(alternatives)]
    return go_json(scored[0] | {"top_logprobs": scored}, sort_keys=True)


def _scored(token: str, logprob: float) -> dict[str, Any]:
    return {"bytes": list(token.encode("utf-8", "replace")), "logprob": logprob, "token": token}
