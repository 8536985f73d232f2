"""A plug-in of `llm`, the command-line tool: `llm -m gonka/NAME "…"`; found by its entry point.

The private key comes from `GONKA_PRIVATE_KEY`, or from the system's keyring under the name in `GONKA_LLM_KEYRING`. It
is no key of `llm keys`, which keeps what it is given in a file in plain text.
"""

from __future__ import annotations

import os
import time
from importlib import import_module
from typing import Any

from gonka_core.errors import GonkaError

from .models import AsyncGonkaModel, GonkaModel, served
from .shelf import Shelf

__all__ = ["register_commands", "register_models"]

llm: Any = import_module("llm")  # by its name: type checkers take this package for it
click: Any = import_module("click")


@llm.hookimpl  # type: ignore[untyped-decorator]
def register_models(register: Any) -> None:
    """The models that are served, as they were last told, and that of `GONKA_MODEL`."""
    names = dict.fromkeys([*_shelf().names(served), os.environ.get("GONKA_MODEL", "")])
    for name in filter(None, names):
        register(GonkaModel(name), AsyncGonkaModel(name))


@llm.hookimpl  # type: ignore[untyped-decorator]
def register_commands(cli: Any) -> None:
    """`llm gonka`."""

    @cli.group(name="gonka")  # type: ignore[untyped-decorator]
    def gonka() -> None:
        """Models of the Gonka network."""

    @gonka.command(name="models")  # type: ignore[untyped-decorator]
    def models() -> None:
        """Ask which models are served now, and list them."""
        try:
            names = _shelf().refreshed(served)
        except GonkaError as error:
            raise click.ClickException(str(error)) from None
        for name in names:
            click.echo(f"gonka/{name}")


def _shelf() -> Shelf:
    return Shelf(llm.user_dir() / "gonka-models.json", time.time)
