"""`gonka sign`."""

from __future__ import annotations

import base64
import hashlib

import click

from gonka_core import request, resolve
from gonka_core.canonical import Scheme
from gonka_core.clock import SHARED

from . import given, shown


@click.command()
@given.scheme
@given.timestamp
@click.option("--endpoint-account", required=True, metavar="ADDRESS", help="Provider address of the node to call.")
@given.file
@click.option("--account-address", metavar="ADDRESS", help="Refuse a key that does not belong to this account.")
@given.key
@given.signer
@given.as_json
def sign(
    scheme: Scheme,
    timestamp: int | None,
    endpoint_account: str,
    file: str,
    account_address: str | None,
    key: given.KeyChoice,
    signer: str,
    as_json: bool,
) -> None:
    """Sign a payload, whatever its bytes; nothing is sent.

    Prints the signature, the digest that was signed, and the headers that carry them.
    """
    given.one_stdin(key, file)
    provider = given.endpoint_account(endpoint_account)
    holder = resolve.signer(signer, key.read)
    requester = request.requester_address(holder, account_address)
    body = given.content(file)
    stamp = SHARED.timestamp_ns() if timestamp is None else timestamp
    digest, signature = request.sign(body, scheme=scheme, timestamp_ns=stamp, provider_address=provider, signer=holder)
    fields = {
        "signature": request.wire_form(signature),
        "address": requester,
        "digest": digest.hex(),
        "scheme": scheme,
        "timestamp_ns": stamp,
        "endpoint_account": provider,
        "public_key": base64.b64encode(holder.public_key).decode(),
        "body_bytes": len(body),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "headers": request.headers(signature, requester, stamp),
    }
    shown.record(fields, as_json=as_json)
