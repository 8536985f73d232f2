"""The answer to a request that passed every rule: what the test's function says, in the shape of the node's kind.

What a classic node answered is an inference on the chain from then on.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from . import gateway
from .answers import echo, said
from .case import COMPLETIONS, Case
from .chain.inferences import Inference
from .completions import Form, stream_reply, whole_reply
from .judgement import Refusal
from .node import Node
from .reply import Reply

_LOG: Final = logging.getLogger("gonka_mock_node")
_NODE_HEADERS: Final = {"Server": "uvicorn"}


async def answer(node: Node, case: Case) -> Reply | Refusal:
    """What the node's answer function says to the payload; a refusal where it fails, as a model's server may."""
    payload = _payload(node, case)
    try:
        words = await said(node.answer, payload, case.fields)
    except Exception as error:  # noqa: BLE001 - the test's own function; to a client it is a model's server that failed
        _LOG.exception("the answer function failed")
        text = f"Inference node response with an error. code = 500. error = {type(error).__name__}: {error}."
        return Refusal("answer", 500, text)
    form, streams = _form(node, case), payload.get("stream") is True
    dressed = stream_reply if streams else whole_reply
    if node.profile.kind == "classic":
        record = _record(node, case, len(words.pieces))
        node.chain.inferences.add_later(record.identity, record.inference)
        return dressed(words, form, _NODE_HEADERS)
    named = {"X-Request-Id": form.identity}
    return dressed(words, form, named | {"Cache-Control": "no-cache"} if streams else named)


def _payload(node: Node, case: Case) -> Mapping[str, Any]:
    """The payload as the answer function sees it; `echo` looks at no number, so that what the rules read will do."""
    if node.answer is echo:
        return case.fields.data
    payload: Mapping[str, Any] = json.loads(case.arrived.body.decode("utf-8", "replace"))
    return payload


def _form(node: Node, case: Case) -> Form:
    choices = case.fields.data.get("n")
    classic = node.profile.kind == "classic"
    return Form(
        identity=case.arrived.authorization if classic else f"chatcmpl-{hashlib.sha256(case.digest).hexdigest()[:32]}",
        model=case.fields.model if classic else gateway.asked_model(case),
        prompt_tokens=case.prompt_tokens,
        created=case.block_time_ns // 10**9,
        text=case.arrived.route == COMPLETIONS,
        logprobs=classic,
        choices=min(max(int(choices), 1), 128) if isinstance(choices, str) and choices.isdigit() else 1,
    )


class _Record(NamedTuple):
    """What the chain's record is made of when somebody asks for it: it keeps neither the payload nor the answer."""

    identity: str
    requester: str
    model: str
    body_sha256: str
    executor: str
    provider: str
    prompt_tokens: int
    completion_tokens: int
    max_tokens: int
    price: int
    epoch: int
    height: int
    block_time_ns: int
    timestamp_ns: int

    def inference(self) -> Inference:
        milliseconds = self.block_time_ns // 10**6
        return Inference(
            index=self.identity,
            requested_by=self.requester,
            model=self.model,
            original_prompt_hash=self.body_sha256,
            prompt_token_count=self.prompt_tokens,
            completion_token_count=self.completion_tokens,
            executed_by=self.executor,
            assigned_to=self.executor,
            transferred_by=self.provider,
            start_block_height=self.height,
            end_block_height=self.height,
            start_block_timestamp=milliseconds,
            end_block_timestamp=milliseconds,
            max_tokens=self.max_tokens,
            actual_cost=(self.prompt_tokens + self.completion_tokens) * self.price,
            per_token_price=self.price,
            epoch_id=self.epoch,
            request_timestamp=self.timestamp_ns,
        )


def _record(node: Node, case: Case, completion_tokens: int) -> _Record:
    arrived, fields, chain = case.arrived, case.fields, node.chain
    # By place: a dozen names take longer to put in their places than the record takes.
    return _Record(
        arrived.authorization,
        arrived.requester,
        fields.model,
        case.body_sha256,
        node.provider_address,
        case.provider_address,
        case.prompt_tokens,
        completion_tokens,
        case.max_tokens,
        chain.price_of(fields.model),
        chain.epoch,
        case.height,
        case.block_time_ns,
        case.timestamp_ns,
    )
