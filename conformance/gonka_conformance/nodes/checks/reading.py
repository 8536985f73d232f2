"""What is only read: GET routes, their shapes and their errors (`protocol.md` §3.1, §6)."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from urllib.parse import quote

from gonka_conformance.checks import NotApplicable
from gonka_conformance.nodes.asking import Answer, Request
from gonka_conformance.nodes.drafts import CHAT
from gonka_conformance.nodes.generations import Due
from gonka_conformance.nodes.judging import classic, require, require_document, require_field, wrong
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import Survey
from gonka_conformance.reference import HALF_N

from .listing import NODE_CHECKS

_PARTICIPANTS: Final = "/v1/epochs/{}/participants"
_DISABLED: Final = {"/chain-api": b"Chain API Disabled", "/chain-rpc": b"Chain RPC Disabled"}


def of_a_node(subject: NodeSubject) -> Survey:
    """The survey of a node, whether or not it still takes signed requests."""
    if subject.survey.generation.kind == "gateway":
        raise NotApplicable("a gateway does not have this")
    return subject.survey


@NODE_CHECKS.add("status", "`/v1/status` is 200 and says what the generation says there.", source="protocol.md §6.1")
def status(subject: NodeSubject) -> None:
    answer = subject.survey.asker.get("/v1/status")
    document = require_document(answer, "GET /v1/status")
    if subject.survey.generation.kind == "gateway":
        if not document.keys() & {"mode", "escrow_id"}:
            wrong(answer, f"a gateway's status has mode or escrow_id; it has {', '.join(document)}")
    elif document.get("status") != "ok":
        wrong(answer, f"it says {answer.words} where status is ok")


@NODE_CHECKS.add(
    "identity",
    "`/v1/identity` names the provider address, with a signature of 64 bytes; up to v0.2.5 there is none.",
    source="protocol.md §6.2",
)
def identity(subject: NodeSubject) -> None:
    survey = of_a_node(subject)
    answer = survey.asker.get("/v1/identity")
    if not survey.generation.identity:
        require(answer, (Due(404),), "GET /v1/identity")
        return
    document = require_document(answer, "GET /v1/identity")
    data = require_field(answer, document, "data", dict, "/v1/identity")
    for name, kind in {"address": str, "block": int, "timestamp": str}.items():
        require_field(answer, data, name, kind, "data of /v1/identity")
    if subject.provider_address not in (None, data["address"]):
        wrong(answer, f"it names {data['address']}, and the provider address was given as {subject.provider_address}")
    _require_signature(answer, require_field(answer, document, "signature", str, "/v1/identity"))


def _require_signature(answer: Answer, text: str) -> None:
    try:
        signature = base64.b64decode(text, validate=True)
    except binascii.Error:
        wrong(answer, "the signature of /v1/identity is not standard base64")
    if len(signature) != 64 or int.from_bytes(signature[32:], "big") > HALF_N:
        wrong(answer, f"the signature of /v1/identity is not 64 bytes with low s, but {len(signature)} bytes")


@NODE_CHECKS.add(
    "models", "`/v1/models` lists models in the shape of the generation.", source="protocol.md §6.4, §11.4"
)
def models(subject: NodeSubject) -> None:
    answer = subject.survey.asker.get("/v1/models")
    document = require_document(answer, "GET /v1/models")
    if subject.survey.generation.models == "governance":
        if "models" not in document or not isinstance(document["models"], list | None):
            wrong(answer, f"it has {', '.join(document)} where models, a list or null, is due")
        return
    if document.get("object") != "list":
        wrong(answer, f"object is {document.get('object')!r} instead of 'list'")
    for each in require_field(answer, document, "data", list, "/v1/models"):
        require_field(answer, each, "id", str, "a model of /v1/models")
        require_field(answer, each, "created", int, "a model of /v1/models")


@NODE_CHECKS.add(
    "participants",
    "The participants of the current epoch come with addresses, proof, block and validators.",
    source="protocol.md §6.6",
)
def participants(subject: NodeSubject) -> None:
    survey = of_a_node(subject)
    answer = survey.asker.get(_PARTICIPANTS.format("current"))
    document = require_document(answer, "GET the participants of the current epoch")
    wanted: dict[str, type | tuple[type, ...]] = {
        "active_participants": dict,
        "addresses": list,
        "active_participants_bytes": str,
        "validators": list,
    }
    if survey.generation.excluded:
        wanted["excluded_participants"] = list
    for name, kind in wanted.items():
        require_field(answer, document, name, kind, "participants")
    missing = {"proof_ops", "block"} - document.keys()
    if missing:
        wrong(answer, f"participants have no {', '.join(sorted(missing))}")


@NODE_CHECKS.add(
    "epoch-errors",
    "An epoch that is none, and epoch 0, are refused with 400 and the node's words.",
    source="protocol.md §6.6",
)
def epoch_errors(subject: NodeSubject) -> None:
    survey = of_a_node(subject)
    for epoch, words in {"x": "Invalid epoch id", "0": "Epoch enumeration starts with 1"}.items():
        path = _PARTICIPANTS.format(epoch)
        require(survey.asker.get(path), (Due(400, words),), f"GET {path}")


@NODE_CHECKS.add(
    "unknown-route",
    "A path that does not exist is 404 `Not Found`, a method that a path does not have 405 `Method Not Allowed`.",
    source="protocol.md §3.1",
)
def unknown_route(subject: NodeSubject) -> None:
    survey = classic(subject)
    path = "/v1/gonka-conformance-no-such-route"
    require(survey.asker.get(path), (Due(404, "Not Found"),), f"GET {path}")
    require(survey.asker.ask(Request("PUT", CHAT)), (Due(405, "Method Not Allowed"),), f"PUT {CHAT}")


@NODE_CHECKS.add(
    "chat-by-id",
    "An inference is asked for by id: none and one that does not exist are refused with the node's words.",
    source="protocol.md §6.5",
)
def chat_by_id(subject: NodeSubject) -> None:
    survey = classic(subject)
    missing = (Due(404, "Inference not found"),)
    unknown = quote("A" * 86 + "==", safe="")
    if survey.generation.chat_by_id == "path":
        require(survey.asker.get(f"{CHAT}/{unknown}"), missing, "GET an inference that does not exist")
        require(survey.asker.get(f"{CHAT}/%zz"), (Due(400),), "GET an inference by a broken escape")
    else:
        require(survey.asker.get(CHAT), (Due(400, "Id is required"),), "GET an inference without an id")
        require(survey.asker.get(f"{CHAT}?id={unknown}"), missing, "GET an inference that does not exist")


@NODE_CHECKS.add(
    "chain-routes",
    "The chain's own routes answer in the chain's shape, or with 404 and the words that they are disabled.",
    source="protocol.md §6.7",
)
def chain_routes(subject: NodeSubject) -> None:
    survey = of_a_node(subject)
    routes = {
        "/chain-api/productscience/inference/inference/params": ("params", "validation_params", "timestamp_expiration"),
        "/chain-api/cosmos/base/tendermint/v1beta1/blocks/latest": ("block", "header", "time"),
        "/chain-rpc/status": ("result", "sync_info", "latest_block_time"),
    }
    for path, way in routes.items():
        answer = survey.asker.get(path)
        if answer.status == 404 and answer.body.strip() == _DISABLED[path[:10]]:
            continue
        document: Any = require_document(answer, f"GET {path}")
        for name in way[:-1]:
            document = require_field(answer, document, name, dict, path)
        require_field(answer, document, way[-1], str, path)
