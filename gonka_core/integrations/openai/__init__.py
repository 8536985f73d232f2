"""The OpenAI SDK over the Gonka network: the same client, every request signed (SDK 2.x and 3.x, sync and async).

`GonkaOpenAI` and `AsyncGonkaOpenAI` have the constructor of the official Gonka SDK and of `openai.OpenAI`.
`http_client` and `async_http_client` make what a plain `OpenAI(http_client=…)` takes, for frameworks that make their
SDK client themselves.
"""

from __future__ import annotations

from importlib.util import find_spec

from gonka_core.errors import MissingLibraryError

if find_spec("openai") is None:
    raise MissingLibraryError("the OpenAI SDK is not installed", "run: pip install 'gonka-core[openai]'")

from .addressed import gonka_http_client, resolve_and_select_endpoint, resolve_endpoints
from .client import AsyncGonkaOpenAI, GonkaOpenAI
from .generation import BASE_URL
from .official import Endpoint
from .transport import (
    AsyncGonkaHttpClient,
    AsyncGonkaTransport,
    GonkaHttpClient,
    GonkaTransport,
    async_http_client,
    http_client,
)

__all__ = [
    "BASE_URL",
    "AsyncGonkaHttpClient",
    "AsyncGonkaOpenAI",
    "AsyncGonkaTransport",
    "Endpoint",
    "GonkaHttpClient",
    "GonkaOpenAI",
    "GonkaTransport",
    "async_http_client",
    "gonka_http_client",
    "http_client",
    "resolve_and_select_endpoint",
    "resolve_endpoints",
]
