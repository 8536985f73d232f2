"""For every way in which the chain breaks, exactly that link is wrong, for that cause, and nothing else is.

Each row sabotages a healthy network, or what its user has set. Servers are real ones, on loopback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from gonka_core.doctor import Finding
from gonka_mock_node import Account
from tests.doctor import bedside
from tests.doctor.bedside import ADDRESS, API_KEY, KEY, OTHER_KEY, PUBLIC_KEY, Bed, Said, bed, certificate, front

ELSEWHERE = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


@dataclass(frozen=True)
class Row:
    """`wrong`: name of a link to words of its cause; `unknown`: names of links of which nothing can be said."""

    id: str
    sabotage: Callable[[Bed], object]
    wrong: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    profile: str = "seed"
    front: Callable[[Bed], AbstractContextManager[str]] | None = None


def nothing(_bed: Bed) -> None:
    """It stays healthy."""


def sets(**environ: str | None) -> Callable[[Bed], None]:
    """The user sets variables, or unsets them."""

    def sabotage(bed: Bed) -> None:
        for name, value in environ.items():
            if value is None:
                bed.environ.pop(f"GONKA_{name}")
            else:
                bed.environ[f"GONKA_{name}"] = value

    return sabotage


def gives(**options: Any) -> Callable[[Bed], None]:
    """The user says so."""
    return lambda bed: bed.options.update(options)


def account(public_key: bytes | None, balance: int) -> Callable[[Bed], object]:
    return lambda bed: bed.network.chain.put(Account(ADDRESS, public_key, balance))


def both(*sabotages: Callable[[Bed], object]) -> Callable[[Bed], None]:
    def sabotage(bed: Bed) -> None:
        for each in sabotages:
            each(bed)

    return sabotage


def faulty(name: str, **fields: Any) -> Callable[[Bed], object]:
    return lambda bed: bed.network.faults.add(name, **fields)


def proven(verify: str = "validators", fault: str | None = None) -> Callable[[Bed], None]:
    """Nodes are found through the first one, which has to prove it, and may lie."""

    def sabotage(bed: Bed) -> None:
        bed.finds_nodes(verify, trusted=bed.network.chain.validators_hash.hex())
        if fault is not None:
            bed.network.faults.add(fault, node=1)

    return sabotage


def an_old_list(bed: Bed) -> None:
    """The epoch under way began two days before it should have."""
    chain = bed.network.chain
    chain.epochs[chain.epoch] = replace(chain.current, time_ns=chain.current.time_ns - 2 * 86_400 * 10**9)


def switched_off(*groups: str) -> Callable[[Bed], None]:
    def sabotage(bed: Bed) -> None:
        for node in bed.network.nodes:
            node.switched_off = frozenset(groups)

    return sabotage


SENDS = gives(send=True)
NO_CHAIN = frozenset({"allowed", "developers", "clock"})
UNREACHED = frozenset({"http", "generation", "provider", "allowed", "epoch", "developers", "account", "public-key"}) | {
    "balance",
    "clock",
}
NO_NODE = UNREACHED - {"http", "generation"}
OF_THE_CHAIN = frozenset({"developers", "account", "public-key", "balance", "clock"})

SETTINGS = (
    Row(
        "no-key",
        sets(PRIVATE_KEY=None),
        {"key": "there is no private key"},
        frozenset({"account", "public-key", "balance"}),
    ),
    Row(
        "no-key-but-address",
        both(sets(PRIVATE_KEY=None, ADDRESS=ADDRESS)),
        {"key": "no private key"},
        frozenset({"public-key"}),
    ),
    Row(
        "short-key",
        sets(PRIVATE_KEY=KEY[:-2]),
        {"key": "62 hex digits"},
        frozenset({"account", "public-key", "balance"}),
    ),
    Row(
        "no-key-and-no-address",
        sets(PRIVATE_KEY=None, ADDRESS="gonka1abc"),
        {"key": "account address"},
        frozenset({"account", "public-key", "balance"}),
    ),
    Row("address-of-another", sets(ADDRESS=ELSEWHERE), {"key": "does not belong to the key"}),
    Row(
        "nothing-set",
        lambda bed: bed.environ.clear(),
        {"settings": "no endpoint is configured"},
        OF_THE_CHAIN | {"key"},
    ),
    Row(
        "no-provider-address",
        sets(PROVIDER_ADDRESS=None),
        {"settings": "has no provider address"},
        frozenset({"provider", "allowed", "epoch"}),
    ),
    Row(
        "address-is-none",
        sets(PROVIDER_ADDRESS="gonka1abc"),
        {"settings": "is not a bech32 address"},
        frozenset({"provider", "allowed", "epoch"}),
    ),
    Row("no-url", sets(ENDPOINT="node1.gonka.ai:8000"), {"settings": "does not begin with http"}, OF_THE_CHAIN),
    Row("address-without-endpoint", sets(ENDPOINT=None), {"settings": "set without an endpoint"}, OF_THE_CHAIN),
    Row(
        "source-without-scheme",
        sets(ENDPOINT=None, PROVIDER_ADDRESS=None, SOURCE_URL="node1.gonka.ai:8000"),
        {"settings": "a source is unusable"},
        OF_THE_CHAIN,
    ),
    Row(
        "broker-without-scheme",
        sets(BROKER_URL="broker.example", BROKER_API_KEY=API_KEY),
        {"settings": "does not begin with http"},
    ),
    Row("level-unknown", lambda bed: bed.finds_nodes("entirely"), {"settings": "no level of proof"}, OF_THE_CHAIN),
    Row(
        "broker-without-key",
        sets(BROKER_URL="http://127.0.0.1:1/v1"),
        {"settings": "set without a key", "tcp": "nobody listens"},
        frozenset({"http", "generation", "api-key"}),
    ),
    Row("key-without-broker", sets(BROKER_API_KEY=API_KEY), {"settings": "without a broker"}),
)

WAY = (
    Row(
        "no-route",  # the broadcast address, to which no machine lets TCP go
        sets(ENDPOINT="http://255.255.255.255:8000/v1"),
        {"tcp": "cannot be reached"},
        UNREACHED,
    ),
    Row(
        "nobody-listens",
        sets(ENDPOINT=f"http://127.0.0.1:{bedside.free_port()}/v1"),
        {"tcp": "connection refused"},
        UNREACHED,
    ),
    Row(
        "no-name-at-all",
        sets(ENDPOINT=f"http://{'a' * 64}.example:8000/v1"),
        {"dns": "cannot be looked up"},
        UNREACHED | {"tcp"},
    ),
    Row(
        "silence",
        both(faulty("latency", seconds=30.0), gives(timeout_s=1.0)),
        {"http": "did not answer in time"},
        UNREACHED - {"http"},
    ),
    Row("portal", faulty("html-instead-of-json"), {"http": "a captive portal"}, UNREACHED - {"http"}),
)


def self_signed(bed: Bed) -> AbstractContextManager[str]:
    made = certificate(bed.place, self_signed=True)
    return front(bed.url, context=made.context())


def certified(**fields: Any) -> Callable[[Bed], AbstractContextManager[str]]:
    """A server whose authority is trusted."""

    def made(bed: Bed) -> AbstractContextManager[str]:
        found = certificate(bed.place, **fields)
        return front(bed.url, context=found.context())

    return made


def answering(status: int, body: bytes, **headers: str) -> Callable[[Bed], AbstractContextManager[str]]:
    said = Said(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
    return lambda bed: front(bed.url, lambda _path, _headers, _said: said)


def catching_up(path: str, _headers: Mapping[str, str], said: Said) -> Said:
    if path != "/chain-rpc/status":
        return said
    return said._replace(body=said.body.replace(b'"catching_up":false', b'"catching_up":true'))


def of_several_keys(path: str, _headers: Mapping[str, str], said: Said) -> Said:
    """An account that several keys sign for."""
    key = b'"pub_key":{"@type":"/cosmos.crypto.multisig.LegacyAminoPubKey","threshold":2,"public_keys":[]}'
    return said._replace(body=said.body.replace(b'"pub_key":null', key)) if "/auth/" in path else said


HTML = b"<html><head><title>Hotel</title></head></html>"
FRONTS = (
    Row("tls", nothing, front=certified()),
    Row("self-signed", nothing, {"tls": "self-signed"}, UNREACHED, front=self_signed),
    Row("other-host", nothing, {"tls": "for another host"}, UNREACHED, front=certified(host="node.example")),
    Row("expired", nothing, {"tls": "has expired"}, UNREACHED, front=certified(days=(-20, -10))),
    Row("not-yet", nothing, {"tls": "not valid yet"}, UNREACHED, front=certified(days=(10, 20))),
    Row(
        "redirect",
        nothing,
        {"http": "points to http://portal.example/"},
        UNREACHED - {"http"},
        front=answering(302, b"", Location="http://portal.example/"),
    ),
    Row(
        "wants-tls",
        nothing,
        {"http": "wants TLS"},
        UNREACHED - {"http"},
        front=answering(400, b"Client sent an HTTP request to an HTTPS server.\n"),
    ),
    Row("proxy-login", nothing, {"http": "wants a login"}, UNREACHED - {"http"}, front=answering(407, b"")),
    Row(
        "overloaded",
        nothing,
        {"http": "in front of the node answers 503"},
        UNREACHED - {"http"},
        front=answering(503, HTML, Content_Type="text/html"),
    ),
    Row(
        "another-service",
        nothing,
        {"generation": "not as a Gonka node"},
        NO_NODE,
        front=answering(200, b'{"hello":"world"}'),
    ),
    Row(
        "too-often",
        nothing,
        {"http": "answers 429: slow down"},
        UNREACHED - {"http"},
        front=answering(429, b'{"error":"slow down"}'),
    ),
    Row("shut", nothing, {}, NO_NODE | {"generation"}, front=answering(403, b'{"error":"Access Denied"}')),
    Row("catching-up", nothing, {"clock": "is catching up"}, front=lambda bed: front(bed.url, catching_up)),
)

NODE = (
    Row("healthy", nothing),
    Row("healthy-sent", SENDS),
    Row("healthy-by-name", lambda bed: bed.goes_through(bed.url.replace("127.0.0.1", "localhost"))),
    Row("v0.2.5", SENDS, {}, frozenset({"provider"}), profile="v0.2.5"),
    Row("v0.2.13", SENDS, {}, NO_CHAIN, profile="v0.2.13"),
    Row("retired", SENDS, {"generation": "signed requests are retired"}, NO_CHAIN | {"scheme"}, profile="v0.2.14"),
    Row("gateway", SENDS, {"generation": "is a gateway"}, NO_NODE | {"scheme"}, profile="gateway"),
    Row(
        "wrong-provider",
        lambda bed: bed.environ.update(GONKA_PROVIDER_ADDRESS=bed.network.nodes[1].provider_address),
        {"provider": "calls itself"},
    ),
    Row("unknown-provider", sets(PROVIDER_ADDRESS=ELSEWHERE), {"provider": "calls itself"}, frozenset({"epoch"})),
    Row("not-allowed", lambda bed: bed.network.chain.allow(ELSEWHERE), {"allowed": "not among the 1 providers"}),
    Row(
        "excluded",
        lambda bed: bed.network.chain.exclude(bed.network.nodes[0].provider_address, "missed PoC"),
        {"epoch": "missed PoC"},
    ),
    Row(
        "developer-gate",
        lambda bed: bed.network.chain.block_developers_until(10**9),
        {"developers": "restricted until block"},
    ),
    Row("gate-passed", lambda bed: bed.network.chain.block_developers_until(5)),
    Row("gate-lists-us", lambda bed: bed.network.chain.block_developers_until(10**9, [ADDRESS])),
    Row("chain-off", switched_off("chain-api", "chain-rpc"), {}, NO_CHAIN),
    Row(
        "no-account",
        lambda bed: bed.network.chain.remove(ADDRESS),
        {"account": "does not know"},
        frozenset({"public-key", "balance"}),
    ),
    Row("unpublished", account(None, 10**9), {"public-key": "has not published"}),
    Row(
        "unpublished-v0.2.13",
        account(None, 10**9),
        {"public-key": "has not published"},
        NO_CHAIN | {"balance"},
        profile="v0.2.13",
    ),
    Row(
        "unpublished-v0.2.5",
        account(None, 10**9),
        {"public-key": "has not published"},
        frozenset({"provider"}),
        profile="v0.2.5",
    ),
    Row(
        "no-account-v0.2.13",
        lambda bed: bed.network.chain.remove(ADDRESS),
        {"account": "does not know"},
        NO_CHAIN | {"public-key", "balance"},
        profile="v0.2.13",
    ),
    Row(
        "multisig",
        account(None, 10**9),
        {"public-key": "of the type"},
        front=lambda bed: front(bed.url, of_several_keys),
    ),
    Row("other-key", account(OTHER_KEY, 10**9), {"public-key": "another public key"}),
    Row("empty", account(PUBLIC_KEY, 0), {"balance": "0 ngonka"}),
    Row("one-short", both(gives(model="test"), account(PUBLIC_KEY, 21)), {"balance": "sets 22 aside"}),
    Row("just-enough", both(gives(model="test"), account(PUBLIC_KEY, 22))),
    Row("clock-ahead", gives(clock=bedside.shifted(120)), {"clock": "this machine's clock is 1"}),
    Row("clock-behind", gives(clock=bedside.shifted(-120)), {"clock": "behind the network's"}),
    Row(
        "clock-ahead-by-date",
        gives(clock=bedside.shifted(7300)),
        {"clock": "2.0 h ahead"},
        NO_CHAIN - {"clock"},
        profile="v0.2.13",
    ),
    Row("chain-lag", lambda bed: bed.network.chain.clock.lag(120), {"clock": "the chain lags"}),
    Row("chain-ahead", lambda bed: bed.network.chain.clock.advance(120), {"clock": "the chain is early"}),
    Row("inside-the-window", lambda bed: bed.network.chain.clock.lag(25)),
    Row(
        "refused-when-sent",
        both(SENDS, faulty("capacity", route="/v1/chat/completions")),
        {"scheme": "capacity reached"},
    ),
    Row(
        "reset-when-sent",
        both(SENDS, faulty("reset-after", route="/v1/chat/completions")),
        {"scheme": "the connection to"},
    ),
    Row("sent-only-when-well", both(SENDS, account(PUBLIC_KEY, 0)), {"balance": "0 ngonka"}, frozenset({"scheme"})),
)

BROKER = (
    Row("broker", lambda bed: bed.calls_a_broker(), {}, frozenset({"api-key"}), profile="gateway"),
    Row("broker-sent", both(Bed.calls_a_broker, SENDS), profile="gateway"),
    Row("broker-is-a-node", Bed.calls_a_broker, {"generation": "is a node"}, frozenset({"api-key"})),
)

SOURCE = (
    Row("found", Bed.finds_nodes),
    Row(
        "one-excluded",
        both(Bed.finds_nodes, lambda bed: bed.network.chain.exclude(bed.network.nodes[1].provider_address, "slow")),
    ),
    Row(
        "all-excluded",
        both(
            Bed.finds_nodes,
            lambda bed: [bed.network.chain.exclude(node.provider_address, "slow") for node in bed.network.nodes],
        ),
        {"discovery": "excluded"},
        OF_THE_CHAIN - {"developers"} - {"account", "public-key", "balance", "clock"},
    ),
    Row(
        "none-allowed",
        both(Bed.finds_nodes, lambda bed: bed.network.chain.allow(ELSEWHERE)),
        {"discovery": "not on the chain's list"},
    ),
    Row(
        "source-down",
        sets(ENDPOINT=None, PROVIDER_ADDRESS=None, SOURCE_URL=f"http://127.0.0.1:{bedside.free_port()}"),
        {"discovery": "no source tells"},
        OF_THE_CHAIN,
    ),
)


PROOFS = (
    Row("consistent", proven("consistent")),
    Row("validators", proven()),
    Row("nobody-vouches", lambda bed: bed.finds_nodes("validators"), {"discovery": "nobody vouches"}),
    Row("forged-proof", proven("consistent", "forged-proof"), {"discovery": "the proof does not hold"}),
    Row(
        "contradiction",
        proven("consistent", "contradicting-participants"),
        {"discovery": "otherwise than it is proven"},
    ),
    Row(
        "forged-app-hash",
        proven(fault="forged-app-hash"),
        {"discovery": "such as its app hash"},
    ),
    Row("forged-commit", proven(fault="forged-commit"), {"discovery": "is not that of its validator"}),
    Row("forged-validators", proven(fault="forged-validators"), {"discovery": "nobody vouches for the validators"}),
    Row("minority-commit", proven(fault="minority-commit"), {"discovery": "1000 of 2000 signed"}),
    Row("stale-epoch", both(an_old_list, proven("consistent")), {"discovery": "old, and at most 30.0 h"}),
    Row("another-chain", both(proven("consistent"), gives(chain_id="gonka-testnet-3")), {"discovery": "another chain"}),
    Row("lying-identity", proven(fault="lying-identity"), {"provider": "the node calls itself"}),
    Row(
        "a-liar-is-passed-over",
        both(
            proven("consistent", "forged-proof"),
            lambda bed: bed.environ.update(
                GONKA_SOURCE_URL=",".join(node.url.removesuffix("/v1") for node in bed.network.nodes)
            ),
        ),
    ),
)
REASONS = {
    "nobody-vouches": "anchor",
    "forged-proof": "proof",
    "contradiction": "contradiction",
    "forged-app-hash": "commit",
    "forged-commit": "commit",
    "forged-validators": "anchor",
    "minority-commit": "minority",
    "stale-epoch": "age",
    "another-chain": "chain",
}
"""Rows of `PROOFS` to the word for programs."""


def ids(row: Row) -> str:
    return row.id


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def examined(row: Row, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    with ExitStack() as stack:
        patient = stack.enter_context(bed(row.profile, place))
        if row.front is not None:
            patient.goes_through(stack.enter_context(row.front(patient)))
            if (place / "authority.pem").exists():
                monkeypatch.setenv("SSL_CERT_FILE", str(place / "authority.pem"))
        row.sabotage(patient)
        return patient.findings()


@pytest.mark.parametrize("row", [*SETTINGS, *WAY, *FRONTS, *NODE, *BROKER, *SOURCE, *PROOFS], ids=ids)
def test_exactly_that_link_is_wrong(row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = examined(row, tmp_path, monkeypatch)
    wrong = {found.name: found for found in findings if found.verdict == "wrong"}
    assert {name: found.cause for name, found in wrong.items() if row.wrong.get(name, "\0") not in found.cause} == {}
    assert wrong.keys() == row.wrong.keys()
    assert all(found.remedy for found in wrong.values())
    reasons = {found.details["reason"] for found in wrong.values() if found.name == "discovery" and row in PROOFS}
    assert reasons == ({REASONS[row.id]} if row.id in REASONS else set())
    unknown = {found.name for found in findings if found.verdict == "unknown"}
    unsent = set() if row.sabotage is SENDS or "scheme" in row.unknown else {"scheme"}
    assert unknown - unsent == row.unknown - unsent, [found.cause for found in findings if found.verdict == "unknown"]
    told = json.dumps([repr(found) for found in findings]) + json.dumps([dict(found.details) for found in findings])
    assert KEY not in told
    assert API_KEY not in told
    assert "bug of gonka-core" not in told
