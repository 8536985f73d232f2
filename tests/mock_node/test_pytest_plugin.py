"""The fixtures, in runs of pytest of their own: what a project meets that opts in to them."""

from __future__ import annotations

import re

import ecdsa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import address_of
from gonka_mock_node import Chain, MockNode
from gonka_mock_node.accounts import FundedAccounts
from gonka_mock_node.pytest_plugin import SECTION, SHOWN, told
from tests.mock_node.requester import Requester

pytest_plugins = ["pytester"]

QUIET = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
OPTED_IN = 'pytest_plugins = ["gonka_mock_node.pytest_plugin"]\n'
ASK = """
import pytest
from gonka_core import AsyncClient, Client, PrivateKey
from gonka_core.errors import GonkaError

PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}

def client(node, account, kind=Client, **settings):
    key = PrivateKey.from_hex(account.private_key_hex())
    return kind(f"{node.url};{node.provider_address}", private_key=key, **settings)

def ask(node, account, **settings):
    with client(node, account, **settings) as one:
        return one.chat(PAYLOAD).text

async def ask_async(node, account):
    async with client(node, account, AsyncClient) as one:
        return (await one.chat(PAYLOAD)).text

"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project that opted in, with a small client at hand."""
    pytester.makeconftest(OPTED_IN)
    pytester.makepyfile(ask=ASK)
    return pytester


