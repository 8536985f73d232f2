"""What is proven of answers that real mock nodes serve, and each way in which an answer can lie."""

from __future__ import annotations

import copy
import math
import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import vectors
from gonka_core.discovery import Participant
from gonka_core.errors import DiscoveryError, ProofError
from gonka_core.proofs import AHEAD_S, MAINNET, MAX_AGE_S, REASONS, Proven, anchored, consistent, recent, sealed
from gonka_core.proofs.participants import participants_key
from gonka_core.proofs.reasons import refused

from .building import (
    NOW,
    SHAPES,
    Case,
    Id,
    MadeHeader,
    Shape,
    b64,
    octet,
    rows,
    set_hash,
    sha,
    signed,
    signers,
    sub,
    varint,
)
from .building import num as number_field

OTHERS = MadeHeader(1, b"", b"").others
CHANGES: Mapping[str, dict[str, Any]] = {
    "version.block": {"block": 12},
    "version.app": {"app": 3},
    "time": {"time_ns": NOW + 1},
    "last_block_id": {"last_block_id": Id(sha(b"another"))},
    "next_validators_hash": {"others": tuple(sha(b"another") if at == 3 else each for at, each in enumerate(OTHERS))},
    "last_commit_hash": {"others": (sha(b"another"), *OTHERS[1:])},
    "data_hash": {"others": (OTHERS[0], sha(b"another"), *OTHERS[2:])},
    "consensus_hash": {"others": tuple(sha(b"another") if at == 4 else each for at, each in enumerate(OTHERS))},
    "app_hash": {"app_hash": sha(b"another state")},
    "last_results_hash": {"others": (*OTHERS[:6], sha(b"another"), OTHERS[7])},
    "evidence_hash": {"others": (*OTHERS[:7], sha(b"another"))},
    "proposer_address": {"proposer": bytes(20)},
}
"""Field of a header, as JSON has it -> what changes it and nothing else; all but chain_id and height, of which the
header to be proven is known to have the right ones, and validators_hash, which has a test of its own."""
Answers = Mapping[str, list[dict[str, Any]]]
PROFILES = ("v0.2.13", "v0.2.15")


def reason_of(document: Any, epoch: int | None = None, **more: Any) -> str | None:
    try:
        consistent(document, epoch, **more)
    except ProofError as error:
        return error.reason
    return None


class TestConsistent:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_what_nodes_serve(self, answers: Answers, profile: str) -> None:
        assert len(answers[profile]) == 3
        for answer in answers[profile]:
            told = answer["active_participants"]
            for epoch in (None, int(told["epoch_id"])):
                proven = consistent(answer, epoch)
                assert proven.epoch == int(told["epoch_id"])
                assert proven.height == int(told["created_at_block_height"]) == proven.header.height - 1
                assert proven.participants == tuple(
                    Participant(row["index"], row["inference_url"], int(row["weight"]), tuple(row["models"]))
                    for row in told["participants"]
                )
                assert len(proven.participants) == 3

    def test_epochs_differ(self, answers: Answers) -> None:
        proven = [consistent(answer, None) for answer in answers["v0.2.13"]]
        assert len({each.epoch for each in proven}) == len({each.header.app_hash for each in proven}) == 3

    @pytest.mark.parametrize("profile", PROFILES)
    def test_a_list_of_blocks(self, answers: Answers, profile: str) -> None:
        answer = answers[profile][1]
        others = [answers[profile][at]["block"] for at in (0, 2)]
        assert consistent(answer | {"block": [*others, answer["block"]]}, None) == consistent(answer, None)
        assert reason_of(answer | {"block": others}) == "height"

    def test_another_epoch_than_asked_for(self, answers: Answers) -> None:
        answer = answers["v0.2.13"][1]
        epoch = int(answer["active_participants"]["epoch_id"])
        assert [reason_of(answer, each) for each in (epoch - 1, epoch, epoch + 1, 0, -1)] == [
            "epoch",
            None,
            "epoch",
            "epoch",
            "epoch",
        ]

    def test_another_chain(self, answers: Answers) -> None:
        answer = answers["v0.2.13"][0]
        assert reason_of(answer, chain_id=MAINNET) is None
        assert reason_of(answer, chain_id="gonka-testnet") == "chain"

    @pytest.mark.parametrize("name", ["active_participants", "active_participants_bytes", "proof_ops", "block"])
    def test_what_is_missing(self, answers: Answers, name: str) -> None:
        answer = answers["v0.2.13"][0]
        assert reason_of(answer | {name: None}) == "absent"
        assert reason_of({key: value for key, value in answer.items() if key != name}) == "absent"

    def test_the_rest_need_not_be_there(self, answers: Answers) -> None:
        needed = ("active_participants", "active_participants_bytes", "proof_ops", "block")
        answer = answers["v0.2.13"][0]
        assert consistent({name: answer[name] for name in needed}, None) == consistent(answer, None)

    def test_another_block(self, answers: Answers) -> None:
        first, second, _ = answers["v0.2.13"]
        assert reason_of(first | {"block": second["block"]}) == "height"

    def test_another_state(self, answers: Answers) -> None:
        lie = copy.deepcopy(answers["v0.2.13"][0])
        lie["block"]["header"]["app_hash"] = "00" * 32
        assert reason_of(lie) == "app-hash"

    def test_another_proof(self, answers: Answers) -> None:
        first, second, _ = answers["v0.2.13"]
        assert reason_of(first | {"proof_ops": second["proof_ops"]}) == "proof"
        assert reason_of(first | {"active_participants_bytes": second["active_participants_bytes"]}) == "proof"

    @pytest.mark.parametrize("at", [0, 1])
    def test_a_key_of_the_answers_own_choice(self, answers: Answers, at: int) -> None:
        """What the official SDKs accept (`protocol.md` §7.4): the key is compared with itself only."""
        lie = copy.deepcopy(answers["v0.2.13"][0])
        lie["proof_ops"]["ops"][at]["key"] = b64(b"other")
        assert reason_of(lie) == "proof"


