"""The two ways in which the node reckons on the curve: alike for every input, and right by a third."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_conformance import reference
from gonka_mock_node.curve import FIELD, ORDER, Curve, KeyPair, by_ecdsa, is_point
from gonka_mock_node.curve.numbers import scalar

pytest.importorskip("coincurve")
from gonka_mock_node.curve import by_libsecp256k1

WAYS = (by_libsecp256k1, by_ecdsa)
SECRETS = st.integers(1, ORDER - 1).map(scalar)
DIGESTS = st.binary(min_size=32, max_size=32)
EDGES = st.sampled_from((0, 1, ORDER // 2, ORDER // 2 + 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1))
HALVES = EDGES | st.integers(0, 2**256 - 1)
G = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
SMALL_R = FIELD - ORDER - 10
"""An r so small that r + n may be the x of the nonce's point too."""


def both(work: Callable[[Curve], object]) -> tuple[object, object]:
    """What each way says; ValueError is an answer as well, any other error is none."""
    said: list[object] = []
    for way in WAYS:
        try:
            said.append(work(way))
        except ValueError:
            said.append(ValueError)
    return said[0], said[1]


@given(SECRETS, DIGESTS)
@example(scalar(1), bytes(32))
@example(scalar(ORDER - 1), b"\xff" * 32)
def test_keys_and_signatures_are_the_same_and_verify(secret: bytes, digest: bytes) -> None:
    one, other = both(lambda way: (way.public_key_of(secret), way.signature(secret, digest)))
    assert one == other
    assert isinstance(one, tuple)
    public_key, compact = one
    assert both(lambda way: way.verifies(public_key, digest, compact)) == (True, True)
    changed = compact[:32] + scalar(ORDER - int.from_bytes(compact[32:], "big"))
    assert both(lambda way: way.verifies(public_key, digest, changed)) == (False, False)
    r, s = (int.from_bytes(half, "big") for half in (compact[:32], compact[32:]))
    recovered, again = both(lambda way: list(way.recovered_keys(digest, r, s)))
    assert recovered == again
    assert isinstance(recovered, list)
    assert public_key in recovered


@given(SECRETS, DIGESTS, HALVES, HALVES)
def test_any_two_numbers_get_the_same_verdict(secret: bytes, digest: bytes, r: int, s: int) -> None:
    public_key = by_libsecp256k1.public_key_of(secret)
    one, other = both(lambda way: way.verifies(public_key, digest, scalar(r) + scalar(s)))
    assert one is other


@given(DIGESTS, st.integers(1, ORDER - 1) | st.integers(1, 2**32) | st.just(SMALL_R), st.integers(1, ORDER - 1))
@example(bytes(32), int.from_bytes(G[1:], "big"), 1)
@example(scalar(1), int.from_bytes(G[1:], "big"), 1)
def test_the_same_keys_are_recovered_from_any_numbers(digest: bytes, r: int, s: int) -> None:
    one, other = both(lambda way: list(way.recovered_keys(digest, r, s)))
    assert one == other
    for key in one if isinstance(one, list) else []:
        assert by_ecdsa.verifies(key, digest, scalar(r) + scalar(min(s, ORDER - s)))


@given(st.lists(DIGESTS, min_size=1, max_size=3), st.integers(1, ORDER - 1), st.integers(1, ORDER - 1))
@example([bytes(32)], int.from_bytes(G[1:], "big"), 1)
@example([scalar(1)], int.from_bytes(G[1:], "big"), 1)
@example([bytes(32)], 5, 1)
def test_recovery_for_many_digests_is_recovery_for_each(digests: list[bytes], r: int, s: int) -> None:
    for digest in digests:
        one, other = both(lambda way, digest=digest: set(way.recovery(r, s).keys(digest)))  # type: ignore[misc]
        assert one == other
        if isinstance(one, set):
            assert one == set(list(by_libsecp256k1.recovered_keys(digest, r, s))[:2])


@given(st.binary(max_size=70) | SECRETS.map(by_libsecp256k1.public_key_of))
@example(b"")
@example(G)
@example(bytes(33))
@example(b"\x02" + scalar(5))
@example(b"\x04" + bytes(64))
@example(b"\x06" + by_libsecp256k1.uncompressed(G)[1:])
@example(b"\x07" + by_libsecp256k1.uncompressed(G)[1:])
@example(by_libsecp256k1.uncompressed(G)[1:])
@example(b"\x02" + scalar(FIELD + 1))
def test_the_same_bytes_are_points(encoded: bytes) -> None:
    one, other = both(lambda way: (way.compressed(encoded), way.uncompressed(encoded)))
    assert one == other
    assert is_point(encoded) == (len(encoded) == 33 and one is not ValueError)


@pytest.mark.parametrize("way", WAYS, ids=["libsecp256k1", "ecdsa"])
@pytest.mark.parametrize("secret", [b"", bytes(32), scalar(ORDER), b"\xff" * 32, bytes(31), b"\x01" * 33])
def test_what_is_no_private_key(way: Curve, secret: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        way.public_key_of(secret)


@pytest.mark.parametrize("way", WAYS, ids=["libsecp256k1", "ecdsa"])
def test_a_key_by_the_textbook(way: Curve) -> None:
    secret = bytes(range(1, 33))
    assert way.public_key_of(secret) == reference.public_key(secret)


class TestKeyPair:
    def test_it_signs_for_its_public_key(self) -> None:
        pair = KeyPair()
        assert all(way.verifies(pair.public_key, b"d" * 32, pair.sign(b"d" * 32)) for way in WAYS)
        assert pair.public_key != KeyPair().public_key

    def test_its_secret_is_shown_nowhere(self) -> None:
        pair = KeyPair(b"\x5a" * 32)
        assert "5a5a" not in repr(pair) + str(pair)
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(pair)


def test_without_coincurve_the_node_verifies_all_the_same() -> None:
    program = (
        "import sys; sys.modules['coincurve'] = None\n"
        "from gonka_mock_node import MockNetwork\n"
        "from gonka_mock_node.curve import CURVE\n"
        "from gonka_core import Client, Endpoint, PrivateKey, SignatureRejectedError\n"
        "assert CURVE.__name__.endswith('by_ecdsa')\n"
        "with MockNetwork(2) as network:\n"
        "    node, other = network.nodes\n"
        "    for address in (node.provider_address, other.provider_address):\n"
        "        place, key = Endpoint(node.url, address), PrivateKey.from_hex('11' * 32)\n"
        "        with Client(endpoints=[place], private_key=key, signer='ecdsa') as client:\n"
        "            try:\n"
        "                said = client.chat({'model': 'test', 'messages': [{'role': 'user', 'content': 'hello'}]})\n"
        "                print(said.text)\n"
        "            except SignatureRejectedError:\n"
        "                print('provider-of-another-node' in network.last_refusal.diagnosis.mistakes)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == ["You said: hello", "True"]
