"""Whatever is altered in what is verified is refused, or alters nothing that was proven."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.errors import ProofError
from gonka_core.proofs import consistent, sealed
from gonka_core.proofs.commit import commit_of
from gonka_core.proofs.header import header_of
from gonka_core.proofs.ics23 import ops_of, proven_root
from gonka_core.proofs.participants import participants_key

from .building import Case, Form, Shape, b64, rows

Given = dict[str, Any]
TWO: tuple[Shape, ...] = ("rpc", "sdk")


def parts_of(made: Case, shape: Shape) -> Given:
    form: Form = "rest" if shape == "sdk" else "rpc"
    return {
        "document": made.document(shape),
        "commit": made.commit.json(shape),
        "validators": rows(made.validators, form),
    }


def outcome(told: Given) -> tuple[object, ...]:
    """All that is proven. Raises `ProofError`, and nothing else."""
    proven = consistent(told["document"], None)
    found = sealed(proven, told["commit"], told["validators"])
    return proven.participants, proven.epoch, proven.header, found


def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


class TestEveryBit:
    def test_of_the_value(self, made: Case) -> None:
        answer = made.document("rpc")
        value = bytes.fromhex(answer["active_participants_bytes"])
        assert len(value) > 500
        for bit in range(len(value) * 8):
            with pytest.raises(ProofError):
                consistent(answer | {"active_participants_bytes": flipped(value, bit).hex()}, None)

    @pytest.mark.parametrize("at", [0, 1])
    def test_of_the_proofs(self, made: Case, at: int) -> None:
        answer = made.document("rpc")
        value, key = bytes.fromhex(answer["active_participants_bytes"]), participants_key(made.epoch)
        op = answer["proof_ops"]["ops"][at]
        data = base64.b64decode(op["data"])
        for bit in range(len(data) * 8):
            ops = list(answer["proof_ops"]["ops"])
            ops[at] = op | {"data": b64(flipped(data, bit))}
            assert self.is_refused(value, {"ops": ops}, key, made.header.app_hash)

    @staticmethod
    def is_refused(value: bytes, told: dict[str, Any], key: bytes, app_hash: bytes) -> bool:
        try:
            return proven_root(value, ops_of(told), key) != app_hash
        except ProofError:
            return True

    @pytest.mark.parametrize("shape", ["comet", *TWO])
    def test_of_the_text_of_a_header(self, made: Case, shape: Shape) -> None:
        """A header that is read at all is the same one, or has another hash."""
        told = made.header.json(shape)
        whole = header_of(told)
        altered = list(alterations(told))
        assert len(altered) > 5000
        for header in altered:
            try:
                found = header_of(header)
            except ProofError:
                continue
            assert found == whole or found.hash != made.header.hash

    @pytest.mark.parametrize("shape", TWO)
    def test_of_the_text_of_a_commit(self, made: Case, shape: Shape) -> None:
        told = parts_of(made, shape)
        whole, commit = outcome(told), commit_of(told["commit"])
        proven = consistent(told["document"], None)
        refused = same = 0
        for altered in alterations(told["commit"]):
            try:
                found = sealed(proven, altered, told["validators"])
            except ProofError:
                refused += 1
            else:
                same += 1
                assert commit_of(altered) == commit
                assert found == whole[-1]
        assert refused > 20 * same
        assert refused > 5000

    @pytest.mark.parametrize("shape", TWO)
    def test_of_the_text_of_validators(self, made: Case, shape: Shape) -> None:
        told = parts_of(made, shape)
        whole = outcome(told)
        proven = consistent(told["document"], None)
        for altered in alterations(told["validators"][:1]):
            try:
                found = sealed(proven, told["commit"], [*altered, *told["validators"][1:]])
            except ProofError:
                continue
            assert found == whole[-1]


def alterations(told: Any) -> Iterator[Any]:
    """Each text, name and number of JSON with each of its bits flipped, one at a time."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield from ({**told, name: altered} for altered in alterations(value))
            for other in alterations(name):
                yield {(other if each == name else each): value for each, value in told.items()}
    elif isinstance(told, list):
        for at, value in enumerate(told):
            yield from ([*told[:at], altered, *told[at + 1 :]] for altered in alterations(value))
    elif isinstance(told, str):
        for at, letter in enumerate(told):
            yield from (told[:at] + chr(ord(letter) ^ 1 << bit) + told[at + 1 :] for bit in range(8))
    elif isinstance(told, int):
        yield from (told ^ 1 << bit for bit in range(64))


