"""Blocks that follow each other and are signed, over HTTP, checked with hashes and signatures of the test's own.

Then the routes themselves: as CometBFT's RPC and the SDK's REST interface answer, errors included.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import bech32
from gonka_core.address import encode_address
from gonka_mock_node import BlockClock, Chain, MockNetwork, MockNode, Participant
from gonka_mock_node.chain import HeightError
from gonka_mock_node.chain.commits import verify_commit
from gonka_mock_node.chain.consensus_address import consensus_address
from gonka_mock_node.chain.headers import Block
from gonka_mock_node.chain.ledger import RUN
from gonka_mock_node.chain.params import EpochParams, Params
from gonka_mock_node.chain.validators import validators_of
from gonka_mock_node.reading.paging import PageError, paged
from tests.mock_node.evidence import JSON, commit_hash, fetched, flaws, gathered, header_hash, rpc, validators_hash
from tests.mock_node.requester import get, send

NOW = 1_766_422_712 * 10**9 + 123_456_789
REST = "/chain-api/cosmos/base/tendermint/v1beta1"
DOCUMENT = "/v1/epochs/current/participants"
NO_TIME = EpochParams(1, 0, 0, 0, 0, 0, 0)
FOREIGN = Participant(encode_address(bytes(20)), "http://other:8000", 400, validator_key=bytes(32))


@pytest.fixture
def network() -> Iterator[MockNetwork]:
    """Three nodes and one whose key is from elsewhere; block time stands still."""
    with MockNetwork(3, chain=Chain(clock=BlockClock(lambda: NOW))) as network:
        network.chain.join(FOREIGN)
        yield network


def proven_height(network: MockNetwork) -> int:
    return network.chain.current.created_at + 1


class TestOneBlock:
    """The block with the root of the participants' state, wherever it appears."""

    @pytest.mark.parametrize("from_blocks", [False, True], ids=["commit", "blocks"])
    def test_it_holds_together(self, network: MockNetwork, from_blocks: bool) -> None:
        for node in network.nodes:
            assert flaws(gathered(node, from_blocks=from_blocks), network, node) == set()

    def test_who_has_no_key_is_absent(self, network: MockNetwork) -> None:
        signatures = gathered(network.nodes[0]).commit["signatures"]
        assert [vote["block_id_flag"] for vote in signatures] == [2, 2, 2, 1]
        absent = {"validator_address": "", "timestamp": "0001-01-01T00:00:00Z", "signature": None}
        assert signatures[3] == {"block_id_flag": 1, **absent}

    def test_without_two_thirds_that_can_sign_no_commit_holds(self, network: MockNetwork) -> None:
        network.chain.join(replace(FOREIGN, weight=1500))
        node = network.nodes[0]
        assert flaws(gathered(node), network, node) == {"power"}

    def test_in_the_document_by_rpc_and_by_rest(self, network: MockNetwork) -> None:
        node, height = network.nodes[0], proven_height(network)
        document = fetched(node, "/v1/epochs/current/participants")["block"]
        told, rest = rpc(node, f"block?height={height}"), fetched(node, f"{REST}/blocks/{height}")
        assert header_hash(document["header"]) == told["block_id"]["hash"] == header_hash(told["block"]["header"])
        assert document["last_commit"]["signatures"] == told["block"]["last_commit"]["signatures"]
        assert base64.b64decode(rest["block_id"]["hash"]).hex().upper() == told["block_id"]["hash"]
        assert in_hex(rest["block"]["header"]) == in_hex(told["block"]["header"])
        signatures = [each["signature"] for each in told["block"]["last_commit"]["signatures"]]
        assert [each["signature"] for each in rest["block"]["last_commit"]["signatures"]] == signatures

    def test_its_own_last_commit_is_of_the_block_in_front(self, network: MockNetwork) -> None:
        node, height = network.nodes[0], proven_height(network)
        front, block = (rpc(node, f"block?height={each}") for each in (height - 1, height))
        assert (
            block["block"]["header"]["last_block_id"] == front["block_id"] == block["block"]["last_commit"]["block_id"]
        )
        signed = rpc(node, f"commit?height={height - 1}")
        assert signed["signed_header"]["commit"] == block["block"]["last_commit"]
        assert front["block"]["header"]["app_hash"] != block["block"]["header"]["app_hash"]

    def test_an_old_epochs_block_stays_what_it_was(self, network: MockNetwork) -> None:
        node, height = network.nodes[0], proven_height(network)
        before = rpc(node, f"commit?height={height}")
        network.chain.leave(FOREIGN.address)
        network.chain.next_epoch()
        assert rpc(node, f"commit?height={height}") == before
        assert flaws(gathered(node), network, node) == set()
        assert len(gathered(node).validators) == 3

    def test_from_where_they_were_written_down_the_new_participants_sign(self, network: MockNetwork) -> None:
        network.chain.leave(FOREIGN.address)
        before, created_at = network.chain.ledger(), network.chain.next_epoch().created_at
        after = network.chain.ledger().validators(created_at)
        assert (len(validators_of(before.epoch_at(created_at))), len(after)) == (4, 3)
        verify_commit(network.chain.ledger().block(created_at + 1).last_commit, created_at + 1, after)

    @pytest.mark.parametrize("lengths", [EpochParams(), NO_TIME], ids=["usual", "none"])
    def test_epochs_do_not_take_each_others_blocks(self, lengths: EpochParams) -> None:
        chain = Chain(clock=BlockClock(lambda: NOW), params=Params(epochs=lengths))
        for number in range(1, 5):
            chain.enter(encode_address(bytes([number]) * 20), f"http://node{number}:8000")
            told = chain.ledger().statement(chain.epoch)
            chain.next_epoch()
            assert chain.ledger().statement(told.epoch.number) == told
            assert told.block.header.app_hash == told.proven.app_hash

    def test_where_it_is_the_latest_too_its_time_stays_and_that_of_the_chain_goes_on(self) -> None:
        now = [NOW]
        with MockNode(chain=Chain(clock=BlockClock(lambda: now[0], height=1))) as node:
            before = rpc(node.nodes[0], "block?height=1")
            now[0] += 1
            assert rpc(node.nodes[0], "block?height=1") == before
            assert header_hash(fetched(node.nodes[0], DOCUMENT)["block"]["header"]) == before["block_id"]["hash"]
            assert rpc(node.nodes[0], "status")["sync_info"]["latest_block_time"].endswith(".12345679Z")

    @pytest.mark.parametrize("lengths", [EpochParams(), NO_TIME], ids=["usual", "none"])
    @pytest.mark.parametrize("height", [1, 2, 50, 4_300_000])
    def test_on_a_chain_of_any_age(self, height: int, lengths: EpochParams) -> None:
        """Also where an epoch takes no time at all."""
        chain = Chain(clock=BlockClock(lambda: NOW, height=height), params=Params(epochs=lengths))
        with MockNode(chain=chain) as node:
            chain.clock.reach(chain.current.created_at + 2)
            for _ in range(3):
                assert flaws(gathered(node.nodes[0]), node, node.nodes[0]) == set()
                chain.next_epoch()
                chain.clock.reach(chain.current.created_at + 2)


