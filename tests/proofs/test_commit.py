"""Commits, signed by keys of the test: more than two thirds of one set, for one header, and each vote right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.errors import ProofError
from gonka_core.proofs.commit import commit_of, sign_bytes, verify_commit
from gonka_core.proofs.header import header_of
from gonka_core.proofs.validators import validators_of

from .building import (
    SHAPES,
    Id,
    MadeCommit,
    MadeHeader,
    Shape,
    Signer,
    canonical,
    rows,
    set_hash,
    sha,
    signed,
    signers,
    voted,
)

FOUR = signers(40, 30, 20, 10)


def header_for(validators: tuple[Signer, ...], **changes: object) -> MadeHeader:
    return replace(MadeHeader(1000, sha(b"state"), set_hash(validators)), **changes)  # type: ignore[arg-type]


def verdict(header: MadeHeader, commit: MadeCommit, validators: tuple[Signer, ...], shape: Shape = "rpc") -> str | None:
    """The reason, None where the commit is enough."""
    try:
        verify_commit(commit_of(commit.json(shape)), header_of(header.json(shape)), validators_of(rows(validators)))
    except ProofError as error:
        return error.reason
    return None


class TestHowMany:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_all(self, shape: Shape) -> None:
        header = header_for(FOUR)
        assert verdict(header, signed(header, FOUR), FOUR, shape) is None

    @pytest.mark.parametrize(
        ("flags", "reason"),
        [
            ((2, 2, 1, 1), None),
            ((2, 2, 3, 1), None),
            ((2, 1, 2, 2), None),
            ((2, 3, 2, 1), "minority"),
            ((2, 1, 2, 1), "minority"),
            ((1, 2, 2, 2), "minority"),
            ((3, 3, 3, 3), "minority"),
            ((1, 1, 1, 1), "minority"),
        ],
    )
    @pytest.mark.parametrize("shape", SHAPES)
    def test_70_of_100_are_enough_and_60_are_not(
        self, shape: Shape, flags: tuple[int, ...], reason: str | None
    ) -> None:
        header = header_for(FOUR)
        assert verdict(header, signed(header, FOUR, flags), FOUR, shape) == reason

    @pytest.mark.parametrize(
        ("powers", "reason"), [((200, 100), "minority"), ((201, 100), None), ((201, 101), "minority")]
    )
    def test_exactly_two_thirds_are_too_few_and_one_more_is_enough(
        self, powers: tuple[int, int], reason: str | None
    ) -> None:
        pair = signers(*powers)
        header = header_for(pair)
        assert verdict(header, signed(header, pair, (2, 1)), pair) == reason

    def test_large_powers_are_counted_exactly(self) -> None:
        third = 2**58 // 3
        for powers, reason in (((2 * third, third), "minority"), ((2 * third + 1, third), None)):
            pair = signers(*powers)
            header = header_for(pair)
            assert verdict(header, signed(header, pair, (2, 1)), pair) == reason

    @given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from([1, 2, 3])), min_size=1, max_size=6))
    def test_the_rule_is_that_of_fractions(self, told: list[tuple[int, int]]) -> None:
        validators = signers(*(power for power, _ in told))
        flags = [flag for _, flag in told]
        header = header_for(validators)
        enough = 3 * sum(each.power for each, flag in zip(validators, flags, strict=True) if flag == 2) > 2 * sum(
            each.power for each in validators
        )
        assert verdict(header, signed(header, validators, flags), validators) == (None if enough else "minority")


def swapped(commit: MadeCommit) -> MadeCommit:
    first, second, *others = commit.votes
    return replace(commit, votes=(second, first, *others))


def doubled(commit: MadeCommit) -> MadeCommit:
    """The strongest validator's vote once more, in the place of the weakest one."""
    return replace(commit, votes=(*commit.votes[:3], commit.votes[0]))


def under_another_address(commit: MadeCommit) -> MadeCommit:
    disguised = replace(commit.votes[0], address=commit.votes[3].address)
    return replace(commit, votes=(*commit.votes[:3], disguised))


def signed_under_another_name(commit: MadeCommit) -> MadeCommit:
    """The right signature at its place; the address beside it, which nobody signs, is another one."""
    renamed = replace(commit.votes[0], address=commit.votes[3].address)
    return replace(commit, votes=(renamed, *commit.votes[1:]))


def of_nobody(commit: MadeCommit) -> MadeCommit:
    """A wrong signature that is not needed: the three before it are enough."""
    return replace(commit, votes=(*commit.votes[:3], replace(commit.votes[3], signature=bytes(64))))


def for_nothing_but_wrong(commit: MadeCommit) -> MadeCommit:
    return replace(commit, votes=(*commit.votes[:3], replace(commit.votes[3], flag=3)))


BREAKS = (swapped, doubled, under_another_address, signed_under_another_name, of_nobody, for_nothing_but_wrong)


