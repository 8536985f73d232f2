"""`gonka address`."""

from __future__ import annotations

import base64
import binascii

import click

from gonka_core import resolve
from gonka_core.address import address_of

from . import given, shown


@click.command()
@given.key_file
@click.option("--public-key", metavar="BASE64|HEX", help="Of this compressed public key instead of a private key.")
@given.signer
@given.as_json
def address(key_file: str | None, public_key: str | None, signer: str, as_json: bool) -> None:
    """The account address of a key, and its public key."""
    if public_key is not None and key_file is not None:
        raise given.wrong("--public-key and --key-file exclude each other", "leave one of them out")
    if public_key is None:
        encoded = resolve.signer(signer, lambda: given.private_key(key_file)).public_key
    else:
        encoded = compressed_point(public_key)
    fields = {
        "address": address_of(encoded),
        "public_key": base64.b64encode(encoded).decode(),
        "public_key_hex": encoded.hex(),
    }
    shown.record(fields, as_json=as_json)


def compressed_point(text: str) -> bytes:
    """33 bytes, from 66 hex digits or 44 characters of base64. Raises `ConfigurationError`."""
    try:
        encoded = bytes.fromhex(text) if len(text) == 66 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        encoded = b""
    if len(encoded) != 33 or encoded[0] not in (2, 3):
        raise given.wrong(
            f"the public key of {len(text)} characters is not a compressed point",
            "give 33 bytes that begin with 02 or 03, as 44 characters of base64 or 66 hex digits",
        )
    return encoded
