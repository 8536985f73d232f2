"""Refusals: what nodes, gateways and brokers say no to (`protocol.md` §3, §4, §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gonka_core import errors

from .entry import Entry

_PAY_TWICE: Final = "ask again where paying twice is acceptable: `RetryPolicy(may_bill_twice=True)`"

REFUSED: Final[Mapping[type[errors.GonkaError], Entry]] = {
    errors.NodeError: Entry(
        ("one of the classes below it: every refusal has one",),
        ("look at `node_text`, the node's own words, and `remedy`, what may help",),
    ),
    errors.SignatureRejectedError: Entry(
        (
            "the provider address is not that of the node that was called",
            "the account's key on the chain is another one than the key that signs",
            "something on the way rewrote the body, which is signed byte for byte",
            "a scheme that is set by hand, and is that of another generation",
        ),
        (
            "compare the provider address with `/v1/identity` of the node",
            "`gonka account` compares the keys; `gonka verify` finds what was signed",
            "leave `scheme` at `auto`",
        ),
    ),
    errors.AuthorizationMissingError: Entry(
        ("a proxy, or a redirect that something followed, took the header out",),
        ("find what stands between you and the node, and let `Authorization` through",),
    ),
    errors.TimestampRejectedError: Entry(
        ("one of the two classes below it",),
        ("set the clock of this machine",),
    ),
    errors.TimestampTooOldError: Entry(
        (
            "the clock of this machine is behind",
            "the request lay in a queue for longer than a minute before it was sent",
        ),
        ("set the clock (NTP)", "sign when you send: a signature does not keep"),
    ),
    errors.TimestampInFutureError: Entry(
        ("the clock of this machine is ahead", "the chain pauses, so that its latest block grows old"),
        ("set the clock (NTP)", "`gonka doctor` compares it with the blocks; wait where the chain pauses"),
    ),
    errors.ReplayedError: Entry(
        (
            "something on the way sends requests twice",
            "a signed request was kept and sent again",
        ),
        ("nothing, where it is rare: the client signs anew", "sign anew for each sending, and look at the proxy"),
    ),
    errors.AccountError: Entry(
        ("one of the classes below it",),
        ("`gonka account` looks at all of it at once",),
    ),
    errors.RequesterAddressError: Entry(
        ("a client of one's own that sends a mistyped `X-Requester-Address`",),
        ("send the address that `gonka address` prints",),
    ),
    errors.UnknownAccountError: Entry(
        ("the account never received coins, so the chain has not heard of it", "the key of another account is used"),
        ("send some coins to the address in the text; then publish its key", "compare it with `gonka address`"),
    ),
    errors.PublicKeyMissingError: Entry(
        ("coins arrived, but the account never made a transaction, which is what publishes its key",),
        ("`inferenced publish-pubkey`, as the text says, or any transaction of a wallet",),
    ),
    errors.InsufficientBalanceError: Entry(
        (
            "the coins are spent",
            "a large `max_tokens`, or none: the escrow is reckoned for the longest answer",
        ),
        ("add coins: `needed_ngonka` and `available_ngonka` say how many", "ask for a smaller `max_tokens`"),
    ),
    errors.ModelNotFoundError: Entry(
        ("a mistyped name: it is compared letter for letter", "the model is not served in this epoch"),
        ("choose one of `served`, or of `gonka models`",),
    ),
    errors.ProviderNotAllowedError: Entry(
        (
            "the chain lists who may pass requests on, and this node is not among them",
            "the operator shut the route",
        ),
        ("drop the endpoint", "let endpoints be found, which keeps to the list: `GONKA_SOURCE_URL`"),
    ),
    errors.DeveloperNotAllowedError: Entry(
        ("until a height only listed developers are served",),
        ("wait for `until_height`, or get listed",),
    ),
    errors.CapacityError: Entry(
        ("the node passed on as much as its weight allows in the last blocks",),
        ("have several endpoints", "`participants_url` is where the node says that others are listed"),
    ),
    errors.RateLimitedError: Entry(
        ("too many requests from this address", "a broker's budget for the key is used up", "a proxy is overloaded"),
        ("ask less often: `requests_per_endpoint`; `retry_after_s` says how long to wait", "have several endpoints"),
    ),
    errors.NoExecutorError: Entry(
        ("those who compute the model are busy, or away for their proof of work", "the model has just been added"),
        ("wait, or choose another model of `gonka models`",),
    ),
    errors.ChainUnavailableError: Entry(
        ("the node has lost touch with its own chain node",),
        ("have several endpoints; the operator of this one has to mend it",),
    ),
    errors.ExecutorError: Entry(
        ("the machine that computes the answer failed, or was not reached", "the model's server ran out of memory"),
        (_PAY_TWICE, "have several endpoints"),
    ),
    errors.RetiredError: Entry(
        ("a node of v0.2.14 or later, which takes requests through gateways only",),
        ("use a broker: `GONKA_BROKER_URL` and `GONKA_BROKER_API_KEY`",),
    ),
    errors.MovedError: Entry(
        ("`http://` where the server wants `https://`", "a gateway that is switched off and names another one"),
        ("make `new_url` the endpoint's URL, if you trust it; a redirect is never followed with a signature",),
    ),
    errors.ApiKeyError: Entry(
        (
            "the API key is wrong, expired or for another broker",
            "a broker's URL that is configured as a node, or a node's as a broker",
        ),
        ("check `GONKA_BROKER_API_KEY`", "check whether the endpoint is a node (`;gonka1…`) or a broker (a key)"),
    ),
    errors.PayloadRejectedError: Entry(
        (
            "a parameter or a shape of `messages` that the node or the model does not take",
            "a body of more than 10 MiB, or more tokens than the model holds",
            "a URL that is not that of a node: 404 without known words",
        ),
        ("do as `node_text` says", "check the endpoint's URL where the status is 404 or 405"),
    ),
    errors.UnavailableError: Entry(
        ("a proxy's 502 or 504 in front of a node", "a node that is newer than this library, with words of its own"),
        (_PAY_TWICE, "have several endpoints"),
    ),
    errors.IncompleteRequestError: Entry(
        ("the connection broke off, or was so slow that the node stopped waiting for the body",),
        ("look at the network; the client asks again by itself",),
    ),
    errors.StreamFailedError: Entry(
        ("the model's server failed in the midst of an answer, and said so in the stream",),
        (_PAY_TWICE, "ask for less in one answer"),
    ),
}
