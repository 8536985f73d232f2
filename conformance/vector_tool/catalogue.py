"""All files that the tool makes: written, or compared with what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Final

from gonka_conformance.vectors.files import NAMES
from gonka_conformance.vectors.files import document as given

from . import (
    endpoint_vectors,
    error_vectors,
    headers_vectors,
    ics23_vectors,
    known_flags,
    known_schemas,
    message_vectors,
    schema,
    sse_vectors,
)
from .outline import VectorFile, document, rendered

FILES: Final[tuple[Callable[[], VectorFile], ...]] = (
    message_vectors.file,
    headers_vectors.file,
    sse_vectors.file,
    error_vectors.file,
    endpoint_vectors.file,
    ics23_vectors.file,
)


def contents() -> Mapping[str, bytes]:
    """Every file by its path in the kit."""
    return dict(_made())


def _made() -> Iterator[tuple[str, bytes]]:
    for make in FILES:
        file = make()
        yield f"vectors/{file.name}.json", rendered(document(file))
        yield f"schemas/{file.name}.schema.json", rendered(schema.of_file(file))
    yield f"vectors/{known_flags.NAME}.json", rendered(known_flags.document())
    yield f"schemas/{known_flags.NAME}.schema.json", rendered(known_flags.schema())
    for name in NAMES:
        yield f"schemas/{name}.schema.json", rendered(known_schemas.schema(name, given(name)["title"]))


def write(kit: Path) -> list[Path]:
    """Write them all below that folder, and say which."""
    written = []
    for name, content in contents().items():
        path = kit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


def differences(kit: Path) -> list[str]:
    """One line for each file that is not as the tool would write it; none when all are."""
    found = ((name, _difference(kit / name, content)) for name, content in contents().items())
    return [f"{name}: {told}; run: python -m vector_tool" for name, told in found if told]


def _difference(path: Path, wanted: bytes) -> str | None:
    if not path.exists():
        return "is not there"
    lines = zip_longest(path.read_bytes().split(b"\n"), wanted.split(b"\n"))
    return next(
        (f"differs in line {number}" for number, (is_, wants) in enumerate(lines, start=1) if is_ != wants), None
    )