def in_hex(header: JSON) -> JSON:
    """The hashes of a header, in upper-case hex."""
    named = {name: value for name, value in header.items() if name.endswith(("_hash", "_address"))}
    return {
        name: value if len(value) in (40, 64) else base64.b64decode(value).hex().upper()
        for name, value in named.items()
    }


class TestLinks:
    @given(st.integers(1, RUN - 1), st.booleans())
    def test_each_block_names_the_one_in_front(self, offset: int, recent: bool) -> None:
        ledger = settled_chain().ledger()
        height = ledger.lowest + offset if recent else ledger.epochs[171].created_at + offset
        front, block = ledger.block(height - 1), ledger.block(height)
        assert block.header.last_block_id == front.id == ledger.signed(height - 1).header.id
        assert block.last_commit == ledger.signed(height - 1).commit
        assert block.header.last_commit_hash == block.last_commit.hash
        assert block.header.time_ns - front.header.time_ns == 5 * 10**9
        assert ledger.signed(height).canonical == (height < ledger.latest.height)

    def test_what_is_pruned_and_what_is_kept(self) -> None:
        ledger = settled_chain().ledger()
        begins = ledger.epochs[171].created_at
        assert (ledger.latest.height - ledger.lowest, (ledger.lowest - begins) % RUN) == (RUN - 1, 0)
        for height in (begins, begins + RUN - 1, ledger.lowest, ledger.latest.height):
            assert ledger.block(height).header.height == ledger.signed(height).header.height == height
        for height in (begins - 1, begins + RUN, ledger.lowest - 1, 1):
            with pytest.raises(
                HeightError, match=rf"^height {height} is not available, lowest height is {ledger.lowest}"
            ):
                ledger.block(height)

    def test_the_latest_block_is_of_now_and_then_settled(self) -> None:
        now = [NOW]
        chain = Chain(clock=BlockClock(lambda: now[0]))
        chain.enter(encode_address(bytes(20)), "http://one:8000")
        height = chain.clock.height
        first = chain.ledger().signed(height)
        assert (first.header.time_ns, first.canonical) == (NOW, False)
        now[0] += 1
        second = chain.ledger().signed(height)
        assert second.header.id != first.header.id
        assert second.commit.block_id == second.header.id == chain.ledger().now().id
        now[0] += 5 * 10**9
        settled = chain.ledger().signed(height)
        assert settled.canonical
        assert chain.ledger().block(height + 1).header.last_block_id == settled.header.id

    def test_threads_get_one_chain(self) -> None:
        """Threads take turns as often as they can, and no run is there before."""
        chain = settled_chain()
        chain.enter(encode_address(bytes([9]) * 20), "http://nine:8000")
        made: list[Block] = []
        usual = sys.getswitchinterval()

        def ask() -> None:
            ledger = chain.ledger()
            made.extend(ledger.block(height) for height in range(ledger.lowest, ledger.latest.height + 1))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        sys.setswitchinterval(1e-6)
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(usual)
        assert len(made) == 4 * RUN
        assert len({block.id for block in made}) == RUN


