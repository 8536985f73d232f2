"""One subject, mutated in a copy of the working tree by cosmic-ray. The tree itself is not touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.mutation.annotations import annotated
from tests.mutation.subjects import Subject

_ANNOTATION: Final = "an annotation, which is never evaluated"
ROOT: Final = Path(__file__).parents[2]
_FOLDERS: Final = ("", "backends", "conformance", "mock_node", "benchmarks")
_PYTEST: Final = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:anyio", "-p", "no:xdist")
"""No subject needs more, and what is not loaded or rewritten again for every mutant halves its time."""
_CONFIG: Final = """\
[cosmic-ray]
module-path = {path}
timeout = {patience}
excluded-modules = []
test-command = {command}

[cosmic-ray.distributor]
name = "local"
"""


@dataclass(frozen=True)
class Mutant:
    """A change to a line of the subject (numbered from 1), and whether a test noticed it."""

    line: int
    column: int
    operator: str
    occurrence: int
    killed: bool
    diff: str


class SessionError(Exception):
    """The subject could not be mutated; `str()` says why."""


def copy_tree(target: Path) -> None:
    """What git knows or would add, as it stands now."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listing.stdout.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def mutate(subject: Subject, tree: Path) -> list[Mutant]:
    """Every mutant of the subject, tried in the copy `tree`. Raises `SessionError` where the tests fail unchanged."""
    config, session = tree / "mutation.toml", tree / "mutation.sqlite"
    session.unlink(missing_ok=True)
    command = " ".join([sys.executable, "-m", "pytest", *_PYTEST, *subject.tests])
    config.write_text(
        _CONFIG.format(path=json.dumps(subject.path), patience=subject.patience, command=json.dumps(command))
    )
    _cosmic_ray(tree, "init", config.name, session.name)
    _skip_annotations(session, (tree / subject.path).read_text(encoding="utf-8"))
    _cosmic_ray(tree, "baseline", config.name)
    _cosmic_ray(tree, "exec", config.name, session.name)
    return sorted(_mutants(_cosmic_ray(tree, "dump", session.name)), key=lambda mutant: (mutant.line, mutant.column))


def _skip_annotations(session: Path, source: str) -> None:
    """Mark what stands in an annotation as done."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    inside = annotated(source)
    with use_db(str(session), WorkDB.Mode.open) as work:
        skipped = [item.job_id for item in work.work_items if all(inside(each.start_pos) for each in item.mutations)]
        for job in skipped:
            work.set_result(job, WorkResult(output=_ANNOTATION, worker_outcome=WorkerOutcome.SKIPPED))


def _cosmic_ray(tree: Path, *arguments: str) -> str:
    path = os.pathsep.join(str(tree / folder) for folder in _FOLDERS)
    done = subprocess.run(
        [sys.executable, "-m", "cosmic_ray.cli", *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SessionError(f"cosmic-ray {arguments[0]} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def _mutants(dump: str) -> Iterator[Mutant]:
    for line in dump.splitlines():
        item, result = json.loads(line)
        if (result or {}).get("worker_outcome") != "skipped":
            yield from (_mutant(mutation, result or {}) for mutation in item["mutations"])


def _mutant(mutation: dict[str, Any], result: dict[str, Any]) -> Mutant:
    line, column = mutation["start_pos"]
    outcome = str(result.get("test_outcome"))
    if outcome not in ("killed", "survived", "incompetent"):
        raise SessionError(f"line {line}, {mutation['operator_name']}: the tests ended with {outcome}")
    return Mutant(
        line,
        column,
        mutation["operator_name"].removeprefix("core/"),
        mutation["occurrence"],
        outcome != "survived",
        str(result.get("diff") or ""),
    )
