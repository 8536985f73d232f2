"""What a node does with one request for inference: judge it, remember it, answer it. No HTTP.

The way of a request: faults in front of the node, the rules of the node's generation, the journal, the answer function,
faults on the way back. What a node remembers of a request that got through (its signature, its weight, the inference on
the chain) is entered here, so that the rules themselves change nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Final, NamedTuple

from . import faults, gateway, rules
from .answers import Said, said
from .case import COMPLETIONS, Arrived, Case
from .chain.inferences import Inference
from .completions import Form, stream_reply, whole_reply
from .diagnosis import Evidence
from .escrow import max_tokens
from .faults import Fault, Seen
from .faults.error_bodies import from_nginx
from .journal import Verdict, explained, shown_authorization, shown_requester
from .judgement import Judgement, Refusal
from .node import Node
from .reply import Reply, json_reply, refused

_LOG: Final = logging.getLogger("gonka_mock_node")
_GONE: Final = Refusal("retired", 410, "classic inference is deprecated; use devshard")
_SUCCESSOR: Final = (("Deprecation", "true"), ("Link", '</devshard/{version}>; rel="successor-version"'))
_REFUSING: Final = {"capacity": "capacity", "no-executor": "executor", "model-vanished": "executor"}
"""Faults after which nothing is billed, by the rule that they stand for."""
_NODE_HEADERS: Final = {"Server": "uvicorn"}


class Served(NamedTuple):
    """The reply to write, and what to call when that is over, however it ended."""

    reply: Reply
    finish: Callable[[], None] = lambda: None


async def serve(node: Node, arrived: Arrived) -> Served:
    """The answer to a request whose body has arrived. Enters the verdict into the journal."""
    case = _case(node, arrived)
    seen = _seen(node, case)
    struck = _arriving(node, seen)
    if struck:
        front = faults.before(struck, seen)
        if front is not None:
            return Served(_sent(node, case, seen, Judgement((), None, in_front=True), struck, front))
        case = _case(node, arrived)
    judgement = _judge(case)
    _remember(node, case, judgement.passed)
    if judgement.refusal is not None:
        return Served(_sent(node, case, seen, judgement, struck, refusal_reply(node, judgement.refusal)))
    booking = node.throughput.book(node.chain.params.bandwidth, case.height, rules.kilobytes(case))
    later = node.faults.strike(seen, "executor") if len(node.faults) else ()
    reply = faults.instead(later, seen)
    if reply is None:
        reply = await _answered(node, case)
    elif later:
        judgement = _executors(judgement, later[0], reply)
    sent = _sent(node, case, seen, judgement, (*struck, *later), reply)
    return Served(sent, lambda: node.throughput.release(booking))


def _executors(judgement: Judgement, fault: Fault, reply: Reply) -> Judgement:
    """What a fault in the place of an executor makes of the verdict: some stand for a rule that refuses."""
    rule = _REFUSING.get(fault.name)
    if rule is None or rule not in judgement.passed:
        return judgement
    body = b"".join(step for step in reply.steps if isinstance(step, bytes))
    passed = judgement.passed[: judgement.passed.index(rule)]
    return Judgement(passed, Refusal(rule, reply.status, str(json.loads(body)["error"])))


def read(node: Node, route: str, answer: Callable[[], Reply]) -> Reply:
    """The answer to a request that is only read, through the faults that meet it on its way."""
    seen = Seen(route, node.number, node.provider_address, node.url, profile=node.profile)
    struck = _arriving(node, seen)
    reply = faults.before(struck, seen) or answer()
    return _leaving(node, seen, reply)[1]


def _arriving(node: Node, seen: Seen) -> tuple[Fault, ...]:
    """The faults that meet a request before the node does; those of the chain have been at work then."""
    if not len(node.faults):
        return ()
    struck = node.faults.strike(seen, "chain", "front")
    faults.on_chain(struck, node.chain, node.provider_address)
    return struck


def _leaving(node: Node, seen: Seen, reply: Reply) -> tuple[tuple[Fault, ...], Reply]:
    """The faults that meet a reply on its way back, and what they leave of it."""
    struck = node.faults.strike(seen, "reply", reply=reply) if len(node.faults) else ()
    return struck, faults.after(struck, reply, node.remembered, seen)


def _sent(node: Node, case: Case, seen: Seen, judgement: Judgement, struck: tuple[Fault, ...], reply: Reply) -> Reply:
    """The reply as it goes out, once the faults on its way have struck and the journal has it."""
    on_the_way, changed = _leaving(node, seen, reply)
    _enter(node, case, judgement, (*struck, *on_the_way), changed.status)
    return changed


def refuse(node: Node, arrived: Arrived, refusal: Refusal) -> Reply:
    """The answer to a request whose body could not be had; the front's own page where the node has no limit."""
    reply = refusal_reply(node, refusal) if node.profile.body_limit else from_nginx(refusal.status)
    _enter(node, _case(node, arrived), Judgement((), refusal), (), reply.status)
    return reply


