"""Faults behind the rules: the request is accepted, its signature is used up, and then no good answer comes.

Texts and statuses are those of `protocol.md` §2 and §3.2, rows 17 to 21; generations that do not map the errors of
executors answer 500.
"""

from __future__ import annotations

from typing import Final

from gonka_mock_node.reply import Reply, refused

from .fronts import dropped
from .records import Executor, Fault, Seen, choice, count, header, seconds, text

_PARTICIPANTS: Final = "/v1/epochs/current/participants"
_RAW: Final = "rpc error: code = Unknown desc = "
_REFUSALS: Final = {
    "transfer-signature": (401, "Unable to validate request against TransferSignature:invalid signature"),
    "too-old": (400, "Request timestamp is too old"),
    "replay": (400, "AuthKey has already been used for an executor request"),
    "prompt-hash": (400, "Prompt hash mismatch"),
}


def _error(seen: Seen, code: int, words: str) -> Reply:
    return refused(code, words, seen.profile.content_type)


def _no_choice(seen: Seen, code: int, words: str, raw: str) -> Reply:
    """No executor could be chosen: mapped, or the chain's error as it is (`protocol.md` §3.11)."""
    if seen.profile.executor_errors == "raw":
        return _error(seen, 500, _RAW + _RAW + raw)
    return _error(seen, code, words)


def capacity(_fault: Fault, seen: Seen) -> Reply:
    public_url = seen.url.removesuffix("/v1")
    return _error(seen, 429, f"Transfer Agent capacity reached. Try another TA from {public_url}{_PARTICIPANTS}")


def model_vanished(_fault: Fault, seen: Seen) -> Reply:
    return _no_choice(seen, 404, "model not found", "model not found")


def no_executor(_fault: Fault, seen: Seen) -> Reply:
    return _no_choice(seen, 503, "no executors available for model", "no participants found for the model")


def unreachable(fault: Fault, seen: Seen) -> Reply:
    host = fault.text("host")
    words = f'Post "http://{host}{seen.route}": dial tcp {host}: connect: connection refused'
    return _error(seen, 500, words)


def no_inference_nodes(_fault: Fault, seen: Seen) -> Reply:
    return _error(seen, 503, "no inference nodes available")


def ml_node_error(fault: Fault, seen: Seen) -> Reply:
    """400 and 422 come through from v0.2.7 on; every other status becomes 500."""
    code = fault.integer("code")
    kept = seen.profile.ml_node_statuses_kept and code in (400, 422)
    words = f"Inference node response with an error. code = {code}. error = {fault.text('text')}."
    return _error(seen, code if kept else 500, words)


def completions_unsupported(_fault: Fault, seen: Seen) -> Reply:
    return _error(seen, 503, "selected executor does not support /v1/completions; upgrade required")


def executor_refuses(fault: Fault, seen: Seen) -> Reply:
    return _error(seen, *_REFUSALS[fault.text("why")])


def reset_after(fault: Fault, _seen: Seen) -> Reply:
    return dropped(fault, hard=True)


EFFECTS: Final = (
    Executor(
        name="capacity",
        summary="429 that names the node's list of participants; the signature is used up",
        stands_for="a node at its share of the network's bandwidth",
        apply=capacity,
    ),
    Executor(
        name="model-vanished",
        summary="404 `model not found`, after the node had accepted the model",
        stands_for="the last executor of a model left between two checks",
        apply=model_vanished,
    ),
    Executor(
        name="no-executor",
        summary="503 `no executors available for model`",
        stands_for="every executor of the model is busy, excluded or gone",
        apply=no_executor,
    ),
    Executor(
        name="executor-unreachable",
        summary="500 with the error of Go's HTTP client",
        stands_for="the node chose an executor that does not listen",
        parameters={"host": header("10.0.0.7:8000", "the executor's host and port in the error")},
        apply=unreachable,
    ),
    Executor(
        name="no-inference-nodes",
        summary="503 `no inference nodes available`",
        stands_for="an executor whose model servers are all down",
        apply=no_inference_nodes,
    ),
    Executor(
        name="ml-node-error",
        summary="the model server's error inside the node's: status 400 and 422 as they are, any other as 500",
        stands_for="a payload that the model server rejects (400, 422), or a model server that fails",
        parameters={
            "code": count(400, 599, "the model server's status", minimum=400),
            "text": text('{"object":"error","message":"max_tokens is too large"}', "the model server's body"),
        },
        apply=ml_node_error,
    ),
    Executor(
        name="completions-unsupported",
        summary="503 that asks for an upgrade of the executor",
        stands_for="an executor of an older release, chosen for `/v1/completions`",
        route="/v1/completions",
        apply=completions_unsupported,
    ),
    Executor(
        name="executor-refuses",
        summary="401 or 400 with an executor's words: not about the client's signature, though one looks like it",
        stands_for="node and executor disagree: about keys, clocks, or the payload",
        parameters={"why": choice(tuple(_REFUSALS), "what the executor finds wrong")},
        apply=executor_refuses,
    ),
    Executor(
        name="reset-after",
        summary="the connection is reset (TCP RST) before any byte of an answer, after the request was accepted",
        stands_for="a crash in the middle of the work: sending it again may be billed twice",
        parameters={"seconds": seconds(0.0, "seconds of silence before it happens")},
        apply=reset_after,
    ),
)
