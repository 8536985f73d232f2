"""`gonka mock-node`, `gonka conformance` and `gonka bench`: the commands of the other rooms, by the same door."""

from __future__ import annotations

import click

_EVERYTHING = {"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}


@click.command("mock-node", context_settings=_EVERYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mock_node(arguments: tuple[str, ...]) -> int:
    """A node on loopback that checks as a real one does."""
    from gonka_mock_node.__main__ import main

    return main(arguments, prog="gonka mock-node")


@click.command("conformance", context_settings=_EVERYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def conformance(arguments: tuple[str, ...]) -> int:
    """Certify a signer, transport, selector, client or node."""
    from gonka_conformance.__main__ import main

    return main(arguments, prog="gonka conformance")


@click.command("bench", context_settings=_EVERYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> int:
    """What signers and transports cost on this machine."""
    from gonka_bench.__main__ import main

    return main(arguments, prog="gonka bench")
