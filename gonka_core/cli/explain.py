"""`gonka explain`."""

from __future__ import annotations

import difflib
import json
from typing import Any

import click

from gonka_core import keytext
from gonka_core.catalogue import ENTRIES, billed, meaning, named, retried
from gonka_core.errors import ConfigurationError, GonkaError

from . import given, shown


@click.command()
@click.argument("error", required=False)
@given.as_json
def explain(error: str | None, as_json: bool) -> None:
    """What an error means: its usual causes, what to do, whether it is tried again, whether it may be billed.

    Without an ERROR: the names of all of them.
    """
    if error is None:
        names = [kind.__name__ for kind in ENTRIES]
        click.echo(json.dumps(names) if as_json else "\n".join(names))
        return
    kind = named(error)
    if kind is None:
        raise _unknown(error)
    fields = told(kind)
    if as_json:
        shown.document(fields)
        return
    click.echo(f"{fields['error']}: {fields['meaning']}\n".replace("`", ""))
    for heading, lines in (("Usual causes", fields["causes"]), ("What to do", fields["steps"])):
        click.echo("\n".join([heading, *(f"  - {line}".replace("`", "") for line in lines), ""]))
    click.echo(f"Tried again   {fields['retried']}\nBilled        {fields['billed']}".replace("`", ""))


def told(kind: type[GonkaError]) -> dict[str, Any]:
    """The entry of a class, as fields of JSON."""
    entry = ENTRIES[kind]
    return {
        "error": kind.__name__,
        "under": [base.__name__ for base in kind.__mro__[1:] if issubclass(base, GonkaError)],
        "meaning": meaning(kind),
        "causes": list(entry.causes),
        "steps": list(entry.steps),
        "retried": retried(kind),
        "billed": billed(kind),
    }


def _unknown(error: str) -> ConfigurationError:
    near = difflib.get_close_matches(error, [kind.__name__ for kind in ENTRIES], n=3)
    step = f"did you mean {', '.join(near)}?" if near else "`gonka explain` lists them"
    return ConfigurationError(f"there is no error {keytext.withheld(repr(error))}", step)
