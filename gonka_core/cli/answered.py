"""Asking, and printing the answer: words as they come, or JSON."""

from __future__ import annotations

import json

import click

from gonka_core.client import Client
from gonka_core.request import Payload


def whole(client: Client, payload: Payload, *, as_json: bool) -> None:
    """The answer in one piece."""
    answer = client.chat(payload)
    if as_json:
        click.echo(answer.body.decode("utf-8", "replace").rstrip("\n"))
    else:
        click.echo(answer.text)


def streamed(client: Client, payload: Payload, *, as_json: bool) -> None:
    """The answer as it comes; as JSON a line for each chunk."""
    with client.stream(payload) as stream:
        for chunk in stream:
            if as_json:
                click.echo(json.dumps(chunk.data, ensure_ascii=False, separators=(",", ":")))
            else:
                click.echo(chunk.text, nl=False)
    if not as_json:
        click.echo()
