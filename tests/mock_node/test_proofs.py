"""Proofs of an epoch's participants, against a verifier of the textbook and the network's published sample.

The verifier below reads and hashes with code of its own, so that `proofs` cannot agree with itself.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core.address import encode_address
from gonka_mock_node.chain import BlockClock, Chain, Participant, ics23
from gonka_mock_node.chain.active_participants import active_participants
from gonka_mock_node.chain.ics23 import IAVL, SIMPLE, Existence, ProofError
from gonka_mock_node.chain.merkle import Leaf, Step, iavl_tree, simple_path, simple_root
from gonka_mock_node.chain.proofs import ProofOp, Proven, participants_key, prove, verify
from gonka_mock_node.chain.protobuf import ProtobufError, decode, encode, go_json, message, proto_json, varint, zigzag

NOW = 1_766_422_712 * 10**9
ADDRESSES = [encode_address(bytes([number]) * 20) for number in range(1, 5)]
SAMPLE_ROOT = bytes.fromhex("76f2f96185acf82361ed6bf5d4d0fb46fd78308230eba4fa8b851e67bfb4eca4")
HEADERS_ROOT = bytes.fromhex("6DAF9E22F6A30D441F5C40BF37ABD8A3B11A7582F5023413639C3015C6E47713")
VALUE_HEX = (
    "0acc020a2d636f736d6f7331377476736d75666d657776776679336466787a376c32306a6d6c68686e36656b6663756e3772122c6c6a7652"
    "54395653637378514b4b5834533931794a524e7070627a363931636544347342594252724179733d180a2217687474703a2f2f67656e6573"
    "69732d6170693a383038302a1b756e736c6f74682f6c6c616d612d332d38622d496e73747275637432b4010a2d636f736d6f733137747673"
    "6d75666d657776776679336466787a376c32306a6d6c68686e36656b6663756e377210091a80013661323532336364353839383533396566"
    "3865613736356337616237386630646535646263626233326133346239373036626161373239343538396639346436353734323266353733"
    "6537613433323564346261383636313436363137316339363231613531353434343738656236396639306134396235323731633134303010"
    "011809280f"
)
IAVL_DATA = (
    "CuMEChtBY3RpdmVQYXJ0aWNpcGFudHMvMS92YWx1ZS8S1QIKzAIKLWNvc21vczE3dHZzbXVmbWV3dndmeTNkZnh6N2wyMGptbGhobjZla2ZjdW43"
    "chIsbGp2UlQ5VlNjc3hRS0tYNFM5MXlKUk5wcGJ6NjkxY2VENHNCWUJSckF5cz0YCiIXaHR0cDovL2dlbmVzaXMtYXBpOjgwODAqG3Vuc2xvdGgv"
    "bGxhbWEtMy04Yi1JbnN0cnVjdDK0AQotY29zbW9zMTd0dnNtdWZtZXd2d2Z5M2RmeHo3bDIwam1saGhuNmVrZmN1bjdyEAkagAE2YTI1MjNjZDU4"
    "OTg1MzllZjhlYTc2NWM3YWI3OGYwZGU1ZGJjYmIzMmEzNGI5NzA2YmFhNzI5NDU4OWY5NGQ2NTc0MjJmNTczZTdhNDMyNWQ0YmE4NjYxNDY2MTcx"
    "Yzk2MjFhNTE1NDQ0NzhlYjY5ZjkwYTQ5YjUyNzFjMTQwMBABGAkoDxoLCAEYASABKgMAAh4iKwgBEgQCBB4gGiEgwUNlynn4mzi4AC3u2itEeV3Y"
    "7Qe2vynK7Qqup2tmVgAiKwgBEgQECB4gGiEgiNVJ1Gl2VO0MezltgAUQs72vlGp3j3OWKH1OAD9MPHoiKwgBEgQGDB4gGiEgLyrwJqJ3jIIDD+gd"
    "8EO/3G8lNiCgkcpBn9IkqETCGbYiKwgBEgQIEh4gGiEgktjdW4rq4PGPx+En8SQnX7eIl6J5Qf4I9NEMMCokPa4iKwgBEgQKKB4gGiEg4Lo2jUSt"
    "Q7FHrFhkm+Tk5df+rBHeeA6Ey5npZw+DEIk="
)
SIMPLE_DATA = (
    "CtoBCglpbmZlcmVuY2USIAeInJI1DSn8uBZz5z28V3JeXiQ7kPFDaCWqZeKu/1+ZGgkIARgBIAEqAQAiJwgBEgEBGiCkF0H31nsqBz1NVD3bG144"
    "4WqkoI982R1FXozDhDZvTyInCAESAQEaIJXhyLpHqjGG8RNH1IDYExUpZFPyxZvc7HLLmYEKxBeAIicIARIBARogVb5ZN4+aA5PlSPOrcbIeH/Eu"
    "Z+nmQpJSod9LdNOb3WkiJQgBEiEBecxJ03qGQtj8qBYv4F3GTI9KLCix0WU+5PQNmJxXm7o="
)
SAMPLE_VALUE = bytes.fromhex(VALUE_HEX)
SAMPLE = (
    ProofOp("ics23:iavl", b"ActiveParticipants/1/value/", base64.b64decode(IAVL_DATA)),
    ProofOp("ics23:simple", b"inference", base64.b64decode(SIMPLE_DATA)),
)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def number_at(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def read(data: bytes) -> dict[int, list[Any]]:
    """A protobuf message of integers and bytes."""
    fields: dict[int, list[Any]] = {}
    at = 0
    while at < len(data):
        key, at = number_at(data, at)
        value: Any
        value, at = number_at(data, at)
        if key & 7 == 2:
            value, at = data[at : at + value], at + value
        fields.setdefault(key >> 3, []).append(value)
    return fields


def framed(data: bytes) -> bytes:
    assert len(data) < 2**14
    return bytes([len(data)] if len(data) < 128 else [len(data) & 127 | 128, len(data) >> 7]) + data


def root_of(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Key, value and root of an existence proof."""
    proof = read(read(data)[1][0])
    key, value, leaf = proof[1][0], proof[2][0], read(proof[3][0])
    assert (leaf[1], leaf.get(2, [0]), leaf[3], leaf[4]) == ([1], [0], [1], [1])
    node = sha(leaf[5][0] + framed(key) + framed(sha(value)))
    for step in map(read, proof.get(4, [])):
        assert step[1] == [1]
        node = sha(step[2][0] + node + step.get(3, [b""])[0])
    return key, value, node


