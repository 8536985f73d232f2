"""Proxies of the environment: obeyed by those that say so, and by no other."""

from __future__ import annotations

from contextlib import suppress

from gonka_conformance.checks import fail
from gonka_core.errors import TransportError

from .asking import AUTHORIZATION, exchange, request
from .listed import TRANSPORT_CHECKS
from .script import always, hang_up, head, http
from .server import Loopback
from .subject import TRUSTS_ENVIRONMENT, TransportSubject


@TRANSPORT_CHECKS.add(
    "proxies",
    "`HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are obeyed where `trusts-environment` is claimed, else ignored.",
    source="TransportPlugin.trusts_environment",
)
def proxies(subject: TransportSubject) -> None:
    obeys = TRUSTS_ENVIRONMENT in subject.claims
    _judge_http(subject, obeys)
    _judge_no_proxy(subject)
    _judge_https(subject, obeys)


def _judge_http(subject: TransportSubject, obeys: bool) -> None:
    with Loopback(always(http(200, b"proxy"))) as proxy, Loopback(always(http(200, b"node"))) as node:
        with subject.opened(HTTP_PROXY=proxy.origin) as carrier:
            answered = exchange(carrier, request(node.url))
        if answered.body != (b"proxy" if obeys else b"node"):
            claim = "is claimed" if obeys else "is not claimed"
            fail(f"trusts-environment {claim}, and with HTTP_PROXY set the {answered.body.decode()} got the request")


def _judge_no_proxy(subject: TransportSubject) -> None:
    with Loopback(always(http(200, b"proxy"))) as proxy, Loopback(always(http(200, b"node"))) as node:
        with subject.opened(HTTP_PROXY=proxy.origin, NO_PROXY="127.0.0.1") as carrier:
            exchange(carrier, request(node.url))
        if proxy.connections:
            fail("the proxy got a request to a host that NO_PROXY names")


def _judge_https(subject: TransportSubject, obeys: bool) -> None:
    refusal = always(head(502, "Content-Length: 0", "Connection: close"))
    with Loopback(refusal) as proxy, Loopback(opening=(hang_up,)) as node:
        # The proxy refuses, and the node hangs up: what was tried is what counts.
        with subject.opened(HTTPS_PROXY=proxy.origin) as carrier, suppress(TransportError):
            exchange(carrier, request(node.url.replace("http:", "https:")))
        lines = [received.line for received in proxy.received]
        if lines != ([f"CONNECT {node.address} HTTP/1.1"] if obeys else []):
            fail(f"with HTTPS_PROXY set the proxy got {lines}")
        if any(AUTHORIZATION in received.values("authorization") for received in proxy.received):
            fail("the proxy of an https URL was shown the signature")
