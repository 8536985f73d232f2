"""Fixtures for pytest: a node, or a network of three, for each test that asks for it (docs/pytest.md).

Opt in by `pytest_plugins = ["gonka_mock_node.pytest_plugin"]` in the topmost conftest.py; nothing is registered by the
installation. Nodes listen on free ports of loopback in a thread of their own and share nothing with other tests, so
that sync and async tests, `unittest` classes and parallel workers use them alike.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest

from .accounts import FundedAccount, FundedAccounts
from .chain import Chain
from .chain.clock import BlockClock
from .faults import FaultError, Faults
from .journal import Verdict
from .profiles import Profile
from .server import MockNetwork, MockNode

SHOWN: Final = 20
"""Verdicts in the report of a failed test."""
SECTION: Final = "gonka mock node"
_LINE: Final = 1000
_MARKER: Final = (
    "gonka(profile=..., accounts=..., faults=[...], ...): what the nodes of this test are made with: the arguments of "
    "MockNode, and faults by name or as tables of fields."
)
_REPLACED: Final = ("GONKA_ENDPOINTS", "GONKA_SOURCE_URL", "GONKA_BROKER_URL", "GONKA_BROKER_API_KEY")
_ARGUMENTS: Final = tuple(inspect.signature(MockNode).parameters)
_NETWORKS: Final = pytest.StashKey[list[MockNetwork]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def gonka_profile(request: pytest.FixtureRequest) -> str | Profile:
    """The generation of rules that the nodes play; override it, with parameters to run tests for several."""
    profile: str | Profile = _marked(request).get("profile", "seed")
    return profile


@pytest.fixture
def gonka_settings() -> Mapping[str, Any]:
    """Arguments of `MockNode` for every test in reach; override it. A marker on a test wins."""
    return {}


@pytest.fixture
def gonka_chain(request: pytest.FixtureRequest, gonka_settings: Mapping[str, Any]) -> Chain:
    """The chain that the nodes of this test share."""
    settings = {**gonka_settings, **_marked(request)}
    chain, models = settings.get("chain"), settings.get("models")
    if isinstance(chain, Chain):
        return chain
    return Chain(
        open_accounts=settings.get("accounts", "open") == "open", models=None if models is None else tuple(models)
    )


@pytest.fixture
def gonka_clock(gonka_chain: Chain) -> BlockClock:
    """The time of the blocks: `freeze`, `advance`, `lag`."""
    return gonka_chain.clock


@pytest.fixture
def gonka_faults(request: pytest.FixtureRequest, gonka_settings: Mapping[str, Any]) -> Faults:
    """What goes wrong on purpose in this test: what the marker names, and what is added to it."""
    given = {**gonka_settings, **_marked(request)}.get("faults", ())
    if isinstance(given, Faults):
        return given
    faults = Faults()
    for fault in given:
        try:
            faults.add_object({"name": fault} if isinstance(fault, str) else fault)
        except FaultError as error:
            pytest.fail(f"faults=[...] of the marker gonka: {error}", pytrace=False)
    return faults


@pytest.fixture
def gonka_node(
    request: pytest.FixtureRequest,
    gonka_profile: str | Profile,
    gonka_settings: Mapping[str, Any],
    gonka_chain: Chain,
    gonka_faults: Faults,
) -> Iterator[MockNode]:
    """A node that listens while the test runs."""
    node = MockNode(**_arguments(request, gonka_profile, gonka_settings), chain=gonka_chain, faults=gonka_faults)
    with _listening(request, node):
        yield node


@pytest.fixture
def gonka_network(
    request: pytest.FixtureRequest,
    gonka_profile: str | Profile,
    gonka_settings: Mapping[str, Any],
    gonka_chain: Chain,
    gonka_faults: Faults,
) -> Iterator[MockNetwork]:
    """Three nodes on one chain; it is that of `gonka_node` too, where a test has both."""
    settings = _arguments(request, gonka_profile, gonka_settings)
    own = settings.pop("provider_address", None)
    providers = () if own is None else (own,)
    network = MockNetwork(3, providers=providers, **settings, chain=gonka_chain, faults=gonka_faults)
    with _listening(request, network):
        yield network


@pytest.fixture
def gonka_accounts(gonka_chain: Chain) -> FundedAccounts:
    """Accounts with coins: `gonka_accounts[0]`, `gonka_accounts[1]`, …, and `gonka_accounts(balance=1)` for another."""
    return FundedAccounts(gonka_chain)


@pytest.fixture
def gonka_account(gonka_accounts: FundedAccounts) -> FundedAccount:
    """The first of `gonka_accounts`."""
    return gonka_accounts[0]


@pytest.fixture
def gonka_env(gonka_node: MockNode, gonka_account: FundedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a developer whose endpoint is the node (`protocol.md` §10).

    What would lead elsewhere is taken out of it, so that no test talks to the real network by accident.
    """
    for name in _REPLACED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GONKA_ENDPOINT", gonka_node.url)
    monkeypatch.setenv("GONKA_PROVIDER_ADDRESS", gonka_node.provider_address)
    monkeypatch.setenv("GONKA_PRIVATE_KEY", gonka_account.private_key_hex())
    monkeypatch.setenv("GONKA_ADDRESS", gonka_account.address)
    monkeypatch.setenv("NODE_URL", gonka_node.nodes[0].public_url)


@contextmanager
def _listening(request: pytest.FixtureRequest, network: MockNetwork) -> Iterator[None]:
    """Start it and end it, and keep it for the report of the test."""
    request.node.stash.setdefault(_NETWORKS, []).append(network)
    with network:
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed tells what its nodes saw."""
    report = yield
    networks = item.stash.get(_NETWORKS, [])
    if report.failed:
        report.sections += [(SECTION, told(network)) for network in networks]
    if call.when == "teardown":
        networks.clear()
    return report


def told(network: MockNetwork) -> str:
    """The latest verdicts of a network, a line each with the diagnosis of a refusal."""
    verdicts = tuple(network.journal)
    if not verdicts:
        return f"no request for a model arrived; it listens on {', '.join(node.url for node in network.nodes)}"
    left_out = [f"… {len(verdicts) - SHOWN} earlier ones"] if len(verdicts) > SHOWN else []
    return "\n".join([*left_out, *(_line(verdict) for verdict in verdicts[-SHOWN:])])


def _line(verdict: Verdict) -> str:
    sentence = "".join(sign if sign.isprintable() else " " for sign in verdict.sentence())
    return sentence if len(sentence) <= _LINE else f"{sentence[:_LINE]}…"


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers `gonka` say; one on the test wins over one on its class or module."""
    found: dict[str, Any] = {}
    for marker in request.node.iter_markers("gonka"):
        _require_names(marker)
        found = {**marker.kwargs, **found}
    return found


def _require_names(marker: pytest.Mark) -> None:
    if marker.args:
        pytest.fail(f"the marker gonka has an argument without a name; write gonka(profile={marker.args[0]!r})", False)
    for name in marker.kwargs:
        if name not in _ARGUMENTS:
            near = difflib.get_close_matches(name, _ARGUMENTS, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            pytest.fail(f"the marker gonka knows no {name!r}; {hint}it takes: {', '.join(_ARGUMENTS)}", False)


def _arguments(request: pytest.FixtureRequest, profile: str | Profile, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the nodes, without what has a fixture of its own."""
    made = {"profile": profile, **settings, **_marked(request)}
    return {name: value for name, value in made.items() if name not in ("chain", "faults")}