def retired(message: str) -> Reply:
    """410 with its headers, for what a generation no longer offers (`protocol.md` §11.1)."""
    reply = json_reply(410, {"error": "deprecated", "message": message})
    return Reply(410, (*reply.headers, *_SUCCESSOR), reply.steps, reply.length)


def refusal_reply(node: Node, refusal: Refusal) -> Reply:
    """A refusal in the shape of the node's generation."""
    if node.profile.kind == "gateway":
        return gateway.refusal_reply(refusal, node.access.moved_to)
    if refusal.status == 410:
        return retired(refusal.error)
    return refused(refusal.status, refusal.error, node.profile.content_type)


def _judge(case: Case) -> Judgement:
    if case.profile.kind == "gone":
        return Judgement((), _GONE)
    return gateway.judge(case) if case.profile.kind == "gateway" else rules.judge(case)


def _remember(node: Node, case: Case, passed: tuple[str, ...]) -> None:
    """Keep the signature of a request that got as far as the rule that asks for it, whatever came then.

    A node that takes a request in executes it as well here, so that the signature is used up in both roles.
    """
    memories = (("replay", node.replay), ("executor-replay", node.executor_replay), ("executor", node.executor_replay))
    for rule, memory in memories:
        if rule in passed:
            memory.record(case.arrived.authorization, case.height, node.chain.params.replay_blocks)


async def _answered(node: Node, case: Case) -> Reply:
    payload = json.loads(case.arrived.body.decode("utf-8", "replace"))
    try:
        words = await said(node.answer, payload, case.fields)
    except Exception as error:  # noqa: BLE001 - the test's own function; to a client it is a model's server that failed
        _LOG.exception("the answer function failed")
        text = f"Inference node response with an error. code = 500. error = {type(error).__name__}: {error}."
        return refusal_reply(node, Refusal("answer", 500, text))
    if node.profile.kind == "classic":
        node.chain.record_inference(_inference(node, case, words))
    form = _form(node, case)
    streams = payload.get("stream") is True
    if node.profile.kind == "classic":
        return (stream_reply if streams else whole_reply)(words, form, _NODE_HEADERS)
    headers = {"X-Request-Id": form.identity}
    return (
        stream_reply(words, form, headers | {"Cache-Control": "no-cache"})
        if streams
        else whole_reply(words, form, headers)
    )


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


