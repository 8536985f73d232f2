"""Blocks hash as CometBFT hashes them, and a commit is of one block, one height and one set of validators."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import encode_address
from gonka_mock_node.chain import BlockClock, Chain, Participant
from gonka_mock_node.chain.block_json import comet_json, sdk_json
from gonka_mock_node.chain.blocks import Block, make_block
from gonka_mock_node.chain.commits import CommitError, sign_commit, verify_commit
from gonka_mock_node.chain.headers import ABSENT, NO_VOTE, BlockId, Commit, Vote
from gonka_mock_node.chain.timestamps import ZERO_TIME_NS, rfc3339, rfc3339_nano
from gonka_mock_node.chain.validator_keys import LIAR, public_key, seed_behind, seed_of
from gonka_mock_node.chain.validators import Validator, in_order, validators_of

NOW = 1_766_422_712 * 10**9
NOTHING = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
CONSENSUS = "048091BC7DDC283F77BFBF91D73C44DA58C3DF8A9CBC867405D8B7F3DAADA22F"
APP_HASH = bytes(range(32))
SEEDS = [bytes([number]) * 32 for number in range(1, 4)]
VALIDATORS = in_order(Validator(public_key(seed), 10 * power, seed) for power, seed in enumerate(SEEDS, start=1))


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
            replace(header, **dict[str, Any]({name: bytes(32)}))
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
    assert make_block(1000, NOW, 5 * 10**9, VALIDATORS, bytes(32)).last_commit == made.last_commit


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

    def test_a_true_commit_of_another_height(self) -> None:
        for height in (999, 1001):
            with pytest.raises(CommitError, match=r"^invalid commit signatures$"):
                verify_commit(block().last_commit, height, VALIDATORS)

    def test_other_validators(self) -> None:
        stranger = Validator(public_key(bytes(32)), 10)
        for validators in (VALIDATORS[:2], (), (*VALIDATORS[:2], stranger), (stranger, *VALIDATORS[1:])):
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


class TestPower:
    """Powers 30, 20 and 10: more than two thirds are more than 40."""

    @pytest.mark.parametrize(
        ("absent", "enough"), [((), True), ((2,), True), ((1,), False), ((0,), False), ((1, 2), False)]
    )
    def test_more_than_two_thirds_are_needed(self, absent: tuple[int, ...], enough: bool) -> None:
        commit = block().last_commit
        votes = tuple(NO_VOTE if place in absent else vote for place, vote in enumerate(commit.votes))
        with contextlib.nullcontext() if enough else pytest.raises(CommitError):
            verify_commit(replace(commit, votes=votes), 1000, VALIDATORS)

    def test_whoever_has_no_seed_is_absent(self) -> None:
        nobodys = replace(VALIDATORS[2], seed=None)
        commit = block((*VALIDATORS[:2], nobodys)).last_commit
        assert commit.votes[2] == NO_VOTE == Vote(b"", ZERO_TIME_NS, b"", ABSENT)
        verify_commit(commit, 1000, VALIDATORS)
        shown = comet_json(block((*VALIDATORS[:2], nobodys)))["last_commit"]["signatures"][2]
        assert shown == {
            "block_id_flag": 1,
            "validator_address": "",
            "timestamp": "0001-01-01T00:00:00Z",
            "signature": None,
        }
        shown = sdk_json(block((*VALIDATORS[:2], nobodys)))["last_commit"]["signatures"][2]
        assert shown == {
            "block_id_flag": "BLOCK_ID_FLAG_ABSENT",
            "signature": None,
            "timestamp": "0001-01-01T00:00:00Z",
            "validator_address": None,
        }

    def test_a_wrong_vote_is_not_outvoted(self) -> None:
        commit = block().last_commit
        with pytest.raises(CommitError):
            verify_commit(
                replace(commit, votes=(*commit.votes[:2], replace(commit.votes[2], flag=3))), 1000, VALIDATORS
            )

    def test_the_address_beside_a_vote_is_the_validators(self) -> None:
        commit = block().last_commit
        votes = (replace(commit.votes[0], validator=VALIDATORS[1].address), *commit.votes[1:])
        with pytest.raises(CommitError):
            verify_commit(replace(commit, votes=votes), 1000, VALIDATORS)


@given(st.lists(st.tuples(st.integers(1, 2**62), st.booleans()), min_size=1, max_size=12))
def test_a_commit_holds_where_more_than_two_thirds_of_the_power_can_sign(entries: list[tuple[int, bool]]) -> None:
    validators = in_order(
        Validator(public_key(seed := number.to_bytes(32, "big")), power, seed if signs else None)
        for number, (power, signs) in enumerate(entries)
    )
    commit = sign_commit(7, BlockId(bytes(32), bytes(32)), NOW, validators)
    signing = sum(power for power, signs in entries if signs)
    with (
        contextlib.nullcontext() if signing * 3 > sum(power for power, _ in entries) * 2 else pytest.raises(CommitError)
    ):
        verify_commit(commit, 8, validators)


class TestKeys:
    def test_a_seed_is_rfc_8032s(self) -> None:
        """The first vector of RFC 8032 §7.1."""
        seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        assert public_key(seed).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

    def test_it_is_made_from_the_address(self) -> None:
        assert seed_of("gonka1x") == sha(b"gonka mock node validator gonka1x")
        assert seed_of("gonka1x", LIAR) != seed_of("gonka1x")

    def test_a_key_from_elsewhere_has_no_seed(self) -> None:
        address = encode_address(bytes(20))
        for whose in (seed_of(address), seed_of(address, LIAR)):
            assert seed_behind(public_key(whose), address) == whose
        assert seed_behind(public_key(seed_of("gonka1x")), address) is None
        assert seed_behind(bytes(32), address) is None

    def test_a_participants_key_and_who_signs_with_it(self) -> None:
        chain = Chain(clock=BlockClock(lambda: NOW))
        own, given_key = (encode_address(bytes([number]) * 20) for number in (1, 2))
        chain.join(Participant(own, "", weight=2))
        chain.join(Participant(given_key, "", weight=1, validator_key=bytes(32)))
        first, second = validators_of(chain.current)
        assert (first.key, first.seed) == (public_key(seed_of(own)), seed_of(own))
        assert (second.key, second.seed) == (bytes(32), None)
        assert "seed" not in repr(first)


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
