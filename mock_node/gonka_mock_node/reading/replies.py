"""Answers and errors in the shape of a node's generation (`protocol.md` §3.1, §6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gonka_mock_node.reply import Reply, json_reply, refused

from .routing import Ask

_STATUS_OF: Final = {"NotFound": 404, "InvalidArgument": 400, "Unavailable": 503}
_UNAVAILABLE: Final = "connection error: desc = error reading server preface: EOF"


def answered(ask: Ask, value: Mapping[str, Any]) -> Reply:
    """200 with that JSON."""
    return json_reply(200, value, ask.node.profile.content_type)


def failed(ask: Ask, status: int, error: str) -> Reply:
    """An error with the node's own status and text."""
    return refused(status, error, ask.node.profile.content_type)


def rpc_failed(ask: Ask, code: str, text: str) -> Reply:
    """What the chain answered instead: mapped to a status from v0.2.12 on, 500 and wrapped twice before."""
    prefix = f"rpc error: code = {code} desc = "
    if ask.node.profile.routes.accounts == "spendable":
        return failed(ask, _STATUS_OF.get(code, 500), prefix + text)
    return failed(ask, 500, prefix + prefix + text)


def unavailable(ask: Ask) -> Reply:
    """The chain cannot be asked: 503 from v0.2.12 on, 500 before."""
    mapped = ask.node.profile.routes.accounts == "spendable"
    return failed(ask, 503 if mapped else 500, f"rpc error: code = Unavailable desc = {_UNAVAILABLE}")


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is zero or empty, as Go's `omitempty` leaves it out."""
    return {name: value for name, value in fields.items() if value}
