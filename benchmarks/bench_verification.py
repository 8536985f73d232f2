"""What it costs to find out that a signature is good: payload, timestamp and header in, verdict out, 200 bytes, raw.

Everybody builds the message and its digest, undoes the base64, and asks a curve. The mock node, the kit and
`gonka verify` are stricter than their libraries, and what that costs is part of it.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

import pytest
from ecdsa import SECP256k1, VerifyingKey
from ecdsa.util import sigdecode_string
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import CPU, describe, library
from gonka_bench.workload import ENDPOINT, KEY, TIMESTAMP_NS, chat_payload
from gonka_core import address_of, resolve, sign_request
from gonka_core.cli.verdict import Claim, judge

pytestmark = CPU

GROUP: Final = "1. payload of 200 B and header to a verdict"
PROVIDER: Final = ENDPOINT.provider_address
PAYLOAD: Final = chat_payload(200)
SIGNER: Final = resolve.signer(resolve.AUTO, lambda: KEY)
PUBLIC_KEY: Final = SIGNER.public_key
SIGNED: Final = sign_request(PAYLOAD, ENDPOINT, SIGNER, timestamp_ns=TIMESTAMP_NS).headers["Authorization"]


def test_ecdsa(benchmark: BenchmarkFixture) -> None:
    """python-ecdsa as a program of a dozen lines uses it, key held."""
    describe(benchmark, GROUP, "ecdsa, key held", role="baseline")
    key = VerifyingKey.from_string(PUBLIC_KEY, curve=SECP256k1)

    def verified() -> bool:
        signature = base64.b64decode(SIGNED)
        return bool(key.verify_digest(signature, _digest(), sigdecode=sigdecode_string))

    assert benchmark(verified)


def test_coincurve(benchmark: BenchmarkFixture) -> None:
    """libsecp256k1 through coincurve, key held."""
    coincurve, compact = library("coincurve", "coincurve"), library("coincurve.ecdsa", "coincurve")
    describe(benchmark, GROUP, "coincurve, key held")
    key = coincurve.PublicKey(PUBLIC_KEY)

    def verified() -> bool:
        signature = compact.cdata_to_der(compact.deserialize_compact(base64.b64decode(SIGNED)))
        return bool(key.verify(signature, _digest(), hasher=None))

    assert benchmark(verified)


def test_mock_node(benchmark: BenchmarkFixture) -> None:
    """As the mock node does it: coincurve, and the header read as Go reads it."""
    node = library("gonka_mock_node.verification", "mock-node")
    describe(benchmark, GROUP, "mock node (coincurve)")

    def verified() -> None:
        node.require_signature(PUBLIC_KEY, node.message_digest("raw", PAYLOAD, TIMESTAMP_NS, PROVIDER), SIGNED)

    benchmark(verified)


def test_oracle(benchmark: BenchmarkFixture) -> None:
    """As the conformance kit does it: cryptography (OpenSSL), key parsed each time."""
    oracle = library("gonka_conformance.oracle", "conformance")
    describe(benchmark, GROUP, "conformance kit (cryptography)")

    def flaw() -> str | None:
        found: str | None = oracle.wire_flaw(PUBLIC_KEY, oracle.digest("raw", PAYLOAD, TIMESTAMP_NS, PROVIDER), SIGNED)
        return found

    assert benchmark(flaw) is None


@pytest.mark.parametrize("known", ["public key", "address"])
def test_gonka_verify(benchmark: BenchmarkFixture, known: str) -> None:
    """The judgement of `gonka verify`; with an address only, the key is recovered from the signature first."""
    describe(benchmark, GROUP, "gonka verify (ecdsa)", variant=f"by {known}")
    signer = PUBLIC_KEY if known == "public key" else address_of(PUBLIC_KEY)
    claim = Claim(PAYLOAD, "raw", TIMESTAMP_NS, PROVIDER, SIGNED, signer)
    assert benchmark(judge, claim).verified


def _digest() -> bytes:
    running = hashlib.sha256(PAYLOAD)
    running.update(f"{TIMESTAMP_NS}{PROVIDER}".encode())
    return running.digest()
