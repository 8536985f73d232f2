"""The round itself: in order, as it becomes known, within its time, and unmoved by whatever a stranger answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core.address import address_of
from gonka_core.doctor import Finding, Given, examine
from gonka_core.errors import GonkaError
from gonka_core.hookspecs import TransportOptions
from gonka_core.keys import PrivateKey
from gonka_core.resolve import signer, transport
from gonka_core.settings import places
from gonka_core.types import Request
from gonka_mock_node import Account, MockNode
from gonka_mock_node.curve import KeyPair
from tests.doctor.bedside import API_KEY, KEY, Said, bed, certificate, free_port, front

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
ORDER = (
    *("key", "settings", "dns", "tcp", "tls", "http", "generation", "provider", "allowed", "epoch"),
    *("developers", "account", "public-key", "balance", "clock", "scheme"),
)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {found.name: found for found in findings}


def test_the_links_come_in_the_order_in_which_a_request_meets_them() -> None:
    with bed() as patient:
        assert tuple(found.name for found in patient.findings()) == ORDER


def test_a_finding_appears_before_the_next_link_is_looked_at() -> None:
    with bed() as patient:
        findings = examine(Given(environ=patient.environ))
        with closing(findings):
            assert [next(findings).name for _ in range(3)] == ["key", "settings", "dns"]
            assert len(patient.network.journal) == 0


def test_a_route_is_asked_once() -> None:
    """Nodes count how often they are asked (`protocol.md` §3.8)."""
    asked: list[str] = []

    def counted(path: str, _headers: Mapping[str, str], said: Said) -> Said:
        asked.append(path)
        return said

    with bed() as patient, front(patient.url, counted) as url:
        patient.goes_through(url)
        patient.findings()
    assert [asked.count(f"/v1/{name}") for name in ("status", "identity", "versions")] == [1, 1, 1]


def test_nothing_is_sent_unless_told() -> None:
    with bed() as patient:
        patient.findings()
        assert len(patient.network.journal) == 0
        patient.options["send"] = True
        patient.findings()
        patient.network.assert_accepted(1)


@pytest.mark.parametrize(("profile", "scheme"), [("seed", "raw"), ("v0.2.5", "raw"), ("v0.2.13", "hash")])
def test_sending_tells_the_scheme(profile: str, scheme: str) -> None:
    with bed(profile) as patient:
        patient.options["send"] = True
        found = by_name(patient.findings())["scheme"]
    assert found.verdict == "ok"
    assert found.details["scheme"] == scheme


@pytest.mark.parametrize(
    ("profile", "told"),
    [("v0.2.3", "classic"), ("v0.2.12", "classic"), ("v0.2.15", "retired"), ("gateway", "gateway")],
)
def test_the_generation_is_a_word_for_programs(profile: str, told: str) -> None:
    with bed(profile) as patient:
        assert by_name(patient.findings())["generation"].details["generation"] == told


def test_a_node_without_the_route_of_versions_is_told_by_the_others() -> None:
    with bed("v0.2.14") as patient:
        patient.network.nodes[0].switched_off = frozenset({"versions"})
        assert "v0.2.14 or later" in by_name(patient.findings())["generation"].cause


@pytest.mark.parametrize(
    "status", [b'{"mode":"gateway","runtimes":1}', b'{"escrow_id":"7","nonce":3,"phase":"x","balance":1}']
)
def test_a_gateway_is_told_by_its_status_alone(status: bytes) -> None:
    def changed(path: str, _headers: Mapping[str, str], said: Said) -> Said:
        return Said(200, said.headers, status) if path == "/v1/status" else Said(404, {}, b'{"error":"Not Found"}')

    with bed("gateway") as patient, front(patient.url, changed) as url:
        patient.goes_through(url)
        assert by_name(patient.findings())["generation"].details["generation"] == "gateway"


def test_several_endpoints_are_looked_at_one_by_one() -> None:
    with bed() as patient:
        node, closed = patient.network.nodes[1], f"http://127.0.0.1:{free_port()}/v1"
        patient.environ["GONKA_ENDPOINTS"] = f"{closed};{node.provider_address}, {node.url};{node.provider_address}"
        patient.options["send"] = True
        findings = patient.findings()
    assert [(found.name, found.subject) for found in findings if found.verdict == "wrong"] == [("tcp", closed)]
    schemes = {found.subject: found.verdict for found in findings if found.name == "scheme"}
    assert schemes == {closed: "unknown", node.url: "ok"}


def test_the_price_of_a_small_request() -> None:
    with bed() as patient:
        patient.network.chain.price = 7
        found = by_name(patient.findings())["balance"]
    # "hello" and a line feed, and 16 tokens for the answer (`protocol.md` §3.6)
    assert found.details["needed_ngonka"] == (6 + 16) * 7


def test_a_source_beside_a_broker() -> None:
    """Both are looked at, as a client would call both."""
    with bed() as patient, bed("gateway") as gateway:
        patient.finds_nodes()
        patient.environ |= {"GONKA_BROKER_URL": gateway.url, "GONKA_BROKER_API_KEY": API_KEY}
        findings = patient.findings()
    looked_at = {found.subject for found in findings if found.name == "generation"}
    assert looked_at == {gateway.url, by_name(findings)["scheme"].subject}
    assert len(looked_at) == 2
    assert [found.name for found in findings if found.verdict == "wrong"] == []


def test_the_weightiest_that_is_found_is_looked_at() -> None:
    with bed() as patient:
        chain, second = patient.network.chain, patient.network.nodes[1]
        patient.finds_nodes()
        weighed = [
            replace(each, weight=10**6) if each.address == second.provider_address else each
            for each in chain.participants()
        ]
        chain.epochs[chain.epoch] = replace(chain.current, participants=tuple(weighed))
        assert by_name(patient.findings())["generation"].subject == second.url


def test_an_address_of_version_six_is_written_as_in_a_url() -> None:
    with bed() as patient:
        patient.environ["GONKA_ENDPOINT"] = f"http://[::1]:{free_port()}/v1"
        assert "[::1]:" in by_name(patient.findings())["tcp"].cause


class TestBroker:
    def keyed(self, _path: str, headers: Mapping[str, str], said: Said) -> Said:
        if headers.get("authorization") == f"Bearer {API_KEY}":
            return said
        return Said(401, {"Content-Type": "application/json"}, b'{"error":{"message":"Invalid API key"}}')

    @pytest.mark.parametrize(("key", "verdict"), [(API_KEY, "ok"), ("sk-of-another", "wrong")])
    def test_one_that_looks_at_keys(self, key: str, verdict: str) -> None:
        with bed("gateway") as patient, front(patient.url, self.keyed) as url:
            patient.calls_a_broker(key)
            patient.environ["GONKA_BROKER_URL"] = url
            findings = patient.findings()
        assert by_name(findings)["api-key"].verdict == verdict
        assert [found.name for found in findings if found.verdict == "wrong"] == ["api-key"] * (verdict == "wrong")
        assert key not in repr(findings)

    @pytest.mark.parametrize(
        ("status", "verdict"), [(403, "wrong"), (429, "unknown"), (503, "unknown"), (404, "unknown")]
    )
    def test_one_that_shows_no_list(self, status: int, verdict: str) -> None:
        """Not to show it says nothing about who it is, unless it says that there is no such thing."""
        said = Said(status, {"Content-Type": "application/json"}, b'{"error":{"message":"no"}}')
        with bed("gateway") as patient, front(patient.url, lambda _path, _headers, _said: said) as url:
            patient.calls_a_broker()
            patient.environ["GONKA_BROKER_URL"] = url
            found = by_name(patient.findings())
        assert found["api-key"].verdict == verdict
        assert found["generation"].verdict == ("wrong" if status == 404 else "unknown")

    def test_a_key_that_only_a_request_finds_wrong(self) -> None:
        with bed("gateway") as patient:
            patient.network.nodes[0].access.admit("sk-the-right-one")
            patient.calls_a_broker("sk-of-another")
            patient.options["send"] = True
            found = by_name(patient.findings())["api-key"]
        assert found.verdict == "wrong"
        assert "requires an API key" in found.cause
        assert "GONKA_BROKER_API_KEY" in (found.remedy or "")


class TestProxy:
    def test_one_that_is_down_is_named_by_the_answer_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
        with bed() as patient:
            patient.environ["GONKA_ENDPOINT"] = "http://node.example:8000/v1"
            found = by_name(patient.findings())
        assert [found[name].verdict for name in ("dns", "tcp", "http")] == ["unknown", "unknown", "wrong"]

    def test_one_that_works_looks_names_up_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with bed() as patient, front(patient.url) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.removesuffix("/v1"))
            patient.environ["GONKA_ENDPOINT"] = "http://node.example:8000/v1"
            found = by_name(patient.findings())
        assert [found[name].verdict for name in ("dns", "tcp", "http", "clock")] == ["unknown", "unknown", "ok", "ok"]


def test_an_authority_that_only_the_transport_trusts(tmp_path: Path) -> None:
    """What counts is whether a client is served."""

    class Trusting:
        """A transport with a store of its own: here, one that goes around TLS to the node."""

        def __init__(self, url: str) -> None:
            self._inner, self._url = transport("auto", TransportOptions()), url

        def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
            path = request.url.partition("/v1")[2]
            plain = Request(self._url + path, request.headers, request.body, request.endpoint, method=request.method)
            return self._inner.send(plain, timeout=timeout)

        def close(self) -> None:
            self._inner.close()

    with bed() as patient, front(patient.url, context=certificate(tmp_path).context()) as url:
        trusting = Trusting(patient.url)
        patient.goes_through(url)
        patient.options["transport"] = trusting
        found = by_name(patient.findings())
        trusting.close()
    assert found["tls"].verdict == "ok"
    assert "although" in found["tls"].cause
    assert found["http"].verdict == "ok"


def test_https_at_a_port_that_does_not_speak_it() -> None:
    with bed() as patient:
        patient.goes_through(patient.url.replace("http://", "https://"))
        found = by_name(patient.findings())["tls"]
    assert found.verdict == "wrong"
    assert "does not speak TLS" in found.cause
    assert "http://" in (found.remedy or "")


def test_nothing_is_looked_at_when_the_time_is_up() -> None:
    ticks = iter(range(10**6))
    with bed() as patient:
        patient.options |= {"seconds": lambda: float(next(ticks)), "longest_s": 8.0}
        findings = patient.findings()
    assert [found.verdict for found in findings if found.name in ("key", "settings", "dns", "tcp")] == ["ok"] * 4
    late = [found for found in findings if found.cause == "the time is up"]
    assert {found.verdict for found in late} == {"unknown"}
    assert findings[-1] in late


def test_a_signer_that_holds_its_own_key() -> None:
    with bed() as patient:
        patient.environ.pop("GONKA_PRIVATE_KEY")
        patient.options["signer"] = signer("auto", lambda: PrivateKey.from_hex(KEY))
        found = by_name(patient.findings())
    assert found["key"].verdict == "ok"
    assert found["key"].details["source"] == "the signer"


def test_a_signer_without_a_usable_key() -> None:
    class Keyless:
        public_key = b"\x02" * 7

        def sign_digest(self, _digest: bytes, /) -> bytes:
            raise AssertionError("nothing is to be signed")

    with bed() as patient:
        patient.options |= {"signer": Keyless(), "send": True}
        found = by_name(patient.findings())
    assert found["key"].verdict == "wrong"
    assert "no usable public key" in found["key"].cause
    assert found["scheme"].cause == "not tried: mend key first"


def test_a_name_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def silent(*_arguments: Any, **_more: Any) -> Any:
        over.wait(60)
        raise OSError("nobody waits any more")

    with bed() as patient:
        patient.environ["GONKA_ENDPOINT"] = "http://node.example:8000/v1"
        patient.options["timeout_s"] = 0.1
        monkeypatch.setattr(socket, "getaddrinfo", silent)
        found = by_name(patient.findings())
        over.set()
    assert found["dns"].verdict == "wrong"
    assert "takes too long" in found["dns"].cause


def test_what_is_given_is_not_shown() -> None:
    case = Given(environ={"GONKA_PRIVATE_KEY": KEY}, key=lambda: PrivateKey.from_hex(KEY))
    assert KEY not in repr(case)


FIELDS = (
    *("data", "address", "status", "models", "id", "api_version", "version", "pubkey", "balance"),
    *("params", "transfer_agent_access_params", "allowed_transfer_addresses", "developer_access_params"),
    *("active_participants", "participants", "index", "excluded_participants", "until_block_height"),
    *("result", "sync_info", "latest_block_time", "latest_block_height"),
)
ANSWERS = st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner | st.just("2026-02-12T00:00:00Z"),
            max_size=6,
        )
    ),
    max_leaves=10,
).map(lambda value: json.dumps(value).encode())


class Stranger:
    """A transport to one who answers anything; or to nobody, where an answer is None."""

    def __init__(self, answers: list[tuple[int, dict[str, str], bytes]]) -> None:
        self._answers, self._next = answers, 0

    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        status, headers, body = self._answers[self._next % len(self._answers)]
        self._next += 1
        return _Answer(status, headers, body)

    def close(self) -> None:
        """Nothing is open."""


class _Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self._body = status, headers, body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def listening() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


@given(
    st.lists(
        st.tuples(
            st.sampled_from([200, 200, 200, 301, 400, 401, 404, 410, 429, 500, 503]),
            st.dictionaries(st.sampled_from(["content-type", "date", "location"]), st.text(max_size=30), max_size=3),
            ANSWERS,
        ),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
    st.sampled_from(["endpoint", "source", "broker"]),
)
@settings(deadline=None)
def test_whatever_a_stranger_answers(answers: list[tuple[int, dict[str, str], bytes]], send: bool, called: str) -> None:
    """Every link has its verdict, and no check fails."""
    with listening() as url:
        environ = {
            "endpoint": {"GONKA_ENDPOINT": url, "GONKA_PROVIDER_ADDRESS": PROVIDER},
            "source": {"GONKA_SOURCE_URL": url},
            "broker": {"GONKA_BROKER_URL": url, "GONKA_BROKER_API_KEY": API_KEY},
        }[called]
        case = Given(environ={"GONKA_PRIVATE_KEY": KEY, **environ}, transport=Stranger(answers), send=send)
        findings = list(examine(case))
    assert not [found.cause for found in findings if "bug of gonka-core" in found.cause]
    assert KEY not in repr(findings)
    assert API_KEY not in repr(findings)
    json.dumps([dict(found.details) for found in findings])


SETTINGS = st.dictionaries(
    st.sampled_from(
        [
            *("GONKA_PRIVATE_KEY", "GONKA_ADDRESS", "GONKA_PROVIDER_ADDRESS", "GONKA_BROKER_API_KEY", "GONKA_VERIFY"),
            *("GONKA_TRUSTED_VALIDATORS", "GONKA_MODEL", "GONKA_ENDPOINTS", "GONKA_ENDPOINT", "GONKA_SOURCE_URL"),
            "GONKA_BROKER_URL",
        ]
    ),
    st.text(max_size=20).filter(lambda text: "://" not in text)
    | st.sampled_from(
        [KEY, PROVIDER, "http://", "http://[", "http://127.0.0.1:1", "http://127.0.0.1:99999", "ftp://a"]
    ),
)


@given(SETTINGS)
@settings(deadline=None)
def test_whatever_is_set(environ: dict[str, str]) -> None:
    """Settings that no client could be made of are wrong here as well; no check fails."""
    findings = list(examine(Given(environ=environ, transport=Stranger([(404, {}, b"{}")]))))
    assert not [found.cause for found in findings if "bug of gonka-core" in found.cause]
    try:
        places(None, None, environ)
    except GonkaError:
        assert "wrong" in [found.verdict for found in findings if found.name == "settings"]


@pytest.mark.parametrize(
    ("signing", "published", "told", "words"),
    [
        (b"\x09" * 32, True, "verified", "its key signed that"),
        (b"\x0a" * 32, True, "other-key", "as a warm key may"),
        (b"\x09" * 32, False, "key-unknown", "for which requests are signed"),
    ],
)
def test_who_signed_the_identity(signing: bytes, published: bool, told: str, words: str) -> None:
    """A warm key signs for most nodes, so that another key is no fault (`protocol.md` §6.2)."""
    own = KeyPair(b"\x09" * 32).public_key
    address = address_of(own)
    with MockNode(provider_address=address) as node:
        node.nodes[0].warm_key = KeyPair(signing)
        node.chain.put(Account(address, own if published else None, 5))
        environ = {"GONKA_ENDPOINT": node.url, "GONKA_PROVIDER_ADDRESS": address, "GONKA_PRIVATE_KEY": KEY}
        found = by_name(list(examine(Given(environ=environ))))["provider"]
    assert (found.verdict, found.details["identity_signed"]) == ("ok", told)
    assert words in found.cause
