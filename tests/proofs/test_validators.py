"""Sets of validators: their order, their hash, and what cannot be one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import bech32
from gonka_core.errors import ProofError
from gonka_core.proofs.validators import ValidatorSet, validators_of

from .building import Form, b64, rows, set_hash, sha, signers

FIVE = signers(7, 7, 7, 1, 2**40)
FORMS: tuple[Form, ...] = ("document", "rpc", "rest")


@pytest.mark.parametrize("form", FORMS)
def test_the_hash_is_that_of_the_builder_in_any_order(form: Form) -> None:
    told = rows(FIVE, form)
    random.Random(1).shuffle(told)
    found = validators_of(told)
    assert [(each.key, each.power) for each in found.validators] == [(each.key, each.power) for each in FIVE]
    assert (found.hash, found.power) == (set_hash(FIVE), sum(each.power for each in FIVE))


@given(st.lists(st.integers(1, 2**50), min_size=1, max_size=9))
def test_any_powers(powers: list[int]) -> None:
    validators = signers(*powers)
    assert validators_of(rows(validators)[::-1]).hash == set_hash(validators)


def test_a_power_or_key_changes_the_hash() -> None:
    assert len({validators_of(rows(signers(*powers))).hash for powers in ((1, 2), (1, 3), (2, 1), (1, 2, 1))}) == 4


def test_rest_has_addresses_in_bech32() -> None:
    told = rows(FIVE, "rest")
    for row, each in zip(told, FIVE, strict=True):
        row["address"] = bech32.encode("gonkavalcons", each.address)
    assert validators_of(told).hash == set_hash(FIVE)
    told[0]["address"] = bech32.encode("gonkavalcons", FIVE[1].address)
    assert refusal(told) == "validators"


def test_addresses_need_not_be_there() -> None:
    told = rows(FIVE)
    for row in told:
        del row["address"]
    assert validators_of(told).hash == set_hash(FIVE)


def refusal(told: object) -> str | ValidatorSet:
    try:
        return validators_of(told)
    except ProofError as error:
        return error.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"voting_power": 0}, "malformed"),
        ({"voting_power": "0"}, "malformed"),
        ({"voting_power": -1}, "malformed"),
        ({"voting_power": "-1"}, "malformed"),
        ({"voting_power": 1.0}, "malformed"),
        ({"voting_power": True}, "malformed"),
        ({"voting_power": None}, "malformed"),
        ({"voting_power": 2**63}, "malformed"),
        pytest.param({"voting_power": 10**5000}, "malformed", id="huge"),
        ({"voting_power": 2**63 // 8}, "validators"),
        ({"pub_key": b64(bytes(31))}, "malformed"),
        ({"pub_key": b64(bytes(33))}, "malformed"),
        ({"pub_key": bytes(32).hex()}, "malformed"),
        ({"pub_key": None}, "malformed"),
        ({"pub_key": {}}, "malformed"),
        ({"pub_key": {"type": "tendermint/PubKeySecp256k1", "value": b64(bytes(32))}}, "malformed"),
        ({"pub_key": {"@type": "/cosmos.crypto.secp256k1.PubKey", "key": b64(bytes(32))}}, "malformed"),
        ({"pub_key": {"type": "tendermint/PubKeyEd25519", "key": b64(bytes(32))}}, "malformed"),
        ({"pub_key": b64(sha(b"other"))}, "validators"),
        ({"address": "00" * 20}, "validators"),
        ({"address": "x"}, "malformed"),
        ({"address": None}, "validators"),
    ],
)
def test_a_row_that_is_none(changes: dict[str, Any], reason: str) -> None:
    told = rows(FIVE)
    told[1] |= changes
    assert refusal(told) == reason


def test_sets_that_are_none() -> None:
    told = rows(FIVE)
    assert refusal([]) == "validators"
    assert refusal([*told, told[0]]) == "validators"
    assert refusal([*told, told[0] | {"voting_power": 3}]) == "validators"
    with pytest.raises(ProofError, match="more than 10000"):
        validators_of([told[0]] * 10_001)
    strange: tuple[object, ...] = (None, {}, "x", 5, [None], [[]], [told])
    for value in strange:
        assert refusal(value) == "malformed"


def test_the_most_power_that_cometbft_counts() -> None:
    most = (2**63 - 1) // 8
    assert isinstance(refusal(rows(signers(most - 1, 1))), ValidatorSet)
    assert refusal(rows(signers(most, 1))) == "validators"
