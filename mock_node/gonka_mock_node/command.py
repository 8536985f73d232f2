"""The mock node as a process: its arguments, its log lines, its end."""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import gc
import json
import signal
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, Final, TypeAlias

from gonka_core.address import address_of, parse_address
from gonka_core.errors import InvalidAddressError, MissingLibraryError
from gonka_core.plugins import install_line

from .journal import Verdict
from .listening import CannotListenError, NotLoopbackError
from .log_lines import Lines, event_line
from .node import provider_address
from .profiles import PROFILES
from .scenario import AccountPlan, NodePlan, Scenario, ScenarioError, load
from .server import MockNetwork

LoopFactory: TypeAlias = Callable[[], asyncio.AbstractEventLoop]

FAILED = 2
_AS_THEY_ARE = ("port", "host", "profile", "allow_remote", "advertise")


def build_parser(prog: str) -> argparse.ArgumentParser:
    """The arguments; `prog` is what the help calls the command. What is not given is left to the scenario."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="A node on loopback that checks signatures, timestamps and headers as a real node does.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--scenario", metavar="FILE", help="everything below and more, in TOML or JSON; options win")
    parser.add_argument("--port", type=int, help="of the first node; 0, the default, takes a free one")
    parser.add_argument("--host", help="where to listen, 127.0.0.1 by default; elsewhere needs --allow-remote")
    parser.add_argument("--allow-remote", action="store_true", help="let other machines reach it")
    parser.add_argument("--advertise", metavar="HOST", help="the host name in URLs, where it is not the address")
    parser.add_argument("--profile", choices=sorted(PROFILES), help="generation of node rules; seed by default")
    parser.add_argument("--nodes", type=_count, help="how many, on ports of their own, sharing one chain")
    parser.add_argument(
        "--provider", action="append", type=_address, metavar="ADDRESS", help="of the next node; repeatable"
    )
    parser.add_argument(
        "--accounts", choices=["open", "listed"], help="enrol who proves a key (default), or only those given"
    )
    parser.add_argument(
        "--account",
        action="append",
        type=_account,
        metavar="PUBKEY_BASE64[=BALANCE]",
        help="an account of the chain, its balance in ngonka; repeatable",
    )
    parser.add_argument("--model", action="append", metavar="NAME", help="serve these only; repeatable")
    parser.add_argument("--no-control", action="store_true", help="leave out the routes and the page under /mock/")
    parser.add_argument("--loop", choices=list(_LOOPS), help="the event loop; asyncio by default")
    parser.add_argument("--json-log", action="store_true", help="one JSON object a line on stdout")
    parser.add_argument("--quiet", action="store_true", help="say where it listens, and nothing of requests")
    return parser


def run(argv: Sequence[str] | None, prog: str) -> int:
    """Serve until SIGINT or SIGTERM; the exit status."""
    options = vars(build_parser(prog).parse_args(argv))
    as_json, quiet = options.pop("json_log", False), options.pop("quiet", False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            loop = _LOOPS[options.pop("loop", "asyncio")]()
            network = _network(options)
        except (ScenarioError, NotLoopbackError, MissingLibraryError) as error:
            print(f"{prog}: {error}", file=sys.stderr)
            return FAILED
    for warning in caught:
        print(f"{prog}: warning: {warning.message}", file=sys.stderr)
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(_serve(network, as_json, quiet))
    except CannotListenError as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return FAILED
    return 0


def _uvloop() -> LoopFactory:
    try:
        made: LoopFactory = import_module("uvloop").new_event_loop
    except ModuleNotFoundError:
        missing = "--loop uvloop needs uvloop, which is not installed"
        raise MissingLibraryError(missing, install_line("uvloop")) from None
    return made


_LOOPS: Final[Mapping[str, Callable[[], LoopFactory]]] = {"asyncio": lambda: asyncio.new_event_loop, "uvloop": _uvloop}


def _network(options: dict[str, Any]) -> MockNetwork:
    """The network of the scenario, if there is one, and of the options, which win. Raises `ScenarioError`."""
    path = options.pop("scenario", None)
    # Two processes must not share an address by accident: a client that signs for the wrong one has to be found out.
    scenario = Scenario(nodes=(NodePlan(provider_address()),)) if path is None else load(path)
    return scenario.network(**_overrides(options, scenario))


def _overrides(options: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """What the options replace in a scenario."""
    changed: dict[str, Any] = {name: options[name] for name in _AS_THEY_ARE if name in options}
    if "nodes" in options or "provider" in options:
        changed["nodes"] = _plans(options.get("nodes"), options.get("provider", []), scenario.nodes)
    if "accounts" in options:
        changed["accounts_mode"] = options["accounts"]
    if "account" in options:
        changed["accounts"] = tuple(AccountPlan(address_of(key), key, balance) for key, balance in options["account"])
    if "model" in options:
        changed["models"] = tuple(options["model"])
    if options.get("no_control"):
        changed["control"] = False
    return changed


def _plans(count: int | None, providers: Sequence[str], known: Sequence[NodePlan]) -> tuple[NodePlan, ...]:
    """The nodes of a scenario, so many of them, the first with these addresses."""
    wanted = max(len(known) if count is None else count, len(providers))
    plans = [*known, *(NodePlan(provider_address()) for _ in range(wanted - len(known)))][:wanted]
    named = [replace(plan, provider=provider) for plan, provider in zip(plans, providers, strict=False)]
    return (*named, *plans[len(named) :])


def _spare_the_collector() -> None:
    """Look for cycles less often, and not in what the start has left: a node makes next to none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _serve(network: MockNetwork, as_json: bool, quiet: bool) -> None:
    _spare_the_collector()
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)

    lines = Lines(gone=end.set)
    told = event_line if as_json else Verdict.sentence
    if not quiet:
        network.journal.listen(lambda verdict: lines.put(told(verdict)))
    try:
        async with network:
            lines.put(_ready(network) if as_json else _greeting(network))
            await end.wait()
    finally:
        lines.flush()


def _ready(network: MockNetwork) -> str:
    nodes = [{"url": node.url, "provider_address": node.provider_address} for node in network.nodes]
    return json.dumps({"event": "ready", "nodes": nodes}, separators=(",", ":"))


def _greeting(network: MockNetwork) -> str:
    lines = [f"{node.url}  provider address {node.provider_address}" for node in network.nodes]
    if network.control:
        lines.append(f"{network.nodes[0].public_url}/mock/  shows what arrives, and why it is refused")
    return "\n".join(["ready; end it with Ctrl-C", *lines])


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
