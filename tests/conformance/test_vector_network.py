"""Endpoints and proofs: the core, the mock node and the tool's own verifier agree with the files."""

from __future__ import annotations

import ast
import json
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import vectors
from gonka_conformance.vectors import EnvironmentVector, ListedEndpoint, ParticipantsVector, ProofVector, UrlVector
from gonka_core import GonkaError, InvalidAddressError, InvalidEndpointError, MissingSettingError, settings
from gonka_core.endpoints import Endpoint, normalised_url
from gonka_mock_node import MockNode
from gonka_mock_node.chain.ics23 import ProofError
from gonka_mock_node.chain.proofs import ProofOp, verify
from vector_tool import ics23_cases, ics23_proof, ics23_verdict
from vector_tool.ics23_proof import Existence, Inner, Leaf

URLS = [pytest.param(vector, id=vector.id) for vector in vectors.urls()]
ENVIRONMENTS = [pytest.param(vector, id=vector.id) for vector in vectors.environments()]
PARTICIPANTS = [pytest.param(vector, id=vector.id) for vector in vectors.participants()]
PROOFS = [pytest.param(vector, id=vector.id) for vector in vectors.proofs()]
HASHES = ("leaf_hash", "store_root", "store_leaf_hash", "computed_app_hash")
TOOL = Path(ics23_cases.__file__).parent


WHY = {
    "scheme": "does not begin with http",
    "no-host": "no usable host",
    "credentials": "user name or password",
    "query-or-fragment": "a query or fragment",
    "malformed": "malformed",
    "nothing-given": "no endpoint to call",
    "address-missing": "has no provider address",
    "address-invalid": "address",
    "url-invalid": "the endpoint URL",
    "api-key-missing": "without a key",
}
"""Words of the core's errors that stand for a reason of `endpoints.json`."""
CLASSES: Mapping[str, type[GonkaError]] = {
    "nothing-given": MissingSettingError,
    "address-missing": InvalidEndpointError,
    "address-invalid": InvalidAddressError,
    "url-invalid": InvalidEndpointError,
    "api-key-missing": MissingSettingError,
}


def url_of(text: str) -> str | GonkaError:
    """What the core makes of a text: the base URL, or its error."""
    try:
        return normalised_url(text)
    except InvalidEndpointError as error:
        return error


def endpoints_of(environment: Mapping[str, str]) -> tuple[ListedEndpoint, ...] | GonkaError:
    """What the core makes of an environment."""
    try:
        return tuple(map(listed, settings.places(None, None, environment)[0]))
    except GonkaError as error:
        return error


def listed(endpoint: Endpoint) -> ListedEndpoint:
    return ListedEndpoint(endpoint.url, endpoint.provider_address if endpoint.signed else None)


def check_url(vector: UrlVector) -> None:
    found = url_of(vector.text)
    if vector.error:
        assert isinstance(found, InvalidEndpointError)
        assert WHY[vector.error] in found.problem
    else:
        assert found == vector.url


def check_environment(vector: EnvironmentVector) -> None:
    found = endpoints_of(vector.environment)
    if vector.error:
        assert type(found) is CLASSES[vector.error]
        assert WHY[vector.error] in str(found)
    else:
        assert found == vector.endpoints


@pytest.mark.parametrize("vector", URLS)
def test_urls(vector: UrlVector) -> None:
    check_url(vector)
    if vector.url:
        check_url(replace(vector, text=vector.url))


def test_an_altered_url_is_found() -> None:
    for vector in vectors.urls():
        for altered in (replace(vector, url=f"{vector.url}x", error=None), replace(vector, error="nothing-given")):
            with pytest.raises(AssertionError):
                check_url(altered)


@pytest.mark.parametrize("vector", ENVIRONMENTS)
def test_environments(vector: EnvironmentVector) -> None:
    check_environment(vector)


