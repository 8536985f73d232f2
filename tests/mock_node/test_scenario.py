"""Scenario files: what a good one sets up, and that every mistake in a bad one is told where it stands."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import socket
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_core.address import address_of, encode_address
from gonka_mock_node import BlockClock, CannotListenError, Params
from gonka_mock_node.answers import Said, ToolCall
from gonka_mock_node.chain import DEFAULT_BALANCE, OUTAGES, Model
from gonka_mock_node.chain.params import Bandwidth, EpochParams
from gonka_mock_node.limits import Limits
from gonka_mock_node.reading import GROUPS
from gonka_mock_node.scenario import (
    MOST_BYTES,
    AnswerRule,
    ClockPlan,
    NodePlan,
    Scenario,
    ScenarioError,
    When,
    answering,
    from_object,
    load,
    parse,
    tables,
)
from tests.mock_node.requester import Requester, get

PROVIDERS = [encode_address(bytes([number]) * 20) for number in range(1, 5)]
KEYS = [Requester(PROVIDERS[0], key=number.to_bytes(32, "big")).public_key for number in (1, 2, 3)]
TEXTS = [base64.b64encode(key).decode() for key in KEYS]
SECRET = "9f" * 32
PAGE = Path(__file__).parents[2] / "docs" / "scenario.md"


def refused(value: object) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        from_object(value)
    return caught.value


class TestWhatIsGood:
    def test_nothing_said_is_one_node_with_the_defaults(self) -> None:
        assert from_object({}) == parse("", "toml") == parse("{}", "json") == Scenario()
        assert len(Scenario().nodes) == 1

    def test_a_key_in_hex_or_base64_and_the_address_that_belongs_to_it(self) -> None:
        accounts = [{"public_key": KEYS[0].hex(), "address": address_of(KEYS[0])}, {"public_key": TEXTS[1]}]
        first, second = from_object({"accounts": [*accounts]}).accounts
        assert (first.address, first.public_key, first.balance) == (address_of(KEYS[0]), KEYS[0], None)
        assert (second.address, second.public_key) == (address_of(KEYS[1]), KEYS[1])

    def test_an_account_that_published_no_key(self) -> None:
        (account,) = from_object({"accounts": [{"address": PROVIDERS[0], "balance": 5}]}).accounts
        assert (account.address, account.public_key, account.balance) == (PROVIDERS[0], None, 5)

    def test_nodes_are_counted_or_told_one_by_one(self) -> None:
        assert from_object({"nodes": 3}).nodes == (NodePlan(),) * 3
        assert from_object({"nodes": [{}, {"provider": PROVIDERS[0]}]}).nodes == (NodePlan(), NodePlan(PROVIDERS[0]))

    @pytest.mark.parametrize(
        "written",
        ["1770854400000000000", "2026-02-12T00:00:00Z", "2026-02-12T01:00:00+01:00", '"2026-02-12T00:00:00.000+00:00"'],
    )
    def test_an_instant_in_each_form(self, written: str) -> None:
        assert parse(f"clock = {{freeze_at = {written}}}", "toml").clock == ClockPlan(freeze_at=1_770_854_400 * 10**9)

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "mock-node.test", "0.0.0.0"])
    def test_hosts(self, host: str) -> None:
        assert from_object({"host": host}).host == host

    def test_ports_that_follow_each_other(self) -> None:
        assert from_object({"nodes": [{"port": 8001}, {"port": 8002}, {}]}).network().nodes
        assert from_object({"port": 8001, "nodes": [{}, {"port": 8002}]}).nodes[1].port == 8002


class TestTheTablesKnowEveryField:
    """A field that a record gains has to be told in files too, and on the page."""

    @pytest.mark.parametrize(
        ("record", "table"),
        [
            (Scenario, tables.SCENARIO),
            (Params, tables.PARAMS),
            (Bandwidth, tables.BANDWIDTH),
            (EpochParams, tables.EPOCHS),
            (Model, tables.MODEL),
            (NodePlan, tables.NODE),
            (ClockPlan, tables.CLOCK),
            (Limits, tables.LIMITS),
            (When, tables.WHEN),
            (ToolCall, tables.TOOL_CALL),
        ],
    )
    def test_all_fields(self, record: Any, table: Mapping[str, Any]) -> None:
        assert {field.name for field in dataclasses.fields(record)} == set(table)

    @pytest.mark.parametrize("name", [name for table in tables.ALL for name in table])
    def test_the_page_names_it(self, name: str) -> None:
        assert f"`{name}`" in PAGE.read_text(encoding="utf-8")

    def test_the_page_names_what_can_be_chosen(self) -> None:
        page = PAGE.read_text(encoding="utf-8")
        assert all(f"`{name}`" in page for name in (*GROUPS, *OUTAGES))

    @pytest.mark.parametrize("block", re.findall(r"^```(toml|json)\n(.*?)^```$", PAGE.read_text(), re.M | re.S))
    def test_the_examples_of_the_page_are_good(self, block: tuple[Literal["toml", "json"], str]) -> None:
        assert parse(block[1], block[0]).network().nodes


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"nodez": 2}, "nodez", "did you mean 'nodes'"),
    ({"profile": "v0.2.133"}, "profile", "did you mean 'v0.2.13'"),
    ({"profile": 2}, "profile", "choose one of"),
    ({"nodes": 0}, "nodes", "1 to 64"),
    ({"nodes": True}, "nodes", "1 to 64"),
    ({"nodes": "3"}, "nodes", "a table for each"),
    ({"nodes": []}, "nodes", "0 items"),
    ({"nodes": [{}] * 65}, "nodes", "65 items"),
    ({"nodes": [{}, {"provder": PROVIDERS[0]}]}, "nodes[1].provder", "did you mean 'provider'"),
    ({"nodes": [{}, {"provider": "gonka1nonsense"}]}, "nodes[1].provider", "copy it again"),
    ({"nodes": [{"provider": PROVIDERS[0]}, {"provider": PROVIDERS[0].upper()}]}, "nodes[1].provider", "same"),
    ({"nodes": [{"port": 8001}, {"port": 8005}]}, "nodes[1].port", "give 8002"),
    ({"nodes": [{}, {"port": 8005}]}, "nodes[1].port", "nodes[0].port"),
    ({"port": 65535, "nodes": 2}, "port", "smaller"),
    ({"port": 70000}, "port", "65535"),
    ({"port": 80.5}, "port", "an integer"),
    ({"port": True}, "port", "an integer"),
    ({"nodes": [{"switched_off": ["idenity"]}]}, "nodes[0].switched_off[0]", "did you mean 'identity'"),
    ({"nodes": [{"delegates": {"http://x": "y"}}]}, "nodes[0].delegates.http://x", "bech32"),
    ({"nodes": [{"answers": [{"say": 1}]}]}, "nodes[0].answers[0].say", "a text"),
    ({"host": "no such host"}, "host", "127.0.0.1"),
    ({"host": "a..b"}, "host", "127.0.0.1"),
    ({"host": "x" * 300}, "host", "127.0.0.1"),
    ({"accounts_mode": "closed"}, "accounts_mode", "listed"),
    ({"accounts": {}}, "accounts", "a list"),
    ({"accounts": ["x"]}, "accounts[0]", "a table"),
    ({"accounts": [{"balance": 5}]}, "accounts[0].public_key", "missing"),
    ({"accounts": [{"public_key": TEXTS[0], "balance": -1}]}, "accounts[0].balance", "from 0"),
    ({"accounts": [{"public_key": TEXTS[0]}, {"public_key": TEXTS[0]}]}, "accounts[1].address", "same"),
    ({"accounts": [{"public_key": TEXTS[0], "address": PROVIDERS[0]}]}, "accounts[0].address", address_of(KEYS[0])),
    ({"accounts": [{"public_key": "A" * 44}]}, "accounts[0].public_key", "33 bytes"),
    ({"accounts": [{"public_key": "02" + "00" * 32}]}, "accounts[0].public_key", "33 bytes"),
    ({"accounts": [{"public_key": "04" + "11" * 64}]}, "accounts[0].public_key", "compressed"),
    ({"accounts": [{"public_key": 5}]}, "accounts[0].public_key", "a text"),
    ({"models": ["test", "test"]}, "models[1].id", "models[0]"),
    ({"models": [{"price": 1}]}, "models[0].id", "missing"),
    ({"models": [" "]}, "models[0]", "not blank"),
    ({"models": [{"id": "x", "validation_threshold": [1]}]}, "models[0].validation_threshold", "2 to 2"),
    ({"models": [{"id": "x", "utilization": 1.5}]}, "models[0].utilization", "from 0 to 1"),
    ({"price": "1"}, "price", "an integer"),
    ({"params": {"bandwidth": {"expiration_block": 1}}}, "params.bandwidth.expiration_block", "expiration_blocks"),
    ({"params": {"allowed_transfer_addresses": [PROVIDERS[0], "x"]}}, "params.allowed_transfer_addresses[1]", "copy"),
    ({"participants": [{"address": ""}]}, "participants[0].url", "missing"),
    ({"participants": [{"address": "", "url": "", "validator_key": "AAAA"}]}, "participants[0].validator_key", "32"),
    ({"excluded": [{"reason": "x"}]}, "excluded[0].address", "missing"),
    ({"epoch": 170}, "epoch", "171"),
    ({"clock": {"freeze_at": "2026-02-12"}}, "clock.freeze_at", "zone"),
    ({"clock": {"freeze_at": -1}}, "clock.freeze_at", "nanoseconds"),
    ({"clock": {"freeze_at": "9999-12-31T23:59:59Z"}}, "clock.freeze_at", "nanoseconds"),
    ({"clock": {"freeze_at": True}}, "clock.freeze_at", "nanoseconds"),
    ({"clock": {"lag_s": float("nan")}}, "clock.lag_s", "finite"),
    ({"clock": {"lag_s": "1"}}, "clock.lag_s", "a number"),
    ({"outages": ["parms"]}, "outages[0]", "did you mean 'params'"),
    ({"faults": [{"name": "stall", "seconds": -1}]}, "faults[0].seconds", "from 0"),
    ({"faults": [{"name": "no-done"}, {"name": "stal"}]}, "faults[1].name", "did you mean 'stall'"),
    ({"faults": ["stall"]}, "faults[0]", "a table"),
    ({"faults": [{}]}, "faults[0].name", "name"),
    ({"answers": [{"when": {"contain": "x"}, "say": "y"}]}, "answers[0].when.contain", "did you mean 'contains'"),
    ({"answers": [{"pause_s": 1}]}, "answers[0].say", "says nothing"),
    ({"answers": [{"say": "x", "finish_reason": "end"}]}, "answers[0].finish_reason", "stop"),
    ({"answers": [{"tool_calls": [{"arguments": "{}"}]}]}, "answers[0].tool_calls[0].name", "missing"),
    ({"answers": [{"tool_calls": [{"name": "f", "arguments": 1}]}]}, "answers[0].tool_calls[0].arguments", "a table"),
    ({"gateway": {"api_keys": [""]}}, "gateway.api_keys[0]", "not blank"),
    ({"control": 1}, "control", "true or false"),
    ({"limits": {"idle_s": 0}}, "limits.idle_s", "from 0.01"),
    ({"price": 2**63}, "price", "64 bits"),
    ({"profile": "\ud800"}, "profile", "surrogate"),
]


@pytest.mark.parametrize(("value", "field", "words"), MISTAKES, ids=[field for _, field, _ in MISTAKES])
def test_a_mistake_is_told_where_it_stands(value: dict[str, Any], field: str, words: str) -> None:
    error = refused(value)
    assert error.field == field
    assert words in error.reason
    assert str(error) == f"{field}: {error.reason}"
    assert re.search(r"; |: ", error.reason), "the next step follows"


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_what_is_no_table_at_all(value: object) -> None:
    assert refused(value).field == ""


class TestPrivateKeys:
    @pytest.mark.parametrize("text", [SECRET, "0x" + SECRET, SECRET.upper(), f" {SECRET}\n"])
    @pytest.mark.parametrize(
        ("value", "field"),
        [
            (lambda text: {"accounts": [{"public_key": text}]}, "accounts[0].public_key"),
            (lambda text: {"accounts": [{}, {"privat": text}]}, "accounts[1].privat"),
            (lambda text: {"gateway": {"api_keys": [text]}}, "gateway.api_keys[0]"),
            (lambda text: {"faults": [{"name": text}]}, "faults[0].name"),
            (lambda text: {"limits": {text: 1}}, None),
            (lambda text: text, ""),
        ],
    )
    def test_it_is_refused_wherever_it_stands_and_never_quoted(self, value: Any, field: str | None, text: str) -> None:
        error = refused(value(text))
        assert field in (None, error.field)
        assert "private key" in error.reason
        assert SECRET.lower() not in str(error).lower()

    @pytest.mark.parametrize("name", ["private_key", "privateKey", "PRIVATE-KEY", "mnemonic", "private_key_hex"])
    def test_a_field_of_that_name(self, name: str) -> None:
        error = refused({"accounts": [{name: "whatever"}]})
        assert error.field == f"accounts[0].{name}"
        assert "public key" in error.reason
        assert "whatever" not in str(error)

    @pytest.mark.parametrize(
        "text",
        [
            f"[[accounts]]\npublic_key = 0x{SECRET}\n",
            f"[[accounts]]\n{SECRET} = 1\n",
            f'[[accounts]]\n"a {SECRET}" = 1\n',
            f'profile = "{SECRET} "',
            f'profile = "key {SECRET}"',
            f'profile = "{SECRET}',
            f"host = {SECRET}",
            f'[[faults]]\nname = "stall"\n"x {SECRET}" = 1',
            f'[[faults]]\nname = "stall"\nseconds = "x {SECRET}"',
        ],
    )
    def test_no_way_of_writing_it_brings_it_into_a_message(self, text: str) -> None:
        with pytest.raises(ScenarioError) as caught:
            parse(text, "toml")
        assert SECRET not in str(caught.value)
        assert str(int(SECRET, 16)) not in str(caught.value)

    def test_a_public_key_in_hex_is_none_and_words_about_a_hash_are_none(self) -> None:
        assert from_object({"accounts": [{"public_key": KEYS[0].hex()}]}).accounts
        assert from_object({"answers": [{"say": f"The digest is {SECRET}."}]}).answers


class TestFiles:
    @pytest.mark.parametrize(("name", "text"), [("a.toml", "nodes = 2"), ("b.JSON", '\ufeff{"nodes": 2}')])
    def test_the_suffix_says_how_it_is_read(self, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert len(load(tmp_path / name).nodes) == len(load(str(tmp_path / name)).nodes) == 2

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("a.yaml", b"", "rename it"),
            ("none.toml", None, "check the path"),
            ("folder.toml", "folder", "check the path"),
            ("a.toml", b"\xff", "UTF-8"),
            ("a.toml", b"#" * (MOST_BYTES + 1), "longer than"),
            ("a.toml", b"a = 1\nb = ", "line 2"),
            ("a.toml", b"a = 1\na = 2", "line 2"),
            ("a.toml", b"a = 2026-02-31", "line 1"),
            ("a.json", b'{"a": 1,\n]', "line 2, column 1"),
            ("a.json", b'{"a": 1, "a": 2}', "twice"),
            ("a.json", b'{"price": NaN}', "finite"),
            ("a.json", b'{"price": 1e999}', "finite"),
            ("a.json", b"[" * 200_000, "deep"),
            ("a.toml", b"a = " + b"[" * 200_000, "deep"),
            ("a.json", b'{"price": ' + b"1" * 5000 + b"}", "smaller"),
            ("a.toml", b"price = 0x" + b"f" * 5000, "64 bits"),
        ],
    )
    def test_a_file_that_cannot_be_read(self, tmp_path: Path, name: str, data: bytes | str | None, words: str) -> None:
        if data == "folder":
            (tmp_path / name).mkdir()
        elif isinstance(data, bytes):
            (tmp_path / name).write_bytes(data)
        with pytest.raises(ScenarioError, match=re.escape(words)):
            load(tmp_path / name)

    def test_a_text_as_long_as_a_file_may_be(self) -> None:
        assert parse("#" * MOST_BYTES, "toml") == Scenario()
        with pytest.raises(ScenarioError, match="longer than"):
            parse("#" * (MOST_BYTES + 1), "toml")


NAMES = st.sampled_from(sorted({name for table in tables.ALL for name in table}))
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(PROVIDERS + TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NEARLY = st.dictionaries(st.sampled_from(sorted(tables.SCENARIO)), ANY, max_size=4)


def outcome(make: Callable[[], Scenario]) -> Scenario | str:
    """A scenario, or the reason why there is none; any other error comes through."""
    try:
        return make()
    except ScenarioError as error:
        return error.reason


@given(ANY | NEARLY)
@example({"price": 10**5000})
def test_no_value_raises_anything_else(value: object) -> None:
    assert outcome(lambda: from_object(value))


@given(st.text(max_size=60) | st.text("=[]{}\"',.\n 0123456789eEnodes", max_size=60), st.sampled_from(["toml", "json"]))
def test_no_text_raises_anything_else(text: str, kind: Literal["toml", "json"]) -> None:
    assert outcome(lambda: parse(text, kind))


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FILLED = WORDS.filter(str.strip)
AMOUNTS = st.integers(0, 2**63 - 1)
FAULTS = [{"name": "stall", "seconds": 0.5}, {"name": "no-done", "nth": [1, 3]}]


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Tables with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


GOOD = some(
    profile=st.sampled_from(["seed", "v0.2.6", "v0.2.13", "gateway"]),
    nodes=st.integers(1, 9) | st.just([{"provider": PROVIDERS[0]}, {"switched_off": ["identity"]}]),
    accounts_mode=st.sampled_from(["open", "listed"]),
    accounts=st.lists(
        st.sampled_from(TEXTS).map(lambda key: {"public_key": key}), unique_by=lambda one: one["public_key"]
    ),
    default_balance=AMOUNTS,
    models=st.lists(FILLED, unique=True, max_size=3),
    params=some(timestamp_expiration_s=st.integers(0, 999), logprobs_mode=WORDS),
    participants=st.lists(
        st.fixed_dictionaries({"address": st.sampled_from(["", *PROVIDERS]), "url": WORDS}), max_size=2
    ),
    clock=some(lag_s=st.floats(0, 60), frozen=st.booleans(), freeze_at=AMOUNTS),
    outages=st.lists(st.sampled_from(sorted(OUTAGES)), max_size=3),
    faults=st.lists(st.sampled_from(FAULTS), max_size=3),
    answers=st.lists(st.fixed_dictionaries({"say": WORDS}, optional={"when": st.just({"role": "user"})}), max_size=3),
    gateway=some(api_keys=st.lists(FILLED, max_size=2), moved_to=WORDS),
    control=st.booleans(),
)


def as_toml(value: object) -> str:
    """An independent writer: everything in inline form."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(name)} = {as_toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@given(GOOD)