def run(project: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    project.makepyfile(test_it="from ask import *\n" + tests)
    return project.runpytest_inprocess(*QUIET, "--strict-markers", *arguments)


def test_a_plain_test_has_a_node_and_a_funded_account(project: pytest.Pytester) -> None:
    run(
        project,
        """
def test_one(gonka_node, gonka_account):
    assert ask(gonka_node, gonka_account) == "You said: hello"
    gonka_node.assert_accepted(1)
    assert gonka_node.journal[-1].requester == gonka_account.address

def test_another_has_a_node_that_saw_nothing(gonka_node, gonka_accounts, gonka_account):
    assert len(gonka_node.journal) == 0
    assert gonka_accounts[0] is gonka_account
    assert [account.balance for account in (gonka_accounts(balance=7), gonka_accounts[1])] == [7, 7]
    assert gonka_node.chain.account(gonka_account.address).public_key == gonka_account.public_key
""",
    ).assert_outcomes(passed=2)


def test_the_environment_leads_to_the_node_and_nowhere_else(project: pytest.Pytester) -> None:
    run(
        project,
        """
import os

@pytest.fixture(autouse=True)
def of_a_developer(monkeypatch):
    monkeypatch.setenv("GONKA_ENDPOINTS", "http://127.0.0.1:9/v1;gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
    monkeypatch.setenv("GONKA_BROKER_URL", "http://127.0.0.1:9/v1")

@pytest.mark.usefixtures("gonka_env")
def test_it(gonka_node, gonka_account):
    with Client() as one:
        assert one.chat(PAYLOAD).text == "You said: hello"
    gonka_node.assert_accepted(1)
    assert os.environ["NODE_URL"] + "/v1" == os.environ["GONKA_ENDPOINT"] == gonka_node.url
    assert os.environ["GONKA_ADDRESS"] == gonka_account.address
    assert "GONKA_BROKER_URL" not in os.environ

def test_afterwards_it_is_as_before():
    assert "GONKA_ENDPOINT" not in os.environ
""",
    ).assert_outcomes(passed=2)


def test_the_network_the_clock_and_the_faults_belong_together(project: pytest.Pytester) -> None:
    run(
        project,
        """
def test_network(gonka_network, gonka_node, gonka_account):
    assert len({node.url for node in (*gonka_network.nodes, gonka_node)}) == 4
    assert gonka_network.chain is gonka_node.chain
    for node in gonka_network.nodes:
        assert ask(node, gonka_account) == "You said: hello"
    gonka_network.assert_accepted(3)

def test_clock(gonka_node, gonka_account, gonka_clock):
    gonka_clock.lag(45)
    assert ask(gonka_node, gonka_account) == "You said: hello"  # the client has asked for block time
    assert gonka_node.last_refusal.rule == "timestamp"

def test_faults(gonka_node, gonka_account, gonka_faults):
    assert gonka_faults is gonka_node.faults
    gonka_faults.add("status", code=503)
    with pytest.raises(GonkaError, match="503"):
        ask(gonka_node, gonka_account)
    gonka_faults.clear()
    assert ask(gonka_node, gonka_account) == "You said: hello"
""",
    ).assert_outcomes(passed=3)


def test_async_tests_of_both_kinds(project: pytest.Pytester) -> None:
    run(
        project,
        """
@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_anyio(gonka_node, gonka_account):
    assert await ask_async(gonka_node, gonka_account) == "You said: hello"
    gonka_node.assert_accepted(1)

@pytest.mark.asyncio
async def test_asyncio(gonka_node, gonka_account):
    assert await ask_async(gonka_node, gonka_account) == "You said: hello"
    gonka_node.assert_accepted(1)
""",
    ).assert_outcomes(passed=2)


def test_unittest_classes(project: pytest.Pytester) -> None:
    run(
        project,
        """
import unittest

@pytest.fixture
def node_of_the_class(request, gonka_node, gonka_account):
    request.cls.node, request.cls.account = gonka_node, gonka_account

@pytest.mark.usefixtures("node_of_the_class")
class ClientTest(unittest.TestCase):
    def test_one(self):
        self.assertEqual(ask(self.node, self.account), "You said: hello")
        self.node.assert_accepted(1)

    @pytest.mark.gonka(answer=lambda payload: "Good day.")
    def test_each_has_its_own(self):
        self.assertEqual(ask(self.node, self.account), "Good day.")
        self.node.assert_accepted(1)

@pytest.mark.usefixtures("node_of_the_class")
class AsyncClientTest(unittest.IsolatedAsyncioTestCase):
    async def test_async(self):
        self.assertEqual(await ask_async(self.node, self.account), "You said: hello")
        self.node.assert_accepted(1)
""",
    ).assert_outcomes(passed=3)


def test_parallel_workers_do_not_meet(project: pytest.Pytester) -> None:
    run(
        project,
        """
@pytest.mark.parametrize("number", range(6))
def test_it(gonka_node, gonka_account, number):
    assert ask(gonka_node, gonka_account) == "You said: hello"
    gonka_node.assert_accepted(1)
""",
        "-n",
        "2",
    ).assert_outcomes(passed=6)


def test_the_marker_makes_the_nodes_of_a_test(project: pytest.Pytester) -> None:
    run(
        project,
        """
pytestmark = pytest.mark.gonka(answer=lambda payload: "Good day.")

@pytest.mark.gonka(profile="v0.2.6")
class TestOld:
    def test_of_the_class(self, gonka_node, gonka_account, gonka_profile):
        assert gonka_node.profile.name == gonka_profile == "v0.2.6"
        assert ask(gonka_node, gonka_account, scheme="hash") == "Good day."

    @pytest.mark.gonka(profile="v0.2.13")
    def test_the_nearest_wins(self, gonka_network):
        assert gonka_network.profile.name == "v0.2.13"

@pytest.mark.gonka(accounts="listed", models=["small"])
def test_accounts_and_models(gonka_node, gonka_account):
    assert not gonka_node.chain.open_accounts
    assert gonka_node.chain.model_names() == ("small",)

@pytest.mark.gonka(accounts="listed")
def test_only_funded_ones_are_known(gonka_node, gonka_account):
    assert ask(gonka_node, gonka_account) == "Good day."
    stranger = PrivateKey.generate()
    with Client(f"{gonka_node.url};{gonka_node.provider_address}", private_key=stranger) as one:
        with pytest.raises(GonkaError, match="not found"):
            one.chat(PAYLOAD)

@pytest.mark.gonka(faults=["no-done", {"name": "status", "code": 502, "nth": [1]}])
def test_faults(gonka_node, gonka_account, gonka_faults):
    assert [fault.name for fault in gonka_faults] == ["no-done", "status"]
    with pytest.raises(GonkaError, match="502"):
        ask(gonka_node, gonka_account)
    assert ask(gonka_node, gonka_account) == "Good day."
""",
    ).assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("profil='v0.2.6'", "did you mean 'profile'"),
        ("'v0.2.6'", "gonka(profile='v0.2.6')"),
        ("faults=['no-don']", "did you mean 'no-done'"),
        ("faults=[{'name': 'stall', 'seconds': -1}]", "seconds"),
        ("profile='v9'", "choose one of"),
    ],
)
def test_a_marker_that_is_wrong_is_told(project: pytest.Pytester, marker: str, words: str) -> None:
    result = run(project, f"@pytest.mark.gonka({marker})\ndef test_it(gonka_node): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{words.replace('[', '[[]')}*"])


def test_profile_and_settings_are_overridden_by_fixtures(project: pytest.Pytester) -> None:
    run(
        project,
        """
@pytest.fixture(params=["seed", "v0.2.13"])
def gonka_profile(request):
    return request.param

@pytest.fixture
def gonka_settings():
    return {"provider_address": "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le", "models": ("test",)}

def test_it(gonka_node, gonka_account, gonka_profile):
    assert gonka_node.profile.name == gonka_profile
    assert gonka_node.provider_address == "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
    assert gonka_node.chain.model_names() == ("test",)
    assert ask(gonka_node, gonka_account) == "You said: hello"

@pytest.mark.gonka(profile="v0.2.6", models=["small"])
def test_a_marker_wins(gonka_node):
    assert gonka_node.profile.name == "v0.2.6"
    assert gonka_node.chain.model_names() == ("small",)

def test_network(gonka_network):
    assert gonka_network.nodes[0].provider_address == "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
    assert len(gonka_network.nodes) == 3
""",
    ).assert_outcomes(passed=6)