def another_url(told: dict[str, Any]) -> None:
    told["participants"][1]["inference_url"] = "http://elsewhere.example"


def another_address(told: dict[str, Any]) -> None:
    told["participants"][0]["index"] = told["participants"][1]["index"]


def another_weight(told: dict[str, Any]) -> None:
    told["participants"][2]["weight"] = int(told["participants"][2]["weight"]) + 1


def no_weight(told: dict[str, Any]) -> None:
    del told["participants"][2]["weight"]


def another_model(told: dict[str, Any]) -> None:
    told["participants"][0]["models"].append("other")


def models_as_text(told: dict[str, Any]) -> None:
    told["participants"][0]["models"] = "test"


def one_more(told: dict[str, Any]) -> None:
    told["participants"].append(told["participants"][0])


def one_less(told: dict[str, Any]) -> None:
    told["participants"].pop()


def nobody(told: dict[str, Any]) -> None:
    del told["participants"]


def another_order(told: dict[str, Any]) -> None:
    told["participants"].reverse()


def later_epoch(told: dict[str, Any]) -> None:
    told["epoch_id"] = int(told["epoch_id"]) + 1


def no_epoch(told: dict[str, Any]) -> None:
    del told["epoch_id"]


def another_height(told: dict[str, Any]) -> None:
    told["created_at_block_height"] = 5


LIES = (
    another_url,
    another_address,
    another_weight,
    no_weight,
    another_model,
    models_as_text,
    one_more,
    one_less,
    nobody,
    another_order,
    later_epoch,
    no_epoch,
    another_height,
)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_list_that_contradicts_what_is_proven(
    answers: Answers, profile: str, lie: Callable[[dict[str, Any]], None]
) -> None:
    answer = copy.deepcopy(answers[profile][1])
    assert reason_of(answer) is None
    lie(answer["active_participants"])
    assert reason_of(answer) == "contradiction"


def one_leaf(value: bytes, epoch: int) -> tuple[dict[str, Any], bytes]:
    """A proof in two trees of one leaf each, made by hand, and its root."""

    def leaf(prefix: bytes, key: bytes, value: bytes) -> tuple[bytes, bytes]:
        hashed = sha(prefix + varint(len(key)) + key + b"\x20" + sha(value))
        shape = number_field(1, 1) + number_field(3, 1) + number_field(4, 1) + octet(5, prefix)
        return sub(1, octet(1, key) + octet(2, value) + sub(3, shape)), hashed

    key = b"ActiveParticipants/value/" + epoch.to_bytes(8, "big") + b"/"
    inner, store = leaf(b"\0\2\2", key, value)
    outer, root = leaf(b"\0", b"inference", store)
    kinds = (("ics23:iavl", key, inner), ("ics23:simple", b"inference", outer))
    return {"ops": [{"type": kind, "key": b64(name), "data": b64(data)} for kind, name, data in kinds]}, root


