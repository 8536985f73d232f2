"""Errors of calls that are not a node's refusal: finding nodes, carrying bytes, answers that are of no use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gonka_core import errors

from .entry import Entry

CALLS: Final[Mapping[type[errors.GonkaError], Entry]] = {
    errors.CallError: Entry(
        ("one of the classes below it, which tells more",),
        (
            "catch it to catch whatever a call can end in",
            "`attempts` tells what was tried, `maybe_billed` whether a repeat may be paid for twice",
        ),
    ),
    errors.DeadlineError: Entry(
        ("`RetryPolicy(deadline=…)` is shorter than the answer takes", "endpoints that fail slowly, one after another"),
        ("allow more time; `__cause__` and `attempts` tell where it went", "or shorten the waits of the transport"),
    ),
    errors.DiscoveryError: Entry(
        ("no source can be reached: a mistyped `GONKA_SOURCE_URL`, or no network", "the sources do not tell the list"),
        (
            "`sources` says of each why it was of no use; name several of them",
            "`gonka endpoints` tries it by itself",
        ),
    ),
    errors.ProofError: Entry(
        (
            "only one source was named, so that nobody vouches for its validators",
            "a node of a generation whose proofs do not verify, or that pruned the block",
            "a source that lies, or stands behind something that changes answers",
        ),
        (
            "name another source, or give `trusted=` a hash that you know",
            'ask for less, knowingly: `verify="consistent"`; `reason` says what is missing',
        ),
    ),
    errors.NobodyLeftError: Entry(
        ("all participants are excluded, not allowed, or tell URLs at private addresses",),
        ("`gonka endpoints --all` shows whom it leaves out and why", "for a network of your own: `private=True`"),
    ),
    errors.NotToldError: Entry(
        ("the nodes that were asked shut the route, or are too old for it",),
        ("`sources` says of each why; name another node to read from",),
    ),
    errors.TransportError: Entry(
        ("the connection broke off in the midst of the request or the answer", "a proxy or firewall on the way"),
        ("ask again where `sent` is False; otherwise it may have been billed", "`gonka doctor` looks at the way"),
    ),
    errors.ConnectError: Entry(
        ("nobody listens at that address", "the name is not known to DNS", "TLS fails: certificate, clock, protocol"),
        ("check the URL of the endpoint", "`gonka doctor` tells DNS, TCP and TLS apart", "have several endpoints"),
    ),
    errors.TransportTimeout: Entry(
        ("the node or the model is busy: the first token is late", "a long answer that was not asked for as a stream"),
        (
            "stream the answer, or ask for a smaller `max_tokens`",
            "allow more: `TransportOptions(first_byte_timeout=…, read_timeout=…)`",
        ),
    ),
    errors.AnswerError: Entry(
        ("one of the classes below it, which tells more",),
        ("look at `status` and `endpoint`",),
    ),
    errors.UnusableAnswerError: Entry(
        (
            "something on the way answers with a page of its own and status 200",
            "a server that is not a node of the network, or sends another kind of answer than was asked for",
        ),
        ("check the URL of the endpoint", "ask another one; it may have been billed"),
    ),
    errors.StreamTruncatedError: Entry(
        ("the node, or a proxy with a short time limit, closed the connection before `[DONE]`",),
        (
            "`received` is what came: use it, or ask again where paying twice is acceptable",
            "raise the time limit of the proxy",
        ),
    ),
    errors.LimitExceededError: Entry(
        ("an answer that is really that long", "a server that floods, or nests JSON, to harm who reads it"),
        ("raise the option of `Limits` that `limit` names, if you trust the node", "ask for a smaller `max_tokens`"),
    ),
}