def test_toml_and_json_say_the_same_and_the_network_can_be_made(value: dict[str, Any]) -> None:
    toml = "\n".join(f"{name} = {as_toml(item)}" for name, item in value.items())
    assert tomllib.loads(toml) == value
    scenario = parse(toml, "toml")
    assert scenario == parse(json.dumps(value), "json")
    network = scenario.network()
    assert len(network.nodes) == len(scenario.nodes)
    assert network.chain.open_accounts == (value.get("accounts_mode", "open") == "open")
    assert [fault.name for fault in network.faults] == [fault["name"] for fault in scenario.faults]


class TestAnswers:
    RULES = (
        AnswerRule(Said(tool_calls=(ToolCall("weather"),)), When(contains="Paris", role="user")),
        AnswerRule(Said("It is sunny."), When(role="tool")),
        AnswerRule(Said("Small talk."), When(model="small")),
        AnswerRule(Said("Piece by piece."), When(stream=True)),
    )

    @pytest.mark.parametrize(
        ("payload", "said"),
        [
            ({"messages": [{"role": "user", "content": "Paris?"}]}, RULES[0].said),
            ({"messages": [{"role": "user", "content": [{"type": "text", "text": "in Paris"}]}]}, RULES[0].said),
            ({"messages": [{"role": "user", "content": "Paris?"}, {"role": "tool", "content": "20"}]}, RULES[1].said),
            ({"model": "small", "messages": [{"role": "user", "content": "paris"}]}, RULES[2].said),
            ({"prompt": "Paris"}, RULES[0].said),
            ({"prompt": ["Paris"]}, RULES[0].said),
            ({"stream": True, "messages": []}, RULES[3].said),
            ({"messages": [{"role": "user", "content": "Rome?"}]}, "You said: Rome?"),
            ({"messages": ["Paris"]}, "You said: nothing"),
            ({}, "You said: nothing"),
        ],
    )
    def test_the_first_rule_that_fits_or_an_echo(self, payload: dict[str, Any], said: object) -> None:
        assert answering(self.RULES)(payload) == said

    @given(ANY.filter(lambda value: isinstance(value, dict)) | st.fixed_dictionaries({"messages": ANY, "prompt": ANY}))
    def test_no_payload_makes_it_fail(self, payload: dict[str, Any]) -> None:
        assert isinstance(answering(self.RULES)(payload), Said | str)

    def test_a_rule_as_it_is_written(self) -> None:
        text = """
            [[answers]]
            when = {contains = "weather"}
            pause_s = 0.5
            tool_calls = [
                {name = "weather", arguments = {city = "Köln", day = 2026-02-12}},
                {name = "b", arguments = "{"},
            ]
        """
        (rule,) = parse(text, "toml").answers
        assert rule.when == When(contains="weather")
        assert rule.said.pause == 0.5
        assert [call.arguments for call in rule.said.tool_calls] == ['{"city": "Köln", "day": "2026-02-12"}', "{"]


