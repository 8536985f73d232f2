"""One request looked at closely: what the node wanted signed, what was signed instead, and the body.

The only place of the mock that shows a prompt.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import json
from dataclasses import asdict
from typing import Any, Final

from gonka_mock_node.journal import Verdict

from .diff import hunks
from .network import Network, node_of

SHOWN: Final = 64 * 1024
"""Bytes of a body or a message that are shown."""
_MOST_NAMES: Final = 200


def detail(network: Network, verdict: Verdict) -> dict[str, Any]:
    """The verdict as its event, and beside it what the module's head says. What cannot be told is None."""
    kept = network.journal.kept(verdict.number)
    body, signed = (None, None) if kept is None else (kept.body, kept.signed)
    message = _expected(network, verdict, body)
    return {
        **verdict.as_event(),
        "expected": None if message is None else {**shown(message, "message"), "digest": verdict.digest},
        "signed": None
        if signed is None
        else {**shown(signed, "message"), "digest": hashlib.sha256(signed).hexdigest()},
        "diff": None if message is None or signed is None else [asdict(hunk) for hunk in hunks(message, signed)],
        "body": None if body is None else shown(body, "body"),
        "fields": _fields(verdict, body),
        "values": _values(verdict, message),
    }


def shown(data: bytes, name: str) -> dict[str, Any]:
    """Up to 64 KiB under `<name>_utf8`, or `<name>_base64` where they are no UTF-8; `bytes` is the whole length."""
    cut = len(data) > SHOWN
    told = {"bytes": len(data), "truncated": cut}
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data[:SHOWN], final=not cut)
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(data[:SHOWN]).decode(), **told}
    return {f"{name}_utf8": text, **told}


def expected_message(scheme: str, body: bytes, timestamp_ns: int, provider_address: str) -> bytes:
    """The bytes whose SHA-256 is signed (`protocol.md` §1.2)."""
    head = body if scheme == "raw" else hashlib.sha256(body).hexdigest().encode()
    timestamp = b"%d" % timestamp_ns if timestamp_ns > 0 else b""
    return head + timestamp + provider_address.encode("utf-8", "surrogateescape")


def _expected(network: Network, verdict: Verdict, body: bytes | None) -> bytes | None:
    """None where the body is no longer kept, and where this kind of node verifies no signature."""
    if body is None or node_of(network, verdict).profile.kind != "classic":
        return None
    return expected_message(verdict.scheme, body, verdict.timestamp_ns, verdict.provider_address)


def _fields(verdict: Verdict, body: bytes | None) -> dict[str, Any]:
    """The headers that were sent, as far as they may be shown, and the names in the payload."""
    return {
        "headers": {
            "Authorization": verdict.authorization,
            "X-Requester-Address": verdict.requester,
            "X-Timestamp": verdict.timestamp,
        },
        "payload": _names(body or b""),
    }


def _names(body: bytes) -> list[str] | None:
    """The names in the payload's outermost object; None where it is none, or too long to be shown."""
    if len(body) > SHOWN:
        return None
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return [name[:100] for name in payload][:_MOST_NAMES] if isinstance(payload, dict) else None


def _values(verdict: Verdict, message: bytes | None) -> list[dict[str, str]]:
    """The values on the way to the verdict, as texts: JavaScript rounds integers of this size."""
    told = {
        "SHA-256 of the body": verdict.body_sha256,
        "timestamp as read (ns)": str(verdict.timestamp_ns),
        "block time (ns)": str(verdict.block_time_ns),
        "block time − timestamp (s)": _seconds(verdict.block_time_ns - verdict.timestamp_ns),
        "block height": str(verdict.height),
        "provider address": verdict.provider_address,
        "signature": verdict.authorization,
    }
    if message is not None:
        told |= {"length of the message (bytes)": str(len(message)), "digest: SHA-256 of the message": verdict.digest}
    return [{"name": name, "value": value} for name, value in told.items() if value]


def _seconds(nanoseconds: int) -> str:
    sign = "-" if nanoseconds < 0 else ""
    return f"{sign}{abs(nanoseconds) // 10**9}.{abs(nanoseconds) % 10**9:09}"
