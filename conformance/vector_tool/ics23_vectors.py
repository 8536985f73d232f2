"""`ics23.json`: whether participants stand in the state of a chain (`protocol.md` §7)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from .ics23_cases import cases
from .ics23_chain import Case
from .ics23_verdict import REASONS, judge
from .outline import Flag, Vector, VectorFile
from .schema import BASE64, HEX, HEX32, WORDS, array, either, mapping, nullable, one_of, record

FLAGS: Final = {
    "published": Flag("Printed in the network's documentation (§12.4).", "Any step that is wrong."),
    "several-leaves": Flag("Paths through left and right children.", "Siblings put on the wrong side."),
    "one-leaf": Flag("Empty paths: the leaf is the root.", "A verifier that demands at least one step."),
    "operations": Flag("Another number, order or type of operations.", "Reading what is there, not what has to be."),
    "kind": Flag("Another kind of proof, or none.", "A crash, or a proof of absence taken for one of existence."),
    "wrong-root": Flag("The app hash is another one.", "A comparison that is left out, or of a wrong block (§7.4)."),
    "wrong-value": Flag("The value is another one.", "Trusting the value of the response (§7.4)."),
    "wrong-key": Flag("Another key is proven.", "Keys compared with themselves only: any proof passes (§7.4)."),
    "wrong-store": Flag("Another store is proven.", "The same for stores."),
    "tampered-path": Flag("A path that leads elsewhere.", "A path that is not followed to its end."),
    "leaf-constraint": Flag(
        "A leaf that the tree cannot have, hashed consistently.", "Operations that are taken as they come, or not read."
    ),
    "inner-constraint": Flag(
        "An inner node that the tree cannot have, hashed consistently.", "No bounds on prefixes and siblings (§7.4)."
    ),
}
_HASHES: Final = ("leaf_hash", "store_root", "store_leaf_hash", "computed_app_hash")
_SCHEMA: Final = record(
    {
        "expected_key_hex": HEX,
        "expected_store": WORDS,
        "value_hex": HEX,
        "proof_ops": record({"ops": array(record({"type": WORDS, "key": BASE64, "data": BASE64}))}),
        "app_hash_hex": HEX,
        **{name: nullable(HEX32) for name in _HASHES},
        "expected": either(
            record({"result": {"const": "valid"}}),
            record({"result": {"const": "invalid"}, "reason": one_of(tuple(REASONS))}),
        ),
    }
)


def _fields(case: Case) -> dict[str, Any]:
    verdict = judge(case.claim)
    if verdict.reason != case.reason:
        raise ValueError(f"ics23: {case.comment!r} is refused for {verdict.reason}, not for {case.reason}")
    return {
        "expected_key_hex": case.claim.key.hex(),
        "expected_store": case.claim.store.decode("ascii"),
        "value_hex": case.claim.value.hex(),
        "proof_ops": {
            "ops": [{"type": op.type, "key": _base64(op.key), "data": _base64(op.data)} for op in case.claim.ops]
        },
        "app_hash_hex": case.claim.app_hash.hex(),
        **{name: verdict.hashes[name].hex() if name in verdict.hashes else None for name in _HASHES},
        "expected": {"result": "invalid", "reason": case.reason} if case.reason else {"result": "valid"},
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _vectors() -> Iterator[Vector]:
    for case in cases():
        yield Vector(case.comment, (case.flag,), _fields(case))


def file() -> VectorFile:
    """The whole file."""
    return VectorFile(
        "ics23",
        "proofs that the participants of an epoch stand in the chain's state",
        FLAGS,
        tuple(_vectors()),
        ("vector_tool", "gonka_mock_node"),
        _SCHEMA,
        {"reasons": dict(REASONS)},
        {"reasons": mapping(WORDS)},
    )
