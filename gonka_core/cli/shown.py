"""What commands print: a record, as lines to read or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click


def record(fields: Mapping[str, Any], *, as_json: bool) -> None:
    """One result. As lines, a mapping inside stands indented below its name."""
    if as_json:
        document(fields)
        return
    width = max(len(name) for name, value in fields.items() if not isinstance(value, Mapping))
    for name, value in fields.items():
        if isinstance(value, Mapping):
            click.echo(name)
            for inner, text in value.items():
                click.echo(f"  {inner}: {text}")
        else:
            click.echo(f"{name:<{width}}  {value}")


def document(value: Any) -> None:
    """A JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
