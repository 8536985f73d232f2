"""Links between validators: more than a third of those before, and more than two thirds of their own."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.errors import ProofError
from gonka_core.proofs import header_of_epoch, linked
from gonka_core.proofs.header import header_of
from gonka_core.proofs.moving import Link

from .building import NOW, SECOND, Case, MadeHeader, Signer, rows, set_hash, sha, signed

LATER: dict[str, Any] = {"height": 2000, "time_ns": NOW + SECOND}
KEYS = tuple(Signer(sha(f"key {number}".encode()), 1) for number in range(6))


def in_order(*validators: Signer) -> tuple[Signer, ...]:
    return tuple(sorted(validators, key=lambda each: (-each.power, each.address)))


def of_powers(powers: dict[int, int]) -> tuple[Signer, ...]:
    """Validators of these numbers, with their powers."""
    return in_order(*(replace(KEYS[number], power=power) for number, power in powers.items()))


def link(validators: tuple[Signer, ...], absent: tuple[Signer, ...] = (), **changes: Any) -> Link:
    header = replace(MadeHeader(1000, sha(b"state"), set_hash(validators)), **changes)
    flags = [1 if each in absent else 2 for each in validators]
    commit = signed(header, validators, flags)
    return linked(header_of(header.json("rpc")), commit.json("rpc"), rows(validators))


@pytest.mark.parametrize(("stays", "vouches"), [(34, True), (33, False), (100, True), (0, False)])
def test_more_than_a_third_has_to_sign_again(stays: int, vouches: bool) -> None:
    before = of_powers({0: stays, 1: 100 - stays} if 0 < stays < 100 else {0: 100})
    after = of_powers({0: 10, 2: 1}) if stays else of_powers({2: 10})
    assert link(before).vouches_for(link(after, **LATER)) == vouches


def test_exactly_a_third_is_too_little() -> None:
    assert not link(of_powers({0: 1, 1: 2})).vouches_for(link(of_powers({0: 9, 2: 1}), **LATER))
    assert link(of_powers({0: 1, 1: 1})).vouches_for(link(of_powers({0: 9, 2: 1}), **LATER))


def test_who_is_listed_and_did_not_sign_does_not_count() -> None:
    after = of_powers({0: 1, 2: 9})
    absent = tuple(each for each in after if each.key == KEYS[0].key)
    assert link(of_powers({0: 10})).vouches_for(link(after, **LATER))
    assert not link(of_powers({0: 10})).vouches_for(link(after, absent, **LATER))


@pytest.mark.parametrize(
    "changes",
    [
        {"height": 1000, "time_ns": NOW + 1},
        {"height": 999, "time_ns": NOW + 1},
        {"height": 1001, "time_ns": NOW},
        {"height": 1001, "time_ns": NOW - 1},
        {"height": 1001, "time_ns": NOW + 1, "chain_id": "gonka-testnet-3"},
    ],
    ids=str,
)
def test_what_is_not_later_or_of_another_chain(changes: dict[str, Any]) -> None:
    validators = of_powers({0: 1})
    assert link(validators).vouches_for(link(validators, height=1001, time_ns=NOW + 1))
    assert not link(validators).vouches_for(link(validators, **changes))


POWERS = st.dictionaries(st.integers(0, 5), st.integers(1, 20), min_size=1, max_size=6)


@given(POWERS, POWERS, st.sets(st.integers(0, 5)))
def test_any_two_sets_and_whoever_is_absent(before: dict[int, int], after: dict[int, int], missing: set[int]) -> None:
    """Against the rule in fractions."""
    absent = tuple(each for number, each in _numbered(after) if number in missing)
    signing = {number for number in after if number not in missing}
    if Fraction(sum(after[number] for number in signing), sum(after.values())) <= Fraction(2, 3):
        with pytest.raises(ProofError) as caught:
            link(of_powers(after), absent, **LATER)
        assert caught.value.reason == "minority"
        return
    again = Fraction(sum(power for number, power in before.items() if number in signing), sum(before.values()))
    assert link(of_powers(before)).vouches_for(link(of_powers(after), absent, **LATER)) == (again > Fraction(1, 3))


def _numbered(powers: dict[int, int]) -> list[tuple[int, Signer]]:
    return [(number, replace(KEYS[number], power=power)) for number, power in powers.items()]


class TestHeaderOfAnEpoch:
    @pytest.mark.parametrize("shape", ["comet", "sdk"])
    def test_it_needs_no_proof(self, made: Case, shape: str) -> None:
        answer = made.document(shape) | {"proof_ops": None, "active_participants_bytes": ""}  # type: ignore[arg-type]
        assert header_of_epoch(answer).hash == made.header.hash

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"block": None}, "absent"),
            ({"active_participants": None}, "malformed"),
            ({"active_participants": {}}, "malformed"),
            ({"active_participants": {"created_at_block_height": 7}}, "height"),
        ],
        ids=str,
    )
    def test_where_there_is_none(self, made: Case, changes: dict[str, object], reason: str) -> None:
        with pytest.raises(ProofError) as caught:
            header_of_epoch(made.document("rpc") | changes)
        assert caught.value.reason == reason
