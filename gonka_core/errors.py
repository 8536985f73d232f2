"""One tree of errors. Each message says what is wrong and ends in the next step to take.

    GonkaError
    ├── ConfigurationError               before anything is signed or sent
    │   ├── InvalidKeyError              not a usable private key; shows nothing of it
    │   ├── InvalidAddressError          not an account address of the network
    │   ├── AddressMismatchError         the address does not belong to the key
    │   ├── InvalidEndpointError         not a base URL with a provider address
    │   ├── MissingSettingError          no key, no endpoint: names the variable and the argument
    │   └── PluginError
    │       ├── UnknownPluginError       no plug-in of that name; lists those that exist
    │       ├── MissingLibraryError      the plug-in's library is not installed
    │       ├── BrokenPluginError        the plug-in could not be loaded; its own error is the cause
    │       └── UnsupportedModeError     an async-only transport asked for by the sync client, or the reverse
    ├── PayloadError                     the payload cannot be encoded, or asks for the other kind of answer
    ├── SigningError                     a signer returned something that is not a signature
    ├── TransportError                   no answer arrived; `sent` tells whether bytes may have left
    │   ├── ConnectError                 nothing was sent
    │   └── TransportTimeout             the time ran out
    └── AnswerError                      a node answered
        ├── NodeError                    with an error status; carries the node's own text
        │   ├── SignatureRejectedError   401, `protocol.md` §3.2 step 11
        │   └── TimestampRejectedError   400, `protocol.md` §3.5
        └── UnusableAnswerError          with something that is not the answer asked for
            └── StreamTruncatedError     the stream ended without `[DONE]`; carries what arrived

The references to `protocol.md` are to the project's wire reference, quoted in `docs/protocol.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import Chunk, Endpoint


class GonkaError(Exception):
    """Root of everything this library raises on purpose.

    `problem` says what is wrong, `next_step` what to do about it; `str()` is both.
    """

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(problem, next_step)
        self.problem = problem
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.problem}; {self.next_step}"


class ConfigurationError(GonkaError):
    """Something given by the caller or the environment is unusable; nothing was signed or sent."""


class InvalidKeyError(ConfigurationError):
    """Not a private key of secp256k1; the message never quotes what was given."""


class InvalidAddressError(ConfigurationError):
    """Not a bech32 account address with the network's prefix."""


class AddressMismatchError(ConfigurationError):
    """The configured address is not the one that belongs to the key."""


class InvalidEndpointError(ConfigurationError):
    """Not an http(s) base URL with the account address of its provider."""


class MissingSettingError(ConfigurationError):
    """A setting without which no request can be made is absent."""


class PluginError(ConfigurationError):
    """A signer, transport or selector cannot be had by the name that was given."""


class UnknownPluginError(PluginError):
    """No plug-in of that kind has that name."""


class MissingLibraryError(PluginError):
    """The plug-in is there, the library it wraps is not."""


class BrokenPluginError(PluginError):
    """The plug-in is there and fails to load; `__cause__` is its own error."""


class UnsupportedModeError(PluginError):
    """The transport exists, but not in the kind (sync, async) that was asked for."""


class PayloadError(GonkaError):
    """The payload cannot become the JSON body of a chat request; nothing was signed or sent."""


class SigningError(GonkaError):
    """A signer returned something other than 64 bytes r‖s with low s; nothing was sent."""


class TransportError(GonkaError):
    """No answer arrived. `sent` is False only when certainly no byte of the request left this machine."""

    def __init__(self, problem: str, next_step: str, *, sent: bool) -> None:
        super().__init__(problem, next_step)
        self.sent = sent


class ConnectError(TransportError):
    """The endpoint could not be reached; nothing was sent."""

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(problem, next_step, sent=False)


class TransportTimeout(TransportError):
    """The endpoint took longer than the caller allows."""


class AnswerError(GonkaError):
    """A node answered, and not with what was asked for. Carries the endpoint and the status."""

    def __init__(self, problem: str, next_step: str, *, endpoint: Endpoint, status: int) -> None:
        super().__init__(problem, next_step)
        self.endpoint = endpoint
        self.status = status


class NodeError(AnswerError):
    """An error status; `node_text` is the node's own text (at most a few hundred characters)."""

    def __init__(self, problem: str, next_step: str, *, endpoint: Endpoint, status: int, node_text: str) -> None:
        super().__init__(problem, next_step, endpoint=endpoint, status=status)
        self.node_text = node_text


class SignatureRejectedError(NodeError):
    """401: the node verified other bytes, another key or another provider address (`protocol.md` §3.2)."""


class TimestampRejectedError(NodeError):
    """400: the timestamp is outside the node's window around its block time (`protocol.md` §3.5)."""


class UnusableAnswerError(AnswerError):
    """A success status with a body that is not the answer asked for."""


class StreamTruncatedError(UnusableAnswerError):
    """The stream ended without `[DONE]`; `received` are the chunks that arrived before."""

    def __init__(
        self, problem: str, next_step: str, *, endpoint: Endpoint, status: int, received: tuple[Chunk, ...]
    ) -> None:
        super().__init__(problem, next_step, endpoint=endpoint, status=status)
        self.received = received
