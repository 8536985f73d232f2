"""`gonka chat`."""

from __future__ import annotations

from typing import Any

import click

from gonka_core import settings
from gonka_core.client import Client

from . import answered, choosing, client_choice, given
from .client_choice import ClientChoice


@click.command()
@click.argument("words", metavar="WORDS")
@click.option("--model", metavar="NAME", help="Default: GONKA_MODEL, or one that is served.")
@click.option("--system", metavar="WORDS", help="A system message in front.")
@click.option("--max-tokens", type=click.IntRange(1, 2**31 - 1), metavar="N", help="Bounds the answer and the escrow.")
@click.option("--stream", is_flag=True, help="Print the answer as it comes.")
@client_choice.options
@given.as_json
def chat(
    words: str,
    model: str | None,
    system: str | None,
    max_tokens: int | None,
    stream: bool,
    choice: ClientChoice,
    as_json: bool,
) -> None:
    """Ask a model something."""
    with Client(**choice.settings()) as client:
        chosen = settings.model(model) or choosing.model(client)
        payload = _payload(words, chosen, system, max_tokens)
        (answered.streamed if stream else answered.whole)(client, payload, as_json=as_json)


def _payload(words: str, model: str, system: str | None, max_tokens: int | None) -> dict[str, Any]:
    first = [] if system is None else [{"role": "system", "content": system}]
    payload: dict[str, Any] = {"model": model, "messages": [*first, {"role": "user", "content": words}]}
    return payload if max_tokens is None else payload | {"max_tokens": max_tokens}
