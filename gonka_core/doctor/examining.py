"""The round, in the order in which a request meets the links of the chain. A finding appears as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from typing import Final, TypeAlias

from gonka_core import resolve
from gonka_core.asking.asker import Asker
from gonka_core.errors import GonkaError
from gonka_core.hookspecs import TransportOptions

from . import account, clocks, configured, generation, identity, network, provider, reach, trying, web
from .findings import Finding, unknown, wrong
from .patient import Given, Patient

_Check: TypeAlias = Callable[[], Finding | Iterable[Finding]]

_AT_A_PLACE: Final = (reach.dns, reach.tcp, reach.tls, web.http, generation.generation)
_AT_A_NODE: Final = (provider.provider, provider.allowed, provider.epoch)


def examine(given: Given | None = None) -> Generator[Finding, None, None]:
    """Look at every link in order, and tell each one when it is known. Raises nothing; `close()` ends it early.

    Nothing is signed or sent that costs, unless `Given.send` says so; public routes are read, and the key of a broker
    is shown to that broker.
    """
    given = given or Given()
    try:
        transport = resolve.transport(given.transport, TransportOptions(connect_timeout=given.timeout_s))
    except GonkaError as error:
        yield wrong("settings", error.problem, error.next_step)
        return
    asker = Asker(
        transport, given.timeout_s, given.seconds() + given.longest_s, clock=given.clock, seconds=given.seconds
    )
    patient = Patient(given, asker)
    try:
        for finding in _round(patient):
            patient.findings.append(finding)
            yield finding
    finally:
        if isinstance(given.transport, str):
            transport.close()


def _round(patient: Patient) -> Iterator[Finding]:
    told = list(_guarded("settings", partial(configured.read, patient)))
    yield from _guarded("key", partial(identity.key, patient))
    yield from told
    for name, check, subject in _links(patient):
        if patient.asker.over:
            yield unknown(name, "the time is up", subject, "look again when the rest is mended")
        else:
            yield from _guarded(name, check, subject)


def _links(patient: Patient) -> Iterator[tuple[str, _Check, str | None]]:
    """Everything for which somebody has to be asked."""
    if patient.network is not None:
        yield "discovery", partial(network.discovery, patient), None
    for place in patient.places:
        for check in _AT_A_PLACE if place.broker else (*_AT_A_PLACE, *_AT_A_NODE):
            yield check.__name__, partial(check, patient, place), place.url
    if not patient.only_brokers:
        yield "developers", partial(account.developers, patient), None
        yield "account", partial(account.account, patient), None
        yield "clock", partial(clocks.clock, patient), None
    for place in patient.places:
        last = trying.api_key if place.broker else trying.scheme
        yield last.__name__.replace("_", "-"), partial(last, patient, place), place.url


def _guarded(name: str, check: _Check, subject: str | None = None) -> Iterator[Finding]:
    """The findings of a check, or that it failed: the round goes on."""
    try:
        found = check()
        yield from (found,) if isinstance(found, Finding) else found
    except GonkaError as error:
        yield unknown(name, error.problem, subject, error.next_step)
    except Exception as error:  # noqa: BLE001 - an unknown error's words may hold a key
        yield unknown(name, f"the check failed ({type(error).__name__}): this is a bug of gonka-core", subject)