def settled_chain() -> Chain:
    """Its latest block is the last of a run."""
    chain = Chain(clock=BlockClock(lambda: NOW))
    chain.enter(encode_address(bytes([1]) * 20), "http://one:8000")
    ledger = chain.ledger()
    chain.clock.jump((ledger.lowest + RUN - 1 - ledger.latest.height) * 5)
    return chain


class TestValidatorsHash:
    def test_it_is_that_of_the_header(self, network: MockNetwork) -> None:
        header = gathered(network.nodes[0]).header
        assert header["validators_hash"] == network.chain.validators_hash.hex().upper()
        assert len(network.chain.validators_hash) == 32

    def test_it_changes_with_who_validates(self, network: MockNetwork) -> None:
        before = network.chain.validators_hash
        network.chain.join(replace(FOREIGN, url="http://elsewhere:1"))
        assert network.chain.validators_hash == before
        network.chain.join(replace(FOREIGN, weight=401))
        assert network.chain.validators_hash != before


def failure(node: Any, path: str) -> tuple[int, int, str, str]:
    reply = get(node.url, f"/chain-rpc/{path}")
    answer = json.loads(reply.body)
    assert set(answer) == {"jsonrpc", "id", "error"}
    error = answer["error"]
    return reply.status, error["code"], error["message"], error["data"]


CONVERTING = "error converting http params to arguments: "
TOO_HIGH = "height 4300001 must be less than or equal to the current blockchain height 4300000"
TOO_HIGH_TOO = "height 4300002 must be less than or equal to the current blockchain height 4300001"
NO_SYNTAX = 'type mismatch, parameter: height, error: strconv.ParseInt: parsing "x": invalid syntax'
ENCODING = f"{CONVERTING}invalid 64-bit integer encoding {{}}, expected string"


