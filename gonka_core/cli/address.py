"""`gonka address`."""

from __future__ import annotations

import base64
import binascii

import click

from gonka_core import resolve
from gonka_core.address import address_of

from . import given, shown


@click.command()
@given.key
@click.option("--public-key", metavar="BASE64|HEX", help="Of this compressed public key instead of a private key.")
@given.signer
@given.as_json
def address(key: given.KeyChoice, public_key: str | None, signer: str, as_json: bool) -> None:
    """The account address of a key, and its public key."""
    if public_key is not None and key.option is not None:
        raise given.wrong(f"--public-key and {key.option} exclude each other", "leave one of them out")
    known = None if public_key is None else compressed_point(public_key)
    shown.record(identity(known or resolve.signer(signer, key.read).public_key), as_json=as_json)


def identity(public_key: bytes) -> dict[str, str]:
    """What everybody may know of a key, as fields to show: address and public key (33 bytes, compressed)."""
    return {
        "address": address_of(public_key),
        "public_key": base64.b64encode(public_key).decode(),
        "public_key_hex": public_key.hex(),
    }


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
