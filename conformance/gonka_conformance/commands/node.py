"""`node`: a node or a gateway at a URL, from a client's side.

Keys come from the environment or a file, never from an option: other users of the machine see options.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import sys
from pathlib import Path
from typing import Final

from gonka_conformance.nodes import NodeSubject, UnreachableError, check_node
from gonka_conformance.nodes.generations import GENERATIONS
from gonka_conformance.nodes.subject import AUTO
from gonka_conformance.report import Report
from gonka_conformance.runner import Told
from gonka_core.address import parse_address
from gonka_core.errors import InvalidAddressError, InvalidKeyError
from gonka_core.keys import ENVIRONMENT_VARIABLE, ApiKey, PrivateKey

from . import CouldNotRunError, Kinds, add_common

NAME: Final = "node"
_API_KEY: Final = "GONKA_BROKER_API_KEY"
_HEX_KEY: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{64}", re.ASCII)


def add(kinds: Kinds) -> None:
    """Add the arguments of the kind."""
    parser = kinds.add_parser(
        NAME,
        # No abbreviations: --key would mean --key-file, and a key that is no file be quoted as one.
        allow_abbrev=False,
        help="examine a node or a gateway at a URL",
        description="Examine a node from a client's side. By default nothing is sent that a conforming node computes.",
        epilog=f"The key is read from --key-file or {ENVIRONMENT_VARIABLE}, that of a gateway from {_API_KEY}.",
    )
    parser.add_argument("--url", required=True, metavar="URL", help="the node, such as http://host:8000/v1")
    parser.add_argument("--provider", metavar="ADDRESS", help="the node's account address; default: /v1/identity says")
    parser.add_argument(
        "--profile",
        default=AUTO,
        metavar="NAME",
        help=f"its generation: {AUTO} (the default), {', '.join(GENERATIONS)}",
    )
    keys = parser.add_mutually_exclusive_group()
    keys.add_argument("--key-file", type=Path, metavar="FILE", help="the key of an account, as 64 hex digits")
    keys.add_argument(
        "--generate", type=Path, metavar="FILE", help="make a key, keep it in FILE, and say which account to register"
    )
    parser.add_argument("--model", metavar="NAME", help="a model that is served; default: the first that is listed")
    parser.add_argument("--paid", action="store_true", help="also requests that are computed and billed, a token each")
    parser.add_argument("--rude", action="store_true", help="also bodies over 10 MiB and many requests at once")
    parser.add_argument(
        "--unpublished-address", metavar="ADDRESS", help="an account whose public key the chain does not have"
    )
    parser.add_argument(
        "--block-time",
        type=int,
        metavar="NS",
        help="where block time stands still (a mock node), its nanoseconds: windows are tested exactly",
    )
    parser.add_argument("--timeout", type=float, default=30.0, metavar="S", help="seconds for an answer; default: 30")
    add_common(parser)


def run(options: argparse.Namespace, told: Told) -> list[Report]:
    """The report on the node."""
    try:
        subject = _subject(options)
        report = check_node(subject, dict(options.known_failure), told)
    except (UnreachableError, InvalidAddressError, InvalidKeyError) as error:
        raise CouldNotRunError(str(error)) from None
    _say_what_was_found(subject)
    return [report]


def _subject(options: argparse.Namespace) -> NodeSubject:
    for address in (options.provider, options.unpublished_address):
        if address is not None:
            parse_address(address)
    if options.timeout <= 0:
        raise CouldNotRunError("--timeout is not above zero; give seconds, such as 30")
    api_key = os.environ.get(_API_KEY)
    return NodeSubject(
        options.url,
        options.provider,
        _key(options),
        profile=options.profile,
        paid=options.paid,
        rude=options.rude,
        model=options.model,
        api_key=ApiKey(api_key) if api_key else None,
        block_time_ns=options.block_time,
        unpublished_address=options.unpublished_address,
        timeout_s=options.timeout,
    )


def _key(options: argparse.Namespace) -> PrivateKey | None:
    for option, path in {"--key-file": options.key_file, "--generate": options.generate}.items():
        if path is not None and _HEX_KEY.fullmatch(path.name):
            raise CouldNotRunError(f"{option} takes the name of a file, not a key; use another key from now on")
    if options.generate is not None:
        return _generated(options.generate)
    if options.key_file is not None:
        return PrivateKey.from_file(options.key_file)
    return PrivateKey.from_environment() if os.environ.get(ENVIRONMENT_VARIABLE) else None


def _generated(path: Path) -> PrivateKey:
    """A new key in a new file that only its owner reads; its account on stderr."""
    from gonka_conformance.nodes.developer import Developer

    key = PrivateKey.generate()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CouldNotRunError(
            f"no key can be written to {path} ({error.strerror}); name a new file, or use --key-file"
        ) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key.reveal().hex()}\n")
    developer = Developer(key)
    public_key = base64.b64encode(developer.public_key).decode("ascii")
    _say(f"{path} holds a new key; register {developer.address} (public key {public_key})")
    _say(f"fund that account, publish its key, and examine again with --key-file {path}")
    return key


def _say_what_was_found(subject: NodeSubject) -> None:
    detected = subject.survey.detected
    if subject.profile != AUTO:
        return
    others = [name for name in detected.fitting if name != detected.generation.name]
    alike = f" (what was seen fits {', '.join(others)} as well)" if others else ""
    _say(f"{subject.url} is judged as {detected.generation.name}{alike}; name another with --profile")


def _say(line: str) -> None:
    print(f"conformance: {line}", file=sys.stderr)  # noqa: T201