RED = """
def test_red(gonka_node, gonka_account):
    with client(gonka_node, gonka_account) as one:
        one.chat(PAYLOAD)
    with pytest.raises(GonkaError):
        ask(gonka_node, gonka_account, scheme="hash")
    assert gonka_node.last_refusal is None
"""


def test_a_red_test_tells_what_the_node_saw(project: pytest.Pytester) -> None:
    result = run(project, RED)
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    section = text[text.index(f"- {SECTION} -") :]
    assert re.search(r"^200 /v1/chat/completions gonka1\w+: accepted$", section, re.MULTILINE)
    refusal = re.search(r"^401 .*refused \(signature\).*$", section, re.MULTILINE)
    assert refusal is not None
    assert "hash" in refusal[0].partition("invalid signature")[2], "the diagnosis stands on the same line"


def test_a_red_test_shows_no_private_key(project: pytest.Pytester) -> None:
    result = run(project, RED, "--showlocals", "-vv")
    key = FundedAccounts(Chain())[0].private_key_hex()
    assert key not in result.stdout.str() + result.stderr.str()
    assert "FundedAccount(address=" in result.stdout.str()


def test_a_green_test_has_no_section_and_a_red_one_without_a_node_neither(project: pytest.Pytester) -> None:
    result = run(project, "def test_green(gonka_node): pass\ndef test_red(): assert False\n", "-rA")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line(f"*{SECTION}*")


def test_what_a_test_saw_is_not_kept_longer_than_its_report(project: pytest.Pytester) -> None:
    run(
        project,
        """
import gc
import weakref

seen = []

def test_one(gonka_node):
    seen.append(weakref.ref(gonka_node.journal))

def test_two():
    gc.collect()
    assert seen[0]() is None
""",
    ).assert_outcomes(passed=2)


def test_nothing_is_there_without_opting_in(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(gonka_node): pass")
    pytester.runpytest_inprocess(*QUIET).stdout.fnmatch_lines(["*fixture 'gonka_node' not found*"])
    result = pytester.runpytest_inprocess(*QUIET, "--fixtures", "--markers")
    result.stdout.no_fnmatch_line("*gonka*")


def test_a_report_is_short_and_one_line_a_request() -> None:
    with MockNode() as node:
        assert "no request" in told(node)
        assert node.url in told(node)
        requester = Requester(node.provider_address)
        for _ in range(SHOWN + 2):
            requester.ask(node.url, Authorization="A" * 88)
        requester.ask(node.url, X_Requester_Address="gonka1\x85\xff")
        lines = told(node).splitlines()
        assert lines[0] == "… 3 earlier ones"
        assert len(lines) == SHOWN + 1
        assert all(line.isprintable() for line in lines)


def test_a_line_of_a_report_has_an_end() -> None:
    with MockNode(profile="gateway", models=("test",)) as node:
        body = b'{"model": "' + b"x" * 5000 + b'", "messages": [{"role": "user", "content": "hello"}]}'
        Requester(node.provider_address).ask(node.url, body)
        assert told(node).startswith("400 /v1/chat/completions")
        assert len(told(node)) == 1001


@given(st.lists(st.integers(0, 10**18) | st.none(), max_size=8))
def test_accounts_are_distinct_funded_and_the_same_every_time(balances: list[int | None]) -> None:
    chain = Chain()
    accounts = FundedAccounts(chain)
    made = [accounts(balance) for balance in balances]
    assert len({account.address for account in made}) == len(accounts) == len(balances)
    assert list(accounts) == made
    for account, balance in zip(made, balances, strict=True):
        assert account.balance == (chain.default_balance if balance is None else balance)
        known = chain.account(account.address)
        assert known is not None
        assert (known.public_key, known.balance) == (account.public_key, account.balance)
        key = ecdsa.SigningKey.from_string(bytes.fromhex(account.private_key_hex()), curve=ecdsa.SECP256k1)
        assert key.verifying_key.to_string("compressed") == account.public_key
        assert account.address == address_of(account.public_key)
        shown = f"address={account.address!r}, public_key={account.public_key!r}, balance={account.balance}"
        assert repr(account) == f"FundedAccount({shown})"
    again = FundedAccounts(Chain())
    assert [again[i].address for i in range(len(made))] == [account.address for account in made]


def test_a_negative_number_is_no_account() -> None:
    with pytest.raises(IndexError, match="from 0"):
        FundedAccounts(Chain())[-1]
