"""The mock node as a process: its arguments, its log lines, its end."""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import ipaddress
import json
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from gonka_core.address import parse_address
from gonka_core.errors import InvalidAddressError

from .chain import Chain
from .journal import Verdict
from .profiles import PROFILES
from .server import CannotListenError, MockNetwork

FAILED = 2


def build_parser(prog: str) -> argparse.ArgumentParser:
    """The arguments; `prog` is what the help calls the command."""
    parser = argparse.ArgumentParser(
        prog=prog, description="A node on loopback that checks signatures, timestamps and headers as a real node does."
    )
    parser.add_argument("--port", type=int, default=0, help="of the first node; 0, the default, takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; other than loopback needs --allow-remote")
    parser.add_argument("--allow-remote", action="store_true", help="let other machines reach it")
    parser.add_argument("--profile", default="seed", choices=sorted(PROFILES), help="generation of node rules")
    parser.add_argument("--nodes", type=_count, default=1, help="how many, on ports of their own, sharing one chain")
    parser.add_argument(
        "--provider", action="append", default=[], type=_address, metavar="ADDRESS", help="of the next node; repeatable"
    )
    parser.add_argument(
        "--accounts", choices=["open", "listed"], default="open", help="enrol who proves a key, or only those given"
    )
    parser.add_argument(
        "--account",
        action="append",
        default=[],
        type=_account,
        metavar="PUBKEY_BASE64[=BALANCE]",
        help="an account of the chain, its balance in ngonka; repeatable",
    )
    parser.add_argument("--model", action="append", metavar="NAME", help="serve these only; repeatable")
    parser.add_argument("--json-log", action="store_true", help="one JSON object a line on stdout")
    return parser


def run(argv: Sequence[str] | None, prog: str) -> int:
    """Serve until SIGINT or SIGTERM; the exit status."""
    parser = build_parser(prog)
    options = parser.parse_args(argv)
    if not options.allow_remote and not _is_loopback(options.host):
        parser.error(f"{options.host} is not loopback; add --allow-remote if other machines shall reach the node")
    if not _is_loopback(options.host):
        print(f"{prog}: warning: every machine that reaches {options.host} can use this node", file=sys.stderr)
    try:
        asyncio.run(_serve(_network(options), _as_json if options.json_log else _as_text))
    except CannotListenError as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return FAILED
    return 0


def _network(options: argparse.Namespace) -> MockNetwork:
    chain = Chain(
        open_accounts=options.accounts == "open", models=None if options.model is None else tuple(options.model)
    )
    for public_key, balance in options.account:
        chain.fund(public_key, balance)
    return MockNetwork(
        max(options.nodes, len(options.provider)),
        profile=options.profile,
        providers=options.provider,
        chain=chain,
        host=options.host,
        port=options.port,
    )


async def _serve(network: MockNetwork, show: Callable[[dict[str, Any]], str]) -> None:
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)

    def tell(event: dict[str, Any]) -> None:
        try:
            print(show(event), flush=True)
        except BrokenPipeError:
            end.set()

    def entered(verdict: Verdict) -> None:
        tell(verdict.as_event())

    network.journal.listen(entered)
    async with network:
        nodes = [{"url": node.url, "provider_address": node.provider_address} for node in network.nodes]
        tell({"event": "ready", "nodes": nodes})
        await end.wait()


def _as_json(event: dict[str, Any]) -> str:
    return json.dumps(event, separators=(",", ":"))


def _as_text(event: dict[str, Any]) -> str:
    if event["event"] == "ready":
        lines = [f"{node['url']}  provider address {node['provider_address']}" for node in event["nodes"]]
        return "\n".join(["ready; end it with Ctrl-C", *lines])
    outcome = event["verdict"] if event["error"] is None else f"refused ({event['rule']}): {event['error']}"
    return f"{event['status']} {event['route']} {event['requester'] or '(nobody)'}: {outcome}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("give a number from 1 to 64")
    return number


def _address(text: str) -> str:
    try:
        parse_address(text, what="provider address")
    except InvalidAddressError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _account(text: str) -> tuple[bytes, int | None]:
    """A public key and its balance. Base64 may end in `=`, so the balance is what follows the 44 characters."""
    encoded, rest = text[:44], text[44:]
    try:
        public_key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        public_key = b""
    if len(public_key) != 33 or public_key[0] not in (2, 3):
        raise argparse.ArgumentTypeError(
            "give the compressed public key (33 bytes) in base64, 44 characters; `gonka address` prints it"
        )
    if not rest:
        return public_key, None
    if not rest.startswith("=") or not rest[1:].isascii() or not rest[1:].isdigit():
        raise argparse.ArgumentTypeError("write the balance as a whole number of ngonka behind the key: KEY=1000000")
    return public_key, int(rest[1:])
