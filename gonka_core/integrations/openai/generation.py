"""Which HTTP library the installed OpenAI SDK stands on: httpx for 2.x, httpx2 from 3.0 on. The two share their API."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

import openai

from gonka_core.errors import MissingLibraryError

__all__ = ["BASE_URL", "CONNECT_S", "UNUSED_KEY", "http", "library_of"]

BASE_URL: Final = "https://gonka.invalid/v1"
"""The `base_url` of clients whose requests this package carries: nothing is there, should one leave by another way."""

UNUSED_KEY: Final = "not-used"
"""The `api_key` of such clients. The SDK wants one; it goes nowhere."""

CONNECT_S: Final = openai.DEFAULT_TIMEOUT.connect
"""Seconds that the SDK gives a connection, unless it is told otherwise."""

OLDEST: Final = (2, 31)
"""From here on the SDK lets errors of its own through that an HTTP client raises; before, it repeated the request."""

if tuple(int(part) for part in openai.__version__.split(".")[:2]) < OLDEST:
    raise MissingLibraryError(
        f"the OpenAI SDK {openai.__version__} is too old",
        "run: pip install --upgrade 'gonka-core[openai]' 'openai>=2.31'",
    )

_LIBRARIES: Final = ("httpx2", "httpx")


def library_of(kind: type, name: str) -> ModuleType | None:
    """httpx or httpx2, whichever has the class of that name (`Client`, `AsyncClient`) that `kind` is or comes from."""
    roots = {base.__module__.partition(".")[0] for base in kind.__mro__ if base.__name__ == name}
    return next((import_module(library) for library in _LIBRARIES if library in roots), None)


if TYPE_CHECKING:
    import httpx2 as http
else:
    http = library_of(openai.DefaultHttpxClient, "Client")
