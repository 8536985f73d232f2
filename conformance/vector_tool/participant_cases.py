"""Documents of `/v1/epochs/current/participants` in the shapes of all generations (`protocol.md` §6.6).

They are put together from the mock node's own records, on a chain whose clock stands still; what a client may use of
them is read off the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gonka_mock_node.chain import BlockClock, Chain, Epoch, Participant
from gonka_mock_node.chain.active_participants import active_participants
from gonka_mock_node.chain.block_json import base64_of, comet_json, sdk_json
from gonka_mock_node.chain.blocks import Block, make_block, validators_of
from gonka_mock_node.chain.proofs import Proven, prove
from gonka_mock_node.chain.protobuf import go_json, proto_json

from .published import PROVIDERS, TIMESTAMP_NS

A, B, C, D = PROVIDERS
_MODELS: Final = ("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8", "Qwen/QwQ-32B")
_THREE: Final = (
    Participant(A, "http://node1.example:8000", 1200, _MODELS),
    Participant(B, "https://node2.example/", 300, _MODELS[1:]),
    Participant(C, "http://203.0.113.7:17241/v1", 77, _MODELS[:1]),
)
_FOUND: Final = tuple(
    {"url": url, "provider_address": address, "weight": weight, "models": list(models)}
    for url, address, weight, models in (
        ("http://node1.example:8000/v1", A, "1200", _MODELS),
        ("https://node2.example/v1", B, "300", _MODELS[1:]),
        ("http://203.0.113.7:17241/v1", C, "77", _MODELS[:1]),
    )
)
_BEYOND_A_DOUBLE: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Case:
    """A document, the chain's allow-list, and the endpoints that a client may use."""

    comment: str
    flags: tuple[str, ...]
    document: Mapping[str, Any]
    expected: tuple[Mapping[str, Any], ...]
    allowed: tuple[str, ...] = ()


def cases() -> Iterator[Case]:
    """Every document."""
    yield from _shapes()
    yield from _choices()
    yield from _bad_entries()


def _shapes() -> Iterator[Case]:
    """The same three participants in every shape."""
    chain = _chain(*_THREE)
    old = _document(chain)
    strings = _document(chain, as_strings=True)
    yield Case("one block", ("block-object",), old, _FOUND)
    yield Case("a list of blocks", ("block-list",), old | {"block": [old["block"]] * 3}, _FOUND)
    yield Case("no block", ("block-list",), old | {"block": None, "proof_ops": None}, _FOUND)
    yield Case("v0.2.15", ("string-numbers",), strings, _FOUND)
    without = {name: value for name, value in old.items() if name != "excluded_participants"}
    yield Case("before v0.2.5: nobody is listed as excluded", ("block-object",), without, _FOUND)


def _choices() -> Iterator[Case]:
    chain = _chain(*_THREE)
    yield Case("an empty list allows everyone", ("empty-allow-list",), _document(chain), _FOUND)
    yield Case("one is allowed", ("allow-list",), _document(chain), _FOUND[1:2], (B,))
    yield Case("one of two is there", ("allow-list",), _document(chain), _FOUND[2:], (D, C))
    yield Case("nobody who is there", ("allow-list",), _document(chain), (), (D,))
    chain.exclude(A, "consecutive_failures")
    yield Case("one is excluded", ("excluded",), _document(chain), _FOUND[1:])
    yield Case("the same in v0.2.15", ("excluded", "string-numbers"), _document(chain, as_strings=True), _FOUND[1:])
    yield Case("allowed and excluded", ("excluded", "allow-list"), _document(chain), _FOUND[2:], (A, C))


def _bad_entries() -> Iterator[Case]:
    bad = _chain(
        Participant("", "http://nobody.example", 5, _MODELS),
        Participant(D, "", 5, _MODELS),
        Participant(B, "ftp://node2.example", 5, _MODELS),
        Participant("gonka1nobody", "http://node3.example", 5, _MODELS),
        *_THREE[:1],
    )
    yield Case("no address, no URL, neither", ("incomplete",), _document(bad), _FOUND[:1])
    light = _chain(Participant(A, "http://node1.example:8000", 0, ()))
    bare = {**_FOUND[0], "weight": "0", "models": []}
    yield Case("no weight and no models: they are left out", ("incomplete",), _document(light), (bare,))
    heavy = _chain(Participant(A, "http://node1.example:8000", _BEYOND_A_DOUBLE, _MODELS))
    weighs = {**_FOUND[0], "weight": str(_BEYOND_A_DOUBLE)}
    yield Case("2^63 - 1", ("large-weight",), _document(heavy), (weighs,))
    flags = ("large-weight", "string-numbers")
    yield Case("2^63 - 1 as a string", flags, _document(heavy, as_strings=True), (weighs,))
    yield Case("nobody", ("no-participants",), _document(_chain()), ())
    yield Case("nobody, v0.2.15", ("no-participants", "string-numbers"), _document(_chain(), as_strings=True), ())
    twice = _document(_chain(*_THREE))
    listed = twice["active_participants"]
    doubled = listed | {"participants": [*listed["participants"], listed["participants"][0]]}
    yield Case("the first one again", ("repeated",), twice | {"active_participants": doubled}, _FOUND)


def _chain(*participants: Participant) -> Chain:
    chain = Chain(clock=BlockClock(lambda: TIMESTAMP_NS), models=_MODELS)
    for participant in participants:
        chain.join(participant)
    return chain


def _document(chain: Chain, *, as_strings: bool = False) -> dict[str, Any]:
    """What a node answers for the epoch under way; `as_strings` is v0.2.15."""
    epoch = chain.current
    record, proven = active_participants(epoch), prove(chain.epochs, epoch.number)
    return {
        "active_participants": proto_json(record) if as_strings else go_json(record),
        "addresses": [participant.consensus_address for participant in epoch.participants],
        "active_participants_bytes": proven.value.hex(),
        "proof_ops": {
            "ops": [{"type": op.type, "key": base64_of(op.key), "data": base64_of(op.data)} for op in proven.ops]
        },
        "validators": _validators(epoch, as_strings=as_strings),
        "block": (sdk_json if as_strings else comet_json)(_block(chain, epoch, proven)),
        "excluded_participants": [
            {"address": each.address, "reason": each.reason, "exclusion_block_height": each.height}
            for each in epoch.excluded
        ],
    }


def _validators(epoch: Epoch, *, as_strings: bool) -> list[dict[str, Any]]:
    return [
        {
            "address": each.address.hex().upper(),
            "pub_key": base64_of(each.key),
            "voting_power": str(each.power) if as_strings else each.power,
            "proposer_priority": "0" if as_strings else 0,
        }
        for each in validators_of(epoch)
    ]


def _block(chain: Chain, epoch: Epoch, proven: Proven) -> Block:
    interval_ns = chain.clock.latest.interval_ns
    return make_block(epoch.created_at + 1, epoch.time_ns, interval_ns, validators_of(epoch), proven.app_hash)