def test_an_altered_environment_is_found() -> None:
    for vector in vectors.environments():
        other = "nothing-given" if vector.error != "nothing-given" else "address-missing"
        more = (*vector.endpoints, ListedEndpoint("https://x/v1", None))
        for altered in (replace(vector, endpoints=more, error=None), replace(vector, endpoints=(), error=other)):
            with pytest.raises(AssertionError):
                check_environment(altered)


class TestParticipants:
    @pytest.mark.parametrize("vector", PARTICIPANTS)
    def test_an_expected_endpoint_is_one_and_stands_in_the_document(self, vector: ParticipantsVector) -> None:
        entries = vector.document["active_participants"].get("participants", [])
        for endpoint in vector.endpoints:
            assert endpoint.provider_address
            made = Endpoint(endpoint.url, endpoint.provider_address)
            entry = next(entry for entry in entries if entry.get("index") == endpoint.provider_address)
            assert Endpoint(entry["inference_url"], entry["index"]) == made
            assert int(entry.get("weight", 0)) == endpoint.weight
            assert tuple(entry.get("models", ())) == endpoint.models

    @pytest.mark.parametrize("vector", PARTICIPANTS)
    def test_who_is_not_expected_may_not_be_asked(self, vector: ParticipantsVector) -> None:
        entries = vector.document["active_participants"].get("participants", [])
        excluded = {entry["address"] for entry in vector.document.get("excluded_participants", [])}
        expected = {endpoint.provider_address for endpoint in vector.endpoints}
        assert not expected & excluded
        assert expected <= set(vector.allowed) or not vector.allowed
        for entry in entries:
            index = entry.get("index", "")
            barred = index in excluded or (vector.allowed and index not in vector.allowed)
            assert index in expected or barred or not self.is_endpoint(entry), index

    @staticmethod
    def is_endpoint(entry: Mapping[str, Any]) -> bool:
        try:
            Endpoint(entry.get("inference_url", ""), entry.get("index", ""))
        except GonkaError:
            return False
        return True

    @pytest.mark.parametrize(("profile", "flag"), [("v0.2.13", "block-object"), ("v0.2.15", "string-numbers")])
    def test_documents_have_the_shape_that_a_node_serves(self, profile: str, flag: str) -> None:
        with (
            MockNode(profile=profile) as node,
            urllib.request.urlopen(
                f"{node.url.removesuffix('/v1')}/v1/epochs/current/participants", timeout=10
            ) as response,
        ):
            served = json.load(response)
        vector = next(vector for vector in vectors.participants() if flag in vector.flags)
        assert shape(vector.document) == shape(served)

    def test_numbers_that_a_double_cannot_hold_are_there(self) -> None:
        heavy = [vector for vector in vectors.participants() if "large-weight" in vector.flags]
        weights = [endpoint.weight for vector in heavy for endpoint in vector.endpoints]
        assert weights
        assert all(weight and int(float(weight)) != weight for weight in weights)


