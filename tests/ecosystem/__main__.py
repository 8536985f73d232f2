"""Run the tests of each group against the real libraries, in an environment of its own: `make test-ecosystem`.

Options that it does not know, and all that stands behind `--`, go to pytest.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from tests.ecosystem.checkout import Checkout, Group
from tests.ecosystem.running import Counts, Outcome, run

ROOT: Final = Path(__file__).parents[2]


def main() -> int:
    checkout = Checkout(ROOT, Path(os.environ.get("GONKA_TESTS_ECOSYSTEM", ROOT / ".venv-ecosystem")).absolute())
    known = checkout.groups()
    given, options = _given(known)
    chosen = [known[name] for name in dict.fromkeys(given.group or known)]
    if given.list:
        return _list(checkout, chosen)
    outcomes = []
    for outcome in _outcomes(checkout, chosen, options, given.jobs):
        outcomes.append(outcome)
        print(_told(outcome), flush=True)
    return _total(outcomes)


def _given(known: dict[str, Group]) -> tuple[argparse.Namespace, list[str]]:
    ours, options = sys.argv[1:], []
    if "--" in ours:
        place = ours.index("--")
        ours, options = ours[:place], ours[place + 1 :]
    parser = argparse.ArgumentParser(prog="python -m tests.ecosystem", description=__doc__)
    parser.add_argument("group", nargs="*", help=f"default: all of them: {', '.join(known)}")
    parser.add_argument(
        "--list", action="store_true", help="say which groups there are, and whether they are installed"
    )
    parser.add_argument("--jobs", type=int, default=2, help="groups at once")
    given, more = parser.parse_known_args(ours)
    if unknown := set(given.group) - set(known):
        parser.error(f"there is no group {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return given, more + options


def _list(checkout: Checkout, groups: Sequence[Group]) -> int:
    for group in groups:
        installed = "installed" if (checkout.environment(group) / "ready").exists() else "not installed"
        alone = ", runs alone" if group.alone else ""
        print(f"{group.name:16} {group.tests.relative_to(checkout.root)}: {installed}{alone}")
    return 0


def _outcomes(checkout: Checkout, groups: Sequence[Group], options: Sequence[str], jobs: int) -> Iterator[Outcome]:
    """As they are there; those that have to be alone at the end."""
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        begun = [pool.submit(run, checkout, group, options) for group in groups if not group.alone]
        yield from (future.result() for future in as_completed(begun))
    yield from (run(checkout, group, options) for group in groups if group.alone)


def _told(outcome: Outcome) -> str:
    name = outcome.group.name
    line = f"{name:16} {outcome.counts!s:30} {outcome.seconds:6.1f} s"
    if not outcome.problem:
        return line
    again = f'only this group:  make test-ecosystem GROUPS="{name}"'
    return f"{line}  FAILED: {outcome.problem}\n\n{outcome.output.strip()}\n\n{again}\n"


def _total(outcomes: Sequence[Outcome]) -> int:
    failed = sorted(outcome.group.name for outcome in outcomes if outcome.problem)
    counts = sum((outcome.counts for outcome in outcomes), Counts())
    names = f"; groups that failed: {', '.join(failed)}" if failed else ""
    print(f"{len(outcomes)} groups: {counts}{names}")
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
