"""What each generation of nodes is expected to answer (`protocol.md` §3.2, §3.11, §6, §11).

Written from the protocol and not from the mock node: that the two agree is what a test finds out. A generation is the
one before it and what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from gonka_conformance.vectors import Scheme

from .asking import Answer

Kind: TypeAlias = Literal["classic", "gone", "gateway"]

NO_AUTHORIZATION: Final = "Authorization is required"
INVALID_SIGNATURE: Final = "Unable to validate request against PubKey:invalid signature"
ILLEGAL_BASE64: Final = "Unable to validate request against PubKey:illegal base64 data at input byte "
REPLAYED: Final = "AuthKey has already been used for a transfer request"
NOT_ALLOWED: Final = "Transfer Agent not allowed"
RETIRED: Final = "classic inference is deprecated; use devshard"


@dataclass(frozen=True, slots=True)
class Due:
    """An answer that is due: its status and its text, whole or a part that has to be in it. No text: any."""

    status: int
    text: str = ""
    whole: bool = True

    def fits(self, answer: Answer) -> bool:
        if answer.status != self.status:
            return False
        if not self.text:
            return True
        said = answer.error
        return said is not None and (said == self.text if self.whole else self.text in said)

    def __str__(self) -> str:
        if not self.text:
            return str(self.status)
        return f'{self.status} "{self.text}"' if self.whole else f'{self.status} with "{self.text}" in it'


Dues: TypeAlias = tuple[Due, ...]
"""Any one of them is right."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of nodes.

    `rows` are the steps of `protocol.md` §3.2 that a request can provoke, in the order in which they answer, and
    `refusals` what each answers. `json_mapped`: a JSON error has the node's own words in front, and status 400.
    `too_old` and `in_future` are the texts of §3.5. `body_limit` is what a body over 10 MiB meets: with a declared
    length, and without one. `charset`: JSON is declared with a charset. `deprecated`: reading routes say that they are.
    """

    name: str
    kind: Kind = "classic"
    scheme: Scheme = "raw"
    rows: tuple[str, ...] = ()
    refusals: Mapping[str, Dues] = field(default_factory=dict)
    json_mapped: bool = False
    too_old: str = "signature is too old"
    in_future: str = "signature is in the future"
    body_limit: tuple[Dues, Dues] | None = None
    charset: bool = False
    identity: bool = True
    accounts: Literal["sparse", "spendable"] = "spendable"
    models: Literal["governance", "openai"] = "openai"
    models_legacy: bool = True
    completions: bool = True
    chat_by_id: Literal["path", "query"] | None = "query"
    excluded: bool = True
    deprecated: bool = False

    def due(self, row: str) -> Dues:
        """What is due where a row refuses."""
        return self.refusals[row]

    @property
    def serves_before_time(self) -> bool:
        """Whether the model is looked for before the balance and the timestamp."""
        return "model-served" in self.rows

    @property
    def past_signature(self) -> Dues:
        """What a request with a right signature, a model that no node has and an old timestamp may meet.

        Whichever row behind the signature answers: which one has to is for the checks of order and models to say.
        """
        behind = ("model-served", "balance", "timestamp")
        return tuple(due for row in behind if row in self.rows for due in self.due(row))


_OLD: Final[Mapping[str, Dues]] = {
    "json": (Due(500, "unexpected end of JSON input"),),
    "authorization": (Due(401, NO_AUTHORIZATION),),
    "account": (Due(500, "account not found", whole=False), Due(404, "Inference participant not found")),
    "signature": (Due(401, INVALID_SIGNATURE),),
    "balance": (Due(402, "Insufficient balance"),),
    "timestamp": (Due(400, "Request timestamp is too old"),),
    "replay": (Due(400, REPLAYED),),
    "executor": (Due(500),),
}
_TIME: Final[Mapping[str, Dues]] = {"timestamp": (Due(400, "signature is too old"),)}
_MODEL: Final[Mapping[str, Dues]] = {"model": (Due(400, "No model specified"),)}
_ALLOWED: Final[Mapping[str, Dues]] = {"provider-allowed": (Due(403, NOT_ALLOWED),)}
_NEW: Final[Mapping[str, Dues]] = {
    "json": (Due(400, "invalid chat completion request: unexpected end of JSON input"),),
    "messages": (Due(400, "messages is required"),),
    "message-shape": (Due(400, "messages[0].content: must not be empty"),),
    "account": (Due(500, "account not found", whole=False),),
    "model-served": (Due(404, "model not found"),),
}
_RAW_LIMIT: Final[Dues] = (Due(500, "http: request body too large"),)

_V0_2_3: Final = Generation(
    "v0.2.3",
    rows=("json", "authorization", "account", "signature", "balance", "timestamp", "replay", "executor"),
    refusals=_OLD,
    too_old="Request timestamp is too old",
    in_future="Request timestamp is in the future",
    charset=True,
    identity=False,
    accounts="sparse",
    models="governance",
    models_legacy=False,
    completions=False,
    chat_by_id="path",
    excluded=False,
)
_V0_2_5: Final = replace(
    _V0_2_3,
    name="v0.2.5",
    refusals={**_OLD, **_TIME},
    too_old="signature is too old",
    in_future="signature is in the future",
    excluded=True,
)
_V0_2_6: Final = replace(
    _V0_2_5,
    name="v0.2.6",
    scheme="hash",
    rows=("json", "authorization", "model", *_V0_2_5.rows[2:]),
    refusals={**_V0_2_5.refusals, **_MODEL},
    identity=True,
    chat_by_id="query",
)
_V0_2_7: Final = replace(_V0_2_6, name="v0.2.7")
_V0_2_9: Final = replace(
    _V0_2_7,
    name="v0.2.9",
    rows=("json", "provider-allowed", *_V0_2_7.rows[1:]),
    refusals={**_V0_2_7.refusals, **_ALLOWED},
    charset=False,
)
_V0_2_10: Final = replace(_V0_2_9, name="v0.2.10", body_limit=(_RAW_LIMIT, _RAW_LIMIT))
_V0_2_11: Final = replace(_V0_2_10, name="v0.2.11", models_legacy=True)
_V0_2_12: Final = replace(
    _V0_2_11,
    name="v0.2.12",
    rows=(
        "json",
        "messages",
        "provider-allowed",
        "authorization",
        "model",
        "message-shape",
        "account",
        "signature",
        "model-served",
        "balance",
        "timestamp",
        "replay",
    ),
    refusals={**_V0_2_11.refusals, **_NEW},
    json_mapped=True,
    body_limit=((Due(413, "Request Entity Too Large"),), (Due(413, "request body too large"),)),
    accounts="spendable",
    models="openai",
    completions=True,
)
_V0_2_13: Final = replace(_V0_2_12, name="v0.2.13")
_V0_2_14: Final = replace(_V0_2_13, name="v0.2.14", kind="gone", rows=(), chat_by_id=None)
_V0_2_15: Final = replace(_V0_2_14, name="v0.2.15", deprecated=True)
_SEED: Final = replace(_V0_2_13, name="seed", scheme="raw")
_GATEWAY: Final = Generation("gateway", kind="gateway", identity=False, chat_by_id=None, completions=False)

GENERATIONS: Final[Mapping[str, Generation]] = MappingProxyType(
    {
        each.name: each
        for each in (
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
)
"""By the names of the mock node's profiles; among those that cannot be told apart the later one is taken."""
