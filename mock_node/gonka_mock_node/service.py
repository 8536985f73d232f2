"""What a node does with one request for inference: judge it, remember it, have it answered. No HTTP.

The way of a request: faults in front of the node, the rules of the node's generation, the journal, the answer function,
faults on the way back. What a node remembers of a request that got through (its signature, its weight) is entered here,
so that the rules themselves change nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, NamedTuple

from . import faults, gateway, rules
from .answering import answer
from .case import Arrived, Case
from .diagnosis import Evidence
from .faults import Fault, Seen
from .faults.error_bodies import from_nginx
from .journal import Verdict, explained, shown_authorization, shown_requester
from .judgement import Judgement, Order, Refusal
from .node import Node
from .reply import Reply, json_reply, refused

_GONE: Final = Refusal("retired", 410, "classic inference is deprecated; use devshard")
_SUCCESSOR: Final = (("Deprecation", "true"), ("Link", '</devshard/{version}>; rel="successor-version"'))
_REFUSING: Final = {"capacity": "capacity", "no-executor": "executor", "model-vanished": "executor"}
"""Faults after which nothing is billed, by the rule that they stand for."""


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
    booking = node.throughput.book(node.chain.params.bandwidth, case.height, case.kilobytes)
    later = node.faults.strike(seen, "executor") if len(node.faults) else ()
    reply = faults.instead(later, seen)
    if reply is None:
        answered = await answer(node, case)
        reply = refusal_reply(node, answered) if isinstance(answered, Refusal) else answered
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
    blocks = node.chain.params.replay_blocks
    if "replay" in passed:
        node.replay.record(case.arrived.authorization, case.height, blocks)
    if "executor" in passed or "executor-replay" in passed:
        node.executor_replay.record(case.arrived.authorization, case.height, blocks)


def _case(node: Node, arrived: Arrived) -> Case:
    latest = node.chain.clock.latest
    return Case(
        arrived,
        node.profile,
        node.provider_address,
        node.public_url,
        node.chain,
        node.replay,
        node.executor_replay,
        node.throughput,
        node.access,
        latest.time_ns,
        latest.height,
    )


def _seen(node: Node, case: Case) -> Seen:
    return Seen(
        case.arrived.route,
        node.number,
        node.provider_address,
        node.url,
        case.fields.model,
        case.fields.data.get("stream") is True,
        node.profile,
    )


def _enter(node: Node, case: Case, judgement: Judgement, struck: tuple[Fault, ...], status: int) -> None:
    """The verdict: of the rules, or, where none was asked, of the fault in front that answered."""
    refusal = judgement.refusal
    diagnosis = node.diagnoser.diagnose(evidence(node, case, refusal.rule)) if refusal and node.explains else None
    # By place: two dozen names take a microsecond to put in their places.
    verdict = Verdict(
        node.journal.next_number(),
        node.url,
        case.arrived.route,
        status,
        "fault" if judgement.in_front else "refused" if refusal else "accepted",
        refusal.rule if refusal else None,
        refusal.error if refusal else None,
        judgement.passed,
        _pending(case, judgement),
        tuple([fault.name for fault in struck]),
        explained(diagnosis),
        shown_requester(case.arrived.requester),
        case.provider_address,
        case.profile.scheme,
        case.fields.model,
        case.fields.data.get("stream") is True,
        case.arrived.timestamp[:64],
        case.timestamp_ns,
        case.block_time_ns,
        case.height,
        len(case.arrived.body),
        case.body_sha256,
        case.digest.hex(),
        shown_authorization(case.arrived.authorization),
    )
    node.journal.add(verdict, case.arrived.body, diagnosis.signed if diagnosis else None)


def _pending(case: Case, judgement: Judgement) -> tuple[str, ...]:
    """The rules that were not reached, the one that refused left out."""
    refusal = judgement.refusal
    if case.profile.kind == "gone" or (refusal is None and not judgement.in_front):
        return ()
    order = Order.of(gateway.GATEWAY_RULES) if case.profile.kind == "gateway" else rules.order_for(case)
    return tuple(name for name in order.names[len(judgement.passed) :] if refusal is None or name != refusal.rule)


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
