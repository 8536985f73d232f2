"""Reports as files. A place that cannot be written is found before the exam; what is written appears whole."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from gonka_conformance.report import Report

Form: TypeAlias = Callable[[Sequence[Report]], str]


@dataclass(frozen=True, slots=True)
class Destination:
    """A form, and the file that is to hold it."""

    path: Path
    form: Form = field(repr=False)


def require_writable(destinations: Iterable[Destination]) -> None:
    """Raise ValueError where a file could not be written, or would be written twice. Leaves nothing behind."""
    seen: set[Path] = set()
    for destination in destinations:
        path = destination.path.resolve()
        if path in seen:
            raise ValueError(f"two reports are to go into {destination.path}; give each a file of its own")
        seen.add(path)
        _require_place(destination.path, path)


def write(destination: Destination, reports: Sequence[Report]) -> None:
    """Replace the file at once: whoever reads it meets the old one or the new one. Raises OSError."""
    path = destination.path.resolve()
    content = destination.form(reports).encode("utf-8")
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        # Not tempfile, whose files are for the owner alone: a report is made to be handed round.
        with part.open("xb") as file:
            file.write(content)
        if path.exists():
            shutil.copymode(path, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _require_place(named: Path, path: Path) -> None:
    try:
        if not path.parent.is_dir():
            raise ValueError(f"{named} cannot be written: there is no directory {named.parent}; make it first")
        if path.exists() and not path.is_file():
            raise ValueError(f"{named} cannot be written: it is there and is no file; name another")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ValueError(f"{named} cannot be written: {error.strerror or error}; name another") from None