def forged(value: bytes, told: dict[str, Any], height: int = 100, epoch: int = 7) -> dict[str, Any]:
    """An answer that is consistent, whatever its bytes."""
    ops, root = one_leaf(value, epoch)
    header = MadeHeader(height, root, sha(b"validators"))
    return {
        "active_participants": told,
        "active_participants_bytes": value.hex(),
        "proof_ops": ops,
        "block": {"header": header.json("comet")},
    }


class TestBytes:
    """Answers whose proof holds, with bytes that no chain has."""

    TOLD: ClassVar = {"created_at_block_height": 99, "epoch_id": 7}
    VALUE = number_field(5, 99) + number_field(6, 7)

    def test_nobody_takes_part(self) -> None:
        assert consistent(forged(self.VALUE, self.TOLD), 7).participants == ()

    def test_all_fields_of_a_participant(self) -> None:
        """Also those that are not told, of newer nodes."""
        node = octet(1, b"node1") + number_field(2, 5) + number_field(3, 6) + octet(4, b"\1\0")
        one = (
            octet(1, b"a")
            + octet(2, b"key")
            + number_field(3, 2**62)
            + octet(4, b"http://a")
            + octet(5, b"m")
            + octet(5, b"n")
            + sub(6, octet(1, b"a") + number_field(2, 7) + octet(3, b"s"))
            + sub(7, sub(1, node))
            + sub(8, octet(1, b"m") + number_field(2, 3))
        )
        row = {"index": "a", "weight": str(2**62), "inference_url": "http://a", "models": ["m", "n"], "new": [1]}
        answer = forged(sub(1, one) + self.VALUE, self.TOLD | {"participants": [row]})
        assert consistent(answer, 7).participants == (Participant("a", "http://a", 2**62, ("m", "n")),)

    def test_what_is_left_out_is_empty(self) -> None:
        answer = forged(sub(1, b"") + self.VALUE, self.TOLD | {"participants": [{"models": None}]})
        assert consistent(answer, 7).participants == (Participant("", "", 0, ()),)

    @pytest.mark.parametrize(
        "value",
        [
            VALUE + number_field(7, 1),
            number_field(6, 7) + number_field(5, 99),
            VALUE + number_field(6, 7),
            b"\x28\xe3\x80\x00" + number_field(6, 7),
            number_field(1, 1) + VALUE,
        ],
        ids=lambda value: value.hex(),
    )
    def test_bytes_that_a_later_version_may_write(self, value: bytes) -> None:
        """They are proven as they are: fields that are unknown here, in whatever encoding, take nothing from that."""
        assert (
            consistent(forged(value, self.TOLD), 7).participants
            == consistent(forged(self.VALUE, self.TOLD), 7).participants
        )

    @pytest.mark.parametrize(
        "value",
        [
            VALUE[:-1],
            b"\xff",
            sub(1, octet(1, b"\xff")) + VALUE,
            sub(1, number_field(3, -1)) + VALUE,
            number_field(5, -99) + number_field(6, 7),
            number_field(6, 7),
        ],
        ids=lambda value: value.hex(),
    )
    def test_bytes_that_are_malformed(self, value: bytes) -> None:
        """Cut, no message, no text, negative, without a height."""
        with pytest.raises(ProofError, match="active_participants_bytes") as caught:
            consistent(forged(value, self.TOLD), None)
        assert caught.value.reason == "malformed"

    def test_the_epoch_of_the_key_is_that_of_the_bytes(self) -> None:
        assert reason_of(forged(self.VALUE, self.TOLD, epoch=8)) == "proof"

    @pytest.mark.parametrize("text", ["0A0b", "0", " 28", "zz", 5, ["28"], b64(VALUE), "é"])
    def test_bytes_in_another_form(self, text: object) -> None:
        assert reason_of(forged(self.VALUE, self.TOLD) | {"active_participants_bytes": text}) == "malformed"

    def test_keys(self) -> None:
        assert participants_key(2**64 - 1) == b"ActiveParticipants/value/" + b"\xff" * 8 + b"/"
        for epoch in (-1, 2**64):
            with pytest.raises(ProofError, match="2\\^64"):
                participants_key(epoch)


