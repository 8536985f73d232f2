"""Pieces of JSON Schema (draft 2020-12), and the outline that the kit's own files share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from .outline import FORMAT, GENERATOR, VectorFile

Schema: TypeAlias = Mapping[str, Any]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

TEXT: Final[Schema] = {"type": "string"}
WORDS: Final[Schema] = {"type": "string", "minLength": 1}
BOOL: Final[Schema] = {"type": "boolean"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
HEX: Final[Schema] = {"type": "string", "pattern": "^([0-9a-f]{2})*$"}
HEX32: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
HEX33: Final[Schema] = {"type": "string", "pattern": "^0[23][0-9a-f]{64}$"}
HEX64: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{128}$"}
BASE64: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9+/]*={0,2}$"}
SIGNATURE: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9+/]{86}==$"}
DECIMAL: Final[Schema] = {"type": "string", "pattern": "^(0|-?[1-9][0-9]*)$"}
ADDRESS: Final[Schema] = {"type": "string", "pattern": "^gonka1[02-9ac-hj-np-z]+$"}
SCHEME: Final[Schema] = {"enum": ["raw", "hash"]}
FLAGS: Final[Schema] = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    "additionalProperties": {
        "type": "object",
        "required": ["means", "finds"],
        "properties": {"means": WORDS, "finds": WORDS},
        "additionalProperties": False,
    },
}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> dict[str, Any]:
    """An object with these members and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def mapping(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def either(*schemas: Schema) -> Schema:
    return {"oneOf": list(schemas)}


def nullable(schema: Schema) -> Schema:
    return either(schema, {"type": "null"})


def one_of(words: Sequence[str]) -> Schema:
    return {"enum": list(words)}


def headed(name: str, title: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A schema document."""
    return {"$schema": DRAFT, "$id": f"{name}.schema.json", "title": title, **body}


def of_file(file: VectorFile) -> dict[str, Any]:
    """The schema of one of the kit's own files."""
    head = {
        "format": {"const": FORMAT},
        "file": {"const": file.name},
        "title": WORDS,
        "schema": {"const": f"{file.name}.schema.json"},
        "generator": {"const": GENERATOR},
        "agreed_by": {**array(WORDS), "minItems": 1},
        "count": COUNT,
        "flags": FLAGS,
        **file.extra_schema,
        "vectors": array(_with_head(file)),
    }
    return headed(file.name, file.title, record(head))


def _with_head(file: VectorFile) -> Schema:
    """Number, comment and flags in front of what the file's own vectors hold; each alternative is complete."""
    head: dict[str, Schema] = {
        "id": {"type": "string", "pattern": f"^{file.name}-[1-9][0-9]*$"},
        "comment": WORDS,
        "flags": {**array(one_of(list(file.flags))), "minItems": 1, "uniqueItems": True},
    }
    alternatives = file.schema.get("oneOf", [file.schema])
    full = [
        {**each, "required": [*head, *each["required"]], "properties": {**head, **each["properties"]}}
        for each in alternatives
    ]
    return full[0] if len(full) == 1 else {"oneOf": full}
