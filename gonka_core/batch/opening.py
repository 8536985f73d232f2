"""How a job is opened: the files it needs, and every reason not to touch them."""

from __future__ import annotations

import os
from pathlib import Path

from gonka_core.errors import ConfigurationError

from . import files, results
from .journal import Journal, path_beside
from .ledger import Ledger
from .survey import fingerprint, survey


def open_ledger(
    input: str | os.PathLike[str],  # noqa: A002 - that is what it is
    output: str | os.PathLike[str],
    *,
    max_cost: int | None = None,
    retry_failed: bool = False,
    may_bill_twice: bool = False,
) -> Ledger:
    """A job that begins, or goes on where it was.

    `retry_failed`: failed lines are open again, but for those that may have been billed; these too with
    `may_bill_twice`. Raises `PayloadError` for an input with lines that cannot be sent, before anything is written, and
    `ConfigurationError` for an output of another input, one that another process is at work with, and one that is not
    a job's. A long input takes a while.
    """
    path, place = Path(input), Path(output)
    _require_another(path, place)
    _require_none_or_ours(place)
    journal = Journal.open(path_beside(place), lambda: survey(path))
    try:
        if not journal.new:
            _require_same(path, place, journal)
        if retry_failed and place.exists():
            _reopen(place, journal, billed_too=may_bill_twice)
        written = files.Appended(place)
        try:
            written.cut_torn_line()
            ledger = Ledger(path, journal, written, max_cost)
            ledger.load()
        except BaseException:
            written.close()
            raise
    except BaseException:
        journal.close()
        raise
    return ledger


def _require_another(path: Path, place: Path) -> None:
    if path.exists() and place.exists() and os.path.samefile(path, place):
        raise ConfigurationError(f"{os.fspath(place)!r} is input and output", "give the output another name")


def _require_none_or_ours(place: Path) -> None:
    if place.exists() and not path_beside(place).exists() and (not place.is_file() or place.stat().st_size):
        raise ConfigurationError(
            f"the output {os.fspath(place)!r} is there, and has no journal beside it", "give another, or remove it"
        )


def _require_same(path: Path, place: Path, journal: Journal) -> None:
    if fingerprint(path) != (journal.survey.size, journal.survey.sha256):
        raise ConfigurationError(
            f"the output {os.fspath(place)!r} belongs to another input than {os.fspath(path)!r}, or that was changed",
            "give another output, or the input as it was",
        )


def _reopen(place: Path, journal: Journal, *, billed_too: bool) -> None:
    """Take failed lines out of the output, all at once: others see it as it was before, or as it is then."""
    job = results.job_of(journal.survey.sha256)

    def again(data: bytes) -> bool:
        result = results.read_result(data, job)
        return result is not None and result.failed and (billed_too or not result.maybe_billed)

    with place.open("rb") as file:
        lines = sum(map(again, file))
    if not lines:
        return
    journal.reopen(lines)
    with files.Replacement(place) as rest, place.open("rb") as file:
        for data in file:
            if not again(data):
                rest.write(data)
