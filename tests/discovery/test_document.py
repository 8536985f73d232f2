"""The list of participants in every shape, and whatever else a stranger may send in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import vectors
from gonka_conformance.vectors import ParticipantsVector
from gonka_core.discovery import document
from gonka_core.discovery.choosing import EXCLUDED, NOT_ALLOWED, allow_list_of, choose, require_one
from gonka_core.discovery.records import Participant
from gonka_core.errors import DiscoveryError

A = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
B = "gonka1d7p03cu2y2yt3vytq9wlfm6tlz0lfhlgv9h82p"
C = "gonka1r90m7wlp95zz92eqltys77xyyqkcmz72rc0kv5"

KEYS = st.sampled_from(
    [
        "active_participants",
        "participants",
        "epoch_id",
        "index",
        "inference_url",
        "weight",
        "models",
        "excluded_participants",
        "address",
        "params",
        "transfer_agent_access_params",
        "allowed_transfer_addresses",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from([A, B, "http://node.example", "http://127.0.0.1", "171", "-1", 171])
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=25
)


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


def told(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"active_participants": {"participants": list(rows), "epoch_id": 171, "created_at_block_height": 9}} | more


def row(address: str = A, url: str = "http://node.example:8000", **more: Any) -> dict[str, Any]:
    return {"index": address, "inference_url": url, "weight": 5, "models": ["m"]} | more


@pytest.mark.parametrize("vector", vectors.participants(), ids=lambda vector: vector.id)
def test_the_vectors(vector: ParticipantsVector) -> None:
    found = document.read(said(vector.document))
    choice = choose(found.participants, excluded=found.excluded, allow_list=vector.allowed, reach="loopback")
    usable = [(each.url, each.provider_address, each.weight, set(each.models or ())) for each in choice.endpoints]
    wanted = [(each.url, each.provider_address, each.weight, set(each.models or ())) for each in vector.endpoints]
    assert usable == wanted
    assert found.epoch == 171
    listed = vector.document["active_participants"].get("participants") or []
    names = {each.get("index") or each.get("inference_url") for each in listed}
    assert len(choice.endpoints) + len({**found.left_out, **choice.left_out}) >= len(names - {None})


def test_numbers_as_text_are_the_same() -> None:
    listed = {"epoch_id": "171", "created_at_block_height": "9", "participants": [row(weight="5")]}
    as_text = document.document_of({"active_participants": listed})
    as_numbers = document.document_of(told(row()))
    assert as_text.participants == as_numbers.participants == (Participant(A, "http://node.example:8000", 5, ("m",)),)
    assert (as_text.epoch, as_text.height) == (as_numbers.epoch, as_numbers.height) == (171, 9)


@pytest.mark.parametrize("rows", [None, []])
def test_nobody_takes_part(rows: Any) -> None:
    listed = {"epoch_id": 171, "participants": rows}
    assert document.document_of({"active_participants": listed}).participants == ()
    assert document.document_of({"active_participants": {"epoch_id": 171}}).participants == ()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b'{"active_participants": {"epoch_id": 171, "particip', "not all of it"),
        (b"\xff\xfe", "not a JSON object"),
        (b"[" * 100_000, "nested more than"),
        (said({}), "no active_participants"),
        (said({"active_participants": None}), "no active_participants"),
        (said({"active_participants": []}), "no active_participants"),
        (said({"active_participants": {"participants": []}}), "does not tell the epoch"),
        (said({"active_participants": {"epoch_id": 0}}), "does not tell the epoch"),
        (said({"active_participants": {"epoch_id": -1}}), "does not tell the epoch"),
        (said({"active_participants": {"epoch_id": True}}), "does not tell the epoch"),
        (said({"active_participants": {"epoch_id": 2**63}}), "does not tell the epoch"),
        (said({"active_participants": {"epoch_id": 1, "participants": {}}}), "are no list"),
        (said({"active_participants": {"epoch_id": 1, "participants": [1] * 20_001}}), "lists 20001"),
        (said(told(row(), excluded_participants={})), "excluded_participants"),
        (said(told(row(), excluded_participants=[{"reason": "x"}])), "excluded_participants"),
        (said(told(row(), excluded_participants=[None])), "excluded_participants"),
    ],
)
def test_what_makes_the_whole_unusable(wrong: bytes, reason: str) -> None:
    with pytest.raises(DiscoveryError, match=reason) as caught:
        document.read(wrong)
    assert str(caught.value).endswith(caught.value.next_step)


@pytest.mark.parametrize(
    ("entry", "name", "reason"),
    [
        (None, "entry 1", "no JSON object"),
        ("text", "entry 1", "no JSON object"),
        ({}, "entry 1", "no address"),
        ({"index": A}, A, "no URL"),
        ({"index": A, "inference_url": ""}, A, "no URL"),
        ({"index": A, "inference_url": 7}, A, "no URL"),
        ({"inference_url": "http://node.example"}, "http://node.example", "no address"),
        ({"index": 7, "inference_url": "http://node.example"}, "http://node.example", "no address"),
        (row("gonka1qqqq"), "gonka1qqqq", "bech32"),
        (row("cosmos1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"), "cosmos1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le", ""),
        (row(weight=-1), A, "weight"),
        (row(weight=1.5), A, "weight"),
        (row(weight="many"), A, "weight"),
        (row(weight=None), A, "weight"),
        (row(weight=2**63), A, "weight"),
        (row(models="m"), A, "models"),
        (row(models=[1]), A, "models"),
        (row(models=["m"] * 1001), A, "models"),
    ],
)
def test_one_bad_entry_spoils_no_other(entry: Any, name: str, reason: str) -> None:
    found = document.document_of(told(entry, row(B)))
    assert [each.address for each in found.participants] == [B]
    assert list(found.left_out) == [name]
    assert reason in found.left_out[name]


def test_a_name_in_left_out_is_one_printable_line() -> None:
    found = document.document_of(told({"index": "x\n\x1b[31m" * 400}))
    (name,) = found.left_out
    assert name.isprintable()
    assert len(name) <= 300


def test_a_participant_that_is_listed_again_counts_once() -> None:
    found = document.document_of(told(row(), row(A.upper()), row(url="http://elsewhere.example")))
    assert [each.url for each in found.participants] == ["http://node.example:8000"]


def test_models_that_are_not_told() -> None:
    found = document.document_of(told(row(models=None), {"index": B, "inference_url": "http://b.example"}))
    assert [(each.weight, each.models) for each in found.participants] == [(5, None), (0, None)]
    assert [each.models for each in choose(found.participants).endpoints] == [None, None]
    (empty,) = choose(document.document_of(told(row(models=[]))).participants).endpoints
    assert empty.models is None


def test_excluded_and_not_allowed_and_hostile_have_their_reasons() -> None:
    found = document.document_of(
        told(row(A), row(B), row(C, "http://127.0.0.1"), excluded_participants=[{"address": A.upper(), "reason": "x"}])
    )
    choice = choose(found.participants, excluded=found.excluded, allow_list=(A, C))
    assert choice.endpoints == ()
    assert choice.left_out == {A: EXCLUDED, B: NOT_ALLOWED, C: "its URL names a loopback address"}
    with pytest.raises(DiscoveryError, match=r"of the 3 participants of epoch 171 none may be asked \(1: "):
        require_one(choice, 171, choice.left_out)


@pytest.mark.parametrize("nothing", [None, ()])
def test_no_list_and_an_empty_one_allow_everyone(nothing: tuple[str, ...] | None) -> None:
    found = document.document_of(told(row(A), row(B)))
    assert len(choose(found.participants, allow_list=nothing).endpoints) == 2
    assert len(choose(found.participants, allow_list=(B,)).endpoints) == 1


def test_nobody_left_says_how_many_and_why() -> None:
    empty = choose(())
    with pytest.raises(DiscoveryError, match="epoch 5 has no participants"):
        require_one(empty, 5, {})
    many = {f"gonka{number}": f"reason {number}" for number in range(9)}
    with pytest.raises(DiscoveryError, match=r"of the 9 participants.*; and others"):
        require_one(empty, 5, many)


def access(value: Any) -> bytes:
    return said({"params": {"transfer_agent_access_params": value}})


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (access({"allowed_transfer_addresses": []}), ()),
        (access({"allowed_transfer_addresses": [A.upper(), B, B]}), (A, B)),
        (access({"allowed_transfer_addresses": None}), ()),
        (access({}), ()),
        (access(None), ()),
        (said({"params": {}}), ()),
        (access([]), None),
        (access({"allowed_transfer_addresses": A}), None),
        (access({"allowed_transfer_addresses": [1]}), None),
        (access({"allowed_transfer_addresses": {}}), None),
        (access({"allowed_transfer_addresses": False}), None),
        (said({"code": 12, "message": "Not Implemented"}), None),
        (said({"params": []}), None),
        (b"Chain API Disabled", None),
        (b"", None),
        (b"{" * 200, None),
    ],
)
def test_the_chains_list_of_allowed_providers(body: bytes, found: tuple[str, ...] | None) -> None:
    assert allow_list_of(body) == found


def outcome(body: bytes) -> document.Document | DiscoveryError:
    """What becomes of a body; whatever else it raises fails the test."""
    try:
        return document.read(body)
    except DiscoveryError as error:
        return error


@given(TREES)
def test_any_json_is_a_document_or_a_reason(tree: Any) -> None:
    body = said(tree)
    allow_list_of(body)
    found = outcome(body)
    if isinstance(found, DiscoveryError):
        assert found.problem
        assert found.next_step
        return
    choice = choose(found.participants, excluded=found.excluded)
    assert len(choice.endpoints) + len(choice.left_out) == len(found.participants)


@given(st.lists(TREES, max_size=6), TREES)
def test_any_rows_beside_a_good_one(rows: list[Any], excluded: Any) -> None:
    found = outcome(said(told(*rows, row(A), excluded_participants=excluded)))
    if isinstance(found, DiscoveryError):
        assert "excluded_participants" in found.problem
    else:
        assert A in {each.address for each in found.participants}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_reason(body: bytes) -> None:
    allow_list_of(body)
    assert isinstance(outcome(body), DiscoveryError)


@given(st.data())
def test_a_document_that_was_cut_or_damaged(data: st.DataObject) -> None:
    body = bytearray(said(told(row(A), row(B), excluded_participants=[{"address": B}])))
    position = data.draw(st.integers(0, len(body) - 1))
    assert isinstance(outcome(bytes(body[:position])), DiscoveryError)
    body[position] ^= 1 << data.draw(st.integers(0, 7))
    assert outcome(bytes(body))
