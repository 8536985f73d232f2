"""What others published comes out as they say, and nothing near it does."""

from __future__ import annotations

import base64
import copy
from dataclasses import replace
from typing import Any

import pytest

from gonka_conformance import vectors
from gonka_conformance.vectors import ProofVector
from gonka_core.errors import ProofError
from gonka_core.proofs import messages
from gonka_core.proofs.commit import Commit, Vote, commit_of, sign_bytes, verify_commit
from gonka_core.proofs.ed25519 import verifies
from gonka_core.proofs.header import BlockId, Header, header_of
from gonka_core.proofs.ics23 import WORDS, ProofOp, proven_root
from gonka_core.proofs.merkle import sha256
from gonka_core.proofs.validators import validators_of

from . import published as facts

PROOFS = [pytest.param(vector, id=vector.id) for vector in vectors.proofs()]
DEVNET = facts.DEVNET_OPS


def word_of(vector: ProofVector) -> str | None:
    """What this code says of a vector, in the words of the vectors."""
    ops = [ProofOp(op.type, op.key, op.data) for op in vector.operations]
    try:
        root = proven_root(vector.value, ops, vector.key, vector.store.encode())
    except ProofError as error:
        return error.problem.partition("(")[2].partition(":")[0] if error.reason == "proof" else error.reason
    return None if root == vector.app_hash else "app-hash"


@pytest.mark.parametrize("vector", PROOFS)
def test_each_vector_comes_out_as_it_says(vector: ProofVector) -> None:
    assert word_of(vector) == vector.reason
    if vector.valid:
        assert vector.computed_app_hash == vector.app_hash


def test_all_vectors_are_there_and_each_word_but_one_is_theirs() -> None:
    assert len(PROOFS) == 57
    reasons = {vector.reason for vector in vectors.proofs()} - {None, "app-hash"}
    assert set(WORDS) - reasons == {"depth"}


class TestTheSample:
    """`protocol.md` §12.4, in the key format of April 2025."""

    SAMPLE = next(vector for vector in vectors.proofs() if vector.id == "ics23-1")
    OPS = tuple(ProofOp(op.type, op.key, op.data) for op in SAMPLE.operations)

    def test_its_root_is_that_of_the_block_after(self) -> None:
        root = proven_root(self.SAMPLE.value, self.OPS, b"ActiveParticipants/1/value/")
        assert root.hex() == "76f2f96185acf82361ed6bf5d4d0fb46fd78308230eba4fa8b851e67bfb4eca4"

    def test_and_not_that_of_the_header_printed_beside_it(self) -> None:
        root = proven_root(self.SAMPLE.value, self.OPS, b"ActiveParticipants/1/value/")
        assert root.hex() != "6DAF9E22F6A30D441F5C40BF37ABD8A3B11A7582F5023413639C3015C6E47713".lower()

    def test_the_key_of_today_is_another(self) -> None:
        with pytest.raises(ProofError, match=r"\(key:"):
            proven_root(self.SAMPLE.value, self.OPS, b"ActiveParticipants/value/\0\0\0\0\0\0\0\1/")

    def test_the_address_of_its_validator(self) -> None:
        rows = [{"pub_key": "ljvRT9VScsxQKKX4S91yJRNppbz691ceD4sBYBRrAys=", "voting_power": 1}]
        assert validators_of(rows).validators[0].address.hex().upper() == "BBDEDC12E4830D2086263415BE3FB4BF43C505A5"


