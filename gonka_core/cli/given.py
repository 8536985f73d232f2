"""What commands are given: options they share, keys, files, addresses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from gonka_core.address import NETWORK_PREFIXES, PREFIX, parse_address
from gonka_core.errors import ConfigurationError, PayloadError

from .key_choice import KeyChoice, key

__all__ = [
    "KeyChoice",
    "as_json",
    "content",
    "endpoint_account",
    "file",
    "key",
    "one_stdin",
    "scheme",
    "scheme_or_auto",
    "signer",
    "timestamp",
    "transport",
    "wrong",
]

as_json: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
signer: Final = click.option("--signer", default="auto", show_default=True, metavar="NAME", help="See `gonka plugins`.")
transport: Final = click.option(
    "--transport", default="auto", show_default=True, metavar="NAME", help="See `gonka plugins`."
)
scheme: Final = click.option("--scheme", type=click.Choice(["raw", "hash"]), default="raw", show_default=True)
scheme_or_auto: Final = click.option(
    "--scheme", type=click.Choice(["auto", "raw", "hash"]), default="auto", show_default=True
)
file: Final = click.option(
    "--file", "file", required=True, metavar="PATH", help="The payload, byte for byte; - for stdin."
)
timestamp: Final = click.option(
    "--timestamp", type=click.IntRange(1, 2**63 - 1), metavar="NS", help="Nanoseconds since the epoch. Default: now."
)


def content(path: str) -> bytes:
    """The bytes of a file, or of stdin for `-`. Raises `PayloadError`."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise PayloadError(f"the file {path!r} cannot be read ({reason})", "check its path and permissions, or use -")


def one_stdin(key: KeyChoice, file: str) -> None:
    """Raise `ConfigurationError` where the key and the payload are both to come from stdin."""
    if key.from_stdin and file == "-":
        raise wrong("the key and the payload cannot both come from stdin", "give one of them as a file")


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
