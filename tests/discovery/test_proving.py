"""How far it is proven who takes part: every lie is named, passed over, and never believed at a lower level."""

from __future__ import annotations

import hashlib
import json
import math
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest

from gonka_core.address import encode_address
from gonka_core.answers import Answer
from gonka_core.asking import Asking
from gonka_core.discovery import Directory, Level, Network, commits
from gonka_core.discovery.document import CURRENT, document_of
from gonka_core.discovery.proving import Prover, others_than
from gonka_core.errors import ConfigurationError, DiscoveryError, ProofError
from gonka_mock_node import BlockClock, Chain, MockNetwork, Participant
from tests.proofs.building import NOW, Case, MadeHeader, case, rows, set_hash, signed, signers
from tests.recorder import Recorder, http

from .asked import DEAD, asked, saying, urls

DAY_S: Final = 86_400
MADE: Final = NOW / 10**9 + 3600.0
"""An hour after the headers that are made by hand."""
ELSEWHERE: Final = "http://203.0.113.66:8000/v1"
RPC: Final = "/chain-rpc/*"
REST: Final = "/chain-api/cosmos/*"
SETS: Final = "/chain-api/cosmos/base/tendermint/v1beta1/validatorsets/*"


@pytest.fixture(scope="module")
def running() -> Iterator[MockNetwork]:
    with MockNetwork(3) as network:
        yield network


@pytest.fixture
def network(running: MockNetwork) -> MockNetwork:
    running.reset()
    return running


@pytest.fixture(scope="module")
def crowd() -> Iterator[MockNetwork]:
    with MockNetwork(3) as network:
        for number in range(150):
            network.chain.join(Participant(_address(number), f"http://203.0.113.1:{8000 + number}", 10 + number))
        network.chain.next_epoch()
        network.chain.remember()
        yield network


