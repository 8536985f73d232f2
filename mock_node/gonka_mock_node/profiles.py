"""The generations of node rules that the mock node plays. A profile is data: one readable place for each generation.

`rules` are names of `rules`, in the order in which that generation applies them (`protocol.md` §3.2, §3.11); what else
sets a generation apart stands beside them, one field a difference. Each generation is written as the one before it
and what changed, so that this page reads as the history of the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from .verification import Scheme

Kind: TypeAlias = Literal["classic", "gone", "gateway"]
"""Signed requests; signed requests retired with 410 (`protocol.md` §11.1); Bearer keys (§11.4)."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Which routes a generation has beside chat, and the shapes in which they answer (`protocol.md` §6).

    `identity`: `/v1/identity`. `accounts`: `spendable` for `{"pubkey","balance","denom"}` on `/v2/accounts/…` and
    `/v1/participants/…` with mapped errors, `sparse` for the older body that omits zeros, and errors all 500.
    `models`: the list of OpenAI's shape, or the governance list. `chat_by_id`: how GET /v1/chat/completions names the
    inference. `excluded`: participants come with `excluded_participants`. `numbers_as_strings`: as from v0.2.15.
    `chain_proxy`: `/chain-api` and `/chain-rpc` answer (an operator's choice; off by default since v0.2.8).
    """

    identity: bool = True
    accounts: Literal["spendable", "sparse"] = "spendable"
    models: Literal["openai", "governance"] = "openai"
    models_legacy: bool = True
    completions: bool = True
    chat_by_id: Literal["path", "query"] = "query"
    excluded: bool = True
    numbers_as_strings: bool = False
    chain_proxy: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """One generation.

    `json_errors`, `body_limit`, `executor_errors`: `mapped` to a status and a text of the node's own, or `raw`, which
    is 500 and Go's text; a `body_limit` of None reads any length. `content_parts`: a message's content may be a list.
    `account_query`: what looks the requester up; the older query panics where no public key was published.
    `prompt_hash`: what an executor makes of `X-Prompt-Hash`. `ml_node_statuses_kept`: 400 and 422 of a model's server
    come through as they are. `timestamp_words` begin the two refusals of `protocol.md` §3.5.
    """

    name: str
    summary: str
    kind: Kind = "classic"
    scheme: Scheme = "raw"
    rules: tuple[str, ...] = ()
    json_errors: Literal["mapped", "raw"] = "raw"
    body_limit: Literal["mapped", "raw"] | None = None
    executor_errors: Literal["mapped", "raw"] = "raw"
    account_query: Literal["account", "participant"] = "participant"
    prompt_hash: Literal["unknown", "optional", "required"] = "unknown"
    content_parts: bool = False
    ml_node_statuses_kept: bool = False
    timestamp_words: Literal["signature is", "Request timestamp is"] = "signature is"
    content_type: str = "application/json; charset=UTF-8"
    routes: Routes = field(default_factory=Routes)


_SINCE_GENESIS: Final = ("json", "authorization", "account", "signature", "balance", "status", "timestamp", "replay")
_V0_2_3: Final = Profile(
    "v0.2.3",
    "mainnet's first months: raw scheme, older words for a timestamp outside the window",
    rules=(*_SINCE_GENESIS, "capacity", "executor"),
    timestamp_words="Request timestamp is",
    routes=Routes(
        identity=False,
        accounts="sparse",
        models="governance",
        models_legacy=False,
        completions=False,
        chat_by_id="path",
        excluded=False,
    ),
)
_V0_2_5: Final = replace(
    _V0_2_3,
    name="v0.2.5",
    summary="the last generation that verifies the raw scheme",
    timestamp_words="signature is",
    routes=replace(_V0_2_3.routes, excluded=True),
)
_V0_2_6: Final = replace(
    _V0_2_5,
    name="v0.2.6",
    summary="the hash scheme replaces the raw one; the model has to be named",
    scheme="hash",
    prompt_hash="optional",
    rules=("json", "authorization", "model", *_SINCE_GENESIS[2:], "capacity", "executor"),
    routes=replace(_V0_2_5.routes, identity=True, chat_by_id="query"),
)
_V0_2_7: Final = replace(
    _V0_2_6,
    name="v0.2.7",
    summary="developers can be held back until a height; 400 and 422 of the model's server come through",
    rules=(
        "json",
        "authorization",
        "model",
        "params",
        "developer-allowed",
        *_SINCE_GENESIS[2:],
        "capacity",
        "executor",
    ),
    ml_node_statuses_kept=True,
)
_V0_2_9: Final = replace(
    _V0_2_7,
    name="v0.2.9",
    summary="an allow-list of providers, looked at before anything else of the request",
    rules=("json", "provider-allowed", *_V0_2_7.rules[1:]),
    content_type="application/json",
    routes=replace(_V0_2_7.routes, chain_proxy=False),
)
_V0_2_10: Final = replace(
    _V0_2_9, name="v0.2.10", summary="bodies over 10 MiB are refused, with a 500", body_limit="raw"
)
_V0_2_11: Final = replace(
    _V0_2_10,
    name="v0.2.11",
    summary="executors insist on a prompt hash; nothing else changes for a client",
    prompt_hash="required",
    routes=replace(_V0_2_10.routes, models_legacy=True),
)
_V0_2_12: Final = replace(
    _V0_2_11,
    name="v0.2.12",
    summary="message shapes are checked, statuses are mapped, /v1/completions and /v2 appear",
    rules=(
        "json",
        "messages",
        "provider-allowed",
        "authorization",
        "model",
        "params",
        "developer-allowed",
        "message-shape",
        "account",
        "signature",
        "model-served",
        "balance",
        "status",
        "timestamp",
        "replay",
        "capacity",
        "executor",
    ),
    json_errors="mapped",
    body_limit="mapped",
    executor_errors="mapped",
    account_query="account",
    content_parts=True,
    routes=replace(
        _V0_2_11.routes, accounts="spendable", models="openai", completions=True, excluded=True, chain_proxy=False
    ),
)
_V0_2_13: Final = replace(_V0_2_12, name="v0.2.13", summary="the newest classic node: hash scheme")
_V0_2_14: Final = replace(
    _V0_2_13,
    name="v0.2.14",
    summary="signed requests are retired: 410 before anything is looked at",
    kind="gone",
    rules=(),
)
_V0_2_15: Final = replace(
    _V0_2_14,
    name="v0.2.15",
    summary="as v0.2.14; numbers of some answers are strings",
    routes=replace(_V0_2_14.routes, numbers_as_strings=True),
)
_SEED: Final = replace(
    _V0_2_13,
    name="seed",
    summary="the developer page: raw scheme, otherwise the newest classic node, with the chain's own routes open",
    scheme="raw",
    routes=replace(_V0_2_13.routes, chain_proxy=True),
)
_GATEWAY: Final = Profile(
    "gateway",
    "a gateway or broker: Bearer keys, no signatures",
    kind="gateway",
    json_errors="mapped",
    body_limit="mapped",
    executor_errors="mapped",
    content_parts=True,
    content_type="application/json",
)

PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile
    for profile in (
        _SEED,
        _V0_2_3,
        _V0_2_5,
        _V0_2_6,
        _V0_2_7,
        _V0_2_9,
        _V0_2_10,
        _V0_2_11,
        _V0_2_12,
        _V0_2_13,
        _V0_2_14,
        _V0_2_15,
        _GATEWAY,
    )
}


class UnknownProfileError(ValueError):
    """No profile of that name."""


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises `UnknownProfileError`, naming those that exist."""
    if name not in PROFILES:
        raise UnknownProfileError(f"there is no profile {name!r}; choose one of: {', '.join(PROFILES)}")
    return PROFILES[name]