class TestRpc:
    @pytest.mark.parametrize("text", ["{}", '"{}"'])
    @pytest.mark.parametrize("method", ["block", "commit", "validators"])
    def test_a_height_as_digits_or_in_quotes(self, network: MockNetwork, method: str, text: str) -> None:
        node, height = network.nodes[0], proven_height(network)
        asked = quote(text.format(height))
        plain = rpc(node, f"{method}?height={height}")
        assert rpc(node, f"{method}?height={asked}") == plain
        assert str(height) in json.dumps(plain)

    @pytest.mark.parametrize("nothing", ["", "?height=", "?height=null"])
    def test_without_a_height_the_latest(self, network: MockNetwork, nothing: str) -> None:
        node = network.nodes[0]
        assert rpc(node, f"block{nothing}")["block"]["header"]["height"] == "4300000"
        found = rpc(node, f"commit{nothing}")
        assert (found["signed_header"]["commit"]["height"], found["canonical"]) == ("4300000", False)
        assert header_hash(found["signed_header"]["header"]) == found["signed_header"]["commit"]["block_id"]["hash"]
        assert rpc(node, f"validators{nothing}")["block_height"] == "4300001"
        assert rpc(node, "status")["sync_info"]["latest_block_hash"] == rpc(node, "block")["block_id"]["hash"]

    @pytest.mark.parametrize(
        ("path", "code", "message", "data"),
        [
            ("block?height=4300001", -32603, "Internal error", TOO_HIGH),
            ("commit?height=4300001", -32603, "Internal error", TOO_HIGH),
            ("validators?height=4300002", -32603, "Internal error", TOO_HIGH_TOO),
            ("block?height=0", -32603, "Internal error", "height must be greater than 0, but got 0"),
            ("commit?height=-7", -32603, "Internal error", "height must be greater than 0, but got -7"),
            ("block?height=%22null%22", -32603, "Internal error", "height must be greater than 0, but got 0"),
            ("block?height=1", -32603, "Internal error", "height 1 is not available, lowest height is 4299990"),
            ("validators?height=1", -32603, "Internal error", "height 1 is not available, lowest height is 4299990"),
            ("validators?page=2", -32603, "Internal error", "page should be within [1, 1] range, given 2"),
            ("validators?page=0", -32603, "Internal error", "page should be within [1, 1] range, given 0"),
            ("block?height=x", -32602, "Invalid params", ENCODING.format('"x"')),
            ("block?height=1.5", -32602, "Invalid params", ENCODING.format('"1.5"')),
            ("block?height=0x10", -32602, "Invalid params", f"{CONVERTING}got a hex string arg, but expected 'int64'"),
            ("validators?page=0x1", -32602, "Invalid params", f"{CONVERTING}got a hex string arg, but expected 'int'"),
            (
                "block?height=9223372036854775808",
                -32602,
                "Invalid params",
                f"{CONVERTING}json: cannot unmarshal number 9223372036854775808 into Go value of type int64",
            ),
            (
                "block?height=%22%5B%5D%22",
                -32602,
                "Invalid params",
                f"{CONVERTING}json: cannot unmarshal array into Go value of type int64",
            ),
            (
                "block?height=%22y%22",
                -32602,
                "Invalid params",
                f"{CONVERTING}invalid character 'y' looking for beginning of value",
            ),
        ],
    )  # fmt: skip
    def test_errors(self, network: MockNetwork, path: str, code: int, message: str, data: str) -> None:
        assert failure(network.nodes[0], path) == (500, code, message, data)

    def test_pages_of_validators(self) -> None:
        with MockNode(chain=Chain(clock=BlockClock(lambda: NOW))) as node:
            for number in range(130):
                node.chain.join(Participant(encode_address(bytes([7, number]) * 10), "", weight=number + 1))
            found = [rpc(node.nodes[0], f"validators?page={page}&per_page=100") for page in (1, 2)]
            assert [(page["count"], page["total"]) for page in found] == [("100", "131"), ("31", "131")]
            every = [each for page in found for each in page["validators"]]
            assert validators_hash(every) == node.chain.validators_hash
            assert rpc(node.nodes[0], "validators")["count"] == "30"
            assert rpc(node.nodes[0], "validators?per_page=1000")["count"] == "100"
            assert rpc(node.nodes[0], "validators?per_page=-1")["count"] == "30"

    def test_shapes(self, network: MockNetwork) -> None:
        node = network.nodes[0]
        validator = rpc(node, "validators")["validators"][0]
        assert list(validator) == ["address", "pub_key", "voting_power", "proposer_priority"]
        assert (validator["pub_key"]["type"], validator["voting_power"]) == ("tendermint/PubKeyEd25519", "1000")
        block = rpc(node, "block")["block"]
        assert list(block) == ["header", "data", "evidence", "last_commit"]
        assert (block["header"]["version"], block["data"], block["evidence"]) == (
            {"block": "11"},
            {"txs": []},
            {"evidence": []},
        )
        assert (block["last_commit"]["height"], block["last_commit"]["round"]) == ("4299999", 0)
        assert commit_hash(block["last_commit"]) == block["header"]["last_commit_hash"]

    @pytest.mark.parametrize("path", ["block", "commit", "validators"])
    def test_without_the_node_behind_the_proxy(self, network: MockNetwork, path: str) -> None:
        network.chain.outages.add("node-status")
        assert get(network.nodes[0].url, f"/chain-rpc/{path}").status == 502

    @pytest.mark.parametrize("path", ["/chain-rpc/commit", f"{REST}/validatorsets/latest"])
    def test_where_the_operator_switched_it_off(self, path: str) -> None:
        with MockNode(profile="v0.2.13") as node:
            reply = get(node.url, path)
            assert (reply.status, reply.body[:5]) == (404, b"Chain")

    @given(st.text(max_size=12))
    def test_any_text_is_answered(self, text: str) -> None:
        with MockNode() as node:
            reply = send(node.url, {}, None, "GET", f"/chain-rpc/block?height={quote(text, safe='')}")
            assert reply.status in (200, 500)
            assert ("result" if reply.status == 200 else "error") in json.loads(reply.body)


