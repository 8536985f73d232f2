"""What commands are given: options they share, keys, files, addresses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gonka_core.address import NETWORK_PREFIXES, PREFIX, parse_address
from gonka_core.errors import ConfigurationError, PayloadError
from gonka_core.keys import PrivateKey

Command = TypeVar("Command", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
key_file = click.option(
    "--key-file", metavar="PATH", help="File with the private key in hex; - for stdin. Default: GONKA_PRIVATE_KEY."
)
signer = click.option("--signer", default="auto", show_default=True, metavar="NAME", help="See `gonka plugins`.")
transport = click.option("--transport", default="auto", show_default=True, metavar="NAME", help="See `gonka plugins`.")
scheme = click.option("--scheme", type=click.Choice(["raw", "hash"]), default="raw", show_default=True)
scheme_or_auto = click.option("--scheme", type=click.Choice(["auto", "raw", "hash"]), default="auto", show_default=True)
file = click.option("--file", "file", required=True, metavar="PATH", help="The payload, byte for byte; - for stdin.")
timestamp = click.option(
    "--timestamp", type=click.IntRange(1, 2**63 - 1), metavar="NS", help="Nanoseconds since the epoch. Default: now."
)


def private_key(path: str | None) -> PrivateKey:
    """The key in a file, on stdin for `-`, or in the environment."""
    if path is None:
        return PrivateKey.from_environment()
    if path == "-":
        return PrivateKey.from_hex(sys.stdin.read().strip())
    return PrivateKey.from_file(path)


def content(path: str) -> bytes:
    """The bytes of a file, or of stdin for `-`. Raises `PayloadError`."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise PayloadError(f"the file {path!r} cannot be read ({reason})", "check its path and permissions, or use -")


def endpoint_account(text: str) -> str:
    """An address to sign for, as it was written. Warns where no node would verify with it."""
    parse_address(text, what="endpoint account", prefixes=NETWORK_PREFIXES)
    if not text.startswith(f"{PREFIX}1"):
        click.echo(
            f"gonka: warning: {text} is not an account address; nodes verify with theirs, which begins with {PREFIX}1",
            err=True,
        )
    return text


def wrong(problem: str, next_step: str) -> ConfigurationError:
    """The error for options that do not go together."""
    return ConfigurationError(problem, next_step)