def holds(value: bytes, ops: Sequence[ProofOp], app_hash: bytes) -> bool:
    """Whether two existence proofs lead from the value to the root."""
    inner, outer = (root_of(op.data) for op in ops)
    return (inner[:2], outer[:2], outer[2]) == ((ops[0].key, value), (ops[1].key, inner[2]), app_hash)


def op_of(shown: dict[str, str]) -> ProofOp:
    """An op from its JSON."""
    return ProofOp(shown["type"], base64.b64decode(shown["key"]), base64.b64decode(shown["data"]))


@pytest.fixture(scope="module")
def chain() -> Chain:
    chain = Chain(clock=BlockClock(lambda: NOW), models=("test", "Qwen/QwQ-32B"))
    for number, address in enumerate(ADDRESSES):
        chain.enter(address, f"http://node{number}:8000")
    chain.join(Participant("", "", weight=0, models=()))
    chain.next_epoch()
    chain.leave(ADDRESSES[0])
    chain.next_epoch()
    return chain


class TestProving:
    @pytest.mark.parametrize("number", [171, 172, 173])
    def test_an_epoch_is_proven(self, chain: Chain, number: int) -> None:
        proven = prove(chain.epochs, number)
        assert holds(proven.value, proven.ops, proven.app_hash)
        verify(proven.value, proven.ops, proven.app_hash, participants_key(number))

    def test_both_ways_up_are_long_enough_to_go_wrong(self, chain: Chain) -> None:
        for op in prove(chain.epochs, 172).ops:
            path = ics23.decoded(op.data).path
            assert len(path) >= 3
            assert {bool(step.suffix) for step in path} == {True, False}

    def test_the_key(self) -> None:
        assert participants_key(171) == b"ActiveParticipants/value/\x00\x00\x00\x00\x00\x00\x00\xab/"

    def test_each_state_has_its_root_and_an_old_one_stays(self, chain: Chain) -> None:
        roots = [prove(chain.epochs, number).app_hash for number in (171, 172, 173)]
        assert len(set(roots)) == 3
        assert prove({171: chain.epochs[171]}, 171).app_hash == roots[0]

    def test_the_value_says_what_the_json_says(self, chain: Chain) -> None:
        for epoch in chain.epochs.values():
            assert decoded_participants(encode(active_participants(epoch))) == go_json(active_participants(epoch))