class TestWhatIsWrong:
    HEADER = header_for(FOUR)
    COMMIT = signed(HEADER, FOUR)

    @pytest.mark.parametrize("break_it", BREAKS)
    def test_each_vote_has_to_be_right_at_its_place(self, break_it: Callable[[MadeCommit], MadeCommit]) -> None:
        assert verdict(self.HEADER, self.COMMIT, FOUR) is None
        assert verdict(self.HEADER, break_it(self.COMMIT), FOUR) == "commit"

    @pytest.mark.parametrize("count", [0, 3, 5])
    def test_as_many_places_as_validators(self, count: int) -> None:
        votes = (self.COMMIT.votes * 2)[:count]
        assert verdict(self.HEADER, replace(self.COMMIT, votes=votes), FOUR) == "commit"

    @pytest.mark.parametrize(
        "changes",
        [{"height": 999}, {"round": 1}, {"block_id": Id(sha(b"other"))}, {"block_id": Id(HEADER.hash)}],
        ids=str,
    )
    def test_another_height_round_block_or_parts(self, changes: dict[str, object]) -> None:
        assert verdict(self.HEADER, replace(self.COMMIT, **changes), FOUR) == "commit"  # type: ignore[arg-type]

    def test_another_height_where_nobody_signed(self) -> None:
        absent = signed(self.HEADER, FOUR, (1, 1, 1, 1))
        assert verdict(self.HEADER, absent, FOUR) == "minority"
        assert verdict(self.HEADER, replace(absent, height=999), FOUR) == "commit"

    def test_votes_of_another_chain(self) -> None:
        assert verdict(self.HEADER, signed(self.HEADER, FOUR, chain="gonka-testnet"), FOUR) == "commit"

    def test_a_whole_commit_of_another_block(self) -> None:
        other = header_for(FOUR, app_hash=sha(b"another state"))
        assert verdict(other, signed(other, FOUR), FOUR) is None
        assert verdict(self.HEADER, signed(other, FOUR), FOUR) == "commit"

    def test_later_rounds_count(self) -> None:
        assert verdict(self.HEADER, signed(self.HEADER, FOUR, in_round=7), FOUR) is None

    def test_other_validators(self) -> None:
        """Keys, places and signatures are right, the power of one is not."""
        assert verdict(self.HEADER, self.COMMIT, signers(40, 30, 20, 9)) == "validators"

    @pytest.mark.parametrize("at", range(4))
    def test_each_bit_of_a_signature_counts(self, at: int) -> None:
        for bit in range(512):
            vote = self.COMMIT.votes[at]
            data = bytearray(vote.signature)
            data[bit // 8] ^= 1 << bit % 8
            votes = list(self.COMMIT.votes)
            votes[at] = replace(vote, signature=bytes(data))
            assert verdict(self.HEADER, replace(self.COMMIT, votes=tuple(votes)), FOUR) == "commit"


class TestItsForm:
    COMMIT = signed(header_for(FOUR), FOUR, (2, 2, 3, 1))

    @pytest.mark.parametrize("shape", SHAPES)
    def test_bytes_and_hash_are_those_of_the_builder(self, shape: Shape) -> None:
        read = commit_of(self.COMMIT.json(shape))
        assert read.hash == self.COMMIT.hash
        for vote, made in zip(read.votes[:3], self.COMMIT.votes[:3], strict=True):
            assert sign_bytes(read, vote, "gonka-mainnet") == canonical(
                self.COMMIT, made.flag, made.time_ns, "gonka-mainnet"
            )

    @given(st.integers(1, 2**63 - 1), st.integers(0, 2**31 - 1), st.sampled_from([2, 3]), st.integers(0, 4 * 10**18))
    def test_signed_bytes_at_all_heights_rounds_and_times(self, height: int, at: int, flag: int, ns: int) -> None:
        bare = MadeCommit(height, Id(sha(b"block"), sha(b"parts"), at), (), at)
        made = replace(bare, votes=(voted(bare, FOUR[0], flag, "c", ns),))
        read = commit_of(made.json("rpc"))
        assert sign_bytes(read, read.votes[0], "c") == canonical(bare, flag, ns, "c")

    @pytest.mark.parametrize(
        ("changes", "place"),
        [
            ({"height": -1}, "commit.height"),
            ({"height": 2**63}, "commit.height"),
            ({"round": -1}, "commit.round"),
            ({"round": 2**31}, "commit.round"),
            ({"round": None}, "commit.round"),
            ({"block_id": None}, "commit.block_id"),
            ({"block_id": {"hash": "", "parts": {"total": 0, "hash": ""}}}, "commit.block_id.hash"),
            ({"signatures": None}, "commit.signatures"),
            ({"signatures": ["x"]}, "a signature"),
        ],
        ids=str,
    )
    def test_a_commit_that_is_none(self, changes: dict[str, object], place: str) -> None:
        with pytest.raises(ProofError, match=f"^{place} is not ") as caught:
            commit_of(self.COMMIT.json("rpc") | changes)
        assert caught.value.reason == "malformed"

    @pytest.mark.parametrize(
        ("at", "changes"),
        [
            (0, {"block_id_flag": 0}),
            (0, {"block_id_flag": 4}),
            (0, {"block_id_flag": True}),
            (0, {"block_id_flag": 2.0}),
            (0, {"block_id_flag": [2]}),
            (0, {"block_id_flag": "BLOCK_ID_FLAG_UNKNOWN"}),
            (0, {"block_id_flag": 1}),
            (0, {"signature": None}),
            (0, {"signature": ""}),
            (0, {"signature": "AAAA"}),
            (0, {"validator_address": ""}),
            (0, {"timestamp": ""}),
            (3, {"block_id_flag": 2}),
            (3, {"block_id_flag": True}),
            (3, {"signature": "AAAA"}),
            (3, {"validator_address": "00" * 20}),
            (3, {"timestamp": "2025-12-22T16:58:32Z"}),
        ],
        ids=str,
    )
    def test_a_vote_that_is_none(self, at: int, changes: dict[str, object]) -> None:
        told = self.COMMIT.json("rpc")
        told["signatures"][at] |= changes
        with pytest.raises(ProofError) as caught:
            commit_of(told)
        assert caught.value.reason == "malformed"
