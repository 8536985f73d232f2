"""Why something is not proven: one word for programs, what it means, and the next step. Imports no library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gonka_core.errors import ProofError
from gonka_core.plugins import install_line

_ANOTHER: Final = "ask another source"

_ALL: Final[Mapping[str, tuple[str, str]]] = {
    "absent": (
        "the answer lacks its proof, the bytes that are proven, or the block",
        f"{_ANOTHER}; a node that cannot ask its chain leaves them out",
    ),
    "malformed": (
        "a part of the answer is not of the form that every node writes",
        f"{_ANOTHER}; where all of them answer so, update gonka-core",
    ),
    "epoch": ("the answer is about another epoch", "ask again: the epoch may just have changed"),
    "proof": ("the proof does not lead from these participants to a root of the chain's state", _ANOTHER),
    "app-hash": (
        "the proof holds, but for a state of which the block's header knows nothing",
        f"{_ANOTHER}; this one may have made up the participants",
    ),
    "contradiction": (
        "the list that is shown is not the one that is proven",
        f"{_ANOTHER}; this one shows endpoints that the chain does not know",
    ),
    "height": ("the block is not the one after the participants were written", _ANOTHER),
    "chain": ("the block belongs to another chain", "check the URL of the source and the chain id that is expected"),
    "age": (
        "the list is older than an epoch lasts, or of the future",
        f"{_ANOTHER}, as this one may be behind, or set this machine's clock if that is what is wrong",
    ),
    "header": (
        "the header that is shown is not the one that was signed",
        f"{_ANOTHER}; this one shows a block that the chain does not have",
    ),
    "commit": (
        "a signature under the block is wrong, or the signatures are for another block",
        f"{_ANOTHER} for the commit of this height",
    ),
    "minority": (
        "validators with at most two thirds of the power signed the block",
        f"{_ANOTHER} for the commit of this height",
    ),
    "validators": (
        "the validators are not those whose hash the header has",
        "ask for all pages of the validators of this height, here or at another source",
    ),
    "anchor": (
        "nobody vouches for the validators: they may be a liar's own",
        "pin their hash if you know it to be right, or add a source that somebody else runs",
    ),
    "library": ("protobuf or cryptography is not installed", install_line("proofs")),
}

REASONS: Final[Mapping[str, str]] = {word: f"{meaning}; {step}" for word, (meaning, step) in _ALL.items()}
"""Each word that `ProofError.reason` can be -> what it means and what to do next."""


def refused(reason: str, problem: str | None = None) -> ProofError:
    """The error for a word of `REASONS`; `problem` says more precisely what is wrong, and ends without a full stop."""
    meaning, step = _ALL[reason]
    return ProofError(problem or meaning, step, reason=reason)