def places(told: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    items = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for name, value in items:
        yield from places(value, (*way, name))


def put(told: Any, way: tuple[Any, ...], value: Any) -> Any:
    if not way:
        return value
    changed = copy.copy(told)
    changed[way[0]] = put(told[way[0]], way[1:], value)
    return changed


def at(told: Any, way: tuple[Any, ...]) -> Any:
    for name in way:
        told = told[name]
    return told


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=70) | st.just("00" * 32),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


class TestAnything:
    @given(st.data(), st.sampled_from(TWO))
    def test_flipped_bits_anywhere(self, made: Case, data: st.DataObject, shape: Shape) -> None:
        told = parts_of(made, shape)
        whole = outcome(told)
        ways = [way for way in places(told) if isinstance(at(told, way), str) and at(told, way)]
        altered = told
        for way in data.draw(st.lists(st.sampled_from(ways), min_size=1, max_size=3)):
            text = at(altered, way)
            place, bit = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 7))
            altered = put(altered, way, text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :])
        self.same_or_refused(altered, whole)

    @given(st.data(), st.sampled_from(TWO), json_values)
    def test_other_values_anywhere(self, made: Case, data: st.DataObject, shape: Shape, value: Any) -> None:
        told = parts_of(made, shape)
        whole = outcome(told)
        way = data.draw(st.sampled_from(list(places(told))[1:]))
        self.same_or_refused(put(told, way, value), whole)

    @given(st.data(), st.sampled_from(TWO))
    def test_values_of_other_places(self, made: Case, data: st.DataObject, shape: Shape) -> None:
        told = parts_of(made, shape)
        whole = outcome(told)
        ways = list(places(told))[1:]
        here, there = data.draw(st.sampled_from(ways)), data.draw(st.sampled_from(ways))
        self.same_or_refused(put(told, here, at(told, there)), whole)

    @given(st.data(), st.sampled_from([0, 1]))
    def test_other_bytes_in_proofs(self, made: Case, data: st.DataObject, which: int) -> None:
        """Bytes put in, taken out and altered, in base64 that is right."""
        told = parts_of(made, "rpc")
        whole = outcome(told)
        way = ("document", "proof_ops", "ops", which, "data")
        before = base64.b64decode(at(told, way))
        start = data.draw(st.integers(0, len(before)))
        length = data.draw(st.integers(0, 5))
        after = before[:start] + data.draw(st.binary(max_size=5)) + before[start + length :]
        altered = put(told, way, b64(after))
        if after == before:
            assert outcome(altered) == whole
        else:
            with pytest.raises(ProofError):
                outcome(altered)

    @given(json_values)
    def test_any_json_at_all(self, made: Case, value: Any) -> None:
        proven = consistent(made.document("rpc"), None)
        with pytest.raises(ProofError):
            consistent(value, None)
        with pytest.raises(ProofError):
            sealed(proven, value, rows(made.validators))
        with pytest.raises(ProofError):
            sealed(proven, made.commit.json("rpc"), value)

    @staticmethod
    def same_or_refused(told: Given, whole: tuple[object, ...]) -> None:
        try:
            found = outcome(told)
        except ProofError:
            return
        assert found == whole


class TestHugeAndDeep:
    @pytest.mark.parametrize("shape", TWO)
    def test_each_value_replaced_by_what_is_too_much(self, made: Case, shape: Shape) -> None:
        deep: Any = "x"
        for _ in range(50_000):
            deep = [deep]
        told = parts_of(made, shape)
        whole = outcome(told)
        for value in (deep, "0" * 10**6, 10**5000, [0] * 10**5, "\ud800", float("inf"), {"": deep}):
            for way in list(places(told))[1:]:
                TestAnything.same_or_refused(put(told, way, value), whole)
        self.let_go(deep)

    @staticmethod
    def let_go(deep: Any) -> None:
        """Level by level: to free all at once is too deep for some interpreters."""
        while isinstance(deep, list):
            deep = deep.pop()

    def test_an_answer_cut_short_is_no_json_or_refused(self, made: Case) -> None:
        answer = made.document("rpc")
        text, whole = json.dumps(answer), consistent(answer, None)
        refused = 0
        for end in range(0, len(text), 3):
            for closing in ('"', '"}', "}", "}}", '"}}', "}]}}", '"}]}}', "]}"):
                try:
                    found = consistent(json.loads(text[:end] + closing), None)
                except json.JSONDecodeError:
                    continue
                except ProofError:
                    refused += 1
                else:
                    assert found == whole
        assert refused > 100
