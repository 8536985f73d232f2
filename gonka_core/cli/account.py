"""`gonka account`."""

from __future__ import annotations

import base64
import os
import time
from typing import Any

import click

from gonka_core import resolve, settings
from gonka_core.address import address_of
from gonka_core.asking import object_of
from gonka_core.escrow import MOST_TOKENS
from gonka_core.keys import ENVIRONMENT_VARIABLE
from gonka_core.readiness import Readiness, asked_of, readiness_flow

from . import given, nodes, shown


@click.command()
@click.argument("address", required=False, metavar="[ADDRESS]")
@click.option("--file", "file", metavar="PATH", help="A payload that the account is to pay; - for stdin.")
@click.option("--model", metavar="NAME", help="Reckon with this model rather than the payload's. Default: GONKA_MODEL.")
@click.option("--max-tokens", type=click.IntRange(0, MOST_TOKENS), metavar="N", help="Reckon with this max_tokens.")
@nodes.option
@given.transport
@given.key
@given.as_json
def account(
    address: str | None,
    file: str | None,
    model: str | None,
    max_tokens: int | None,
    node_addresses: tuple[str, ...],
    transport: str,
    key: given.KeyChoice,
    as_json: bool,
) -> int:
    """Whether an account can make requests: is it there, what can it spend, can nodes verify its signatures?

    ADDRESS is by default GONKA_ADDRESS, or the account of the key at hand; a key is not needed where an address is
    given. A key that is at hand has to be that of the account. With a payload, a model or --max-tokens: what a node
    sets aside for such a request, and whether the balance covers it.

    Exit status 0: ready. 1: not, or not known; each shortfall is told with what mends it.
    """
    given.one_stdin(key, file or "")
    places = nodes.to_read(node_addresses)
    point = _local_key(key)
    looked_at = address or settings.address(None) or (None if point is None else address_of(point))
    flow = readiness_flow(
        places, looked_at, local_key=point, body=_body(file, model, max_tokens), seconds=time.monotonic
    )
    found = nodes.carried_out(flow, transport)
    shown.record(_document(found) if as_json else _lines(found), as_json=as_json)
    return 0 if found.ready else 1


def _local_key(key: given.KeyChoice) -> bytes | None:
    """The public key (33 bytes) of the key at hand, if there is one."""
    if key.option is None and not os.environ.get(ENVIRONMENT_VARIABLE):
        return None
    return resolve.signer(resolve.AUTO, key.read).public_key


def _body(file: str | None, model: str | None, max_tokens: int | None) -> bytes | None:
    """The payload to reckon with; None where no request was asked about."""
    if file is None and model is None and max_tokens is None:
        return None
    payload = None if file is None else given.content(file)
    if payload is None or not (object_of(payload) or {}).get("model"):
        model = settings.model(model)
    return asked_of(payload, model, max_tokens)


def _document(found: Readiness) -> dict[str, Any]:
    account, price = found.account, found.price
    return {
        "address": account.address,
        "exists": account.exists,
        "balance_ngonka": account.balance_ngonka,
        "balance_gnk": None if account.balance_gnk is None else f"{account.balance_gnk:f}",
        "published": account.published,
        "public_key": None if account.public_key is None else base64.b64encode(account.public_key).decode(),
        "other_key": account.other_key,
        "key_matches": found.key_matches,
        "node": account.node,
        "routes": list(account.routes),
        "model": found.model,
        "price_ngonka": None if price is None else price.ngonka,
        "price_source": None if price is None else price.source,
        "escrow_ngonka": found.escrow_ngonka,
        "covered": found.covered,
        "ready": found.ready,
        "shortfalls": [
            {"name": each.name, "problem": each.problem, "remedy": each.remedy} for each in found.shortfalls
        ],
    }


def _lines(found: Readiness) -> dict[str, Any]:
    account, price = found.account, found.price
    lines: dict[str, Any] = {
        "address": account.address,
        "exists": _yes(account.exists),
        "balance": _coins(account.balance_ngonka, account.balance_gnk),
        "public key": _public_key(found),
        "local key": {None: "none at hand", True: "matches", False: "does not match"}[found.key_matches],
        "told by": ", ".join(f"{account.node}{route}" for route in account.routes),
    }
    if found.model is not None:
        lines["model"] = found.model
        lines["price"] = "unknown" if price is None else f"{price.ngonka} ngonka a token ({price.source})"
        lines["escrow"] = "unknown" if found.escrow_ngonka is None else f"{found.escrow_ngonka} ngonka"
        lines["covered"] = _yes(found.covered)
    lines["ready"] = _yes(found.ready)
    for number, each in enumerate(found.shortfalls, 1):
        lines[f"lacks {number}"] = f"{each.problem}; {each.remedy}"
    return lines


def _public_key(found: Readiness) -> str:
    key = found.account.public_key
    if key is not None:
        return f"{base64.b64encode(key).decode()} (published)"
    return "not published" if found.account.other_key is None else f"of the type {found.account.other_key}"


def _coins(ngonka: int | None, gnk: object) -> str:
    return "unknown" if ngonka is None else f"{ngonka} ngonka ({gnk:f} GNK)"


def _yes(value: bool | None) -> str:
    return "unknown" if value is None else "yes" if value else "no"