class TestALiveNetwork:
    """From a value in a store to the validator's key: each step is that of a chain that really ran."""

    OPS = (
        ProofOp("ics23:iavl", facts.DEVNET_KEY, base64.b64decode(DEVNET[0])),
        ProofOp("ics23:simple", b"ibc", base64.b64decode(DEVNET[1])),
    )

    def test_the_whole_way(self) -> None:
        root = proven_root(facts.DEVNET_VALUE, self.OPS, facts.DEVNET_KEY, b"ibc")
        header = header_of(facts.DEVNET_HEADER)
        validators = validators_of(facts.DEVNET_VALIDATORS)
        assert root == header.app_hash
        assert header.hash == facts.DEVNET_HASH
        assert validators.hash == header.validators_hash
        verify_commit(commit_of(facts.DEVNET_COMMIT), header, validators)

    @pytest.mark.parametrize(
        "change",
        [
            {"time": "2021-07-04T09:35:10.289905Z"},
            {"height": "12"},
            {"chain_id": "devnet-1"},
            {"version": {"block": 12}},
        ],
        ids=str,
    )
    def test_another_header_is_not_signed(self, change: dict[str, Any]) -> None:
        header = header_of(facts.DEVNET_HEADER | change)
        assert header.hash != facts.DEVNET_HASH
        with pytest.raises(ProofError) as caught:
            verify_commit(commit_of(facts.DEVNET_COMMIT), header, validators_of(facts.DEVNET_VALIDATORS))
        assert caught.value.reason == "commit"

    def test_another_moment_of_the_vote_is_not_signed(self) -> None:
        commit = copy.deepcopy(facts.DEVNET_COMMIT)
        commit["signatures"][0]["timestamp"] = "2021-07-04T09:35:15.402429Z"
        with pytest.raises(ProofError, match="place 0"):
            verify_commit(commit_of(commit), header_of(facts.DEVNET_HEADER), validators_of(facts.DEVNET_VALIDATORS))

    def test_another_block_as_rpc_shows_it(self) -> None:
        header = header_of(facts.RPC_HEADER)
        assert header.hash == facts.RPC_HASH
        assert commit_of(facts.RPC_LAST_COMMIT).hash == header.last_commit_hash


class TestOfFour:
    """Made and signed by an implementation in Rust."""

    HEADER = replace(header_of(facts.FOUR_HEADER), app_hash=b"")
    VALIDATORS = validators_of(facts.FOUR_VALIDATORS)

    def test_the_block_is_signed(self) -> None:
        assert self.VALIDATORS.hash == self.HEADER.validators_hash
        verify_commit(commit_of(facts.FOUR_COMMIT), self.HEADER, self.VALIDATORS)

    def test_the_order_of_rows_does_not_matter(self) -> None:
        assert validators_of(facts.FOUR_VALIDATORS[::-1]) == self.VALIDATORS

    def test_the_order_of_signatures_does(self) -> None:
        commit = facts.FOUR_COMMIT | {"signatures": facts.FOUR_COMMIT["signatures"][::-1]}
        with pytest.raises(ProofError, match="place 0"):
            verify_commit(commit_of(commit), self.HEADER, self.VALIDATORS)


class TestAVoteForNothing:
    """Of Tendermint's own light client. (The rest of that case is of a pre-release that signed other bytes.)"""

    VOTE = commit_of(facts.FOUR_COMMIT | {"signatures": [facts.NIL_VOTE]}).votes[0]
    KEY = base64.b64decode(facts.NIL_KEY)
    COMMIT = Commit(2, 1, BlockId(bytes(32), 1, bytes(32)), ())

    def test_it_is_signed(self) -> None:
        assert verifies(self.KEY, sign_bytes(self.COMMIT, self.VOTE, "test-chain-01"), self.VOTE.signature)

    def test_it_is_none_for_the_block(self) -> None:
        for_the_block = sign_bytes(self.COMMIT, replace(self.VOTE, flag=2), "test-chain-01")
        assert not verifies(self.KEY, for_the_block, self.VOTE.signature)


def test_the_header_of_cometbfts_test() -> None:
    header = Header(
        block_version=1,
        app_version=2,
        chain_id="chainId",
        height=3,
        time_ns=1_570_983_284 * 10**9,
        last_block_id=BlockId(bytes(32), 6, bytes(32)),
        proposer_address=sha256(b"proposer_address")[:20],
        **{
            name: sha256(name.encode())
            for name in (
                "last_commit_hash",
                "data_hash",
                "validators_hash",
                "next_validators_hash",
                "consensus_hash",
                "app_hash",
                "last_results_hash",
                "evidence_hash",
            )
        },
    )
    assert header.hash.hex().upper() == facts.COMET_HEADER_HASH
    assert replace(header, app_version=3).hash != header.hash


def test_the_signed_bytes_of_cometbfts_test() -> None:
    """Go's zero time, no block, no chain: what its test calls the second case, and by the message itself the first."""
    beginning = -62_135_596_800 * 10**9
    commit = Commit(1, 1, BlockId(b"", 0, b""), ())
    assert sign_bytes(commit, Vote(3, b"", beginning, b""), "") == facts.VOTE_HEIGHT_AND_ROUND
    empty = messages.encode(messages.CanonicalVote(timestamp=messages.timestamp(beginning)))
    assert bytes([len(empty)]) + empty == facts.VOTE_EMPTY
    assert sign_bytes(commit, Vote(3, b"", beginning, b""), "test_chain_id").endswith(b"\x32\x0dtest_chain_id")
