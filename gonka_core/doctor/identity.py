"""The key, and the account that belongs to it (`protocol.md` §8)."""

from __future__ import annotations

from collections.abc import Callable

from gonka_core import resolve, settings
from gonka_core.address import address_of, parse_address
from gonka_core.errors import GonkaError, InvalidAddressError
from gonka_core.keys import PrivateKey
from gonka_core.request import requester_address

from .findings import Finding, ok, unknown, wrong
from .patient import Patient


def key(patient: Patient) -> Finding:
    """Whether there is a key, whose account it is, and whether that is the configured one."""
    given = patient.given
    configured = settings.address(given.address, given.environ)
    try:
        patient.signer = resolve.signer(given.signer, _reader(patient))
        own = address_of(patient.signer.public_key)
    except (GonkaError, ValueError) as error:
        return _without_key(patient, configured, error)
    patient.address = own
    if configured is not None:
        try:
            requester_address(patient.signer, configured)
        except GonkaError as error:
            return wrong("key", error.problem, error.next_step, address=own)
    return ok("key", f"the key ({_source(patient)}) belongs to {own}", address=own, source=_source(patient))


def _without_key(patient: Patient, configured: str | None, error: Exception) -> Finding:
    """Nothing can be signed; what can be read of a configured account is read all the same."""
    if configured is not None:
        try:
            parse_address(configured, what="account address")
            patient.address = configured.lower()
        except InvalidAddressError as flaw:
            return wrong("key", flaw.problem, flaw.next_step)
    if patient.only_brokers:
        return ok("key", "none is needed: only a broker is called, with an API key")
    if not isinstance(error, GonkaError):
        return wrong("key", "the signer has no usable public key", "use another signer; `gonka plugins` lists them")
    if not patient.places and patient.network is None:
        return unknown("key", error.problem, remedy=error.next_step)
    return wrong("key", error.problem, error.next_step, address=patient.address)


def _reader(patient: Patient) -> Callable[[], PrivateKey]:
    environ = patient.given.environ
    return patient.given.key or (lambda: PrivateKey.from_environment(environ))


def _source(patient: Patient) -> str:
    return patient.given.key_source if isinstance(patient.given.signer, str) else "the signer"
