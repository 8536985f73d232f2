"""Which model is asked where nobody says: one that is served, and the user is told which."""

from __future__ import annotations

from collections.abc import Sequence

import click

from gonka_core.client import Client
from gonka_core.endpoints import Endpoint
from gonka_core.errors import MissingSettingError
from gonka_core.models import Model


def model(client: Client) -> str:
    """The id of the model that most endpoints serve; of several the cheapest, and of those the first that is listed.

    Says on stderr which one. Raises `MissingSettingError` where none is served, and `NotToldError`.
    """
    served = client.models()
    if not served:
        raise MissingSettingError("no model is served at the moment", "give --model NAME, or set GONKA_MODEL")
    chosen = max(served, key=lambda each: (_serving(client.endpoints, each.id), -_price(each)))
    if len(served) > 1:
        click.echo(f"gonka: asking {chosen.id}, one of {len(served)} models; choose with --model", err=True)
    return chosen.id


def _serving(endpoints: Sequence[Endpoint], name: str) -> int:
    return sum(endpoint.models is None or name in endpoint.models for endpoint in endpoints)


def _price(each: Model) -> float:
    return float("inf") if each.price_ngonka is None else each.price_ngonka