def decoded_participants(value: bytes) -> dict[str, Any]:
    """The JSON of stored participants, read back from their bytes; field numbers of the network's own records."""
    fields = read(value)
    names = {
        2: "epoch_group_id",
        3: "poc_start_block_height",
        4: "effective_block_height",
        5: "created_at_block_height",
        6: "epoch_id",
    }
    listed = [decoded_participant(read(each)) for each in fields.get(1, [])]
    return {"participants": listed} | {names[number]: fields[number][0] for number in sorted(names) if number in fields}


def decoded_participant(fields: dict[int, list[Any]]) -> dict[str, Any]:
    def text(number: int) -> str:
        return str(fields.get(number, [b""])[0].decode())

    seed = read(fields[6][0])
    nodes = [read(each) for each in fields.get(7, [])]
    shown = {
        "index": text(1),
        "validator_key": text(2),
        "weight": fields.get(3, [0])[0],
        "inference_url": text(4),
        "models": [name.decode() for name in fields.get(5, [])],
        "seed": {
            name: value
            for name, value in {
                "participant": seed.get(1, [b""])[0].decode(),
                "epoch_index": seed[2][0],
                "signature": seed[3][0].decode(),
            }.items()
            if value
        },
        "ml_nodes": [
            {"ml_nodes": [{"node_id": each[1][0].decode(), "poc_weight": each[3][0]} for each in map(read, node[1])]}
            for node in nodes
        ],
    }
    return {name: value for name, value in shown.items() if value}


class TestVerifying:
    def test_the_published_sample_holds_for_its_own_root(self) -> None:
        verify(SAMPLE_VALUE, SAMPLE, SAMPLE_ROOT)
        assert holds(SAMPLE_VALUE, SAMPLE, SAMPLE_ROOT)

    def test_and_not_for_the_header_beside_which_it_was_printed(self) -> None:
        with pytest.raises(ProofError, match=r"^simple proof does not match app hash$"):
            verify(SAMPLE_VALUE, SAMPLE, HEADERS_ROOT)

    def test_the_sample_is_written_as_it_was_read(self) -> None:
        for op in SAMPLE:
            assert ics23.encoded(ics23.decoded(op.data)) == op.data

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_another_number_of_ops(self, count: int) -> None:
        with pytest.raises(ProofError, match=rf"^expected 2 proof ops, got {count}$"):
            verify(SAMPLE_VALUE, (SAMPLE * 2)[:count], SAMPLE_ROOT)

    def test_another_kind_or_order_of_ops(self) -> None:
        with pytest.raises(ProofError, match=r"^unexpected first proof op type: ics23:simple$"):
            verify(SAMPLE_VALUE, SAMPLE[::-1], SAMPLE_ROOT)
        with pytest.raises(ProofError, match=r"^unexpected second proof op type: iavl:v$"):
            verify(SAMPLE_VALUE, (SAMPLE[0], replace(SAMPLE[1], type="iavl:v")), SAMPLE_ROOT)

    def test_a_proof_of_something_else(self, chain: Chain) -> None:
        other = prove(chain.epochs, 171)
        with pytest.raises(ProofError, match="not for the key"):
            verify(other.value, other.ops, other.app_hash, participants_key(172))
        with pytest.raises(ProofError, match="not for the key"):
            verify(SAMPLE_VALUE, (SAMPLE[0], replace(SAMPLE[1], key=b"bank")), SAMPLE_ROOT, SAMPLE[0].key)

    def test_a_store_that_is_not_the_one_proven(self, chain: Chain) -> None:
        proven = prove(chain.epochs, 172)
        mixed = (proven.ops[0], prove(chain.epochs, 171).ops[1])
        with pytest.raises(ProofError, match="another value"):
            verify(proven.value, mixed, prove(chain.epochs, 171).app_hash)

    @settings(max_examples=300)
    @given(st.data())
    def test_a_changed_byte_anywhere_is_seen(self, chain: Chain, data: st.DataObject) -> None:
        proven = prove(chain.epochs, 172)
        part = data.draw(st.sampled_from(["value", "root", "key", "proof"]))
        verify(proven.value, proven.ops, proven.app_hash)
        with pytest.raises(ProofError):
            verify(*tampered(proven, part, data))

    @given(st.binary(max_size=200))
    def test_noise_is_no_proof_and_nothing_else(self, noise: bytes) -> None:
        with pytest.raises(ProofError):
            verify(SAMPLE_VALUE, (replace(SAMPLE[0], data=noise), SAMPLE[1]), SAMPLE_ROOT)

    @given(st.integers(0, 600))
    def test_a_proof_that_ends_early(self, length: int) -> None:
        cut = SAMPLE[0].data[: min(length, len(SAMPLE[0].data) - 1)]
        with pytest.raises(ProofError):
            verify(SAMPLE_VALUE, (replace(SAMPLE[0], data=cut), SAMPLE[1]), SAMPLE_ROOT)