def _inference(node: Node, case: Case, words: Said) -> Inference:
    price = node.chain.price_of(case.fields.model)
    prompt_tokens, completion_tokens = case.prompt_tokens, len(words.pieces)
    milliseconds = case.block_time_ns // 10**6
    return Inference(
        index=case.arrived.authorization,
        requested_by=case.arrived.requester,
        model=case.fields.model,
        original_prompt_hash=case.body_sha256,
        prompt_token_count=prompt_tokens,
        completion_token_count=completion_tokens,
        executed_by=node.provider_address,
        assigned_to=node.provider_address,
        transferred_by=case.provider_address,
        start_block_height=case.height,
        end_block_height=case.height,
        start_block_timestamp=milliseconds,
        end_block_timestamp=milliseconds,
        max_tokens=max_tokens(case.fields),
        actual_cost=(prompt_tokens + completion_tokens) * price,
        per_token_price=price,
        epoch_id=node.chain.epoch,
        request_timestamp=case.timestamp_ns,
    )


def _case(node: Node, arrived: Arrived) -> Case:
    latest = node.chain.clock.latest
    return Case(
        arrived=arrived,
        profile=node.profile,
        own_address=node.provider_address,
        public_url=node.public_url,
        chain=node.chain,
        replay=node.replay,
        executor_replay=node.executor_replay,
        throughput=node.throughput,
        access=node.access,
        block_time_ns=latest.time_ns,
        height=latest.height,
    )


def _seen(node: Node, case: Case) -> Seen:
    return Seen(
        route=case.arrived.route,
        node=node.number,
        provider_address=node.provider_address,
        url=node.url,
        model=case.fields.model,
        stream=case.fields.data.get("stream") is True,
        profile=node.profile,
    )


def _enter(node: Node, case: Case, judgement: Judgement, struck: tuple[Fault, ...], status: int) -> None:
    """The verdict: of the rules, or, where none was asked, of the fault in front that answered."""
    refusal = judgement.refusal
    diagnosis = node.diagnoser.diagnose(evidence(node, case, refusal.rule)) if refusal and node.explains else None
    verdict = Verdict(
        number=node.journal.next_number(),
        node=node.url,
        route=case.arrived.route,
        status=status,
        verdict="fault" if judgement.in_front else "refused" if refusal else "accepted",
        rule=refusal.rule if refusal else None,
        error=refusal.error if refusal else None,
        checks=judgement.passed,
        pending=_pending(case, judgement),
        faults=tuple(fault.name for fault in struck),
        diagnosis=explained(diagnosis),
        requester=shown_requester(case.arrived.requester),
        provider_address=case.provider_address,
        scheme=case.profile.scheme,
        model=case.fields.model,
        stream=case.fields.data.get("stream") is True,
        timestamp=case.arrived.timestamp[:64],
        timestamp_ns=case.timestamp_ns,
        block_time_ns=case.block_time_ns,
        height=case.height,
        body_bytes=len(case.arrived.body),
        body_sha256=case.body_sha256,
        digest=case.digest.hex(),
        authorization=shown_authorization(case.arrived.authorization),
    )
    node.journal.add(verdict, case.arrived.body, diagnosis.signed if diagnosis else None)


def _pending(case: Case, judgement: Judgement) -> tuple[str, ...]:
    """The rules that were not reached, the one that refused left out."""
    refusal = judgement.refusal
    if case.profile.kind == "gone" or (refusal is None and not judgement.in_front):
        return ()
    order = gateway.GATEWAY_RULES if case.profile.kind == "gateway" else rules.rules_for(case)
    return tuple(name for name, _ in order[len(judgement.passed) :] if refusal is None or name != refusal.rule)


def evidence(node: Node, case: Case, rule: str) -> Evidence:
    """What a diagnosis looks at."""
    return Evidence(
        rule=rule if case.profile.kind == "classic" else "",
        scheme=case.profile.scheme,
        body=case.arrived.body,
        authorization=case.arrived.authorization,
        requester=case.arrived.requester,
        timestamp_text=case.arrived.timestamp,
        timestamp_ns=case.timestamp_ns,
        block_time_ns=case.block_time_ns,
        provider_address=case.provider_address,
        other_providers=node.neighbours(),
        public_key=case.known_key,
        known_accounts=frozenset(account.address for account in node.chain.accounts()),
    )
