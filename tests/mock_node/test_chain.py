"""Accounts, models, participants and epochs: what a test can change, and how it comes back."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import InvalidAddressError
from gonka_core.address import encode_address
from gonka_mock_node.chain import (
    FALLBACK_PRICE,
    KNOWN_MODELS,
    Account,
    BlockClock,
    Chain,
    Excluded,
    Inference,
    Model,
    Params,
    Participant,
)
from gonka_mock_node.chain.inferences import Inferences
from gonka_mock_node.chain.stages import phase, stages

NOW = 1_766_422_712 * 10**9
ONE, TWO, THREE = (encode_address(bytes([number]) * 20) for number in (1, 2, 3))
KEY = b"\x02" + bytes(31) + b"\x01"


@pytest.fixture
def chain() -> Chain:
    return Chain(clock=BlockClock(lambda: NOW), models=("test",))


def addresses(participants: tuple[Participant, ...]) -> list[str]:
    return [participant.address for participant in participants]


class TestModels:
    def test_names_are_enough(self, chain: Chain) -> None:
        assert chain.model_names() == ("test",)
        assert chain.model("test") == Model("test")
        assert (chain.serves("test"), chain.serves("other"), chain.model("other")) == (True, False, None)

    def test_none_serves_any_and_lists_the_known(self) -> None:
        chain = Chain()
        assert chain.serves("whatever")
        assert chain.model_names() == KNOWN_MODELS

    @pytest.mark.parametrize(
        ("id_", "given", "repository"),
        [("a/b", None, "a/b"), ("test", None, ""), ("test", "c/d", "c/d"), ("a/b", "", "")],
    )
    def test_a_repository_follows_from_the_id(self, id_: str, given: str | None, repository: str) -> None:
        assert Model(id_, hf_repo=given).repository == repository

    def test_a_price_is_the_models_own_or_the_chains(self) -> None:
        chain = Chain(models=("test", Model("dear", price=7), Model("free", price=0)), price=3)
        assert [chain.price_of(name) for name in ("test", "dear", "free")] == [3, 7, 0]
        assert chain.price_of("unknown") == FALLBACK_PRICE

    def test_a_price_that_cannot_be_had_is_the_fallback(self, chain: Chain) -> None:
        chain.outages.add("price")
        assert chain.price_of("test") == FALLBACK_PRICE == 1000


class TestAccounts:
    def test_keys_that_may_sign_for_a_provider(self, chain: Chain) -> None:
        assert chain.transfer_keys(ONE) == ()
        chain.put(Account(ONE, None, 0))
        assert chain.transfer_keys(ONE) == ()
        chain.put(Account(ONE, KEY, 0))
        chain.grant(ONE, b"\x03" + KEY[1:])
        assert chain.transfer_keys(ONE) == (b"\x03" + KEY[1:], KEY)
        assert chain.transfer_keys(TWO) == ()

    def test_one_that_is_removed(self, chain: Chain) -> None:
        address = chain.fund(KEY).address
        chain.put(Account(ONE, None, 5))
        chain.remove(address)
        chain.remove(address)
        assert (chain.account(address), chain.accounts()) == (None, (Account(ONE, None, 5),))

    def test_it_can_begin_in_another_epoch(self) -> None:
        chain = Chain(first_epoch=7)
        assert (chain.epoch, chain.next_epoch().number) == (7, 8)
        chain.reset()
        assert chain.epoch == 7

    def test_an_address_that_is_none(self, chain: Chain) -> None:
        with pytest.raises(InvalidAddressError):
            chain.account("nonsense")


class TestParams:
    def test_the_allow_list(self, chain: Chain) -> None:
        chain.allow(ONE, TWO)
        assert chain.params.allowed_transfer_addresses == {ONE, TWO}
        chain.allow(THREE)
        assert chain.params.allowed_transfer_addresses == {THREE}
        chain.allow_everyone()
        assert chain.params == Params()

    def test_the_developer_gate(self, chain: Chain) -> None:
        chain.block_developers_until(5_000_000, allowed=[ONE])
        assert (chain.params.developer_gate_until, chain.params.allowed_developers) == (5_000_000, frozenset({ONE}))
        chain.block_developers_until(0)
        assert chain.params == Params()

    @pytest.mark.parametrize(("seconds", "blocks"), [(60, 30), (0, 5), (1, 4)])
    def test_blocks_of_the_replay_memory(self, seconds: int, blocks: int) -> None:
        assert Params(timestamp_expiration_s=seconds).replay_blocks == blocks


class TestEpochs:
    def test_it_begins_within_an_epoch(self, chain: Chain) -> None:
        epoch = chain.current
        assert (chain.epoch, epoch.number, epoch.participants) == (171, 171, ())
        assert epoch.poc_start < epoch.created_at < epoch.effective <= chain.clock.height
        assert epoch.time_ns == NOW - (chain.clock.height - epoch.created_at - 1) * 5 * 10**9

    @pytest.mark.parametrize("height", [1, 2, 10, 700])
    def test_a_young_chain_keeps_its_height(self, height: int) -> None:
        chain = Chain(clock=BlockClock(lambda: NOW, height=height))
        assert chain.clock.height == height
        assert chain.current.created_at + 1 <= height
        assert chain.current.effective <= height

    def test_a_node_enters_once_and_may_change_its_url(self, chain: Chain) -> None:
        chain.enter(ONE, "http://one")
        chain.enter(ONE, "http://one")
        chain.enter(TWO, "http://two")
        chain.enter(ONE, "http://elsewhere")
        assert [(each.address, each.url) for each in chain.participants()] == [
            (ONE, "http://elsewhere"),
            (TWO, "http://two"),
        ]
        assert chain.participants()[0].models == ("test",)

    def test_entering_again_keeps_what_a_test_set(self, chain: Chain) -> None:
        chain.join(Participant(ONE, "http://one", weight=7))
        assert chain.enter(ONE, "http://two").weight == 7

    def test_models_of_a_participant_may_be_any_sequence(self, chain: Chain) -> None:
        """Records are kept by what they hold, so each has to be frozen through and through."""
        joined = chain.join(Participant(ONE, "", models=cast("tuple[str, ...]", ["test"])))
        assert (joined.models, hash(chain.current)) == (("test",), hash(chain.current))
        assert chain.ledger().statement(chain.epoch).epoch == chain.current

    def test_participants_without_address_or_url(self, chain: Chain) -> None:
        chain.join(Participant("", "http://nobody"))
        chain.join(Participant("", "http://nobody-else"))
        chain.join(Participant(ONE, ""))
        assert addresses(chain.participants()) == addresses(chain.registered) == ["", "", ONE]

    def test_the_next_epoch_begins_with_who_is_registered(self, chain: Chain) -> None:
        chain.enter(ONE, "http://one")
        chain.enter(TWO, "http://two")
        chain.leave(TWO)
        assert addresses(chain.participants()) == [ONE, TWO]
        before = chain.current
        after = chain.next_epoch()
        assert (chain.epoch, after) == (172, chain.current)
        assert addresses(chain.participants()) == [ONE]
        chain.join(Participant(THREE, "http://three"))
        assert chain.epochs[171] == before
        assert addresses(chain.participants()) == [ONE, THREE]

    def test_epochs_follow_each_other_without_time(self, chain: Chain) -> None:
        for _ in range(5):
            before, instant = chain.current, chain.clock.time_ns
            after = chain.next_epoch()
            assert before.effective < after.poc_start < after.created_at < after.effective <= chain.clock.height
            assert (chain.clock.time_ns, after.number) == (instant, before.number + 1)
            assert after.group_id > before.group_id

    def test_an_epoch_old_enough_gives_way_without_blocks(self, chain: Chain) -> None:
        height = chain.clock.height
        chain.next_epoch()
        assert chain.clock.height == height

    def test_excluded_are_those_of_the_epoch_under_way(self, chain: Chain) -> None:
        chain.enter(ONE, "http://one")
        excluded = chain.exclude(ONE, "downtime")
        assert excluded == Excluded(ONE, "downtime", chain.clock.height)
        assert (chain.excluded, addresses(chain.participants())) == ((excluded,), [ONE])
        chain.next_epoch()
        assert chain.excluded == ()
        assert chain.epochs[171].excluded == (excluded,)

    def test_stages_and_phases(self, chain: Chain) -> None:
        lengths, start = chain.params.epochs, chain.current.poc_start
        heights = stages(171, start, lengths)
        assert heights["poc_validation_end"] == chain.current.created_at
        assert heights["set_new_validators"] == chain.current.effective
        order = [value for name, value in heights.items() if name.startswith(("poc_start", "poc_g", "poc_validation_"))]
        numbers = [value for value in order if isinstance(value, int)]
        assert numbers == sorted(numbers)
        phases = [phase(start, lengths, height) for height in range(start - 1, start + lengths.effective_after)]
        assert list(dict.fromkeys(phases)) == [
            "Inference",
            "PoCGenerate",
            "PoCGenerateWindDown",
            "PoCValidate",
            "PoCValidateWindDown",
        ]
        assert phase(start, lengths, chain.current.created_at) == "Inference"


class TestReset:
    def test_back_to_how_it_was_made(self, chain: Chain) -> None:
        made, height, instant = chain.current, chain.clock.height, chain.clock.time_ns
        chain.fund(KEY)
        chain.grant(ONE, KEY)
        chain.allow(ONE)
        chain.join(Participant(ONE, ""))
        chain.exclude(ONE, "why")
        chain.next_epoch()
        chain.next_epoch()
        chain.clock.freeze(NOW + 10**12)
        chain.outages.add("params")
        chain.record_inference(Inference("id"))
        chain.price, chain.models, chain.open_accounts = 9, None, False
        chain.reset()
        assert (chain.current, chain.epoch, chain.excluded, chain.registered) == (made, 171, (), ())
        assert (chain.clock.height, chain.clock.time_ns, chain.clock.stopped) == (height, instant, False)
        assert (chain.params, chain.outages, len(chain.inferences)) == (Params(), set(), 0)
        assert (chain.accounts(), chain.transfer_keys(ONE)) == ((), ())
        assert (chain.price, chain.model_names(), chain.open_accounts) == (1, ("test",), True)

    def test_back_to_what_was_remembered(self, chain: Chain) -> None:
        account = chain.fund(KEY)
        chain.outages.add("price")
        chain.remember()
        chain.outages.clear()
        chain.put(Account(account.address, KEY, 0))
        chain.reset()
        assert (chain.accounts(), chain.outages) == ((account,), {"price"})
        chain.outages.clear()
        chain.reset()
        assert chain.outages == {"price"}

    def test_nodes_that_listen_still_take_part(self, chain: Chain) -> None:
        chain.enter(ONE, "http://one")
        chain.enter(TWO, "http://two")
        chain.leave(TWO)
        chain.next_epoch()
        chain.reset()
        assert [(each.address, each.url) for each in chain.participants()] == [(ONE, "http://one")]


class TestInferences:
    def test_the_oldest_is_forgotten(self) -> None:
        store = Inferences(kept=2)
        for index in ("a", "b", "a", "c"):
            store.add(Inference(index))
        assert list(store) == ["a", "c"]
        assert (store.get("b"), store["c"].index, len(store)) == (None, "c", 2)
        store.clear()
        assert list(store) == []

    @given(st.lists(st.sampled_from("abcdefgh")))
    def test_the_latest_record_of_the_latest_indices(self, indices: list[str]) -> None:
        store = Inferences(kept=3)
        for number, index in enumerate(indices):
            store.add(Inference(index, max_tokens=number))
        latest = {index: number for number, index in enumerate(indices)}
        kept = sorted(latest.items(), key=lambda item: item[1])[-3:]
        assert [(index, record.max_tokens) for index, record in store.items()] == kept
