"""`python -m tests.mutation [SUBJECT …]`: mutate, test, and show what nobody noticed.

Exit status: 0 where every survivor is explained (`explained.py`), 1 where one is not, 2 where it could not be run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.explained import reason_for, stale
from tests.mutation.session import Mutant, SessionError, copy_tree, mutate
from tests.mutation.subjects import SUBJECTS, Subject


@dataclass(frozen=True)
class Score:
    """What became of the mutants of a subject."""

    subject: Subject
    mutants: tuple[Mutant, ...]

    @property
    def explained(self) -> tuple[Mutant, ...]:
        return tuple(each for each in self._survivors() if reason_for(self.subject, each) is not None)

    @property
    def unexplained(self) -> tuple[Mutant, ...]:
        return tuple(each for each in self._survivors() if reason_for(self.subject, each) is None)

    def row(self) -> str:
        killed = sum(mutant.killed for mutant in self.mutants)
        figures = (len(self.mutants), killed, len(self.explained), len(self.unexplained))
        return " | ".join((f"| `{self.subject.path}`", *map(str, figures))) + " |"

    def _survivors(self) -> Iterator[Mutant]:
        return (mutant for mutant in self.mutants if not mutant.killed)


def score(subject: Subject) -> Score:
    """Mutate one subject in a copy of its own."""
    with tempfile.TemporaryDirectory(prefix="gonka-mutation-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        found = Score(subject, tuple(mutate(subject, tree)))
    print(found.row(), flush=True)
    return found


def show(found: Score) -> None:
    for mutant in found.unexplained:
        print(f"\n{found.subject.path}:{mutant.line} survived {mutant.operator}\n{mutant.diff.strip()}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    names = [subject.name for subject in SUBJECTS]
    parser.add_argument("subject", nargs="*", metavar="SUBJECT", help=f"one or several of: {', '.join(names)}")
    parser.add_argument("--jobs", type=int, default=2, help="subjects at the same time")
    options = parser.parse_args(argv)
    chosen = [subject for subject in SUBJECTS if not options.subject or subject.name in options.subject]
    unknown = sorted(set(options.subject) - set(names))
    if unknown or stale():
        problem = f"no subject {unknown[0]!r}" if unknown else f"explained, but not there any more: {stale()[0]}"
        print(f"mutation: {problem}", file=sys.stderr)
        return 2
    print("| file | mutants | killed | explained | survived |\n|---|---|---|---|---|", flush=True)
    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            scores = list(pool.map(score, chosen))
    except SessionError as error:
        print(f"mutation: {error}", file=sys.stderr)
        return 2
    for each in scores:
        show(each)
    return int(any(each.unexplained for each in scores))


if __name__ == "__main__":
    sys.exit(main())
