"""Faults in front of a node: the request is answered, or dropped, before the node judges anything."""

from __future__ import annotations

from typing import Final

from gonka_mock_node.reply import JSON, Drop, Headers, Pause, Reply, json_reply, whole

from .error_bodies import SHAPES, error_reply
from .records import Connection, Fault, Front, Seen, choice, count, header, seconds, text

_RETRY_AFTER: Final = header("", "`Retry-After`: seconds, or an HTTP date; empty for none", digits=True)
_WAIT: Final = seconds(0.0, "seconds of silence before it happens")
_DROPPED: Final = 500
"""The status of a reply whose status line is never written."""
_CHAT: Final = "/v1/chat/completions"


def status(fault: Fault, _seen: Seen) -> Reply:
    return error_reply(fault.integer("code"), fault.text("body"), fault.text("text"), fault.text("retry_after"))


def dropped(fault: Fault, *, hard: bool) -> Reply:
    """A connection that ends before the status line."""
    wait = fault.number("seconds")
    return Reply(_DROPPED, before=(*((Pause(wait),) if wait else ()), Drop(hard=hard)))


def reset(fault: Fault, _seen: Seen) -> Reply:
    return dropped(fault, hard=True)


def closed(fault: Fault, _seen: Seen) -> Reply:
    return dropped(fault, hard=False)


def redirect(fault: Fault, seen: Seen) -> Reply:
    """By default to the same place, which is where a loop begins."""
    target = fault.text("location") or seen.url.removesuffix("/v1") + seen.route
    return Reply(fault.integer("code"), (("Location", target),), length=0)


def gateway_disabled(fault: Fault, _seen: Seen) -> Reply:
    """`protocol.md` §11.4: a 308 that no client can follow by its headers."""
    return json_reply(308, {"message": fault.text("text"), "new_url": fault.text("new_url"), "status": 308})


def retired(_fault: Fault, _seen: Seen) -> Reply:
    """`protocol.md` §11.1."""
    body = {"error": "deprecated", "message": "classic inference is deprecated; use devshard"}
    links: Headers = (("Deprecation", "true"), ("Link", '</devshard/{version}>; rel="successor-version"'))
    reply = json_reply(410, body)
    return reply._replace(headers=(*reply.headers, *links))


def blocked(_fault: Fault, _seen: Seen) -> Reply:
    """`protocol.md` §3.8: nginx's own words, not spaced as Go would."""
    return whole(403, b'{"error": "Access Denied", "message": "This route is currently blocked."}', JSON)


def _usual(name: str, code: int, shape: str, says: str, summary: str, stands_for: str) -> Front:
    """A status under a name of its own. `says` is the default text, empty for the reason of the status."""

    def apply(fault: Fault, _seen: Seen) -> Reply:
        words = fault.text("text") if "text" in fault.parameters else ""
        return error_reply(code, shape, words, fault.text("retry_after"))

    parameters = {"retry_after": _RETRY_AFTER}
    if shape != "nginx":
        parameters |= {"text": text(says, "the error's text; empty for the reason of the status")}
    return Front(name=name, summary=summary, stands_for=stands_for, parameters=parameters, apply=apply)


EFFECTS: Final = (
    Connection(
        name="refused",
        summary="connection refused: the node's port is closed while this is active; only `node` selects",
        stands_for="a node that is down, restarting, or behind a firewall that answers",
    ),
    Front(
        name="reset",
        summary="the connection is reset (TCP RST) before any byte of an answer; nothing was judged",
        stands_for="a crash, or a middlebox that forgot the connection",
        parameters={"seconds": _WAIT},
        apply=reset,
    ),
    Front(
        name="close-before-headers",
        summary="the connection is closed (TCP FIN) before any byte of an answer; nothing was judged",
        stands_for="a keep-alive connection closed under a request, or nginx's status 444 for a banned address",
        parameters={"seconds": _WAIT},
        apply=closed,
    ),
    Front(
        name="status",
        summary="any error status, in the shape of a node (`json`), of a gateway before (`gateway`) or after "
        "(`openai`) the request was handed on, of nginx, or without a body",
        stands_for="whatever stands between a client and a node",
        parameters={
            "code": count(500, 599, "the status", minimum=400),
            "body": choice(tuple(SHAPES), "the shape of the body"),
            "text": text("", "the error's text; empty for the reason of the status. Not for `nginx` and `empty`"),
            "retry_after": _RETRY_AFTER,
        },
        apply=status,
    ),
    _usual("rate-limited", 503, "nginx", "", "503 with nginx's HTML page", "nginx's limits of requests or connections"),
    _usual("bad-gateway", 502, "nginx", "", "502 with nginx's HTML page", "nginx runs, the node behind it does not"),
    _usual("gateway-timeout", 504, "nginx", "", "504 with nginx's HTML page", "a node that nginx gave up waiting for"),
    _usual("body-refused", 413, "nginx", "", "413 with nginx's HTML page", "a body over nginx's limit of 10 MB"),
    _usual("overloaded", 429, "json", "", "429 with a node's JSON error", "a proxy that limits its clients"),
    _usual("internal-error", 500, "json", "", "500 with a node's JSON error", "an error that a node does not map"),
    _usual(
        "unavailable",
        503,
        "json",
        "unable to fetch chain params",
        "503 with a node's JSON error",
        "a node whose chain does not answer",
    ),
    _usual(
        "gateway-overloaded",
        429,
        "gateway",
        "rate limit exceeded: too many concurrent requests",
        "429 with an OpenAI-style error that is declared as plain text",
        "a gateway at its limit of concurrent requests",
    ),
    Front(
        name="blocked",
        summary="403 with nginx's own JSON, whose `error` is `Access Denied` and which has a `message`",
        stands_for="a route that the operator closed",
        apply=blocked,
    ),
    Front(
        name="retired",
        summary="410 with `Deprecation` and `Link` headers",
        stands_for="a node that is upgraded to a release without signed requests (v0.2.14) while clients run",
        route=_CHAT,
        apply=retired,
    ),
    Front(
        name="redirect",
        summary="a redirect with `Location` and no body",
        stands_for="a proxy that sends to another host or to https; following it would carry a signature to a stranger",
        parameters={
            "code": count(307, 308, "the status", minimum=301),
            "location": header("", "the target; empty for the address that was asked"),
        },
        apply=redirect,
    ),
    Front(
        name="gateway-disabled",
        summary="308 with JSON that names `new_url`, and no `Location`",
        stands_for="a gateway that its operator switched off",
        parameters={
            "new_url": text("https://gateway.invalid/v1", "where the operator sends clients"),
            "text": text("this gateway has moved", "`message` of the body"),
        },
        apply=gateway_disabled,
    ),
)
