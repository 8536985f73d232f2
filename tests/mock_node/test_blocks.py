"""Blocks hash as CometBFT hashes them, and a commit is of one block, one height and one set of validators."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import encode_address
from gonka_mock_node.chain import BlockClock, Chain, Participant
from gonka_mock_node.chain.block_json import comet_json, sdk_json
from gonka_mock_node.chain.blocks import (
    Block,
    Commit,
    CommitError,
    Validator,
    in_order,
    make_block,
    validators_of,
    verify_commit,
)
from gonka_mock_node.chain.timestamps import rfc3339, rfc3339_nano

NOW = 1_766_422_712 * 10**9
NOTHING = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
CONSENSUS = "048091BC7DDC283F77BFBF91D73C44DA58C3DF8A9CBC867405D8B7F3DAADA22F"
APP_HASH = bytes(range(32))
VALIDATORS = in_order(Validator(bytes([number]) * 32, 10 * number) for number in range(1, 4))


def block(validators: tuple[Validator, ...] = VALIDATORS) -> Block:
    return make_block(1000, NOW, 5 * 10**9, validators, APP_HASH)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_the_header() -> None:
    header = comet_json(block())["header"]
    assert list(header)[:5] == ["version", "chain_id", "height", "time", "last_block_id"]
    assert (header["height"], header["time"], header["app_hash"]) == (
        1000,
        "2025-12-22T16:58:32Z",
        APP_HASH.hex().upper(),
    )
    assert {header[name] for name in ("data_hash", "evidence_hash", "last_results_hash")} == {NOTHING}
    assert header["consensus_hash"] == CONSENSUS
    assert header["validators_hash"] == header["next_validators_hash"]
    assert header["proposer_address"] == VALIDATORS[0].address.hex().upper()


def test_the_hash_of_validators_is_cometbfts() -> None:
    """One validator: the leaf is its key (field 1 in field 1) and its power (field 2)."""
    validator = Validator(bytes(32), 7)
    leaf = b"\x0a\x22" + b"\x0a\x20" + validator.key + b"\x10\x07"
    assert block((validator,)).header.validators_hash == sha(b"\x00" + leaf)


def test_the_hash_of_a_header_covers_all_of_it() -> None:
    header = block().header
    changed = [
        replace(header, height=1001),
        replace(header, time_ns=NOW + 1),
        replace(header, last_block_id=replace(header.last_block_id, hash=bytes(32))),
        *(
            replace(header, **{name: bytes(32)})
            for name in ("last_commit_hash", "data_hash", "validators_hash", "consensus_hash", "app_hash", "proposer")
        ),
    ]
    assert len({each.hash for each in [header, *changed]}) == len(changed) + 1


def test_a_block_names_the_one_in_front_and_its_commit() -> None:
    made = block()
    assert made.header.last_block_id == made.last_commit.block_id
    assert made.header.last_commit_hash == made.last_commit.hash
    assert made.last_commit.height == 999
    assert make_block(1000, NOW, 5 * 10**9, VALIDATORS, APP_HASH) == made


def test_a_block_without_validators() -> None:
    made = block(())
    assert comet_json(made)["last_commit"]["signatures"] == []
    assert comet_json(made)["header"]["validators_hash"] == NOTHING
    with pytest.raises(CommitError):
        verify_commit(made.last_commit, 1000, ())


class TestCommit:
    def test_its_own(self) -> None:
        verify_commit(block().last_commit, 1000, VALIDATORS)

    @pytest.mark.parametrize(
        "commit",
        [
            replace(block().last_commit, height=998),
            replace(block().last_commit, votes=block().last_commit.votes[:2]),
            replace(block().last_commit, votes=block().last_commit.votes[::-1]),
            replace(block().last_commit, block_id=block().id),
        ],
        ids=["height", "one-less", "order", "block"],
    )
    def test_another(self, commit: Commit) -> None:
        with pytest.raises(CommitError, match=r"^invalid commit signatures$"):
            verify_commit(commit, 1000, VALIDATORS)

    def test_other_validators(self) -> None:
        for validators in (VALIDATORS[:2], (), (*VALIDATORS[:2], Validator(bytes(32), 10))):
            with pytest.raises(CommitError):
                verify_commit(block().last_commit, 1000, validators)

    @given(st.integers(0, 2), st.integers(0, 63), st.integers(1, 255))
    def test_a_changed_signature(self, number: int, at: int, flip: int) -> None:
        commit = block().last_commit
        vote = commit.votes[number]
        signature = vote.signature[:at] + bytes([vote.signature[at] ^ flip]) + vote.signature[at + 1 :]
        votes = [*commit.votes]
        votes[number] = replace(vote, signature=signature)
        with pytest.raises(CommitError):
            verify_commit(replace(commit, votes=tuple(votes)), 1000, VALIDATORS)


def test_the_shape_of_the_sdk() -> None:
    plain, shown = comet_json(block()), sdk_json(block())
    assert (shown["header"]["height"], shown["last_commit"]["height"]) == ("1000", "999")
    assert base64.b64decode(shown["header"]["app_hash"]) == APP_HASH
    assert list(shown) == sorted(shown)
    assert list(shown["header"]) == sorted(shown["header"])
    signatures = [each["signature"] for each in plain["last_commit"]["signatures"]]
    assert [each["signature"] for each in shown["last_commit"]["signatures"]] == signatures


def test_validators_are_participants_with_weight_the_heaviest_first() -> None:
    chain = Chain(clock=BlockClock(lambda: NOW))
    for number, weight in enumerate((5, 0, 9), start=1):
        chain.join(Participant(encode_address(bytes([number]) * 20), "", weight=weight))
    validators = validators_of(chain.current)
    assert [validator.power for validator in validators] == [9, 5]
    addresses = {each.consensus_address for each in chain.participants()}
    assert {validator.address.hex().upper() for validator in validators} < addresses


def test_the_address_of_a_validator_is_the_networks() -> None:
    participant = Participant("", "", validator_key=base64.b64decode("ljvRT9VScsxQKKX4S91yJRNppbz691ceD4sBYBRrAys="))
    assert participant.consensus_address == "BBDEDC12E4830D2086263415BE3FB4BF43C505A5"


@pytest.mark.parametrize(
    ("fraction", "text"), [(0, ""), (1, ".000000001"), (100_000_000, ".1"), (123_456_000, ".123456")]
)
def test_instants_lose_no_nanosecond(fraction: int, text: str) -> None:
    assert rfc3339_nano(NOW + fraction) == f"2025-12-22T16:58:32{text}Z"
    assert rfc3339(NOW + fraction) == "2025-12-22T16:58:32Z"
