"""The account that pays: whether it is there, its public key, enough for a small request (`protocol.md` §3.4, §3.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gonka_core import models, settings
from gonka_core.accounts import Account, account_flow
from gonka_core.errors import GonkaError, UnknownAccountError
from gonka_core.escrow import escrow_of
from gonka_core.numbers import whole
from gonka_core.prices import price_flow
from gonka_core.readiness import publish_command
from gonka_core.refusals import STEPS
from gonka_core.request import encode

from . import chain
from .findings import Finding, ok, unknown, wrong
from .patient import Patient

NAMES: Final = ("account", "public-key", "balance")
MAX_TOKENS: Final = 16
_WORD: Final = "hello"


def small_payload(model: str) -> dict[str, Any]:
    """The chat that the doctor reckons with, and sends where it is told to."""
    return {"model": model, "messages": [{"role": "user", "content": _WORD}], "max_tokens": MAX_TOKENS}


def account(patient: Patient) -> Iterator[Finding]:
    """Three links: the account, its public key, its balance."""
    if patient.address is None:
        yield from (unknown(name, "the account's address is not known without a key") for name in NAMES)
        return
    readers = list(patient.readers())
    if not readers:
        yield from (unknown(name, patient.nobody()) for name in NAMES)
        return
    flow = account_flow(readers, patient.address, seconds=patient.asker.seconds, timeout_s=patient.asker.timeout_s)
    try:
        found = patient.asker.run(flow)
    except GonkaError as error:
        yield unknown("account", error.problem, remedy=error.next_step)
        yield from (unknown(name, "nobody tells of the account") for name in NAMES[1:])
        return
    yield from _told(patient, found)


def _told(patient: Patient, found: Account) -> Iterator[Finding]:
    if not found.exists:
        step = STEPS[UnknownAccountError].format(address=found.address)
        yield wrong("account", f"the chain does not know the account {found.address}", step)
        yield from (unknown(name, "there is no account") for name in NAMES[1:])
        return
    yield ok("account", f"the account {found.address} exists")
    yield _public_key(patient, found)
    yield _balance(patient, found)


def _public_key(patient: Patient, found: Account) -> Finding:
    if found.other_key is not None:
        return wrong(
            "public-key",
            f"the account {found.address} has a key of the type {found.other_key}, with which no request is verified",
            "use an account with a plain secp256k1 key",
        )
    if found.public_key is None:
        return wrong(
            "public-key",
            f"the account {found.address} has not published its public key, so no node can verify a signature",
            f"publish it with the account's first transaction: {publish_command(found.node)}",
        )
    if patient.signer is None:
        return unknown("public-key", "it is published; there is no key here to compare it with")
    if found.public_key == patient.signer.public_key:
        return ok("public-key", "it is published, and the one of the key here")
    return wrong(
        "public-key",
        f"the account {found.address} has another public key on the chain than the key here",
        "use the key of that account; signatures by this one are refused",
        published=found.public_key.hex(),
    )


def _balance(patient: Patient, found: Account) -> Finding:
    balance = found.balance_ngonka
    if balance is None:
        return unknown("balance", f"nobody tells the balance of {found.address}")
    model, price = _priced(patient)
    if price is None or model is None:
        return unknown("balance", f"{balance} ngonka; no price is told to compare it with", balance_ngonka=balance)
    needed = escrow_of(encode(small_payload(model)), price)
    patient.escrow_ngonka = needed
    facts: dict[str, Any] = {"balance_ngonka": balance, "needed_ngonka": needed, "price_ngonka": price, "model": model}
    if balance < needed:
        return wrong(
            "balance",
            f"{balance} ngonka, and a small request to {model} sets {needed} aside",
            f"send at least {needed - balance} ngonka to {found.address}",
            **facts,
        )
    return ok("balance", f"{balance} ngonka; a small request to {model} sets {needed} aside", **facts)


def model_of(patient: Patient) -> str | None:
    """The model to reckon with: the one given, or the first that a node serves."""
    given = settings.model(patient.given.model, patient.given.environ)
    if given is not None:
        return given
    for endpoint in patient.readers():
        served = models.served_of(patient.asker.read(endpoint, models.LIST).body)
        if served:
            return served[0]
    return None


def _priced(patient: Patient) -> tuple[str | None, int | None]:
    model = model_of(patient)
    if model is None:
        return None, None
    asker = patient.asker
    flow = price_flow(list(patient.readers()), model, seconds=asker.seconds, timeout_s=asker.timeout_s)
    price = asker.run(flow)
    return model, None if price is None else price.ngonka


def developers(patient: Patient) -> Finding:
    """Whether the chain holds back developers who are not on its list (`protocol.md` §3.9)."""
    params = chain.params(patient)
    if params is None:
        return unknown("developers", f"nobody tells whether developers are held back: {patient.nobody()}")
    gate = chain.table(params, "developer_access_params")
    until = whole(gate.get("until_block_height", 0))
    listed = chain.listed(gate, "allowed_developer_addresses") or []
    if until is None:
        return unknown("developers", "the chain's developer gate cannot be read")
    if until == 0 or (patient.address is not None and patient.address in listed):
        return ok("developers", "requests are not held back" if until == 0 else "the account is on the list")
    height = chain.height(patient)
    if height is None or patient.address is None:
        lacking = "the height of the chain" if height is None else "the account"
        return unknown("developers", f"requests are held back until block {until}; {lacking} is not known")
    if height >= until:
        return ok("developers", f"requests are open since block {until}")
    return wrong(
        "developers",
        f"requests are restricted until block {until}, it is {height}, and {patient.address} is not on the list",
        f"wait for that height, or have {patient.address} put on the list of developers",
        until_height=until,
        height=height,
    )
