"""One tree of errors. Each message says what is wrong and ends in the next step to take.

    GonkaError
    ├── ConfigurationError               before anything is signed or sent
    │   ├── InvalidKeyError              not a usable key; shows nothing of it
    │   ├── InvalidAddressError          not an account address of the network
    │   ├── AddressMismatchError         the address does not belong to the key
    │   ├── InvalidEndpointError         not a base URL with a provider address or an API key
    │   ├── MissingSettingError          no key, no endpoint: names the variable and the argument
    │   └── PluginError
    │       ├── UnknownPluginError       no plug-in of that name; lists those that exist
    │       ├── MissingLibraryError      the plug-in's library is not installed
    │       ├── BrokenPluginError        the plug-in could not be loaded; its own error is the cause
    │       └── UnsupportedModeError     an async-only transport asked for by the sync client, or the reverse
    ├── PayloadError                     the payload cannot be encoded, or asks for the other kind of answer
    ├── SigningError                     a signer returned something that is not a signature
    └── CallError                        what a call ends in; carries its `attempts`
        ├── DeadlineError                the time for the whole call is over
        ├── DiscoveryError               nobody tells who takes part in the network; nothing was signed or sent
        │   ├── ProofError               what a source told is not proven as far as was asked; names what is missing
        │   └── NobodyLeftError          nobody of those who take part may be asked
        ├── NotToldError                 nobody tells what was asked of a public route
        ├── TransportError               no answer arrived; `sent` tells whether bytes may have left
        │   ├── ConnectError             nothing was sent
        │   └── TransportTimeout         the time ran out
        └── AnswerError                  somebody answered
            ├── NodeError                with an error; carries the node's own text
            │   ├── SignatureRejectedError
            │   ├── AuthorizationMissingError
            │   ├── TimestampRejectedError
            │   │   ├── TimestampTooOldError
            │   │   └── TimestampInFutureError
            │   ├── ReplayedError
            │   ├── AccountError
            │   │   ├── RequesterAddressError
            │   │   ├── UnknownAccountError
            │   │   ├── PublicKeyMissingError
            │   │   └── InsufficientBalanceError
            │   ├── ModelNotFoundError
            │   ├── ProviderNotAllowedError
            │   ├── DeveloperNotAllowedError
            │   ├── CapacityError
            │   ├── RateLimitedError
            │   ├── NoExecutorError
            │   ├── ChainUnavailableError
            │   ├── ExecutorError
            │   ├── RetiredError
            │   ├── MovedError
            │   ├── ApiKeyError
            │   ├── PayloadRejectedError
            │   ├── UnavailableError
            │   │   └── IncompleteRequestError
            │   └── StreamFailedError
            └── UnusableAnswerError      with something that is not the answer asked for
                ├── StreamTruncatedError the stream ended without `[DONE]`; carries what arrived
                └── LimitExceededError   more than the client takes; names the limit

The references to `protocol.md` are to the wire reference in `docs/protocol.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from .chunks import Chunk
    from .endpoints import Endpoint


class Remedy(Enum):
    """What may help after an error of a node."""

    NONE = "nothing that a client can do by itself"
    ELSEWHERE = "another endpoint; this one will say the same again"
    LATER = "another endpoint at once, or this one after a wait"
    RESIGN = "a fresh timestamp at the same endpoint"
    CLOCK = "the time of the node's blocks, then once more"
    SCHEME = "the other signing scheme, once"


class Attempt(NamedTuple):
    """One request of a call, and how it ended: seconds it took, status (None without an answer), class of its error."""

    number: int
    endpoint: Endpoint
    seconds: float
    status: int | None
    error: str | None
    scheme: str | None


class GonkaError(Exception):
    """Root of everything this library raises on purpose.

    `problem` says what is wrong, `next_step` what to do about it; `str()` is both.
    """

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(problem, next_step)
        self.problem: str = problem
        self.next_step: str = next_step

    def __str__(self) -> str:
        return f"{self.problem}; {self.next_step}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross from process to process; an API key does not (see `CallError.__getstate__`)."""
        return _revived, (type(self), self.problem, self.next_step), self.__getstate__()


def _revived(kind: type[GonkaError], problem: str, next_step: str) -> GonkaError:
    return kind.__new__(kind, problem, next_step)


class ConfigurationError(GonkaError):
    """Something given by the caller or the environment is unusable; nothing was signed or sent."""


class InvalidKeyError(ConfigurationError):
    """Not a private key of secp256k1, or no API key; the message never quotes what was given."""


class InvalidAddressError(ConfigurationError):
    """Not a bech32 account address with the network's prefix."""


class AddressMismatchError(ConfigurationError):
    """The configured address is not the one that belongs to the key."""


class InvalidEndpointError(ConfigurationError):
    """Not an http(s) base URL with the account address of its provider, or an API key."""


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


