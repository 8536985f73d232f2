"""`gonka keys`: make a key, look at it, move it to where it is kept."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from gonka_core.errors import ConfigurationError
from gonka_core.keys import PrivateKey
from gonka_core.resolve import AUTO, signer
from gonka_core.wallet import DEFAULT_PATH, Mnemonic, system
from gonka_core.wallet.hd import parse_path

from . import given, shown
from .address import identity
from .key_places import Place, destination

ONCE: Final = (
    "gonka: this mnemonic is shown once and kept nowhere: write it down on paper; "
    "whoever has it has the account, and without it a lost key is lost"
)


@click.group()
def keys() -> None:
    """Make a private key, look at its address, move it to a keystore or the system's keyring.

    No command prints a private key.
    """


@keys.command()
@click.option("--words", type=click.Choice(["12", "15", "18", "21", "24"]), default="24", show_default=True)
@click.option("--hd-path", metavar="PATH", default=DEFAULT_PATH, show_default=True)
@destination("--out", "--keyring")
@given.as_json
def new(words: str, hd_path: str, place: Place | None, as_json: bool) -> None:
    """Make a new key, and show its mnemonic once.

    The key is kept in a keystore or keyring where one is named, and otherwise nowhere but in the mnemonic.
    """
    parse_path(hd_path)
    if place is not None:
        place.prepare()
    mnemonic = Mnemonic.generate(int(words))
    key = mnemonic.private_key(hd_path)
    if place is not None:
        place.keep(key)
    _show_new(_identity(key), mnemonic, hd_path, place, as_json=as_json)


@keys.command()
@given.key
@given.as_json
def show(key: given.KeyChoice, as_json: bool) -> None:
    """The address and public key of a private key, wherever that is kept."""
    shown.record(_identity(key.read()), as_json=as_json)


@keys.command("import")
@given.key
@destination("--to-keystore", "--to-keyring")
@given.as_json
def import_(key: given.KeyChoice, place: Place | None, as_json: bool) -> None:
    """Keep a key that is hex, a mnemonic or a keystore in the system's keyring or in a new keystore."""
    _moved(key, place, as_json=as_json)


@keys.command()
@given.key
@destination("--to-keystore", None)
@given.as_json
def export(key: given.KeyChoice, place: Place | None, as_json: bool) -> None:
    """Write a key into a new V3 keystore, which other programs read. To take a key out of the keyring."""
    _moved(key, place, as_json=as_json)


@keys.command("list")
@given.as_json
def list_(as_json: bool) -> None:
    """The names in the system's keyring that were stored by these commands, with their addresses."""
    names = system.names()
    if as_json:
        shown.document([{"name": name, "address": address} for name, address in names.items()])
    elif names:
        shown.record(names, as_json=False)
    else:
        click.echo("gonka: there are none; store one with: gonka keys new --keyring NAME", err=True)


@keys.command()
@click.option("--keyring", required=True, metavar="NAME", help="Name of the key in the system's keyring.")
@click.option("--yes", is_flag=True, help="Do not ask whether that is meant.")
@given.as_json
def delete(keyring: str, yes: bool, as_json: bool) -> None:
    """Delete a key from the system's keyring, for good."""
    address = system.names().get(keyring) or "an unknown address"
    if not system.holds(keyring):
        system.load(keyring)  # raises, with the names that there are
    if not yes:
        _confirm(keyring, address)
    system.delete(keyring)
    shown.record({"deleted": keyring, "address": address}, as_json=as_json)


def _moved(key: given.KeyChoice, place: Place | None, *, as_json: bool) -> None:
    if place is None:
        raise ConfigurationError("no place is named for the key", "give --to-keystore PATH or --to-keyring NAME")
    place.check()
    secret = key.read()
    place.prepare()
    place.keep(secret)
    shown.record({**_identity(secret), "kept_in": place.name, "use_with": place.option}, as_json=as_json)


def _show_new(
    fields: Mapping[str, str], mnemonic: Mnemonic, hd_path: str, place: Place | None, *, as_json: bool
) -> None:
    kept = {} if place is None else {"kept_in": place.name, "use_with": place.option}
    steps = _next_steps(fields["address"], place)
    record: dict[str, Any] = {**fields, "hd_path": hd_path, **kept, "mnemonic": mnemonic.reveal()}
    shown.record({**record, "next_steps": steps} if as_json else record, as_json=as_json)
    click.echo(ONCE, err=True)
    if not as_json:
        click.echo("next steps")
        for number, step in enumerate(steps, 1):
            click.echo(f"  {number}. {step}")


def _next_steps(address: str, place: Place | None) -> list[str]:
    """What an account needs before a node takes its requests (`protocol.md` §8)."""
    option = "--key-file PATH or --keyring NAME (gonka keys import)" if place is None else place.option
    return [
        f"fund the account: send GNK to {address}, which creates it on the chain",
        "publish its public key, which the first transaction does: inferenced keys add NAME --recover (takes the "
        "mnemonic), then inferenced publish-pubkey --from NAME --node URL/chain-rpc/ --chain-id gonka-mainnet",
        f"use it with {option}: gonka chat 'Hello' --model NAME",
    ]


def _identity(key: PrivateKey) -> dict[str, str]:
    return identity(signer(AUTO, lambda: key).public_key)


def _confirm(name: str, address: str) -> None:
    if not sys.stdin.isatty():
        raise ConfigurationError(
            f"nobody can be asked whether the key {name!r} is to be deleted", "give --yes if that is meant"
        )
    click.confirm(f"Delete the key {name!r} of {address} for good?", abort=True, err=True)
