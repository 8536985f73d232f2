"""What a node says, taken out of the body of its answer (`protocol.md` §3.1, §11.1, §11.4).

Nodes write `{"error": text}`, gateways and model servers `{"error": {"message": text}}`, proxies a page of HTML. All of
it is a stranger's text: read up to a bound, and made fit to stand in one line of somebody's log.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from .limits import OverLimitError, parse_object

LONGEST_QUOTE: Final = 300
LONGEST_WAIT_S: Final = 86_400.0
_LONGEST_TEXT: Final = 16 * 1024
_LONGEST_OBJECT: Final = 1024 * 1024


def words(body: bytes) -> str:
    """Everything that is said in `body`, in one line of printable characters, at most 16 KiB; empty for nothing."""
    data = fields(body)
    said = [_text(data.get(name)) for name in ("error", "message", "detail")]
    told = ": ".join(text for text in said if text)
    return _flat(told or body[:_LONGEST_TEXT].decode("utf-8", "replace"))


def fields(body: bytes) -> Mapping[str, Any]:
    """The JSON object that `body` is; empty for anything else."""
    if len(body) > _LONGEST_OBJECT:
        return {}
    try:
        return parse_object(body) or {}
    except OverLimitError:
        return {}


def quoted(text: str) -> str:
    """A stranger's text, fit to stand in a message: one line, printable, at most 300 characters; `(empty)` for none."""
    flat = _flat(text)
    return (flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1] + "…") or "(empty)"


def retry_after_s(value: str, now_s: float | None = None) -> float | None:
    """Seconds of a `Retry-After`, given in seconds or as a date (RFC 9110 §10.2.3); None for neither.

    Never below 0, and never more than a day. `now_s` (seconds since the epoch) is what a date is measured from.
    """
    try:
        seconds = float(value) if value.strip().isdecimal() else _until(value, now_s)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def _until(date: str, now_s: float | None) -> float:
    when = parsedate_to_datetime(date)
    moment = when if when.tzinfo else when.replace(tzinfo=UTC)
    return moment.timestamp() - (datetime.now(UTC).timestamp() if now_s is None else now_s)


def _text(value: object) -> str:
    """The text that a field holds: itself, or that of an error object."""
    if isinstance(value, dict):
        inner = (value.get(name) for name in ("message", "type", "code"))
        return next((text for text in inner if isinstance(text, str) and text), "")
    return value if isinstance(value, str) else ""


def _flat(text: str) -> str:
    kept = (character if character.isprintable() else " " for character in text[:_LONGEST_TEXT])
    return " ".join("".join(kept).split())
