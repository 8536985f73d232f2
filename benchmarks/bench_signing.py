"""What a signature costs: every installed signer beside the documented program, in one run.

Three subjects: a payload becomes a signed request, a digest is signed, a key is loaded. Each group holds its
baseline; the number in brackets behind a time is its ratio to the fastest of the group.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ecdsa import SECP256k1, SigningKey
from ecdsa.util import sigencode_string_canonize
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import baseline
from gonka_bench.workload import DIGEST, ENDPOINT, KEY, SECRET, SIZES, TIMESTAMP_NS, chat_payload
from gonka_core import sign_request
from gonka_core.canonical import SCHEMES, Scheme
from gonka_core.hookspecs import SignerFactory, SignerPlugin
from gonka_core.plugins import load, registry


def installed() -> dict[str, SignerFactory]:
    """The signers whose library is there, third-party ones included."""
    entries = [entry for entry in registry().of_kind("signer").values() if not entry.missing]
    return {entry.name: load(entry, entry.plugin.load) for entry in entries if isinstance(entry.plugin, SignerPlugin)}


SIGNERS = [pytest.param(factory, id=name) for name, factory in installed().items()]
PAYLOADS = [pytest.param(name, size, id=name.replace(" ", "")) for name, size in SIZES.items()]


@pytest.mark.parametrize(("name", "size"), PAYLOADS)
def test_documented_program(benchmark: BenchmarkFixture, name: str, size: int) -> None:
    """Payload bytes to the value of `Authorization`, by the program of the developer page (scheme raw)."""
    benchmark.group = _signed_request(name)
    payload = chat_payload(size)
    benchmark(baseline.sign_payload, payload, SECRET.hex(), TIMESTAMP_NS, ENDPOINT.provider_address)


@pytest.mark.parametrize(("name", "size"), PAYLOADS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("factory", SIGNERS)
def test_sign_request(
    benchmark: BenchmarkFixture, factory: SignerFactory, scheme: Scheme, name: str, size: int
) -> None:
    """Payload bytes to a `SignedRequest` with its headers, by `sign_request` with a signer that holds its key."""
    benchmark.group = _signed_request(name)
    signer, payload = factory(KEY), chat_payload(size)
    benchmark(sign_request, payload, ENDPOINT, signer, scheme=scheme, timestamp_ns=TIMESTAMP_NS)


def test_digest_documented_program(benchmark: BenchmarkFixture) -> None:
    """A digest to 64 bytes as the documented program does it: the key is parsed for every signature."""
    benchmark.group = "4. sign a digest"
    benchmark(_sign_digest_as_documented, SECRET.hex(), DIGEST)


@pytest.mark.parametrize("factory", SIGNERS)
def test_digest(benchmark: BenchmarkFixture, factory: SignerFactory) -> None:
    """A digest to 64 bytes, by a signer that holds its key."""
    benchmark.group = "4. sign a digest"
    signer = factory(KEY)
    benchmark(signer.sign_digest, DIGEST)


def test_load_key_documented_program(benchmark: BenchmarkFixture) -> None:
    """Hex to a signing key as the documented program does it, for every request."""
    benchmark.group = "5. load a key"
    benchmark(_load_as_documented, SECRET.hex())


@pytest.mark.parametrize("factory", SIGNERS)
def test_load_key(benchmark: BenchmarkFixture, factory: SignerFactory) -> None:
    """A key to a signer that holds it, with its public key; paid once, when a client is made."""
    benchmark.group = "5. load a key"
    benchmark(factory, KEY)


def _signed_request(size: str) -> str:
    return f"{list(SIZES).index(size) + 1}. payload of {size} to a signed request"


def _load_as_documented(private_key_hex: str) -> Any:
    return SigningKey.from_string(bytes.fromhex(private_key_hex), curve=SECP256k1)


def _sign_digest_as_documented(private_key_hex: str, digest: bytes) -> Any:
    key = _load_as_documented(private_key_hex)
    return key.sign_digest_deterministic(digest, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize)