def tampered(proven: Proven, part: str, data: st.DataObject) -> tuple[bytes, Sequence[ProofOp], bytes]:
    def changed(text: bytes) -> bytes:
        at = data.draw(st.integers(0, len(text) - 1))
        return text[:at] + bytes([text[at] ^ data.draw(st.integers(1, 255))]) + text[at + 1 :]

    if part == "value":
        return changed(proven.value), proven.ops, proven.app_hash
    if part == "root":
        return proven.value, proven.ops, changed(proven.app_hash)
    at = data.draw(st.integers(0, 1))
    op = proven.ops[at]
    op = replace(op, key=changed(op.key)) if part == "key" else replace(op, data=changed(op.data))
    ops = (op, proven.ops[1]) if at == 0 else (proven.ops[0], op)
    return proven.value, ops, proven.app_hash


class TestForms:
    """Proofs that lead to a root and that no such tree can have."""

    GOOD = Existence(b"key", b"value", b"\x00\x02\x04", (Step(b"\x02\x04\x04\x20", b"\x20" + bytes(32)),))

    def test_a_good_one(self) -> None:
        IAVL.require(self.GOOD)
        IAVL.require(replace(self.GOOD, path=()))
        SIMPLE.require(Existence(b"k", b"v", b"\x00", (Step(b"\x01" + bytes(32)), Step(b"\x01", bytes(32)))))

    @pytest.mark.parametrize(
        "bad",
        [
            replace(GOOD, key=b""),
            replace(GOOD, value=b""),
            replace(GOOD, leaf_prefix=b""),
            replace(GOOD, leaf_prefix=b"\x01\x02\x04"),
            replace(GOOD, path=(Step(b"\x00\x04\x04\x20", b"\x20" + bytes(32)),)),
            replace(GOOD, path=(Step(b"\x02\x04\x20", b"\x20" + bytes(32)),)),
            replace(GOOD, path=(Step(b"\x02" * 13, b"\x20" + bytes(32)),)),
            replace(GOOD, path=(Step(b"\x02\x04\x04\x20", bytes(32)),)),
            replace(GOOD, path=(Step(b"\x02\x04\x04\x20"),)),
            replace(GOOD, path=(Step(b"\x02\x04\x04\x20" + bytes(42)),)),
        ],
    )
    def test_one_that_cannot_be(self, bad: Existence) -> None:
        with pytest.raises(ProofError, match="iavl"):
            IAVL.require(bad)

    @pytest.mark.parametrize(
        "step", [Step(b"\x01\x01", bytes(32)), Step(b"\x01" + bytes(31)), Step(b"\x01", bytes(33))]
    )
    def test_one_that_cannot_be_in_the_simple_tree(self, step: Step) -> None:
        with pytest.raises(ProofError, match="simple"):
            SIMPLE.require(Existence(b"k", b"v", b"\x00", (step,)))

    def test_other_hashes_and_kinds_are_refused(self) -> None:
        leaf = (3, "leaf", message((1, "hash", 1), (3, "prehash", 1), (4, "length", 1), (5, "prefix", b"\x00")))
        parts = ((1, "key", b"k"), (2, "value", b"v"))
        good = encode(message((1, "exist", message(*parts, leaf))))
        assert ics23.decoded(good) == Existence(b"k", b"v", b"\x00", ())
        for bad in refused_proofs(leaf, parts):
            with pytest.raises(ProofError):
                ics23.decoded(bad)


def refused_proofs(leaf: Any, parts: Any) -> Iterator[bytes]:
    yield encode(message((2, "nonexist", message(*parts, leaf))))
    yield encode(message((1, "exist", message(*parts))))
    yield encode(message((1, "exist", message(*parts, leaf, (1, "key", b"again")))))
    yield encode(message((1, "exist", message(*parts, leaf, (4, "path", (1,))))))
    yield encode(message((1, "exist", message(*parts, leaf, (5, "unknown", b"x")))))
    for hash_, key, value, length in ((2, 0, 1, 1), (1, 1, 1, 1), (1, 0, 0, 1), (1, 0, 1, 2)):
        other = message(
            (1, "hash", hash_), (2, "key", key), (3, "value", value), (4, "length", length), (5, "p", b"\x00")
        )
        yield encode(message((1, "exist", message(*parts, (3, "leaf", other)))))
    step = message((1, "hash", 2), (2, "prefix", b"\x01"), (3, "suffix", bytes(32)))
    yield encode(message((1, "exist", message(*parts, leaf, (4, "path", (step,))))))


