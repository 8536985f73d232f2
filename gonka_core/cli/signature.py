"""`gonka signature create | verify | send-request`: the commands of `inferenced signature` (`protocol.md` §9).

With the same inputs `create` prints the same signature, because both follow RFC 6979: the text as it is, the timestamp
where it is above zero, the endpoint account. What the original gets wrong is done right; `docs/inferenced.md` lists it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

from gonka_core import request, resolve
from gonka_core.address import address_of, parse_address
from gonka_core.errors import InvalidAddressError, PayloadError
from gonka_core.types import SchemeChoice

from . import given, posted, shown
from .address import compressed_point

Command = TypeVar("Command", bound=Callable[..., Any])

_KEYRING: Final = ("--keyring-backend", "--keyring-dir", "--home")


def _timestamp(_ctx: click.Context, _param: click.Parameter, text: str) -> int:
    """Nanoseconds, in plain decimal and 64 bits. The original reads `010` as eight and `0x10` as sixteen."""
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= 19 and (digits == "0" or digits[0] != "0")
    if not plain or not -(2**63) <= int(text) < 2**63:
        raise click.BadParameter(f"{text[:40]!r} is no number in plain decimal that fits into 64 bits")
    return int(text)


def _explained(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        click.echo(
            f"gonka: warning: {param.opts[0]} is not used: the keyring of inferenced is not read here; "
            "the key comes from GONKA_PRIVATE_KEY or --key-file, as `inferenced keys export` writes it",
            err=True,
        )


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorated(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


_keyring = _options(
    *(
        click.option(name, metavar="TEXT", expose_value=False, callback=_explained, help="Accepted, and not used.")
        for name in _KEYRING
    )
)
_given_text = _options(
    click.argument("text", required=False),
    click.option("--file", "file", metavar="PATH", help="What to sign, byte for byte, instead of TEXT; - for stdin."),
    click.option("--account-address", metavar="ADDRESS", help="Of the signer. A key has to belong to it."),
    click.option("--endpoint-account", default="", metavar="ADDRESS", help="Signed behind text and timestamp."),
    click.option(
        "--timestamp", callback=_timestamp, default="0", metavar="NS", help="Signed behind the text, if above 0."
    ),
)


@click.group()
def signature() -> None:
    """Sign, verify and send as `inferenced signature` does.

    The text is signed as it is, which is the scheme `raw`. For the scheme `hash` give the hex digits of the payload's
    SHA-256 as the text, or use `gonka sign`.
    """


@signature.command()
@_given_text
@_keyring
@given.key
@given.signer
@given.as_json
def create(
    text: str | None,
    file: str | None,
    account_address: str | None,
    endpoint_account: str,
    timestamp: int,
    key: given.KeyChoice,
    signer: str,
    as_json: bool,
) -> None:
    """Sign TEXT, or a file: text, timestamp and endpoint account, one behind the other."""
    given.one_stdin(key, file or "")
    holder = resolve.signer(signer, key.read)
    address = request.requester_address(holder, account_address)
    _warn_of(endpoint_account)
    body = _text(text, file)
    _, made = request.sign(body, scheme="raw", timestamp_ns=timestamp, provider_address=endpoint_account, signer=holder)
    _told({"Address": address, "Signature": request.wire_form(made)}, as_json=as_json)


@signature.command()
@_given_text
@_keyring
@click.option("--signature", "claimed", required=True, metavar="BASE64", help="To verify.")
@click.option("--public-key", metavar="BASE64|HEX", help="Of the signer.")
@given.key
@given.as_json
def verify(
    text: str | None,
    file: str | None,
    account_address: str | None,
    endpoint_account: str,
    timestamp: int,
    claimed: str,
    public_key: str | None,
    key: given.KeyChoice,
    as_json: bool,
) -> int:
    """Whether a signature is that of TEXT, or of a file. Exit status 0 or 1.

    The signer is given by its address, its public key, or (by default) the key at hand. The rules are the strict ones
    of `gonka verify`.
    """
    from .verdict import Claim, judge

    given.one_stdin(key, file or "")
    signer = _signer(public_key, account_address, key)
    verdict = judge(Claim(_text(text, file), "raw", timestamp, endpoint_account, claimed, signer))
    address = signer if isinstance(signer, str) else address_of(signer)
    if as_json:
        shown.document({"address": address, **_fields(verdict)})
    else:
        reason = "; ".join(part for part in (verdict.reason, verdict.hint) if part)
        click.echo(f"Address: {address}")
        click.echo("Signature verified" if verdict.verified else f"Signature not verified: {reason}")
    return 0 if verdict.verified else 1


@signature.command("send-request")
@_given_text
@_keyring
@click.option("--node-address", metavar="URL", help="Base URL of the node, with or without /v1. Default: NODE_URL.")
@given.scheme_or_auto
@given.signer
@given.transport
@given.key
@given.as_json
def send_request(
    text: str | None,
    file: str | None,
    account_address: str | None,
    endpoint_account: str,
    timestamp: int,
    node_address: str | None,
    scheme: SchemeChoice,
    signer: str,
    transport: str,
    key: given.KeyChoice,
    as_json: bool,
) -> None:
    """Sign a payload, TEXT or a file, as the node wants it, and send it.

    The endpoint account is by default what the node says it is, the timestamp now. Prints the headers that were sent,
    and the answer; a stream line by line.
    """
    given.one_stdin(key, file or "")
    order = posted.Order(
        body=_text(text, file),
        what="TEXT" if file is None else f"the file {file!r}",
        node_address=node_address,
        endpoint_account=endpoint_account,
        account_address=account_address,
        timestamp_ns=timestamp if timestamp > 0 else None,
        scheme=scheme,
        signer=signer,
        transport=transport,
    )
    posted.send(order, key.read(), as_json=as_json)


def _text(text: str | None, file: str | None) -> bytes:
    """The bytes of the argument, as the shell gave them, or of the file."""
    if text is not None and file is not None:
        raise given.wrong("TEXT and --file are both given", "leave one of them out")
    if file is not None:
        return given.content(file)
    if text is None:
        raise PayloadError("no text provided", "give it as an argument, or with --file PATH (- for stdin)")
    return os.fsencode(text)


def _signer(public_key: str | None, account_address: str | None, key: given.KeyChoice) -> bytes | str:
    """Who is said to have signed: a public key (33 bytes) or an account address."""
    if public_key is not None and key.option is not None:
        raise given.wrong(f"--public-key and {key.option} exclude each other", "leave one of them out")
    if public_key is None and key.option is None and account_address is not None:
        parse_address(account_address, what="account address")
        return account_address.lower()
    point = resolve.signer(resolve.AUTO, key.read).public_key if public_key is None else compressed_point(public_key)
    request.requester_address(_Holder(point), account_address)
    return point


@dataclass(frozen=True, slots=True)
class _Holder:
    """A public key (33 bytes) in the place of a signer."""

    public_key: bytes

    def sign_digest(self, digest: bytes, /) -> bytes:
        raise AssertionError("nothing is signed here")


def _warn_of(endpoint_account: str) -> None:
    """The original signs whatever it is given, and so does this."""
    if not endpoint_account:
        return
    try:
        parse_address(endpoint_account, what="endpoint account")
    except InvalidAddressError as error:
        click.echo(f"gonka: warning: {error.problem}: no node verifies with it", err=True)


def _told(fields: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        shown.document({name.lower(): value for name, value in fields.items()})
        return
    for name, value in fields.items():
        click.echo(f"{name}: {value}")


def _fields(verdict: Any) -> dict[str, Any]:
    return {"verified": verdict.verified, "reason": verdict.reason, "hint": verdict.hint}
