"""The mock node that transports are measured against: elsewhere, so that its CPU is not counted as theirs."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from gonka_core import Endpoint
from gonka_core.canonical import Scheme
from gonka_core.errors import GonkaError, MissingLibraryError
from gonka_core.plugins import install_line

from .child import child

_NEEDED: Final = ("aiohttp", "coincurve")
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class NoNodeError(GonkaError):
    """The mock node did not start."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the node is, and which scheme it verifies."""

    endpoint: Endpoint
    scheme: Scheme


@contextmanager
def node_process() -> Iterator[Place]:
    """A node that checks every request; its process has ended when the block is left.

    Raises `MissingLibraryError` with the line that installs what it needs, `NoNodeError` where it does not start.
    """
    missing = [module for module in _NEEDED if importlib.util.find_spec(module) is None]
    if missing:
        raise MissingLibraryError(f"the mock node needs {' and '.join(missing)}", install_line("mock-node"))
    with child("gonka_bench.served", stderr=subprocess.DEVNULL) as process:
        yield _place(process)


def _place(process: subprocess.Popen[str]) -> Place:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise NoNodeError("the mock node did not start", "run `gonka mock-node` to see why, or use --no-transports")
    where: dict[str, Any] = json.loads(line)
    return Place(Endpoint(where["url"], where["provider_address"]), where["scheme"])


@contextmanager
def without_proxy() -> Iterator[None]:
    """No proxy of the environment stands between a transport and loopback."""
    names = [name for name in os.environ if name.upper() in _PROXIES]
    before = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(before)
