"""`gonka doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Final

import click

from gonka_core import __version__
from gonka_core.discovery.records import LEVELS
from gonka_core.doctor import Finding, Given, examine
from gonka_core.errors import GonkaError
from gonka_core.keys import ENVIRONMENT_VARIABLE, PrivateKey

from . import given, networks, shown

VERSION: Final = 1
"""Of the JSON document; it grows when a field changes its meaning or goes."""
_COLOURS: Final = {"ok": "green", "wrong": "red", "unknown": "yellow"}


@click.command()
@click.option("--endpoint", metavar="URL", help="Default: GONKA_ENDPOINTS or GONKA_ENDPOINT, and GONKA_BROKER_URL.")
@click.option("--provider-address", metavar="ADDRESS", help="Of that endpoint.")
@click.option("--source", "sources", multiple=True, metavar="URL", help="To find nodes. Default: GONKA_SOURCE_URL.")
@click.option("--verify", type=click.Choice(LEVELS), help="How far it has to be proven who takes part.")
@click.option("--trust", multiple=True, metavar="HASH", help="validators_hash (hex) that you vouch for.")
@networks.chain_id
@click.option("--model", metavar="NAME", help="To reckon with, and to ask with --send. Default: GONKA_MODEL.")
@click.option("--send", is_flag=True, help="Send a small chat to each endpoint where nothing is wrong. It costs.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=10.0, show_default=True, metavar="SECONDS")
@given.signer
@given.transport
@given.key
@given.as_json
def doctor(
    endpoint: str | None,
    provider_address: str | None,
    sources: tuple[str, ...],
    verify: str | None,
    trust: tuple[str, ...],
    chain_id: str | None,
    model: str | None,
    send: bool,
    timeout: float,
    signer: str,
    transport: str,
    key: given.KeyChoice,
    as_json: bool,
) -> int:
    """Which link between you and the network is broken, and what mends it.

    A line for each link: ok, wrong or unknown. Exit status 0 when nothing is wrong, even where something is unknown;
    1 when something is.
    """
    if endpoint is None and provider_address is not None:
        raise given.wrong("--provider-address is given without --endpoint", "give both, or neither")
    case = Given(
        endpoint=endpoint,
        provider_address=provider_address,
        sources=sources,
        verify=verify,
        trusted=",".join(trust) or None,
        chain_id=chain_id,
        model=model,
        key=None if key.option is None else _reader(key),
        key_source=key.option or ENVIRONMENT_VARIABLE,
        signer=signer,
        transport=transport,
        send=send,
        timeout_s=timeout,
    )
    return (_document if as_json else _lines)(examine(case))


def _reader(key: given.KeyChoice) -> Callable[[], PrivateKey]:
    """Reads it now, so that whoever interrupts a prompt is not told of a broken link."""
    try:
        read = key.read()
    except GonkaError as error:
        failure = error
    else:
        return lambda: read

    def fail() -> PrivateKey:
        raise failure

    return fail


def _lines(findings: Iterable[Finding]) -> int:
    """A line for each as it comes; click takes the colour out where nobody sees it."""
    status = 0
    for found in findings:
        status |= found.verdict == "wrong"
        verdict = click.style(f"{found.verdict:<8}", _COLOURS[found.verdict])
        click.echo(f"{verdict} {found.name:<11} {found.cause}{_mend(found)}")
    return status


def _mend(found: Finding) -> str:
    if found.remedy is None:
        return ""
    return f"; to mend it: {found.remedy}" if found.verdict == "wrong" else f"; to know it: {found.remedy}"


def _document(findings: Iterable[Finding]) -> int:
    told = [asdict(found) for found in findings]
    healthy = all(found["verdict"] != "wrong" for found in told)
    shown.document({"version": VERSION, "gonka_core": __version__, "healthy": healthy, "findings": told})
    return int(not healthy)