def told_by(network: MockNetwork, node: int = 0) -> dict[str, Any]:
    """The document as a node serves it."""
    with urllib.request.urlopen(urls(network)[node] + CURRENT, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


LIES: Final[list[tuple[str, dict[str, Any], Level, str]]] = [
    ("forged-proof", {}, "consistent", "proof"),
    ("forged-proof", {"which": "path"}, "consistent", "proof"),
    ("contradicting-participants", {}, "consistent", "contradiction"),
    ("forged-app-hash", {}, "validators", "commit"),
    ("forged-commit", {}, "validators", "commit"),
    ("minority-commit", {}, "validators", "minority"),
    ("forged-validators", {}, "validators", "anchor"),
]


class TestLies:
    @pytest.mark.parametrize(("fault", "options", "level", "reason"), LIES)
    def test_a_liar_alone_is_refused(
        self, network: MockNetwork, fault: str, options: dict[str, Any], level: Level, reason: str
    ) -> None:
        network.faults.add(fault, node=1, **options)
        liar = urls(network)[0]
        with pytest.raises(ProofError) as caught:
            asked(liar, verify=level, trusted=(network.chain.validators_hash,))
        # A commit by anybody's validators is for another set than the one that is pinned.
        assert caught.value.reason == reason
        assert list(caught.value.sources) == [liar]
        assert str(caught.value).endswith(caught.value.next_step)

    @pytest.mark.parametrize(("fault", "options", "level", "reason"), LIES)
    def test_a_liar_among_others_is_passed_over(
        self, network: MockNetwork, fault: str, options: dict[str, Any], level: Level, reason: str
    ) -> None:
        network.faults.add(fault, node=1, **options)
        found = asked(*urls(network), verify=level)
        assert ELSEWHERE not in {each.url for each in found.endpoints}
        assert found.level == level
        if fault != "minority-commit":  # the true commit is had from another source then
            assert found.source == urls(network)[1]

    @pytest.mark.parametrize(("fault", "options", "level"), [lie[:3] for lie in LIES if lie[0] != "minority-commit"])
    def test_what_the_level_below_believes(
        self, network: MockNetwork, fault: str, options: dict[str, Any], level: Level
    ) -> None:
        """The negative: without the proof these lies are taken for the truth, and the shortfall is told."""
        network.faults.add(fault, node=1, **options)
        below: Level = "none" if level == "consistent" else "consistent"
        found = asked(urls(network)[0], verify=below)
        assert ELSEWHERE in {each.url for each in found.endpoints}
        assert found.level == below
        assert found.shortfall

    def test_a_source_that_is_behind(self, network: MockNetwork) -> None:
        network.chain.next_epoch()
        network.faults.add("stale-epoch", node=1)
        found = asked(*urls(network), verify="validators")
        assert (found.source, found.epoch) == (urls(network)[1], network.chain.epoch)
        network.faults.add("status", code=500, route=CURRENT, node=2, nth=3)
        network.faults.add("refused", node=3)
        with pytest.raises(ProofError, match="as the current ones") as caught:
            asked(urls(network)[0], DEAD, urls(network)[1], verify="validators", trusted=())
        assert caught.value.reason == "epoch"

    def test_one_who_claims_a_later_epoch_stops_nobody(self, network: MockNetwork) -> None:
        tree = told_by(network)
        tree["active_participants"]["epoch_id"] += 1000
        with saying(json.dumps(tree).encode()) as liar:
            found = asked(urls(network)[0], liar, urls(network)[1], verify="validators")
            assert (found.source, found.anchor) == (urls(network)[0], urls(network)[1])
            with pytest.raises(ProofError):
                asked(liar, verify="consistent")

    def test_two_liars_who_agree_are_believed(self, network: MockNetwork) -> None:
        """What the level cannot tell, as `docs/discovery.md` says: a pinned set does."""
        for node in (1, 2):
            network.faults.add("forged-validators", node=node)
        sources = urls(network)
        # Each liar has keys of its own for the same participants: they vouch for each other.
        assert ELSEWHERE in {each.url for each in asked(*sources, verify="validators").endpoints}
        pinned = asked(*sources, verify="validators", trusted=(network.chain.validators_hash,))
        assert pinned.level == "validators"


class TestAge:
    """What an epoch proves, it proves for ever: only its age tells it from the one that is under way."""

    @pytest.fixture
    def aging(self) -> Iterator[tuple[MockNetwork, float]]:
        """Three nodes in their second epoch, which began a day after the first; and the present, as `now`."""
        instant = [time.time_ns()]
        with MockNetwork(3, chain=Chain(clock=BlockClock(lambda: instant[0]))) as network:
            instant[0] += DAY_S * 10**9
            network.chain.next_epoch()
            yield network, instant[0] / 10**9

    @pytest.mark.parametrize("level", ["consistent", "validators"])
    def test_an_earlier_epoch_is_not_taken_for_the_present_one(
        self, aging: tuple[MockNetwork, float], level: Level
    ) -> None:
        network, now = aging
        pinned: dict[str, Any] = {"verify": level, "trusted": (network.chain.validators_hash,), "now": now}
        assert asked(urls(network)[0], **pinned).epoch == network.chain.epoch
        network.faults.add("stale-epoch", node=1)
        with pytest.raises(ProofError, match=r"the list is 3\d\.\d h old, and at most 30\.0 h are accepted") as caught:
            asked(urls(network)[0], **pinned)
        assert caught.value.reason == "age"
        assert asked(*urls(network), **pinned).source == urls(network)[1]
        # The negative: without a bound it passes for the current one, pinned validators or not.
        assert asked(urls(network)[0], max_age_s=math.inf, **pinned).epoch == network.chain.epoch - 1

    def test_nobody_asked_for_a_proof(self, aging: tuple[MockNetwork, float]) -> None:
        network, now = aging
        network.faults.add("stale-epoch", node=1)
        found = asked(urls(network)[0], now=now)
        assert (found.epoch, found.level, found.header_time) == (network.chain.epoch - 1, "none", None)
        assert found.shortfall is not None
        assert " h old" in found.shortfall

    def test_a_clock_that_is_wrong(self, aging: tuple[MockNetwork, float]) -> None:
        """This machine's, or all the others': neither can be told from a liar."""
        network, now = aging
        written = asked(urls(network)[0], verify="consistent", now=now).header_time
        assert written is not None
        assert written == network.chain.current.time_ns / 10**9
        for clock, good in ((written - 599, True), (written - 601, False), (written + 108_001, False)):
            if good:
                assert asked(urls(network)[0], verify="consistent", now=clock).level == "consistent"
                continue
            with pytest.raises(ProofError, match="set this machine's clock") as caught:
                asked(urls(network)[0], verify="consistent", now=clock)
            assert caught.value.reason == "age"


@contextmanager
def serving(case: Case, beside: MadeHeader | None = None) -> Iterator[str]:
    """A source that shows a case, with the commit of it (and the header that stands beside) when it is asked for it."""
    commit: dict[str, Any] = {"commit": case.commit.json("rpc")}
    if beside is not None:
        commit["header"] = beside.json("rpc")
    trees: list[Any] = [
        case.document("rpc"),
        {"result": {"signed_header": commit}},
        {"result": {"validators": rows(case.validators, "rpc"), "total": str(len(case.validators))}},
        {},
    ]
    with Recorder([[http("200 OK", json.dumps(tree).encode())] for tree in trees]) as recorder:
        yield recorder.url.removesuffix("/v1")


class TestChainId:
    OTHER: Final = "gonka-testnet-3"

    def of_another_chain(self, network: MockNetwork) -> Case:
        made = case(told_by(network), signers(40, 30, 20, 10))
        header = replace(made.header, chain_id=self.OTHER)
        return replace(made, header=header, commit=signed(header, made.validators))

    def test_a_network_of_another_chain(self, network: MockNetwork) -> None:
        made = self.of_another_chain(network)
        options: dict[str, Any] = {"verify": "validators", "trusted": (set_hash(made.validators),), "now": MADE}
        with serving(made) as source:
            found = asked(source, chain_id=self.OTHER, **options)
        assert (found.level, found.anchor) == ("validators", set_hash(made.validators).hex())
        with serving(made) as source, pytest.raises(ProofError, match="another chain") as caught:
            asked(source, **options)
        assert caught.value.reason == "chain"

    def test_votes_for_another_chain(self, network: MockNetwork) -> None:
        """The header says one thing, and validators signed for the other."""
        made = self.of_another_chain(network)
        lie = replace(made, commit=signed(made.header, made.validators, chain="gonka-mainnet"))
        with serving(lie) as source, pytest.raises(ProofError) as caught:
            asked(source, chain_id=self.OTHER, verify="validators", trusted=(set_hash(made.validators),), now=MADE)
        assert caught.value.reason == "commit"

    @pytest.mark.parametrize("wrong", ["", "x" * 51, "gonka\n", "gönka", None, 7])
    def test_what_no_chain_is_called(self, wrong: Any) -> None:
        with pytest.raises(ConfigurationError, match="give 1 to 50 printable ASCII letters, as gonka-mainnet"):
            asked(DEAD, chain_id=wrong)
        with pytest.raises(ConfigurationError):
            Directory(Network((DEAD,), chain_id=wrong))

    @pytest.mark.parametrize("wrong", [0, -1.0, math.nan, "1", None])
    def test_what_is_no_age(self, wrong: Any) -> None:
        with pytest.raises(ConfigurationError, match=r"max_age_s is .*; give more than 0 seconds"):
            asked(DEAD, max_age_s=wrong)


class TestWhatWasChanged:
    def test_it_is_named_where_the_signed_header_is_shown(self, network: MockNetwork) -> None:
        made = case(told_by(network), signers(40, 30, 20, 10))
        true = replace(made.header, app_hash=bytes(32))
        lie = replace(made, commit=signed(true, made.validators))
        options: dict[str, Any] = {"verify": "validators", "trusted": (set_hash(made.validators),), "now": MADE}
        for beside, reason in ((true, "header"), (made.header, "commit"), (None, "commit")):
            with serving(lie, beside) as source, pytest.raises(ProofError) as caught:
                asked(source, **options)
            assert caught.value.reason == reason
            assert ("differ in app_hash" in str(caught.value)) == (reason == "header")

    def test_another_source_that_has_the_true_one_names_it(self, network: MockNetwork) -> None:
        """The liar's own commit route shows what fits the lie."""
        network.faults.add("forged-app-hash", node=1)
        for node in (2, 3):
            network.faults.add("status", code=500, route=CURRENT, node=node)
        with pytest.raises(ProofError, match="differ in app_hash") as caught:
            asked(*urls(network), verify="validators", trusted=(network.chain.validators_hash,))
        assert caught.value.reason == "header"


class TestLevels:
    def test_none_says_what_it_reached(self, network: MockNetwork) -> None:
        found = asked(urls(network)[0])
        assert (found.level, found.anchor) == ("consistent", None)
        assert found.shortfall is not None
        assert "verify is none" in found.shortfall

    def test_none_without_a_proof(self, network: MockNetwork) -> None:
        tree = told_by(network) | {"proof_ops": None, "block": None}
        with saying(json.dumps(tree).encode()) as source:
            found = asked(source)
            assert (found.level, len(found.endpoints)) == ("none", 3)
            assert found.shortfall
            with pytest.raises(ProofError) as caught:
                asked(source, verify="consistent")
        assert caught.value.reason == "absent"

    def test_another_source_vouches(self, network: MockNetwork) -> None:
        first, second, _ = urls(network)
        found = asked(first, second, verify="validators")
        assert (found.level, found.anchor, found.shortfall) == ("validators", second, None)
        assert found.height == network.chain.current.created_at

    def test_the_user_vouches(self, network: MockNetwork) -> None:
        pin = network.chain.validators_hash
        found = asked(urls(network)[0], verify="validators", trusted=(bytes(32), pin))
        assert (found.level, found.anchor) == ("validators", pin.hex())

    @pytest.mark.parametrize("trusted", [(), (bytes(32),)])
    def test_nobody_vouches(self, network: MockNetwork, trusted: tuple[bytes, ...]) -> None:
        with pytest.raises(ProofError, match="no other source") as caught:
            asked(urls(network)[0], verify="validators", trusted=trusted)
        assert caught.value.reason == "anchor"
        assert network.chain.validators_hash.hex() in caught.value.next_step

    def test_the_same_server_under_another_path_is_no_other_source(self, network: MockNetwork) -> None:
        first = urls(network)[0]
        with pytest.raises(ProofError, match="no other source"):
            asked(first, f"{first}/api", verify="validators")
        assert others_than(first, (first, f"{first}/x", "http://a.example", "http://a.example:80/y")) == (
            "http://a.example",
        )

    def test_participants_are_those_of_the_proven_bytes(self, network: MockNetwork) -> None:
        """A list beside them that says the same in another way changes nothing."""
        tree = told_by(network)
        for row in tree["active_participants"]["participants"]:
            row["weight"] = str(row["weight"])
        with saying(json.dumps(tree).encode()) as source:
            found = asked(source, verify="consistent")
        assert [each.url for each in found.endpoints] == [node.url for node in network.nodes]

    def test_what_is_established_is_taken_from_the_bytes(self, network: MockNetwork) -> None:
        """Even where the list beside them was read as something else."""
        told = replace(document_of(told_by(network)), participants=(), height=1)
        prover = Prover(Network(("http://a.example",)), "http://a.example", (), Asking(lambda: 0.0, 1.0), time.time())
        with pytest.raises(StopIteration) as ended:
            next(prover.establish(told))
        assert [each.url for each in ended.value.value.participants] == list(urls(network))
        assert ended.value.value.height == network.chain.current.created_at

    def test_who_is_excluded_is_not_proven(self, network: MockNetwork) -> None:
        tree = told_by(network) | {"excluded_participants": [{"address": network.nodes[0].provider_address}]}
        with saying(json.dumps(tree).encode()) as source:
            assert len(asked(source, verify="consistent").endpoints) == 2

    def test_v0_2_15_proves_as_well(self) -> None:
        with MockNetwork(2, profile="v0.2.15") as network:
            assert asked(urls(network)[0], verify="consistent").level == "consistent"

    def test_without_the_libraries(self, network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "gonka_core.proofs.participants", None)
        found = asked(urls(network)[0])
        assert (found.level, len(found.endpoints)) == ("none", 3)
        with pytest.raises(ProofError) as caught:
            asked(urls(network)[0], verify="consistent")
        assert caught.value.reason == "library"
        assert "gonka-core[proofs]" in str(caught.value)


class TestCommits:
    @pytest.mark.parametrize("closed", [RPC, REST])
    def test_either_way_leads_to_the_commit(self, network: MockNetwork, closed: str) -> None:
        network.faults.add("status", code=404, body="empty", route=closed)
        assert asked(*urls(network), verify="validators").level == "validators"

    def test_no_way_leads_to_the_commit(self, network: MockNetwork) -> None:
        for closed in (RPC, REST):
            network.faults.add("status", code=404, body="empty", route=closed)
        with pytest.raises(ProofError, match="no source serves the commit") as caught:
            asked(*urls(network), verify="validators")
        assert caught.value.reason == "absent"
        assert set(caught.value.sources) == set(urls(network))

    def test_another_source_serves_it(self, network: MockNetwork) -> None:
        for closed in (RPC, REST):
            network.faults.add("status", code=404, body="empty", route=closed, node=1)
        found = asked(*urls(network), verify="validators")
        assert (found.source, found.level) == (urls(network)[0], "validators")

    @pytest.mark.parametrize("fault", ["garbage-json", "cut-body", "html-instead-of-json"])
    def test_a_commit_that_cannot_be_read(self, network: MockNetwork, fault: str) -> None:
        network.faults.add(fault, route=RPC, node=1)
        network.faults.add(fault, route=REST, node=1)
        assert asked(*urls(network), verify="validators").level == "validators"

    def test_a_commit_that_stalls(self, network: MockNetwork) -> None:
        network.faults.add("latency", route=RPC, node=1, seconds=5.0)
        assert asked(*urls(network), verify="validators", timeout_s=8.0).level == "validators"

    @pytest.mark.parametrize("closed", [RPC, REST])
    def test_validators_on_several_pages(self, crowd: MockNetwork, closed: str) -> None:
        """153 on two pages, of the RPC or of the REST interface; the document shows the first 30 alone."""
        crowd.reset()
        crowd.faults.add("status", code=404, body="empty", route=closed)
        assert asked(*urls(crowd), verify="validators").level == "validators"
        for pages in (SETS, "/chain-rpc/validators"):
            crowd.faults.add("status", code=404, body="empty", route=pages)
        with pytest.raises(ProofError) as caught:
            asked(*urls(crowd), verify="validators")
        assert caught.value.reason == "validators"

    def test_the_validators_of_the_document_will_do(self, network: MockNetwork) -> None:
        """They are all there are of a small set; whether they are the right ones is seen by their hash."""
        for pages in (SETS, "/chain-rpc/validators"):
            network.faults.add("status", code=404, body="empty", route=pages)
        assert asked(*urls(network), verify="validators").level == "validators"

    @pytest.mark.parametrize(("size", "total", "pages"), [(100, 10_000, 100), (100, 10_001, 100), (10_001, 1, 1)])
    def test_no_more_validators_than_a_commit_has_votes(self, size: int, total: int, pages: int) -> None:
        flow = commits.validators(Asking(lambda: 0.0, 1.0), "http://a.example", commits.WAYS[0], 7)
        page = json.dumps({"result": {"validators": [{}] * size, "total": str(total)}}).encode()
        next(flow)
        for _ in range(pages - 1):
            flow.send(Answer(200, {}, page))
        with pytest.raises(StopIteration) as ended:
            flow.send(Answer(200, {}, page))
        assert (ended.value.value is not None) == (total == 10_000)

    def test_a_page_without_end(self, network: MockNetwork) -> None:
        """A source that always has another page is left in the end; here because the time is up."""
        page = {"result": {"validators": [{}] * 100, "total": "10001", "signed_header": {"commit": {"height": "1"}}}}
        tree = told_by(network)
        answers = [[http("200 OK", json.dumps(tree).encode())], [http("200 OK", json.dumps(page).encode())]]
        with Recorder(answers) as endless:
            source = endless.url.removesuffix("/v1")
            with pytest.raises(DiscoveryError):
                asked(source, verify="validators", trusted=(network.chain.validators_hash,))
            assert 100 <= len(endless.received) < 250

    def test_nothing_is_asked_when_the_time_is_over(self) -> None:
        flow = Asking(lambda: 1.0, 1.0).read("http://a.example", CURRENT)
        with pytest.raises(StopIteration) as ended:
            next(flow)
        assert ended.value.value.trouble(CURRENT) == "the time to ask it is over"


class TestEpochs:
    def test_an_epoch_that_begins_between_two_requests(self, network: MockNetwork) -> None:
        network.faults.add("epoch-change", route=CURRENT, node=2, first=1)
        before = network.chain.epoch
        found = asked(*urls(network)[:2], verify="validators")
        assert (found.epoch, found.source) == (before + 1, urls(network)[0])

    def test_one_who_is_behind_does_not_vouch(self, network: MockNetwork) -> None:
        network.chain.next_epoch()
        network.faults.add("stale-epoch", node=2)
        with pytest.raises(ProofError, match=r"still in epoch \d+"):
            asked(urls(network)[0], urls(network)[1], verify="validators")
        assert asked(*urls(network), verify="validators").anchor == urls(network)[2]

    def test_the_epoch_of_a_document_is_that_of_its_proof(self, network: MockNetwork) -> None:
        tree = told_by(network)
        tree["active_participants"]["epoch_id"] += 1
        assert document_of(tree).epoch == network.chain.epoch + 1
        with saying(json.dumps(tree).encode()) as source, pytest.raises(ProofError):
            asked(source, verify="consistent")


def _address(number: int) -> str:
    return encode_address(hashlib.sha256(str(number).encode()).digest()[:20])