class TestTheNetwork:
    def test_accounts_models_prices_and_answers(self) -> None:
        rich, poor, stranger = (Requester(PROVIDERS[0], key=number.to_bytes(32, "big")) for number in (1, 2, 3))
        text = f"""
            accounts_mode = "listed"
            models = ["test", {{id = "dear", price = 1000000}}]
            nodes = [{{provider = "{PROVIDERS[0]}"}}, {{answers = [{{say = "The second."}}]}}]
            accounts = [{{public_key = "{TEXTS[0]}"}}, {{public_key = "{TEXTS[1]}", balance = 3}}]
            answers = [{{say = "Good day."}}]
        """
        with parse(text, "toml").network() as network:
            url, second = (node.url for node in network.nodes)
            assert [requester.ask(url).status for requester in (rich, poor, stranger)] == [200, 402, 500]
            assert b"Good day." in rich.ask(url).body
            assert b"The second." in rich.but(provider_address=network.nodes[1].provider_address).ask(second).body
            assert network.chain.price_of("dear") == 1_000_000
            assert (
                rich.ask(url, b'{"model": "other", "messages": [{"role": "user", "content": "hello"}]}').status >= 400
            )
            assert network.chain.account(rich.address).balance == DEFAULT_BALANCE  # type: ignore[union-attr]

    def test_time_stands_still_where_the_file_says(self) -> None:
        with from_object(
            {"clock": {"freeze_at": 1_770_854_400 * 10**9}, "params": {"timestamp_advance_s": 5}}
        ).network() as network:
            node = network.nodes[0]
            requester = Requester(node.provider_address)
            assert requester.ask(node.url, timestamp=1_770_854_400 * 10**9).status == 200
            assert requester.ask(node.url, timestamp=1_770_854_404 * 10**9).status == 200
            assert requester.ask(node.url, timestamp=1_770_854_406 * 10**9).status == 400
            assert requester.ask(node.url).status == 400

    def test_the_clock_lags_stands_and_is_granular(self) -> None:
        behind = from_object({"clock": {"freeze_at": 10**18, "lag_s": 45, "height": 7}}).network().chain.clock
        assert behind.time_ns == 10**18 - 45 * 10**9
        assert behind.height == 7
        assert from_object({"clock": {"frozen": True}}).network().chain.clock.stopped
        granular = from_object({"clock": {"granular": True, "interval_s": 86400}}).network().chain.clock
        assert isinstance(granular, BlockClock)
        assert granular.time_ns == granular.time_ns

    def test_faults_switches_and_delegates(self) -> None:
        value = {
            "nodes": [{"switched_off": ["models"]}, {"delegates": {"http://other:8000": PROVIDERS[2]}}],
            "faults": [{"name": "status", "code": 502, "node": 2, "route": "/v1/chat/*"}],
        }
        with from_object(value).network() as network:
            first, second = network.nodes
            assert get(first.url, "/v1/models").status == 403
            assert get(second.url, "/v1/models").status == 200
            assert PROVIDERS[2].encode() in get(second.url, "/v1/identity").body
            assert PROVIDERS[2].encode() not in get(first.url, "/v1/identity").body
            requester = Requester(second.provider_address)
            assert requester.ask(second.url).status == 502

    def test_who_takes_part(self) -> None:
        value = {
            "epoch": 173,
            "participants": [{"address": PROVIDERS[2], "url": "http://other", "weight": 5}, {"address": "", "url": ""}],
            "excluded": [{"address": PROVIDERS[2], "reason": "failed"}],
            "params": {"allowed_transfer_addresses": [PROVIDERS[2]]},
        }
        with from_object(value).network() as network:
            node = network.nodes[0]
            assert network.chain.epoch == 173
            shown = json.loads(get(node.url, "/v1/epochs/current/participants").body)
            listed = [one.get("index", "") for one in shown["active_participants"]["participants"]]
            assert listed == [PROVIDERS[2], "", node.provider_address]
            assert [one["address"] for one in shown["excluded_participants"]] == [PROVIDERS[2]]
            assert Requester(node.provider_address).ask(node.url).status == 403

    def test_a_gateway(self) -> None:
        value = {"profile": "gateway", "gateway": {"api_keys": ["sk-good"]}, "models": ["test"]}
        assert "sk-good" not in repr(from_object(value))
        with from_object(value).network() as network:
            node = network.nodes[0]
            ask = Requester(node.provider_address).ask
            assert ask(node.url, Authorization="Bearer sk-good").status == 200
            assert ask(node.url, Authorization="Bearer sk-other").status == 401

    def test_reset_goes_back_to_the_chain_of_the_file(self) -> None:
        network = from_object({"price": 7, "outages": ["status"], "accounts": [{"public_key": TEXTS[0]}]}).network()
        network.chain.price, network.chain.outages = 9, set()
        network.fund(KEYS[1])
        network.reset()
        assert (network.chain.price, network.chain.outages) == (7, {"status"})
        assert [account.public_key for account in network.chain.accounts()] == [KEYS[0]]

    def test_the_same_file_gives_the_same_addresses_and_overrides_win(self) -> None:
        scenario = from_object({"nodes": 2, "profile": "v0.2.6"})
        first, second = scenario.network(), scenario.network(profile="seed", control=False)
        assert [node.provider_address for node in first.nodes] == [node.provider_address for node in second.nodes]
        assert first.nodes[0].provider_address != first.nodes[1].provider_address
        assert (first.profile.name, second.profile.name) == ("v0.2.6", "seed")
        assert (first.control, second.control) == (True, False)
        with pytest.raises(TypeError):
            scenario.network(profil="seed")

    @pytest.mark.parametrize("nodes", [lambda port: {"nodes": [{"port": port}]}, lambda port: {"port": port}])
    def test_the_port_and_the_limits_of_the_file(self, nodes: Callable[[int], dict[str, Any]]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            network = from_object({**nodes(port), "limits": {"body_s": 3, "headers": 40}}).network()
            assert network.nodes[0].limits == Limits(body_s=3.0, headers=40)
            with pytest.raises(CannotListenError, match=f"127.0.0.1:{port} "), network:
                pass

    def test_the_control_plane_can_be_off(self) -> None:
        with from_object({"control": False}).network() as network:
            assert get(network.nodes[0].url, "/mock/state").status == 404
