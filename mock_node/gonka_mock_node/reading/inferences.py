"""An inference by its id, which is the `Authorization` of its request (`protocol.md` §6.5)."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any, Final

from gonka_mock_node.chain.inferences import STATUSES, Inference
from gonka_mock_node.reply import Reply

from .replies import answered, failed, present
from .routing import Ask

_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ORDER: Final = (
    "index",
    "inference_id",
    "prompt_hash",
    "response_hash",
    "prompt_token_count",
    "completion_token_count",
    "requested_by",
    "executed_by",
    "status",
    "start_block_height",
    "end_block_height",
    "start_block_timestamp",
    "end_block_timestamp",
    "model",
    "max_tokens",
    "actual_cost",
    "escrow_amount",
    "assigned_to",
    "validated_by",
    "node_version",
    "epoch_id",
    "transferred_by",
    "request_timestamp",
    "transfer_signature",
    "execution_signature",
    "per_token_price",
    "original_prompt_hash",
)


def by_path(ask: Ask) -> Reply:
    """The id in the path, up to v0.2.5."""
    identity = ask.parameters["id"]
    if _BROKEN_ESCAPE.search(identity):
        return failed(ask, 400, "Invalid inference ID")
    return _inference(ask, identity)


def by_query(ask: Ask) -> Reply:
    """The id in the query, from v0.2.6 on."""
    identity = ask.query.get("id", "")
    return _inference(ask, identity) if identity else failed(ask, 400, "Id is required")


def _inference(ask: Ask, identity: str) -> Reply:
    found = ask.chain.inferences.get(identity)
    return failed(ask, 404, "Inference not found") if found is None else answered(ask, _record(found))


def _record(found: Inference) -> dict[str, Any]:
    fields = asdict(found) | {"inference_id": found.index, "status": STATUSES.index(found.status)}
    return present({name: fields[name] for name in _ORDER})
