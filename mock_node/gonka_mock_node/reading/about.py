"""What a node says of itself: status, identity, versions (`protocol.md` §6.1, §6.2)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from gonka_mock_node.chain import Ledger
from gonka_mock_node.chain.timestamps import rfc3339
from gonka_mock_node.reply import Reply, go_json, whole

from .replies import answered, failed
from .routing import Ask

_NEWEST_CLASSIC: Final = "v0.2.13"


def health(_ask: Ask) -> Reply:
    """nginx's own answer (`protocol.md` §3.8)."""
    return whole(200, b"healthy\n", "text/plain")


def status(ask: Ask) -> Reply:
    return answered(ask, {"status": "ok"})


def identity(ask: Ask, ledger: Ledger) -> Reply:
    """Who the node is, signed by its warm key over the compact JSON of `data`.

    In the second shape where the node has delegates. A real node repeats one answer for five minutes; here it is always
    of now.
    """
    if "status" in ask.chain.outages:
        return failed(ask, 500, "failed to generate identity: failed to get chain status")
    data = _identity(ask, ledger)
    digest = hashlib.sha256(go_json(data)).digest()
    signature = ask.node.warm_key.sign(digest)
    return answered(ask, {"data": data, "signature": base64.b64encode(signature).decode()})


def _identity(ask: Ask, ledger: Ledger) -> dict[str, Any]:
    data: dict[str, Any] = {
        "address": ledger.provider_address,
        "block": ledger.latest.height,
        "timestamp": rfc3339(ledger.latest.time_ns),
    }
    return data | ({"delegate_ta": dict(sorted(ask.node.delegates.items()))} if ask.node.delegates else {})


def versions(ask: Ask) -> Reply:
    if "node-status" in ask.chain.outages:
        return failed(ask, 500, "failed to get node info")
    name = ask.node.profile.name
    version = name if name.startswith("v") else _NEWEST_CLASSIC
    commit = hashlib.sha256(version.encode()).hexdigest()[:40]
    return answered(
        ask,
        {
            "api_version": {"application_name": "decentralized-api", "commit": commit, "version": version},
            "node_version": {"application_name": "inference", "commit": commit, "version": version},
            "timestamp": rfc3339(ask.chain.clock.time_ns),
        },
    )
