"""The generations of node rules that the mock node plays. A profile is data: one place for each generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .verification import Scheme


@dataclass(frozen=True, slots=True)
class Profile:
    """What a generation does: which bytes it verifies, in one sentence what it stands for, and which routes it has."""

    name: str
    summary: str
    scheme: Scheme
    content_type: str = "application/json"
    completions: bool = True


PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile
    for profile in (
        Profile("seed", "the developer page: raw scheme, otherwise the newest classic node", scheme="raw"),
        Profile("v0.2.13", "the newest classic node: hash scheme", scheme="hash"),
    )
}


class UnknownProfileError(ValueError):
    """No profile of that name."""


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises `UnknownProfileError`, naming those that exist."""
    if name not in PROFILES:
        raise UnknownProfileError(f"there is no profile {name!r}; choose one of: {', '.join(PROFILES)}")
    return PROFILES[name]
