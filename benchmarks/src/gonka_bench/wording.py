"""What is said about an error of somebody else's code: never words that may quote a key."""

from __future__ import annotations

from gonka_core.errors import GonkaError

from .workload import SECRET


def reason(error: Exception, next_step: str) -> str:
    """Its class; the words too where they are ours, which end in a next step, and do not quote the key."""
    kind = type(error).__name__
    if isinstance(error, GonkaError) and SECRET.hex() not in str(error).lower():
        return f"{kind}: {error}"
    return f"{kind}, whose words are withheld, as they may quote the key; {next_step}"
