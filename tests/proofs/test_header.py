"""Headers in each form, and their hash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.errors import ProofError
from gonka_core.proofs.header import Header, header_at, header_of
from gonka_core.proofs.merkle import simple_root

from .building import HASHES, SHAPES, Id, MadeHeader, Shape, root, sha

MADE = MadeHeader(1000, sha(b"state"), sha(b"validators"), app=3)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("made", [MADE, replace(MADE, app=0), replace(MADE, time_ns=0)], ids=["app", "no app", "1970"])
def test_each_form_is_the_same_header(shape: Shape, made: MadeHeader) -> None:
    header = header_of(made.json(shape))
    assert header == header_of(made.json("rpc"))
    assert (header.hash, header.height, header.app_hash) == (made.hash, 1000, sha(b"state"))
    assert {name: getattr(header, name) for name in HASHES} == made.hashes


@given(
    st.builds(
        MadeHeader,
        height=st.integers(1, 2**63 - 1),
        app_hash=st.binary(min_size=32, max_size=32),
        validators_hash=st.binary(min_size=32, max_size=32),
        chain_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=50),
        time_ns=st.integers(0, 250_000_000_000 * 10**9),
        block=st.integers(0, 2**64 - 1),
        app=st.integers(0, 2**64 - 1),
        last_block_id=st.builds(Id, st.binary(min_size=32, max_size=32), total=st.integers(0, 2**32 - 1)),
        proposer=st.binary(min_size=20, max_size=20),
    ),
    st.sampled_from(SHAPES),
)
def test_any_header_hashes_as_the_builder_has_it(made: MadeHeader, shape: Shape) -> None:
    assert header_of(made.json(shape)).hash == made.hash


@given(st.lists(st.binary(max_size=6), max_size=40))
def test_the_tree_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    assert simple_root(leaves) == root(leaves)


def with_bytes(header: Header, name: str, value: bytes) -> Header:
    changes: dict[str, Any] = {name: value}
    return replace(header, **changes)


def test_each_field_is_in_the_hash() -> None:
    header = header_of(MADE.json("rpc"))
    ids: tuple[dict[str, Any], ...] = ({"hash": bytes(32)}, {"total": 2}, {"parts_hash": sha(b"x")})
    changed: list[Header] = [
        replace(header, chain_id="gonka-mainnes", app_version=0),
        *(
            replace(header, **{name: getattr(header, name) + 1})
            for name in ("block_version", "app_version", "height", "time_ns")
        ),
        *(with_bytes(header, name, bytes(32)) for name in (*HASHES, "proposer_address")),
        *(replace(header, last_block_id=replace(header.last_block_id, **change)) for change in ids),
    ]
    assert len({each.hash for each in [header, *changed]}) == len(changed) + 1


@pytest.mark.parametrize("name", ["last_commit_hash", "data_hash", "last_results_hash", "evidence_hash"])
def test_what_may_be_empty(name: str) -> None:
    told = MADE.json("rpc")
    assert header_of(told | {name: ""}) == header_of(told | {name: None}) == with_bytes(header_of(told), name, b"")
    del told[name]
    with pytest.raises(ProofError, match=f"header.{name}"):
        header_of(told)


@pytest.mark.parametrize(
    "name", ["validators_hash", "next_validators_hash", "consensus_hash", "app_hash", "proposer_address"]
)
@pytest.mark.parametrize(
    "value", ["", None, "00" * 31, "00" * 33, "AA" * 31 + "aA", "A" * 44, 5, [], " " * 64, "é" * 64]
)
def test_what_has_to_be_there(name: str, value: object) -> None:
    with pytest.raises(ProofError, match=f"^header.{name} is not ") as caught:
        header_of(MADE.json("rpc") | {name: value})
    assert caught.value.reason == "malformed"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", None),
        ("version", {"block": -1}),
        ("version", {"block": 2**64}),
        ("version", {"block": 11, "app": "x"}),
        ("chain_id", 5),
        ("chain_id", "x" * 51),
        ("chain_id", "gonka-maïnnet"),
        ("chain_id", "\ud800"),
        ("height", "1e3"),
        ("height", 2**63),
        ("height", "٣"),
        ("time", 5),
        ("time", "2025-02-30T00:00:00Z"),
        ("time", "2025-12-22 16:58:32Z"),
        ("time", "2025-12-22T16:58:32.0000000001Z"),
        ("last_block_id", None),
        ("last_block_id", {"hash": "00" * 32}),
        ("last_block_id", MADE.last_block_id.json("rpc") | MADE.last_block_id.json("sdk")),
        ("last_block_id", {"hash": "00" * 32, "parts": {"total": 2**32, "hash": "00" * 32}}),
        ("last_block_id", {"hash": "00" * 32, "parts": []}),
    ],
    ids=str,
)
def test_values_of_another_form(name: str, value: object) -> None:
    with pytest.raises(ProofError) as caught:
        header_of(MADE.json("rpc") | {name: value})
    assert caught.value.reason == "malformed"


class TestWhichBlock:
    """`protocol.md` §6.6: one block, or a list of N, N-1 and N+1, of which the official SDKs take the first."""

    BLOCKS = tuple({"header": replace(MADE, height=height).json("comet")} for height in (999, 998, 1000))

    def test_one(self) -> None:
        assert header_at(self.BLOCKS[2], 1000).height == 1000

    def test_the_right_one_of_several(self) -> None:
        assert header_at(self.BLOCKS, 1000).height == 1000
        assert header_at(self.BLOCKS, 999).height == 999

    @pytest.mark.parametrize("block", [BLOCKS[0], BLOCKS[:2], []], ids=["one", "two", "none"])
    def test_none_of_that_height(self, block: Any) -> None:
        with pytest.raises(ProofError, match="1000") as caught:
            header_at(block, 1000)
        assert caught.value.reason == "height"

    def test_no_block(self) -> None:
        with pytest.raises(ProofError) as caught:
            header_at(None, 1000)
        assert caught.value.reason == "absent"

    @pytest.mark.parametrize("block", [5, "x", {}, {"header": 5}, [None], [{}], [[BLOCKS[2]]]], ids=str)
    def test_what_is_no_block(self, block: Any) -> None:
        with pytest.raises(ProofError) as caught:
            header_at(block, 1000)
        assert caught.value.reason == "malformed"
