"""What the doctor tells: one record for each link of the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Verdict: TypeAlias = Literal["ok", "wrong", "unknown"]
"""It holds; it is broken; what would tell is missing, and `Finding.cause` says what."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One link of the chain as it was found.

    `name` is a word for programs (docs/doctor.md lists them), `cause` a sentence for people, `remedy` what mends it,
    None where nothing has to be done. `subject` is the URL of the endpoint that it is about, None where it is about
    none in particular. `details` are the facts behind it, fit for JSON; none of them is a secret.
    """

    name: str
    verdict: Verdict
    cause: str
    remedy: str | None = None
    subject: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def ok(name: str, cause: str, subject: str | None = None, **details: Any) -> Finding:
    """The link holds."""
    return Finding(name, "ok", cause, None, subject, details)


def wrong(name: str, cause: str, remedy: str, subject: str | None = None, **details: Any) -> Finding:
    """The link is broken; `remedy` mends it."""
    return Finding(name, "wrong", cause, remedy, subject, details)


def unknown(name: str, cause: str, subject: str | None = None, remedy: str | None = None, **details: Any) -> Finding:
    """Nothing can be said; `cause` is why, `remedy` what would help to know."""
    return Finding(name, "unknown", cause, remedy, subject, details)
