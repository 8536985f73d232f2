"""The JSON files of this folder: found, checked and counted."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

SCHEMA: Final = "gonka-interop-vectors/1"
"""The generation of the known answers; stands in every report."""

FORMAT: Final = "gonka-conformance-vectors/1"
"""The generation of the kit's own files."""

NAMES: Final = ("address", "bech32", "keyformat", "sign", "timestamp", "verify")
"""Known answers, kept as they were given."""

OWN_NAMES: Final = ("message", "headers", "sse", "errors", "endpoints", "ics23")
"""Made by the kit's own tool."""

CATEGORIES: Final = "categories"
"""The file that explains the categories of the known answers."""


def document(name: str) -> dict[str, Any]:
    """A file of vectors. Raises ValueError for one of another generation, and where vectors are missing."""
    found: dict[str, Any] = json.loads(content(name))
    generation, wanted = (found.get("schema"), SCHEMA) if name in NAMES else (found.get("format"), FORMAT)
    if generation != wanted:
        raise ValueError(f"{name}.json is of {generation!r}; this kit reads {wanted!r}")
    if len(found["vectors"]) != found["count"]:
        raise ValueError(f"{name}.json holds {len(found['vectors'])} vectors where {found['count']} are stated")
    return found


def vectors_of(name: str) -> list[dict[str, Any]]:
    """The vectors of a file. Raises as `document` does."""
    found: list[dict[str, Any]] = document(name)["vectors"]
    return found


def categories() -> dict[str, dict[str, str]]:
    """`categories.json`: for each known answer's file the flag that explains each of its categories."""
    found: dict[str, dict[str, str]] = json.loads(content(CATEGORIES))["files"]
    return found


def content(name: str) -> bytes:
    """The bytes of a file."""
    return files("gonka_conformance").joinpath("vectors", f"{name}.json").read_bytes()


@cache
def fingerprint() -> str:
    """64 hex digits: SHA-256 over all vectors, the known answers first, in the order of `NAMES` and `OWN_NAMES`."""
    running = hashlib.sha256()
    for name in (*NAMES, *OWN_NAMES):
        running.update(content(name))
    return running.hexdigest()