class TestSealed:
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("form", ["document", "rpc", "rest"])
    def test_signed_by_its_validators(self, made: Case, shape: Shape, form: Any) -> None:
        proven = consistent(made.document(shape), made.epoch)
        found = sealed(proven, made.commit.json(shape), rows(made.validators, form))
        assert found.hash == set_hash(made.validators) == proven.header.validators_hash
        assert proven.header.hash == made.header.hash
        anchored(found.hash, (sha(b"other"), found.hash))

    def test_a_liars_own_validators_are_held_up_by_the_anchor_only(self, made: Case) -> None:
        own = signers(1)
        header = replace(made.header, validators_hash=set_hash(own))
        lie = replace(made, header=header, validators=own, commit=signed(header, own))
        found = sealed(consistent(lie.document("rpc"), None), lie.commit.json("rpc"), rows(own))
        for trusted in ((), (set_hash(made.validators),)):
            with pytest.raises(ProofError, match=found.hash.hex()) as caught:
                anchored(found.hash, trusted)
            assert caught.value.reason == "anchor"

    def test_a_made_up_state_under_a_true_commit(self, made: Case) -> None:
        value = number_field(5, made.header.height - 1) + number_field(6, 7)
        told = {"created_at_block_height": made.header.height - 1, "epoch_id": 7}
        lie = forged(value, told, made.header.height)
        header = replace(made.header, app_hash=bytes.fromhex(lie["block"]["header"]["app_hash"]))
        proven = consistent(lie | {"block": {"header": header.json("rpc")}}, None)
        with pytest.raises(ProofError) as caught:
            sealed(proven, made.commit.json("rpc"), rows(made.validators))
        assert caught.value.reason == "commit"

    @pytest.mark.parametrize("flags", [(2, 1, 2, 1), (2, 3, 2, 3)])
    def test_a_minority(self, made: Case, flags: tuple[int, ...]) -> None:
        commit = signed(made.header, made.validators, flags)
        with pytest.raises(ProofError, match="60 of 100") as caught:
            sealed(consistent(made.document("rpc"), None), commit.json("rpc"), rows(made.validators))
        assert caught.value.reason == "minority"

    def test_one_page_of_several(self, made: Case) -> None:
        with pytest.raises(ProofError, match="all pages") as caught:
            sealed(consistent(made.document("rpc"), None), made.commit.json("rpc"), rows(made.validators[:3]))
        assert caught.value.reason == "validators"

    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize(("name", "changes"), list(CHANGES.items()))
    def test_what_was_changed_is_named(self, made: Case, shape: Shape, name: str, changes: dict[str, Any]) -> None:
        """The commit is that of the header that stands beside it, and one field of the shown one differs from that."""
        true = replace(made.header, **changes)
        honest = signed(true, made.validators)
        proven = consistent(made.document(shape), None)
        with pytest.raises(ProofError, match=f"differ in {re.escape(name)}; ") as caught:
            sealed(proven, honest.json(shape), rows(made.validators), true.json(shape))
        assert caught.value.reason == "header"
        with pytest.raises(ProofError) as without:
            sealed(proven, honest.json(shape), rows(made.validators))
        assert without.value.reason == "commit"

    def test_several_changes_are_all_named(self, made: Case) -> None:
        true = replace(made.header, time_ns=made.header.time_ns + 1, proposer=bytes(20), app_hash=bytes(32))
        proven = consistent(made.document("rpc"), None)
        with pytest.raises(ProofError, match="differ in time, app_hash, proposer_address; "):
            sealed(proven, signed(true, made.validators).json("rpc"), rows(made.validators), true.json("rpc"))

    def test_other_validators_in_the_header_are_named(self, made: Case) -> None:
        lie = replace(made.header, validators_hash=bytes(32))
        proven = consistent(replace(made, header=lie).document("rpc"), None)
        told = (made.commit.json("rpc"), rows(made.validators))
        with pytest.raises(ProofError, match="differ in validators_hash; "):
            sealed(proven, *told, made.header.json("rpc"))
        with pytest.raises(ProofError) as caught:
            sealed(proven, *told)
        assert caught.value.reason == "validators"

    @pytest.mark.parametrize("beside", ["x", {}, [], {"height": "1"}, 7])
    def test_a_header_beside_the_commit_that_says_nothing(self, made: Case, beside: object) -> None:
        proven = consistent(made.document("rpc"), None)
        other = signed(replace(made.header, app_hash=bytes(32)), made.validators)
        for commit, shown in ((other, beside), (other, made.header.json("rpc"))):
            with pytest.raises(ProofError) as caught:
                sealed(proven, commit.json("rpc"), rows(made.validators), shown)
            assert caught.value.reason == "commit"
        sealed(proven, made.commit.json("rpc"), rows(made.validators), beside)

    def test_a_header_that_nobody_signed_names_nothing(self, made: Case) -> None:
        """A source of commits cannot put words into the mouth of validators."""
        other = replace(made.header, app_hash=bytes(32))
        few = signed(other, made.validators, (2, 1, 1, 1))
        with pytest.raises(ProofError) as caught:
            sealed(consistent(made.document("rpc"), None), few.json("rpc"), rows(made.validators), other.json("rpc"))
        assert caught.value.reason == "commit"


