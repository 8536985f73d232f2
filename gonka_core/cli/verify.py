"""`gonka verify`."""

from __future__ import annotations

import click

from gonka_core import resolve
from gonka_core.address import address_of, parse_address
from gonka_core.canonical import Scheme

from . import given, shown
from .address import compressed_point


@click.command()
@given.scheme
@click.option("--timestamp", type=click.IntRange(0, 2**63 - 1), required=True, metavar="NS", help="As in X-Timestamp.")
@click.option("--endpoint-account", required=True, metavar="ADDRESS", help="Provider address of the node called.")
@given.file
@click.option("--signature", required=True, metavar="BASE64", help="As in Authorization.")
@click.option("--public-key", metavar="BASE64|HEX", help="Of the signer.")
@click.option("--account-address", metavar="ADDRESS", help="Of the signer, where its public key is not at hand.")
@given.key
@given.as_json
def verify(
    scheme: Scheme,
    timestamp: int,
    endpoint_account: str,
    file: str,
    signature: str,
    public_key: str | None,
    account_address: str | None,
    key: given.KeyChoice,
    as_json: bool,
) -> int:
    """Whether a signature verifies, and why not. Exit status 0 or 1.

    The signer is given by its public key, its address, or (by default) its private key.
    """
    from .verdict import Claim, judge

    given.one_stdin(key, file)
    signer = _signer(public_key, account_address, key)
    provider = given.endpoint_account(endpoint_account)
    verdict = judge(Claim(given.content(file), scheme, timestamp, provider, signature, signer))
    fields = {
        "verified": verdict.verified,
        "reason": verdict.reason,
        "hint": verdict.hint,
        "address": signer if isinstance(signer, str) else address_of(signer),
    }
    if as_json:
        shown.document(fields)
    elif verdict.verified:
        click.echo(f"verified: signed by {fields['address']}")
    else:
        click.echo("not verified: " + "; ".join(part for part in (verdict.reason, verdict.hint) if part))
    return 0 if verdict.verified else 1


def _signer(public_key: str | None, account_address: str | None, key: given.KeyChoice) -> bytes | str:
    if sum(option is not None for option in (public_key, account_address, key.option)) > 1:
        raise given.wrong(
            "the signer is given more than once", "give one of --public-key, --account-address, or one private key"
        )
    if public_key is not None:
        return compressed_point(public_key)
    if account_address is not None:
        parse_address(account_address, what="account address")
        return account_address
    return resolve.signer(resolve.AUTO, key.read).public_key
