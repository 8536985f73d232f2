"""`gonka proxy`: the OpenAI API on loopback, for programs that know only a base URL and an API key."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import click

from gonka_core.errors import InvalidKeyError, MissingLibraryError
from gonka_core.keytext import EXPOSED
from gonka_core.plugins import install_line

from . import client_choice, given
from .client_choice import ClientChoice

_SECONDS: Final = click.FloatRange(0, 86_400)


def _refused(_context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value is not None:
        del value
        raise InvalidKeyError(f"{parameter.opts[0]} is refused: no secret is an option's value", EXPOSED)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8790, show_default=True, help="0 takes a free one, and tells it."
)
@click.option("--allow-remote", is_flag=True, help="Let other machines reach it, at a --host that is not loopback.")
@click.option(
    "--api-key-file", metavar="PATH", help="What programs have to send. Default: GONKA_PROXY_API_KEY, or a new one."
)
@click.option("--api-key", hidden=True, expose_value=False, is_eager=True, callback=_refused)
@click.option(
    "--allow-origin", "origins", multiple=True, metavar="ORIGIN", help="A web page's https://host[:port]; repeatable."
)
@click.option("--max-concurrent", type=click.IntRange(1), default=64, show_default=True, metavar="N")
@click.option(
    "--max-body", type=click.IntRange(1), default=10 * 1024 * 1024, show_default=True, metavar="BYTES", help="A body's."
)
@click.option("--max-depth", type=click.IntRange(1), default=64, show_default=True, metavar="N", help="Of its JSON.")
@click.option(
    "--read-timeout", type=_SECONDS, default=30.0, show_default=True, metavar="S", help="For a request to arrive."
)
@click.option("--idle", type=_SECONDS, default=75.0, show_default=True, metavar="S", help="Keep a silent connection.")
@click.option(
    "--grace", type=_SECONDS, default=30.0, show_default=True, metavar="S", help="For requests to end when it stops."
)
@click.option("--log", is_flag=True, help="A line for each request on stderr; never what was asked or answered.")
@click.option("--json-log", is_flag=True, help="The same as a JSON object a line.")
@client_choice.options
@given.as_json
def proxy(
    choice: ClientChoice,
    **options: Any,
) -> int:
    """Serve the OpenAI API on this machine, for programs that know only a base URL and an API key.

    What they send is signed and sent on, byte for byte. They need a key of the proxy's own, which is printed once where
    none is given. It ends with Ctrl-C or SIGTERM, when what is in hand has ended; a second one ends it at once.
    """
    try:
        from gonka_core.proxy.process import Given, run
    except ModuleNotFoundError as error:
        if error.name != "aiohttp":
            raise
        raise MissingLibraryError("the proxy needs aiohttp, which is not installed", install_line("proxy")) from None
    return run(choice.settings(), Given(**options), click.echo, partial(click.echo, err=True))
