"""Accounts: what is read of them, and what a request of an unknown one meets (`protocol.md` §3.4, §6.3)."""

from __future__ import annotations

import base64
from dataclasses import replace

from gonka_conformance.checks import NotApplicable
from gonka_conformance.nodes.developer import Developer
from gonka_conformance.nodes.drafts import chat_payload, encoded
from gonka_conformance.nodes.generations import Due, Dues
from gonka_conformance.nodes.judging import heard, require, require_document, served_model, with_row, wrong
from gonka_conformance.nodes.subject import NodeSubject

from .listing import NODE_CHECKS
from .reading import of_a_node

_MOST_TOKENS = 2**31 - 1
"""The largest `max_tokens` that a node can read."""


@NODE_CHECKS.add(
    "account", "The developer's account is shown with its public key and its balance.", source="protocol.md §6.3"
)
def account(subject: NodeSubject) -> None:
    survey = heard(subject)
    answer = survey.account(survey.developer.address)
    document = require_document(answer, "GET the account")
    if document.get("pubkey") != base64.b64encode(survey.developer.public_key).decode():
        wrong(answer, f"pubkey is {document.get('pubkey')!r} where the account of that key was asked for")
    if survey.generation.accounts == "spendable" and (
        type(document.get("balance")) is not int or document.get("denom") != "ngonka"
    ):
        wrong(answer, f"it has {', '.join(document)} where balance is a number and denom ngonka")


@NODE_CHECKS.add(
    "account-missing",
    "An address without an account, and text that is no address, are told apart when they are read.",
    source="protocol.md §6.3",
)
def account_missing(subject: NodeSubject) -> None:
    survey = of_a_node(subject)
    mapped = survey.generation.accounts == "spendable"
    unknown = Due(404 if mapped else 500, "not found", whole=False)
    require(survey.account(Developer.unknown().address), (unknown,), "GET an account that does not exist")
    invalid = Due(400 if mapped else 500, "invalid address", whole=False)
    require(survey.account("gonka1nobody"), (invalid,), "GET an account by text that is no address")


@NODE_CHECKS.add(
    "unknown-requester",
    "A request of an account that does not exist, or by text that is no address, is 500 with the chain's words.",
    source="protocol.md §3.4",
)
def unknown_requester(subject: NodeSubject) -> None:
    survey = with_row(subject, "account")
    probe = survey.probe()
    stranger = replace(probe, developer=Developer.unknown())
    require(survey.send(stranger), survey.generation.due("account"), "an account that does not exist")
    invalid: Dues = (Due(500, "invalid address", whole=False),)
    for what, text in {"no requester": "", "text that is no address": "gonka1nobody"}.items():
        require(survey.send(replace(probe, requester=text)), invalid, what)


@NODE_CHECKS.add(
    "unpublished-key",
    "A request of an account whose public key is not on the chain is 500 with the chain's words.",
    source="protocol.md §3.4, §3.11",
)
def unpublished_key(subject: NodeSubject) -> None:
    survey = with_row(subject, "account")
    if subject.unpublished_address is None:
        raise NotApplicable("no account without a public key is known; name one with --unpublished-address")
    words = "account has no public key" if survey.generation.accounts == "spendable" else ""
    answer = survey.send(replace(survey.probe(), requester=subject.unpublished_address))
    require(answer, (Due(500, words, whole=False),), "an account whose key is not published")


@NODE_CHECKS.add(
    "balance",
    "Where the balance does not cover the escrow, the request is 402, also where its timestamp is old.",
    source="protocol.md §3.6",
)
def balance(subject: NodeSubject) -> None:
    survey = heard(subject)
    model = served_model(survey)
    escrow, owned = escrow_of_most(subject), survey.balance
    if escrow is None or owned is None:
        raise NotApplicable("the node shows no price or no balance, so that no escrow can be compared with it")
    if owned >= escrow:
        raise NotApplicable(f"the account holds more than any escrow; use one with less than {escrow} ngonka")
    draft = survey.draft(encoded(chat_payload(model, max_tokens=_MOST_TOKENS)), survey.stale_ns)
    what = f"{owned} ngonka for an escrow of {escrow}"
    require(survey.send(draft), survey.generation.due("balance"), what)


def escrow_of_most(subject: NodeSubject) -> int | None:
    """ngonka of the largest escrow that a request of one short message can have; None where no price is shown."""
    price = subject.survey.price
    prompt = len(chat_payload("")["messages"][0]["content"].encode()) + 1
    return None if not price else (prompt + _MOST_TOKENS) * price
