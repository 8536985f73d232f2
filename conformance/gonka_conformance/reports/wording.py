"""Words and signs of the page. A status is told by word and sign as well as by colour."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gonka_conformance.checks import Kind
from gonka_conformance.report import Status

from .markup import Markup, tag

LEGEND: Final[Mapping[Status, str]] = MappingProxyType(
    {
        Status.PASSED: "the requirement is met",
        Status.FAILED: "it is not met",
        Status.SKIPPED: "it does not apply",
        Status.KNOWN_FAILURE: "it is not met, as was declared",
        Status.RECOVERED: "it was declared to fail, and is met",
    }
)

_SIGNS: Final[Mapping[Status, str]] = MappingProxyType(
    {
        Status.PASSED: "✓",
        Status.FAILED: "✗",
        Status.SKIPPED: "–",
        Status.KNOWN_FAILURE: "≈",
        Status.RECOVERED: "!",
    }
)


def heading(kind: Kind) -> str:
    return f"{kind.capitalize()}s"


def badge(status: Status, href: str | None = None, label: str | None = None) -> Markup:
    """The status as a sign and a word; a link where `href` is given, which `label` names for those who hear it."""
    sign = tag("span", _SIGNS[status], aria_hidden="true")
    return tag("a" if href else "span", sign, " ", status, class_=f"status {status}", href=href, aria_label=label)


def verdict_badge(verdict: str) -> Markup:
    return tag("span", verdict, class_=f"verdict {verdict.replace(' ', '-')}")
