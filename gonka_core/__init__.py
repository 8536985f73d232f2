"""Signed chat requests for the Gonka network.

The core turns an OpenAI-compatible chat payload into a signed request and an answer into a result, without touching
the network. Signers, transports and selectors are plug-ins, found by name once, when a client is made.

What stands here is imported when it is first asked for, so that `import gonka_core` costs next to nothing, and a
plug-in that only describes itself loads no client.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .accounts import Account
    from .address import address_of, parse_address
    from .async_client import AsyncClient
    from .chunks import Chunk, Completion, ToolCall, Usage
    from .client import Client
    from .clock import Clock, WallClock
    from .collect import Collected
    from .discovery.records import Discovered, Network
    from .endpoints import Endpoint
    from .errors import (
        AccountError,
        AddressMismatchError,
        AnswerError,
        ApiKeyError,
        Attempt,
        AuthorizationMissingError,
        BrokenPluginError,
        CallError,
        CapacityError,
        ChainUnavailableError,
        ConfigurationError,
        ConnectError,
        DeadlineError,
        DeveloperNotAllowedError,
        DiscoveryError,
        ExecutorError,
        GonkaError,
        IncompleteRequestError,
        InsufficientBalanceError,
        InvalidAddressError,
        InvalidEndpointError,
        InvalidKeyError,
        LimitExceededError,
        MissingLibraryError,
        MissingSettingError,
        ModelNotFoundError,
        MovedError,
        NobodyLeftError,
        NodeError,
        NoExecutorError,
        NotToldError,
        PayloadError,
        PayloadRejectedError,
        PluginError,
        ProofError,
        ProviderNotAllowedError,
        PublicKeyMissingError,
        RateLimitedError,
        Remedy,
        ReplayedError,
        RequesterAddressError,
        RetiredError,
        SignatureRejectedError,
        SigningError,
        StreamFailedError,
        StreamTruncatedError,
        TimestampInFutureError,
        TimestampRejectedError,
        TimestampTooOldError,
        TransportError,
        TransportTimeout,
        UnavailableError,
        UnknownAccountError,
        UnknownPluginError,
        UnsupportedModeError,
        UnusableAnswerError,
    )
    from .hookspecs import SelectorPlugin, SignerPlugin, TransportOptions, TransportPlugin, hookimpl
    from .interfaces import AsyncResponse, AsyncTransport, Response, Selector, Signer, Transport
    from .keys import ApiKey, InsecureKeyFileWarning, PrivateKey
    from .limits import Limits
    from .models import Model
    from .pool import EndpointState
    from .request import sign_request
    from .retry import RetryPolicy
    from .streams import AsyncStream, Stream
    from .types import Outcome, Request, SelectionContext, SignedRequest

__version__ = "0.1.0"

__all__ = [
    "Account",
    "AccountError",
    "AddressMismatchError",
    "AnswerError",
    "ApiKey",
    "ApiKeyError",
    "AsyncClient",
    "AsyncResponse",
    "AsyncStream",
    "AsyncTransport",
    "Attempt",
    "AuthorizationMissingError",
    "BrokenPluginError",
    "CallError",
    "CapacityError",
    "ChainUnavailableError",
    "Chunk",
    "Client",
    "Clock",
    "Collected",
    "Completion",
    "ConfigurationError",
    "ConnectError",
    "DeadlineError",
    "DeveloperNotAllowedError",
    "Discovered",
    "DiscoveryError",
    "Endpoint",
    "EndpointState",
    "ExecutorError",
    "GonkaError",
    "IncompleteRequestError",
    "InsecureKeyFileWarning",
    "InsufficientBalanceError",
    "InvalidAddressError",
    "InvalidEndpointError",
    "InvalidKeyError",
    "LimitExceededError",
    "Limits",
    "MissingLibraryError",
    "MissingSettingError",
    "Model",
    "ModelNotFoundError",
    "MovedError",
    "Network",
    "NoExecutorError",
    "NobodyLeftError",
    "NodeError",
    "NotToldError",
    "Outcome",
    "PayloadError",
    "PayloadRejectedError",
    "PluginError",
    "PrivateKey",
    "ProofError",
    "ProviderNotAllowedError",
    "PublicKeyMissingError",
    "RateLimitedError",
    "Remedy",
    "ReplayedError",
    "Request",
    "RequesterAddressError",
    "Response",
    "RetiredError",
    "RetryPolicy",
    "SelectionContext",
    "Selector",
    "SelectorPlugin",
    "SignatureRejectedError",
    "SignedRequest",
    "Signer",
    "SignerPlugin",
    "SigningError",
    "Stream",
    "StreamFailedError",
    "StreamTruncatedError",
    "TimestampInFutureError",
    "TimestampRejectedError",
    "TimestampTooOldError",
    "ToolCall",
    "Transport",
    "TransportError",
    "TransportOptions",
    "TransportPlugin",
    "TransportTimeout",
    "UnavailableError",
    "UnknownAccountError",
    "UnknownPluginError",
    "UnsupportedModeError",
    "UnusableAnswerError",
    "Usage",
    "WallClock",
    "__version__",
    "address_of",
    "hookimpl",
    "parse_address",
    "sign_request",
]

_HOMES: Final[dict[str, tuple[str, ...]]] = {
    "accounts": ("Account",),
    "address": (
        "address_of",
        "parse_address",
    ),
    "chunks": (
        "Chunk",
        "Completion",
        "ToolCall",
        "Usage",
    ),
    "async_client": ("AsyncClient",),
    "client": ("Client",),
    "clock": (
        "Clock",
        "WallClock",
    ),
    "collect": ("Collected",),
    "discovery.records": (
        "Discovered",
        "Network",
    ),
    "endpoints": ("Endpoint",),
    "errors": (
        "AccountError",
        "AddressMismatchError",
        "AnswerError",
        "ApiKeyError",
        "Attempt",
        "AuthorizationMissingError",
        "BrokenPluginError",
        "CallError",
        "CapacityError",
        "ChainUnavailableError",
        "ConfigurationError",
        "ConnectError",
        "DeadlineError",
        "DeveloperNotAllowedError",
        "DiscoveryError",
        "ExecutorError",
        "GonkaError",
        "IncompleteRequestError",
        "InsufficientBalanceError",
        "InvalidAddressError",
        "InvalidEndpointError",
        "InvalidKeyError",
        "LimitExceededError",
        "MissingLibraryError",
        "MissingSettingError",
        "ModelNotFoundError",
        "MovedError",
        "NobodyLeftError",
        "NodeError",
        "NoExecutorError",
        "NotToldError",
        "PayloadError",
        "PayloadRejectedError",
        "PluginError",
        "ProofError",
        "ProviderNotAllowedError",
        "PublicKeyMissingError",
        "RateLimitedError",
        "Remedy",
        "ReplayedError",
        "RequesterAddressError",
        "RetiredError",
        "SignatureRejectedError",
        "SigningError",
        "StreamFailedError",
        "StreamTruncatedError",
        "TimestampInFutureError",
        "TimestampRejectedError",
        "TimestampTooOldError",
        "TransportError",
        "TransportTimeout",
        "UnavailableError",
        "UnknownAccountError",
        "UnknownPluginError",
        "UnsupportedModeError",
        "UnusableAnswerError",
    ),
    "hookspecs": (
        "SelectorPlugin",
        "SignerPlugin",
        "TransportOptions",
        "TransportPlugin",
        "hookimpl",
    ),
    "interfaces": (
        "AsyncResponse",
        "AsyncTransport",
        "Response",
        "Selector",
        "Signer",
        "Transport",
    ),
    "keys": (
        "ApiKey",
        "InsecureKeyFileWarning",
        "PrivateKey",
    ),
    "limits": ("Limits",),
    "models": ("Model",),
    "pool": ("EndpointState",),
    "request": ("sign_request",),
    "retry": ("RetryPolicy",),
    "streams": (
        "AsyncStream",
        "Stream",
    ),
    "types": (
        "Outcome",
        "Request",
        "SelectionContext",
        "SignedRequest",
    ),
}
_HOME: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A name of this package, or one of its modules, at first use."""
    home = _HOME.get(name)
    if home is not None:
        found = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
        return found
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
