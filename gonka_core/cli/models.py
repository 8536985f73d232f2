"""`gonka models`."""

from __future__ import annotations

import time
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gonka_core.models import Model, models_flow

from . import given, nodes, shown

_HEADINGS = ("id", "context", "max output", "ngonka/token", "GNK/million", "price from")
_WIDE = 1000
"""Columns: a name that was cut to fit a terminal would be of no use."""


@click.command()
@nodes.option
@given.transport
@given.as_json
def models(node_addresses: tuple[str, ...], transport: str, as_json: bool) -> None:
    """The models that are served, and what their tokens cost.

    Asked of the first node or broker that answers. Where a price comes from: `chain` and `governance` are what nodes
    reckon with, `fallback` as well where the chain knows no price; `legacy` is what nobody is charged by any more. A
    broker has prices of its own.
    """
    listed = nodes.carried_out(models_flow(nodes.to_read(node_addresses), seconds=time.monotonic), transport)
    if as_json:
        shown.document([_document(model) for model in listed])
        return
    if not listed:
        click.echo("no model is served")
        return
    table = Table(box=None, pad_edge=False)
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=True, justify="left" if heading in ("id", "price from") else "right")
    for model in listed:
        table.add_row(*_cells(model))
    Console(width=_WIDE, soft_wrap=True, highlight=False, markup=False, emoji=False).print(table)


def _cells(model: Model) -> tuple[str, ...]:
    million = model.gnk_per_million
    numbers = (model.context_length, model.max_output, model.price_ngonka, None if million is None else f"{million:f}")
    shown_numbers = ("" if number is None else str(number) for number in numbers)
    return (model.id, *shown_numbers, "" if model.price is None else model.price.source)


def _document(model: Model) -> dict[str, Any]:
    million = model.gnk_per_million
    return {
        "id": model.id,
        "name": model.name,
        "context_length": model.context_length,
        "max_output": model.max_output,
        "quantization": model.quantization,
        "description": model.description,
        "price_ngonka": model.price_ngonka,
        "price_source": None if model.price is None else model.price.source,
        "gnk_per_million": None if million is None else f"{million:f}",
    }