class TestRest:
    def test_a_block(self, network: MockNetwork) -> None:
        found = fetched(network.nodes[0], f"{REST}/blocks/4300000")
        assert list(found) == ["block_id", "block", "sdk_block"]
        assert found["block"] | {"header": None} == found["sdk_block"] | {"header": None}
        address = base64.b64decode(found["block"]["header"]["proposer_address"])
        assert found["sdk_block"]["header"]["proposer_address"] == bech32.encode("gonkavalcons", address)
        assert fetched(network.nodes[0], f"{REST}/blocks/latest") == found

    def test_validators(self, network: MockNetwork) -> None:
        node, height = network.nodes[0], proven_height(network)
        found = fetched(node, f"{REST}/validatorsets/{height}")
        assert found["block_height"] == str(height)
        assert found["pagination"] == {"next_key": None, "total": "4"}
        for shown, told in zip(found["validators"], gathered(node).validators, strict=True):
            assert bech32.decode(shown["address"]) == ("gonkavalcons", bytes.fromhex(told["address"]))
            assert shown["pub_key"] == {"@type": "/cosmos.crypto.ed25519.PubKey", "key": told["pub_key"]["value"]}
            assert (shown["voting_power"], shown["proposer_priority"]) == (told["voting_power"], "0")
        assert fetched(node, f"{REST}/validatorsets/latest")["block_height"] == "4300001"
        paged_ = fetched(node, f"{REST}/validatorsets/{height}?pagination.offset=2&pagination.limit=2")
        assert paged_["validators"] == found["validators"][2:]

    @pytest.mark.parametrize(
        ("path", "status", "code", "message"),
        [
            ("blocks/4300001", 400, 3, "requested block height is bigger then the chain length"),
            ("validatorsets/4300001", 400, 3, "requested block height is bigger then the chain length"),
            ("blocks/0", 500, 2, "height must be greater than 0, but got 0"),
            ("blocks/1", 500, 2, "height 1 is not available, lowest height is 4299990"),
            ("validatorsets/1", 500, 2, "height 1 is not available, lowest height is 4299990"),
            ("blocks/x", 400, 3, NO_SYNTAX),
            (
                f"validatorsets/{2**63}",
                400,
                3,
                f'type mismatch, parameter: height, error: strconv.ParseInt: parsing "{2**63}": value out of range',
            ),
            ("validatorsets/latest?pagination.offset=200", 500, 2, "page should be within [1, 1] range, given 3"),
            (
                "validatorsets/latest?pagination.limit=-1",
                400,
                3,
                'type mismatch, parameter: pagination.limit, error: strconv.ParseUint: parsing "-1": invalid syntax',
            ),
        ],
    )  # fmt: skip
    def test_errors(self, network: MockNetwork, path: str, status: int, code: int, message: str) -> None:
        reply = get(network.nodes[0].url, f"{REST}/{path}")
        assert (reply.status, json.loads(reply.body)) == (status, {"code": code, "message": message, "details": []})

    @pytest.mark.parametrize(
        "path", ["blocks/4300000", "blocks/latest", "validatorsets/latest", "validatorsets/4300000"]
    )
    def test_without_the_node_behind_the_gateway(self, network: MockNetwork, path: str) -> None:
        network.chain.outages.add("status")
        assert get(network.nodes[0].url, f"{REST}/{path}").status == 503


@given(st.integers(0, 250), st.integers(-5, 300) | st.none())
def test_the_pages_of_a_list_are_the_list(length: int, per_page: int | None) -> None:
    items = list(range(length))
    size = len(paged(items, 1, per_page))
    pages = max(-(-length // size), 1) if size else 1
    assert [item for page in range(1, pages + 1) for item in paged(items, page, per_page)] == items
    assert size <= 100
    for page in (0, -1, pages + 1):
        with pytest.raises(PageError, match=rf"within \[1, {pages}\] range, given {page}$"):
            paged(items, page, per_page)


@given(st.binary(min_size=20, max_size=20))
def test_a_validators_address_is_bech32(address: bytes) -> None:
    assert bech32.decode(consensus_address(address)) == ("gonkavalcons", address)
