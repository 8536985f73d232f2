"""Count the instructions of the hot path, and compare with the figures that are stored.

    python -m benchmarks.instructions [--update | --require] [--keep DIR] [SUBJECT …]

Ends with 1 where a subject takes over 3 % more than is stored. What is not stored for this kind of interpreter,
valgrind, processor and libraries is shown and fails nothing; with `--require`, as in CI, it is a failure when nothing
could be compared at all: then nobody guards. Ends with 2 for an unknown subject, or where nothing can be counted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .counting import CountingError, counted, valgrind_version
from .stored import Verdict, figure, judge, load, save
from .subjects import BY_NAME, Subject

_COMMAND = "python -m benchmarks.instructions"


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    unknown = [name for name in given.subjects if name not in BY_NAME]
    if unknown:
        print(f"there is no subject {unknown[0]}; there are: {', '.join(BY_NAME)}", file=sys.stderr)
        return 2
    chosen = [BY_NAME[name] for name in given.subjects or BY_NAME]
    try:
        verdicts = _judged(chosen, given.keep)
        if given.update:
            save([verdict.found for verdict in verdicts])
            return 0
    except CountingError as error:
        print(error, file=sys.stderr)
        return 2
    return _ended(verdicts, given.require)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_COMMAND, description=(__doc__ or "").split("\n")[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(BY_NAME))
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--update", action="store_true", help="store what is found; say in the commit why it changed")
    ways.add_argument("--require", action="store_true", help="fail where nothing is stored for this kind")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave what callgrind wrote there, to look into it")
    return parser


def _judged(chosen: Sequence[Subject], keep: Path | None) -> list[Verdict]:
    """Count each, and show it when it is there."""
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    stored, version = load(), valgrind_version()
    verdicts = []
    for subject, instructions in counted(chosen, keep and keep.resolve()):
        verdict = judge(figure(subject, instructions, version), stored)
        print(_line(verdict, subject), flush=True)
        verdicts.append(verdict)
    return verdicts


def _line(verdict: Verdict, subject: Subject) -> str:
    against = f"{verdict.stored:,} {verdict.change * 100:+.1f} %" if verdict.stored else "–"
    return f"{verdict.state:8} {verdict.found.instructions:>13,}  {against:>20}  {subject.name}: {subject.what}"


def _ended(verdicts: Sequence[Verdict], require: bool) -> int:
    """Say what is to be done; the exit status."""
    for sentence in filter(None, map(told, verdicts)):
        print(sentence)
    unknown = all(verdict.state == "unknown" for verdict in verdicts)
    if require and unknown:
        print(
            f"nothing is stored for {verdicts[0].found.platform}, so nothing is guarded; store it: {_COMMAND} --update"
        )
    return 1 if (require and unknown) or any(verdict.state == "grew" for verdict in verdicts) else 0


def told(verdict: Verdict) -> str | None:
    """What a verdict asks for, in a sentence; None where it holds."""
    found = verdict.found
    update = f"{_COMMAND} --update {found.subject}"
    change = f"from {verdict.stored or 0:,} to {found.instructions:,} instructions ({verdict.change * 100:+.1f} %)"
    match verdict.state:
        case "holds":
            return None
        case "unknown":
            kind = ", ".join(filter(None, (found.platform, found.uses)))
            return f"{found.subject} is not stored for {kind}; store it: {update}"
        case "fell":
            return f"{found.subject} fell {change}; store it, so that it stays so: {update}"
        case "grew":
            look = f"{_COMMAND} --keep DIR {found.subject} && callgrind_annotate --threshold=100 DIR/{found.subject}.3"
            meant = f"or, where it is meant, store it and say why: {update}"
            return f"{found.subject} grew {change}; look where: {look}; {meant}"


if __name__ == "__main__":
    sys.exit(main())
