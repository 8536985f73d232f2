"""`gonka chat`."""

from __future__ import annotations

from typing import Any

import click

from gonka_core import settings
from gonka_core.client import Client
from gonka_core.endpoints import Endpoint
from gonka_core.types import SchemeChoice

from . import answered, choosing, given, networks


@click.command()
@click.argument("words", metavar="WORDS")
@click.option("--model", metavar="NAME", help="Default: GONKA_MODEL, or one that is served.")
@click.option("--system", metavar="WORDS", help="A system message in front.")
@click.option("--max-tokens", type=click.IntRange(1, 2**31 - 1), metavar="N", help="Bounds the answer and the escrow.")
@click.option("--stream", is_flag=True, help="Print the answer as it comes.")
@click.option("--endpoint", metavar="URL", help="Default: GONKA_ENDPOINTS or GONKA_ENDPOINT, and GONKA_BROKER_URL.")
@click.option("--provider-address", metavar="ADDRESS", help="Of that endpoint.")
@networks.options
@given.scheme_or_auto
@given.signer
@given.transport
@click.option("--selector", default="random", show_default=True, metavar="NAME", help="See `gonka plugins`.")
@given.key
@given.as_json
def chat(
    words: str,
    model: str | None,
    system: str | None,
    max_tokens: int | None,
    stream: bool,
    endpoint: str | None,
    provider_address: str | None,
    network: networks.NetworkChoice,
    scheme: SchemeChoice,
    signer: str,
    transport: str,
    selector: str,
    key: given.KeyChoice,
    as_json: bool,
) -> None:
    """Ask a model something."""
    endpoints, found_in = network.places(_endpoint(endpoint, provider_address))
    with Client(
        endpoints,
        network=found_in,
        # Without an option the client looks for a key itself, and only where a node is asked that wants a signature.
        private_key=None if key.option is None else key.read(),
        signer=signer,
        transport=transport,
        selector=selector,
        scheme=scheme,
    ) as client:
        chosen = settings.model(model) or choosing.model(client)
        payload = _payload(words, chosen, system, max_tokens)
        (answered.streamed if stream else answered.whole)(client, payload, as_json=as_json)


def _payload(words: str, model: str, system: str | None, max_tokens: int | None) -> dict[str, Any]:
    first = [] if system is None else [{"role": "system", "content": system}]
    payload: dict[str, Any] = {"model": model, "messages": [*first, {"role": "user", "content": words}]}
    return payload if max_tokens is None else payload | {"max_tokens": max_tokens}


def _endpoint(url: str | None, provider_address: str | None) -> Endpoint | None:
    if url is None and provider_address is not None:
        raise given.wrong("--provider-address is given without --endpoint", "give both, or neither")
    return None if url is None else Endpoint(url, provider_address or "")