class CallError(GonkaError):
    """What a call ended in.

    `endpoint` is the last one asked, `attempts` everything that was tried. `retryable`: another attempt may help.
    `maybe_billed`: this request may have been accepted, so that a repeat may be paid for twice (`protocol.md` §14).
    """

    endpoint: Endpoint | None = None
    attempts: tuple[Attempt, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: all of it, but for endpoints with an API key and the attempts at them."""
        state = {**vars(self), "attempts": tuple(attempt for attempt in self.attempts if attempt.endpoint.signed)}
        if self.endpoint is not None and not self.endpoint.signed:
            state["endpoint"] = None
        return state

    @property
    def retryable(self) -> bool:
        """Whether another attempt may help."""
        return False

    @property
    def maybe_billed(self) -> bool:
        """Whether this request may have been accepted, so that a repeat may be paid for twice."""
        return False


class DeadlineError(CallError):
    """The call did not end in its time; `__cause__` is the last error, where there was one."""

    @property
    def maybe_billed(self) -> bool:
        """Whether the last attempt may have been accepted."""
        return isinstance(self.__cause__, CallError) and self.__cause__.maybe_billed


class DiscoveryError(CallError):
    """Who takes part in the network cannot be learned; nothing was signed or sent.

    `sources` maps each URL that was asked, without `/v1`, to why it was of no use.
    """

    def __init__(self, problem: str, next_step: str, *, sources: Mapping[str, str] | None = None) -> None:
        super().__init__(problem, next_step)
        self.sources: dict[str, str] = dict(sources or {})

    @property
    def retryable(self) -> bool:
        """True: a source may answer the next time."""
        return True


class ProofError(DiscoveryError):
    """What a source tells is not proven as far as was asked (`protocol.md` §7).

    `reason` is one of `gonka_core.proofs.REASONS`, a word for programs.
    """

    def __init__(self, problem: str, next_step: str, *, reason: str, sources: Mapping[str, str] | None = None) -> None:
        super().__init__(problem, next_step, sources=sources)
        self.reason = reason


class NobodyLeftError(DiscoveryError):
    """A source told who takes part, and none of them may be asked: excluded, not allowed, or without a usable URL."""


class NotToldError(CallError):
    """What was asked of a public route nobody tells; nothing was signed. `sources` maps the URL of each to why."""

    def __init__(self, problem: str, next_step: str, *, sources: Mapping[str, str] | None = None) -> None:
        super().__init__(problem, next_step)
        self.sources: dict[str, str] = dict(sources or {})

    @property
    def retryable(self) -> bool:
        """True: somebody may tell the next time."""
        return True


class TransportError(CallError):
    """No answer arrived. `sent` is False only when certainly no byte of the request left this machine."""

    def __init__(self, problem: str, next_step: str, *, sent: bool) -> None:
        super().__init__(problem, next_step)
        self.sent = sent

    @property
    def retryable(self) -> bool:
        """True: the network may be well again."""
        return True

    @property
    def maybe_billed(self) -> bool:
        """Whether bytes of the request may have left this machine."""
        return self.sent


class ConnectError(TransportError):
    """The endpoint could not be reached; nothing was sent."""

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(problem, next_step, sent=False)


class TransportTimeout(TransportError):
    """The endpoint took longer than the caller allows."""


class AnswerError(CallError):
    """An endpoint answered, and not with what was asked for. Carries the endpoint and the status."""

    def __init__(self, problem: str, next_step: str, *, endpoint: Endpoint, status: int) -> None:
        super().__init__(problem, next_step)
        self.endpoint: Endpoint | None = endpoint
        self.status = status


class NodeError(AnswerError):
    """An error of a node; `node_text` is its own text (at most a few hundred characters).

    `remedy` is what may help. `billed`: a request that ended like this may have been billed. `retry_after_s`: how long
    the node asks to be left alone, None where it says nothing.
    """

    remedy: ClassVar[Remedy] = Remedy.NONE
    billed: ClassVar[bool] = False
    retry_after_s: float | None = None

    def __init__(self, problem: str, next_step: str, *, endpoint: Endpoint, status: int, node_text: str) -> None:
        super().__init__(problem, next_step, endpoint=endpoint, status=status)
        self.node_text = node_text

    @property
    def retryable(self) -> bool:
        """Whether there is a remedy: another attempt, elsewhere, later or signed anew."""
        return self.remedy is not Remedy.NONE

    @property
    def maybe_billed(self) -> bool:
        """Whether the node may have accepted the request before it failed: by its class, or by a status of success."""
        # An error behind a status of success came after the request had been accepted.
        return self.billed or self.status < 300


class SignatureRejectedError(NodeError):
    """401: the node verified other bytes, another key or another provider address (`protocol.md` §3.2 row 11)."""

    remedy = Remedy.SCHEME


class AuthorizationMissingError(NodeError):
    """401: no signature arrived; something on the way took the header out (`protocol.md` §3.2 row 5)."""


class TimestampRejectedError(NodeError):
    """400: the timestamp is outside the node's window around its block time (`protocol.md` §3.5)."""

    remedy = Remedy.CLOCK


class TimestampTooOldError(TimestampRejectedError):
    """The timestamp is more than 60 seconds older than the latest block."""


class TimestampInFutureError(TimestampRejectedError):
    """The timestamp is more than 30 seconds younger than the latest block."""


class ReplayedError(NodeError):
    """400: the node has seen this signature (`protocol.md` §3.7)."""

    remedy = Remedy.RESIGN


class AccountError(NodeError):
    """Something about the requester's account; no other endpoint will see it otherwise."""


class RequesterAddressError(AccountError):
    """500: the requester's address is none (`protocol.md` §3.4)."""


class UnknownAccountError(AccountError):
    """500: the chain does not know the account (`protocol.md` §3.4)."""


class PublicKeyMissingError(AccountError):
    """500: the account never published its public key (`protocol.md` §3.4, §8)."""


class InsufficientBalanceError(AccountError):
    """402: the balance is below what the request may cost (`protocol.md` §3.6); ngonka, None where not known."""

    needed_ngonka: int | None = None
    available_ngonka: int | None = None


class ModelNotFoundError(NodeError):
    """404: nobody serves the model in this epoch; `served` are models that are, where known (`protocol.md` §3.2)."""

    served: tuple[str, ...] = ()


class ProviderNotAllowedError(NodeError):
    """403: this node may not pass requests on (`protocol.md` §3.9)."""

    remedy = Remedy.ELSEWHERE


class DeveloperNotAllowedError(NodeError):
    """403: requests are restricted to listed developers until a height (`protocol.md` §3.9)."""

    until_height: int | None = None


class CapacityError(NodeError):
    """429: the node has used its share of the network's bandwidth (`protocol.md` §3.8).

    `participants_url` is where it says that others are listed: a stranger's URL, not followed; None where not told.
    """

    remedy = Remedy.LATER
    participants_url: str | None = None


class RateLimitedError(NodeError):
    """429 of a gateway, or 503 of the nginx in front of a node (`protocol.md` §3.8, §11.4)."""

    remedy = Remedy.LATER


class NoExecutorError(NodeError):
    """503: nobody computes the model at the moment (`protocol.md` §3.2 row 18)."""

    remedy = Remedy.LATER


class ChainUnavailableError(NodeError):
    """503: the node cannot ask the chain (`protocol.md` §3.2)."""

    remedy = Remedy.LATER


class ExecutorError(NodeError):
    """The node handed the request on, and an executor or a model's server failed (`protocol.md` §3.2 rows 20, 21)."""

    remedy = Remedy.LATER
    billed = True


class RetiredError(NodeError):
    """410: this node no longer takes signed requests (`protocol.md` §11.1)."""

    remedy = Remedy.ELSEWHERE


class MovedError(NodeError):
    """A redirect, which is never followed; `new_url` is where it points (`protocol.md` §11.4)."""

    remedy = Remedy.ELSEWHERE
    new_url: str | None = None


class ApiKeyError(NodeError):
    """401 of a gateway or broker: it does not know the key (`protocol.md` §11.4)."""

    remedy = Remedy.ELSEWHERE


class PayloadRejectedError(NodeError):
    """The request itself is refused: its JSON, its messages, a parameter, its length (`protocol.md` §3.3, §4)."""


class UnavailableError(NodeError):
    """An error of a server that says nothing else; whether the request got through is not known."""

    remedy = Remedy.LATER
    billed = True


class IncompleteRequestError(UnavailableError):
    """400, 408: the node did not get the whole request, and did nothing with it (`protocol.md` §3.2 row 1)."""

    billed = False


class StreamFailedError(NodeError):
    """An error that came as an event of a stream, behind a status of 200 (`protocol.md` §11.4)."""

    remedy = Remedy.LATER
    billed = True


class UnusableAnswerError(AnswerError):
    """A success status with a body that is not the answer asked for; it may have been billed."""

    @property
    def retryable(self) -> bool:
        """True: the next answer may be whole."""
        return True

    @property
    def maybe_billed(self) -> bool:
        """True: the request was accepted."""
        return True


class StreamTruncatedError(UnusableAnswerError):
    """The stream ended without `[DONE]`; `received` are the chunks that arrived before."""

    def __init__(
        self, problem: str, next_step: str, *, endpoint: Endpoint, status: int, received: tuple[Chunk, ...]
    ) -> None:
        super().__init__(problem, next_step, endpoint=endpoint, status=status)
        self.received = received


class LimitExceededError(UnusableAnswerError):
    """The answer is more than the client takes; `limit` names the option of `Limits`, `allowed` its value."""

    def __init__(
        self, problem: str, next_step: str, *, endpoint: Endpoint, status: int, limit: str, allowed: int
    ) -> None:
        super().__init__(problem, next_step, endpoint=endpoint, status=status)
        self.limit = limit
        self.allowed = allowed