def aged(proven: Proven, now: float, **options: float) -> str | None:
    try:
        recent(proven, now, **options)
    except ProofError as error:
        return error.reason
    return None


class TestRecent:
    def test_its_bounds(self, made: Case) -> None:
        proven = consistent(made.document("rpc"), None)
        written = proven.header.time_ns / 10**9
        assert [aged(proven, written + late) for late in (0, MAX_AGE_S - 1, MAX_AGE_S + 1)] == [None, None, "age"]
        assert [aged(proven, written - early) for early in (AHEAD_S - 1, AHEAD_S + 1)] == [None, "age"]

    @given(st.floats(1, 1e7), st.floats(-1e7, 1e7))
    def test_any_age_against_any_bound(self, made: Case, most: float, age: float) -> None:
        proven = consistent(made.document("rpc"), None)
        found = aged(proven, proven.header.time_ns / 10**9 + age, max_age_s=most)
        assert (found is None) == (-AHEAD_S <= age <= most) or min(abs(age - most), abs(age + AHEAD_S)) < 1e-3

    def test_it_says_how_old(self, made: Case) -> None:
        proven = consistent(made.document("rpc"), None)
        written = proven.header.time_ns / 10**9
        with pytest.raises(ProofError, match=r"^the list is 31\.0 h old, and at most 30\.0 h are accepted; .*clock"):
            recent(proven, written + 31 * 3600)
        with pytest.raises(ProofError, match=r"^the list is 900 s ahead of this machine's clock; "):
            recent(proven, written - 900)
        recent(proven, written + 1e9, max_age_s=math.inf)


class TestReasons:
    def test_each_error_has_a_word_and_ends_in_the_next_step(self) -> None:
        for word, meaning in REASONS.items():
            error = refused(word)
            assert isinstance(error, ProofError)
            assert error.reason == word
            assert str(error) == meaning
            assert meaning == f"{error.problem}; {error.next_step}"
            assert not meaning.endswith(".")

    def test_they_are_told_apart(self) -> None:
        asked_for = (
            "absent malformed proof app-hash contradiction height age header commit minority validators chain anchor "
            "library"
        )
        assert set(asked_for.split()) <= set(REASONS)
        assert len(set(REASONS.values())) == len(REASONS)

    def test_an_error_survives_pickling(self) -> None:
        error = pickle.loads(pickle.dumps(refused("anchor")))
        assert isinstance(error, ProofError)
        assert isinstance(error, DiscoveryError)
        assert error.reason == "anchor"


def test_the_sample_of_the_documentation_is_no_answer_of_today() -> None:
    """`protocol.md` §12.4: its bytes can be read and name no epoch, and its key is of a form of long ago."""
    sample = next(vector for vector in vectors.proofs() if "published" in vector.flags)
    ops = [{"type": op.type, "key": b64(op.key), "data": b64(op.data)} for op in sample.operations]
    answer = {
        "active_participants": {},
        "active_participants_bytes": sample.value.hex(),
        "proof_ops": {"ops": ops},
        "block": {"header": MadeHeader(16, sample.app_hash, bytes(32)).json("comet")},
    }
    assert reason_of(answer | {"active_participants": {"created_at_block_height": 15}}) == "proof"
    assert reason_of(answer | {"active_participants": {"created_at_block_height": 15}}, 1) == "epoch"
