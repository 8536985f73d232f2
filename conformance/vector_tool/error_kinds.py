"""Kinds of refusals in words of the wire, what each means, and the class of this library that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """`means`: one sentence. `gonka_core`: the class. `billed`: a request that ends so may have been billed."""

    means: str
    gonka_core: str
    billed: bool = False


KINDS: Final = {
    "signature-rejected": Kind(
        "The node verified other bytes, another key or another provider.", "SignatureRejectedError"
    ),
    "authorization-missing": Kind("No signature arrived.", "AuthorizationMissingError"),
    "timestamp-too-old": Kind("The timestamp is too far behind the latest block.", "TimestampTooOldError"),
    "timestamp-in-future": Kind("The timestamp is too far ahead of the latest block.", "TimestampInFutureError"),
    "replayed": Kind("The node has seen this signature.", "ReplayedError"),
    "requester-address-invalid": Kind("The requester's address is none.", "RequesterAddressError"),
    "unknown-account": Kind("The chain does not know the account.", "UnknownAccountError"),
    "public-key-missing": Kind("The account never published its public key.", "PublicKeyMissingError"),
    "insufficient-balance": Kind("The balance is below what the request may cost.", "InsufficientBalanceError"),
    "model-not-found": Kind("Nobody serves the model.", "ModelNotFoundError"),
    "provider-not-allowed": Kind("This node may not pass requests on.", "ProviderNotAllowedError"),
    "developer-not-allowed": Kind("Only listed developers may ask, until a height.", "DeveloperNotAllowedError"),
    "capacity-reached": Kind("The node has used its share of the network's bandwidth.", "CapacityError"),
    "rate-limited": Kind("A gateway or a proxy is asked too often.", "RateLimitedError"),
    "no-executor": Kind("Nobody computes the model at the moment.", "NoExecutorError"),
    "chain-unavailable": Kind("The node cannot ask the chain.", "ChainUnavailableError"),
    "executor-failed": Kind("An executor or a model's server failed.", "ExecutorError", billed=True),
    "retired": Kind("The node no longer takes signed requests.", "RetiredError"),
    "moved": Kind("A redirect; it is never followed.", "MovedError"),
    "api-key-rejected": Kind("The key is not known, or a key where a signature belongs.", "ApiKeyError"),
    "payload-rejected": Kind("The request itself is refused.", "PayloadRejectedError"),
    "request-incomplete": Kind("The node did not get the whole request.", "IncompleteRequestError"),
    "unavailable": Kind("A server failed and says nothing else.", "UnavailableError", billed=True),
    "stream-failed": Kind("An error in a stream, in unknown words.", "StreamFailedError", billed=True),
}
