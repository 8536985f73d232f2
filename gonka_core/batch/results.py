"""Lines of the output, in OpenAI's batch format, and what they say about the line that they answer:

    {"id": "batch_req_…_12", "custom_id": "a", "response": {"status_code", "request_id", "body"}, "error": null}

`error` is null for an answer. For a failure it has `code`, `message`, `maybe_billed` and `attempts`; `response` is
there as well where somebody refused, and null where nobody answered. The id ends in the number of the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gonka_core import jsontext
from gonka_core.chunks import Completion
from gonka_core.errors import AnswerError, CallError, GonkaError
from gonka_core.integrations.refusing import refusal

from .lines import Line

_ID: Final = re.compile(r"batch_req_([0-9a-f]{12})_([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Result:
    """A line of the output: the number of the line that it answers, whether that failed, and may have been billed."""

    number: int
    failed: bool
    maybe_billed: bool


def job_of(sha256: str) -> str:
    """The name of a job: of the input that it is about."""
    return sha256[:12]


def answered(job: str, line: Line, completion: Completion, request_id: str | None) -> bytes:
    """The line for an answer, the node's own bytes in it where they stand in one line."""
    body = completion.body.strip()
    if not body.startswith(b"{") or b"\n" in body or b"\r" in body:
        body = json.dumps(completion.data, separators=(",", ":")).encode()
    named = _head(job, line.number, line.custom_id)
    told = _text(request_id or completion.id or "")
    return b'%s"response":{"status_code":200,"request_id":%s,"body":%s},"error":null}\n' % (named, told, body)


def failed(job: str, line: Line, error: GonkaError) -> bytes:
    """The line for a failure."""
    told = refusal(error)
    response = "null"
    if isinstance(error, AnswerError):
        answer = {"status_code": told.status, "request_id": "", "body": told.body}
        response = json.dumps(answer, separators=(",", ":"))
    flaw = {
        "code": told.body["error"]["code"],
        "message": str(error),
        "maybe_billed": isinstance(error, CallError) and error.maybe_billed,
        "attempts": len(error.attempts) if isinstance(error, CallError) else 0,
    }
    named, written = _head(job, line.number, line.custom_id), json.dumps(flaw, separators=(",", ":"))
    return b'%s"response":%s,"error":%s}\n' % (named, response.encode(), written.encode())


def read_result(data: bytes, job: str) -> Result | None:
    """What a line of the output says; None for one that is none of this job."""
    try:
        document = jsontext.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "error" not in document or "response" not in document:
        return None
    name = document.get("id")
    match = _ID.fullmatch(name) if isinstance(name, str) else None
    if match is None or match[1] != job:
        return None
    error = document["error"]
    told: Mapping[str, Any] = error if isinstance(error, dict) else {}
    return Result(int(match[2]), error is not None, told.get("maybe_billed") is True)


def _head(job: str, number: int, custom_id: str) -> bytes:
    return b'{"id":"batch_req_%s_%d","custom_id":%s,' % (job.encode(), number, _text(custom_id))


def _text(text: str) -> bytes:
    return json.dumps(text).encode()
