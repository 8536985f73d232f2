"""What a class of errors promises: whether the client tries again by itself, and whether it may have been billed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gonka_core import errors
from gonka_core.errors import Remedy

_BY_REMEDY: Final[Mapping[Remedy, str]] = {
    Remedy.SCHEME: "once, signed by the other scheme, where the scheme is `auto`",
    Remedy.CLOCK: "once, with the time of the node's blocks",
    Remedy.RESIGN: "once, signed with a fresh timestamp",
    Remedy.ELSEWHERE: "at another endpoint, where there is one that was not asked yet",
    Remedy.LATER: "at another endpoint at once, or at this one after a wait",
    Remedy.NONE: "no: every node would say the same",
}
_GROUPS: Final = (errors.GonkaError, errors.CallError, errors.AnswerError, errors.NodeError)
_AS_BELOW: Final = "as the class below it says"
_AGAIN: Final = "at another endpoint, or at this one after a wait"
_ALLOWED: Final = "only with `may_bill_twice`"


def retried(kind: type[errors.GonkaError]) -> str:
    """Whether the client tries again by itself after such an error, as half a sentence."""
    if kind in _GROUPS:
        return _AS_BELOW
    if issubclass(kind, errors.NodeError):
        again = _BY_REMEDY[kind.remedy]
        return f"{again}; {_ALLOWED}" if kind.billed else again
    if issubclass(kind, errors.ConnectError):
        return _AGAIN
    if issubclass(kind, errors.TransportError):
        return f"{_AGAIN}; once bytes have left, {_ALLOWED}"
    if issubclass(kind, errors.UnusableAnswerError):
        return f"{_AGAIN}; {_ALLOWED}"
    if issubclass(kind, (errors.DiscoveryError, errors.NotToldError)):
        return "no: every source was asked already; the next call asks anew"
    return "no"


def billed_by_class(kind: type[errors.GonkaError]) -> str:
    """Whether a request that ended so may have been billed, as half a sentence."""
    if kind in _GROUPS:
        return _AS_BELOW
    if issubclass(kind, errors.NodeError):
        return "maybe" if kind.billed else "no; maybe where it came as an event of a stream"
    if issubclass(kind, errors.UnusableAnswerError):
        return "maybe"
    if issubclass(kind, errors.DeadlineError):
        return "maybe, where the last attempt may have been"
    if issubclass(kind, errors.TransportError) and not issubclass(kind, errors.ConnectError):
        return "maybe, where `sent` is True"
    return "no: nothing was sent"
