"""The messages of the exam: one JSON object in a line, as `docs/signer-exam.md` describes them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from gonka_conformance.checks import fail

from .process import quoted

VERSION: Final = 1
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*")
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Hello:
    """What a program says of itself. `name` is empty where it says none."""

    name: str
    claims: frozenset[str]


def request(number: int, op: str, fields: dict[str, Any]) -> bytes:
    """The line, without its end."""
    return json.dumps({"id": number, "op": op, **fields}).encode("ascii")


def answer(line: bytes, number: int, what: str) -> dict[str, Any]:
    """The object in the line. Raises `CheckFailed` for anything that is no answer to the request of that number."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        fail(f"it answered {what} with {quoted(line)}, which is not JSON")
    if not isinstance(found, dict):
        fail(f"it answered {what} with {quoted(line)}, which is not a JSON object")
    if type(found.get("id")) is not int or found["id"] != number:
        fail(f"it answered {what}, which has the id {number}, with {quoted(line)}")
    return found


def octets(found: dict[str, Any], name: str, what: str) -> bytes:
    """The bytes of a field of hex digits. Raises `CheckFailed` for an error, and where there is no such field."""
    refuse(found, what)
    value = found.get(name)
    if not isinstance(value, str):
        fail(f"its answer to {what} has neither {name!r} as text nor 'error': {_shown(found)}")
    if not _HEX.fullmatch(value):
        fail(f"the {name!r} in its answer to {what} is not pairs of hex digits: {quoted(value.encode())}")
    return bytes.fromhex(value)


def hello(found: dict[str, Any]) -> Hello:
    """The answer to the greeting. Raises `CheckFailed` for another version and for what is malformed."""
    refuse(found, "hello")
    version, name, claims = found.get("version"), found.get("name", ""), found.get("claims", [])
    if type(version) is not int or version != VERSION:
        fail(f"it answered hello with the version {version!r}; this kit speaks version {VERSION}")
    if not isinstance(name, str) or not isinstance(claims, list) or not all(isinstance(one, str) for one in claims):
        fail(f"in its answer to hello 'name' has to be text and 'claims' a list of texts: {_shown(found)}")
    return Hello(" ".join(name.split())[:_LONGEST_NAME], frozenset(claims))


def refuse(found: dict[str, Any], what: str) -> None:
    """Raise `CheckFailed` where the answer is an error."""
    if "error" in found:
        fail(f"it answered {what} with the error {quoted(str(found['error']).encode('utf-8', 'replace'))}")


def _shown(found: dict[str, Any]) -> str:
    return quoted(json.dumps(found).encode("ascii"))