def shape(value: Any) -> Any:
    """Names and types, without the values; of a list the shape of its first item."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def claim(vector: ProofVector) -> ics23_verdict.Claim:
    ops = tuple(ics23_verdict.Op(op.type, op.key, op.data) for op in vector.operations)
    return ics23_verdict.Claim(vector.key, vector.value, ops, vector.app_hash, vector.store.encode())


def check_proof(vector: ProofVector) -> None:
    verdict = ics23_verdict.judge(claim(vector))
    assert verdict.reason == vector.reason
    assert [verdict.hashes.get(name) for name in HASHES] == [getattr(vector, name) for name in HASHES]


def mock_accepts(vector: ProofVector) -> bool:
    ops = [ProofOp(op.type, op.key, op.data) for op in vector.operations]
    try:
        verify(vector.value, ops, vector.app_hash, vector.key)
    except ProofError:
        return False
    return True


class TestProofs:
    @pytest.mark.parametrize("vector", PROOFS)
    def test_two_verifiers_agree(self, vector: ProofVector) -> None:
        check_proof(vector)
        assert mock_accepts(vector) == vector.valid

    def test_an_altered_verdict_or_hash_is_found(self) -> None:
        for vector in vectors.proofs():
            other = "op-count" if vector.reason != "op-count" else "op-type"
            for altered in (
                replace(vector, reason=other),
                *(replace(vector, **{name: b"\0" * 32}) for name in HASHES),
            ):
                with pytest.raises(AssertionError):
                    check_proof(altered)

    @pytest.mark.parametrize("vector", [vector for vector in PROOFS if vector.values[0].valid])  # type: ignore[union-attr]
    def test_no_byte_of_a_valid_proof_can_be_altered(self, vector: ProofVector) -> None:
        """Whichever byte of value, key, root or proof has a bit flipped, both verifiers refuse."""
        for altered in self.flipped(vector):
            assert ics23_verdict.judge(claim(altered)).reason is not None
            assert not mock_accepts(altered)

    @staticmethod
    def flipped(vector: ProofVector) -> list[ProofVector]:
        members = [
            replace(vector, **{name: flip(whole, at)})
            for name in ("value", "key", "app_hash")
            for whole in (getattr(vector, name),)
            for at in range(len(whole))
        ]
        for place, op in enumerate(vector.operations):
            for at in range(len(op.data)):
                ops = list(vector.operations)
                ops[place] = replace(op, data=flip(op.data, at))
                members.append(replace(vector, operations=tuple(ops)))
        return members

    def test_every_reason_has_a_vector(self) -> None:
        assert {vector.reason for vector in vectors.proofs() if vector.reason} == set(ics23_verdict.REASONS)

    @pytest.mark.parametrize("flag", ["leaf-constraint", "inner-constraint"])
    def test_only_the_constraint_gives_a_forged_proof_away(self, flag: str) -> None:
        """Who hashes what is there, and compares what has to be equal, accepts all of them."""
        forged = [vector for vector in vectors.proofs() if flag in vector.flags]
        assert len(forged) >= 9
        assert all(followed(vector) for vector in forged)
        assert not followed(next(vector for vector in vectors.proofs() if "tampered-path" in vector.flags))

    def test_who_compares_keys_with_themselves_only_is_fooled(self) -> None:
        whole = [vector for vector in vectors.proofs() if vector.reason in ("key", "store")]
        assert len(whole) == 2
        assert all(followed(vector) for vector in whole)

    def test_the_sample_is_that_of_the_wire_page(self) -> None:
        page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8").split("### 12.4")[1]
        sample = next(vector for vector in vectors.proofs() if "published" in vector.flags)
        assert f"value (hex) {sample.value.hex()}\n" in page
        assert sample.app_hash.hex() in page
        assert sample.store_root
        assert sample.store_root.hex() in page

    @given(
        st.builds(
            Existence,
            st.binary(),
            st.binary(),
            st.builds(Leaf, st.binary(), *[st.integers(0, 9)] * 4),
            st.lists(st.builds(Inner, st.binary(), st.binary(), st.integers(0, 9)), max_size=4).map(tuple),
        )
    )
    def test_what_is_written_is_read_back(self, proof: Existence) -> None:
        assert ics23_proof.read(ics23_proof.written(proof)) == proof


def followed(vector: ProofVector) -> bool:
    """A verifier that looks at no constraint and no expectation, as some SDKs do (§7.4)."""
    first, second = vector.operations
    inner, outer = ics23_proof.read(first.data), ics23_proof.read(second.data)
    keys = (inner.key, outer.key) == (first.key, second.key)
    return keys and (inner.value, outer.value, outer.root) == (vector.value, inner.root, vector.app_hash)


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("name", ["answer_stream", "event_stream", "ics23_proof", "ics23_verdict", "protobuf"])
def test_the_tools_readers_share_nothing_with_what_they_check(name: str) -> None:
    tree = ast.parse((TOOL / f"{name}.py").read_text("utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [module for module in modules if module.startswith("gonka")]
