"""What every vector file looks like: a head, its flags, and vectors that are numbered from 1.

Numbers stay: a new vector goes to the end of its file, and one that was wrong is corrected in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

FORMAT: Final = "gonka-conformance-vectors/1"
GENERATOR: Final = "vector_tool/1"


@dataclass(frozen=True, slots=True)
class Flag:
    """A word that marks vectors of a kind: what they have in common, and the bug that they find."""

    means: str
    finds: str


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector without its number. `fields` are inputs, values on the way and the expected result."""

    comment: str
    flags: tuple[str, ...]
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VectorFile:
    """One file. `extra` stands in the head behind the flags; `schema` is of one vector's `fields`."""

    name: str
    title: str
    flags: Mapping[str, Flag]
    vectors: Sequence[Vector]
    agreed_by: tuple[str, ...]
    schema: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    extra_schema: Mapping[str, Any] = field(default_factory=dict)


def document(file: VectorFile) -> dict[str, Any]:
    """The file as JSON values. Raises ValueError for a flag that is not explained, or that nothing is marked with."""
    used = {flag for vector in file.vectors for flag in vector.flags}
    if used != set(file.flags):
        raise ValueError(
            f"{file.name}: flags without explanation or without a vector: {sorted(used ^ set(file.flags))}"
        )
    return {
        "format": FORMAT,
        "file": file.name,
        "title": file.title,
        "schema": f"{file.name}.schema.json",
        "generator": GENERATOR,
        "agreed_by": list(file.agreed_by),
        "count": len(file.vectors),
        "flags": {name: {"means": flag.means, "finds": flag.finds} for name, flag in file.flags.items()},
        **file.extra,
        "vectors": [_numbered(file.name, number, vector) for number, vector in enumerate(file.vectors, start=1)],
    }


def _numbered(name: str, number: int, vector: Vector) -> dict[str, Any]:
    return {"id": f"{name}-{number}", "comment": vector.comment, "flags": list(vector.flags), **vector.fields}


def rendered(value: Mapping[str, Any]) -> bytes:
    """The bytes of a file: pure ASCII, so that no editor and no parser sees other characters."""
    return json.dumps(value, indent=1, ensure_ascii=True).encode("ascii") + b"\n"


def text_and_hex(name: str, data: bytes) -> dict[str, str]:
    """Bytes as `<name>_hex`, and as `<name>_utf8` where they are text."""
    try:
        return {f"{name}_hex": data.hex(), f"{name}_utf8": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}_hex": data.hex()}
