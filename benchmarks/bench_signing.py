"""What a signature costs: every installed signer beside the documented program and the C limit, in one run.

A payload becomes a signed request, a digest is signed, a key is loaded, a request is prepared without its ECDSA. Each
group holds its baseline.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import pytest
from ecdsa import SECP256k1, SigningKey
from ecdsa.util import sigencode_string_canonize
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import CPU, describe
from gonka_bench import climit
from gonka_bench.documented import sign_payload
from gonka_bench.workload import DIGEST, ENDPOINT, KEY, SECRET, SIZES, TIMESTAMP_NS, chat_payload
from gonka_core import PluginError, resolve, sign_request
from gonka_core.canonical import SCHEMES, Scheme
from gonka_core.hookspecs import SignerFactory, SignerPlugin
from gonka_core.plugins import load, registry
from gonka_core.request import encode

pytestmark = CPU
TOGETHER = ("size",)

PAYLOADS: Final = SIZES | {"10 MB": 10 * 2**20}
SIGNERS: Final = [pytest.param(name, id=name) for name in registry().of_kind("signer")]
"""Third-party ones included."""
PROVIDER: Final = ENDPOINT.provider_address
DOCUMENTED: Final = "documented program"
C_TIMES: Final = {"200 B": 100, "4 KB": 100, "256 KB": 10, "10 MB": 1}
"""Signatures of one call into C, so that the call itself is nothing."""


@pytest.fixture(scope="module")
def c_limit() -> climit.CLimit:
    try:
        return climit.load()
    except climit.CLimitUnavailableError as error:
        pytest.skip(f"there is no C limit here: {error}")


@pytest.mark.parametrize("size", PAYLOADS)
def test_documented_program(benchmark: BenchmarkFixture, size: str) -> None:
    """Payload bytes to the value of `Authorization`, by the program of the developer page, which knows raw only."""
    describe(benchmark, signed_request(size), DOCUMENTED, variant="raw", role="baseline")
    benchmark(sign_payload, chat_payload(PAYLOADS[size]), SECRET.hex(), TIMESTAMP_NS, PROVIDER)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", PAYLOADS)
def test_c_limit(benchmark: BenchmarkFixture, c_limit: climit.CLimit, size: str, scheme: Scheme) -> None:
    """The same in C on libsecp256k1, compiled now: what no Python around a signature can be faster than."""
    times = C_TIMES[size]
    describe(benchmark, signed_request(size), "C limit", variant=scheme, role="limit", operations=times)
    benchmark(c_limit.run, chat_payload(PAYLOADS[size]), scheme, times)


@pytest.mark.parametrize("size", PAYLOADS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", SIGNERS)
def test_sign_request(benchmark: BenchmarkFixture, name: str, scheme: Scheme, size: str) -> None:
    """Payload bytes to a `SignedRequest` with its headers, by `sign_request` with a signer that holds its key."""
    describe(benchmark, signed_request(size), name, variant=scheme)
    signer, payload = _factory(name)(KEY), chat_payload(PAYLOADS[size])
    benchmark(sign_request, payload, ENDPOINT, signer, scheme=scheme, timestamp_ns=TIMESTAMP_NS)


def test_digest_documented_program(benchmark: BenchmarkFixture) -> None:
    """A digest to 64 bytes as the documented program does it: the key is parsed for every signature."""
    describe(benchmark, "5. sign a digest", DOCUMENTED, role="baseline")
    benchmark(_sign_digest_as_documented, SECRET.hex(), DIGEST)


@pytest.mark.parametrize("name", SIGNERS)
def test_digest(benchmark: BenchmarkFixture, name: str) -> None:
    """A digest to 64 bytes, by a signer that holds its key."""
    describe(benchmark, "5. sign a digest", name)
    benchmark(_factory(name)(KEY).sign_digest, DIGEST)


def test_load_key_documented_program(benchmark: BenchmarkFixture) -> None:
    """Hex to a signing key as the documented program does it, for every request."""
    describe(benchmark, "6. load a key", DOCUMENTED, role="baseline")
    benchmark(_load_as_documented, SECRET.hex())


@pytest.mark.parametrize("name", SIGNERS)
def test_load_key(benchmark: BenchmarkFixture, name: str) -> None:
    """A key to a signer that holds it, with its public key; paid once, when a client is made."""
    describe(benchmark, "6. load a key", name)
    benchmark(_factory(name), KEY)


def test_prepare_documented_program(benchmark: BenchmarkFixture) -> None:
    """A mapping to body, digest and headers as the documented program makes them; the signature is given."""
    describe(benchmark, "7. prepare a request of 200 B, its ECDSA left out", DOCUMENTED, role="baseline")
    benchmark(_prepare_as_documented, json.loads(chat_payload(200)), "A" * 88)


@pytest.mark.parametrize("given", ["mapping", "bytes"])
def test_prepare(benchmark: BenchmarkFixture, given: str) -> None:
    """`sign_request` with a signer that signs nothing: what is ours about a request."""
    describe(benchmark, "7. prepare a request of 200 B, its ECDSA left out", "sign_request", variant=f"from {given}")
    payload = chat_payload(200) if given == "bytes" else json.loads(chat_payload(200))
    benchmark(sign_request, payload, ENDPOINT, SignsNothing(), timestamp_ns=TIMESTAMP_NS)


def test_encode(benchmark: BenchmarkFixture) -> None:
    """The part of it that makes the mapping the body."""
    describe(benchmark, "7. prepare a request of 200 B, its ECDSA left out", "encode", variant="from mapping")
    assert len(benchmark(encode, json.loads(chat_payload(200)))) == 200


class SignsNothing:
    """A signer that is done at once."""

    public_key: Final = resolve.signer(resolve.AUTO, lambda: KEY).public_key

    def sign_digest(self, digest: bytes, /) -> bytes:
        return bytes(64)


def signed_request(size: str) -> str:
    """The group of the payloads of that size."""
    return f"{list(PAYLOADS).index(size) + 1}. payload of {size} to a signed request"


def _factory(name: str) -> SignerFactory:
    entry = registry().find("signer", name)
    assert isinstance(entry.plugin, SignerPlugin)
    if entry.plugin.load is None:
        pytest.skip(f"{name} has a key of its own")
    try:
        return load(entry, entry.plugin.load)
    except PluginError as error:
        pytest.skip(str(error))


def _load_as_documented(private_key_hex: str) -> Any:
    return SigningKey.from_string(bytes.fromhex(private_key_hex), curve=SECP256k1)


def _sign_digest_as_documented(private_key_hex: str, digest: bytes) -> Any:
    key = _load_as_documented(private_key_hex)
    return key.sign_digest_deterministic(digest, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize)


def _prepare_as_documented(payload: dict[str, Any], signature: str) -> tuple[bytes, bytes, dict[str, str]]:
    body = json.dumps(payload).encode("utf-8")
    message = body + str(TIMESTAMP_NS).encode("utf-8") + PROVIDER.encode("utf-8")
    headers = {
        "Content-Type": "application/json",
        "Authorization": signature,
        "X-Requester-Address": PROVIDER,
        "X-Timestamp": str(TIMESTAMP_NS),
    }
    return body, hashlib.sha256(message).digest(), headers
