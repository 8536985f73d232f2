"""Signed chat requests for the Gonka network.

The core turns an OpenAI-compatible chat payload into a signed request and an answer into a result, without touching
the network. Signers, transports and selectors are plug-ins, found by name once, when a client is made.
"""

from __future__ import annotations

from .address import address_of, parse_address
from .client import AsyncClient, Client
from .clock import Clock, WallClock
from .endpoints import Endpoint
from .errors import (
    AddressMismatchError,
    AnswerError,
    BrokenPluginError,
    ConfigurationError,
    ConnectError,
    GonkaError,
    InvalidAddressError,
    InvalidEndpointError,
    InvalidKeyError,
    MissingLibraryError,
    MissingSettingError,
    NodeError,
    PayloadError,
    PluginError,
    SignatureRejectedError,
    SigningError,
    StreamTruncatedError,
    TimestampRejectedError,
    TransportError,
    TransportTimeout,
    UnknownPluginError,
    UnsupportedModeError,
    UnusableAnswerError,
)
from .hookspecs import SelectorPlugin, SignerPlugin, TransportOptions, TransportPlugin, hookimpl
from .interfaces import AsyncResponse, AsyncTransport, Response, Selector, Signer, Transport
from .keys import InsecureKeyFileWarning, PrivateKey
from .request import sign_request
from .streams import AsyncStream, Stream
from .types import Chunk, Completion, Outcome, SelectionContext, SignedRequest

__version__ = "0.1.0"

__all__ = [
    "AddressMismatchError",
    "AnswerError",
    "AsyncClient",
    "AsyncResponse",
    "AsyncStream",
    "AsyncTransport",
    "BrokenPluginError",
    "Chunk",
    "Client",
    "Clock",
    "Completion",
    "ConfigurationError",
    "ConnectError",
    "Endpoint",
    "GonkaError",
    "InsecureKeyFileWarning",
    "InvalidAddressError",
    "InvalidEndpointError",
    "InvalidKeyError",
    "MissingLibraryError",
    "MissingSettingError",
    "NodeError",
    "Outcome",
    "PayloadError",
    "PluginError",
    "PrivateKey",
    "Response",
    "SelectionContext",
    "Selector",
    "SelectorPlugin",
    "SignatureRejectedError",
    "SignedRequest",
    "Signer",
    "SignerPlugin",
    "SigningError",
    "Stream",
    "StreamTruncatedError",
    "TimestampRejectedError",
    "Transport",
    "TransportError",
    "TransportOptions",
    "TransportPlugin",
    "TransportTimeout",
    "UnknownPluginError",
    "UnsupportedModeError",
    "UnusableAnswerError",
    "WallClock",
    "__version__",
    "address_of",
    "hookimpl",
    "parse_address",
    "sign_request",
]