class TestTrees:
    @given(st.lists(st.binary(max_size=8), min_size=1, max_size=20), st.data())
    def test_the_simple_way_ends_at_the_simple_root(self, leaves: list[bytes], data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(leaves) - 1))
        node = sha(b"\x00" + leaves[at])
        for step in simple_path(leaves, at):
            node = sha(step.prefix + node + step.suffix)
        assert node == simple_root(leaves)

    def test_the_simple_tree_splits_at_a_power_of_two(self) -> None:
        a, b, c = (sha(b"\x00" + name) for name in (b"a", b"b", b"c"))
        assert simple_root([]) == sha(b"")
        assert simple_root([b"a", b"b", b"c"]) == sha(b"\x01" + sha(b"\x01" + a + b) + c)
        four = sha(b"\x01" + sha(b"\x01" + a + b) + sha(b"\x01" + c + a))
        assert simple_root([b"a", b"b", b"c", b"a", b"b"]) == sha(b"\x01" + four + b)

    @given(st.sets(st.binary(min_size=1, max_size=8), min_size=1, max_size=20), st.data())
    def test_the_iavl_way_ends_at_the_iavl_root(self, keys: set[bytes], data: st.DataObject) -> None:
        leaves = [Leaf(key, sha(key), 1 + number) for number, key in enumerate(sorted(keys))]
        at = data.draw(st.integers(0, len(leaves) - 1))
        tree = iavl_tree(leaves, at)
        proof = Existence(leaves[at].key, leaves[at].value, leaves[at].prefix, tree.path)
        IAVL.require(proof)
        assert root_of(ics23.encoded(proof))[2] == tree.root == iavl_tree(leaves, -1).root
        assert (tree.size, tree.height <= 2 * len(leaves).bit_length()) == (len(leaves), True)

    def test_an_iavl_leaf_is_hashed_as_the_sample_has_it(self) -> None:
        leaf = Leaf(SAMPLE[0].key, SAMPLE_VALUE, 15)
        assert leaf.prefix == bytes.fromhex("00021e")
        assert leaf.hash == sha(leaf.prefix + framed(leaf.key) + framed(sha(SAMPLE_VALUE)))


class TestProtobuf:
    @given(st.integers(-(2**63), 2**64 - 1), st.binary(), st.lists(st.text()))
    def test_what_is_written_is_read(self, number: int, data: bytes, texts: list[str]) -> None:
        encoded = encode(message((1, "n", number), (2, "d", data), (3, "t", tuple(texts))))
        expected: list[tuple[int, int | bytes]] = [(1, number % 2**64)] if number else []
        expected += [(2, data)] if data else []
        assert list(decode(encoded)) == expected + [(3, text.encode()) for text in texts]

    @given(st.binary(max_size=60))
    def test_noise_is_read_or_refused(self, noise: bytes) -> None:
        with contextlib.suppress(ProtobufError):
            list(decode(noise))

    @pytest.mark.parametrize(
        "bad",
        [b"\x08", b"\x08\x80", b"\x08\x80\x00", b"\x0a\x02x", b"\x0d\x00\x00\x00\x00", b"\x08" + b"\xff" * 9 + b"\x02"],
    )
    def test_what_is_refused(self, bad: bytes) -> None:
        with pytest.raises(ProtobufError):
            list(decode(bad))

    @pytest.mark.parametrize(
        ("number", "plain", "signed"), [(0, "00", "00"), (1, "01", "02"), (15, "0f", "1e"), (300, "ac02", "d804")]
    )
    def test_numbers(self, number: int, plain: str, signed: str) -> None:
        assert (varint(number).hex(), zigzag(number).hex()) == (plain, signed)

    def test_two_kinds_of_json(self) -> None:
        value = message((1, "b", 5), (2, "a", 0), (3, "l", ()), (4, "m", message((1, "x", "t"))))
        assert go_json(value) == {"b": 5, "m": {"x": "t"}}
        assert list(proto_json(value).items()) == [("a", "0"), ("b", "5"), ("l", []), ("m", {"x": "t"})]
