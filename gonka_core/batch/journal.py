"""What a job has begun, and what that has cost: a file beside the output that survives the process.

The output says which lines are finished; the journal says which input it all belongs to, which lines were sent, and
keeps the accounts. A line of it is

    {"gonka-batch": 1, …}     the first one: the input
    {"run": …}                a run begins, with so many requests at once
    {"reopened": …}           so many failed lines are about to be taken out of the output, to be sent again
    +12 5040                  line 12 is about to be sent, and may cost so many ngonka (nothing where nobody knows)
    -12                       it failed, and nothing was computed for it
    =12 24 2400               it is finished: tokens that were counted, ngonka (nothing where nobody knows)

Each is written before what it announces happens, and after what it reports. A last line that is torn is cut off.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from gonka_core.errors import ConfigurationError

from . import files
from .survey import Survey

_VERSION: Final = 1
_ENTRY: Final = re.compile(rb"([+\-=])(\d{1,18})(?: (\d{1,30}))?(?: (\d{1,30}))?", re.ASCII)
_KIND: Final = "gonka-batch"


class Journal:
    """The journal of one job. One process at a time has it open: it is locked.

    `survey` is the input that it belongs to; `new`: the job begins. `in_flight` are the lines that were sent and of
    whose end nothing is known, each with what it may cost, together `reserved_ngonka`. `finished` is how many the
    output has, `at_once` how many requests the runs so far could have under way, added up. `tokens` and `ngonka` were
    counted so far, `unpriced` answers left out.
    """

    at_once: int
    finished: int
    tokens: int
    ngonka: int
    unpriced: int
    reserved_ngonka: int

    def __init__(self, file: files.Appended, survey: Survey, *, new: bool) -> None:
        self._file = file
        self.survey = survey
        self.new = new
        self.in_flight: dict[int, int | None] = {}
        self.reserved_ngonka = 0
        self.at_once = 0
        self.finished = 0
        self.tokens = 0
        self.ngonka = 0
        self.unpriced = 0

    @classmethod
    def open(cls, path: Path, survey: Callable[[], Survey]) -> Journal:
        """The journal of a job that goes on, or of one that begins: then `survey` tells what its input is.

        Raises `ConfigurationError` for a file that is none, and while another process has it open; and what `survey`
        raises.
        """
        file = files.Appended(path, locked=True)
        try:
            file.cut_torn_line()
            return cls._loaded(file) if file.size else cls._begun(file, survey())
        except BaseException:
            if not file.size:
                path.unlink(missing_ok=True)
            file.close()
            raise

    @classmethod
    def _begun(cls, file: files.Appended, survey: Survey) -> Journal:
        first = json.dumps({_KIND: _VERSION, **asdict(survey)}).encode()
        file.write(first + b"\n")
        file.sync()
        files.sync_folder(file.path.parent)
        return cls(file, survey, new=True)

    @classmethod
    def _loaded(cls, file: files.Appended) -> Journal:
        lines = file.lines()
        journal = cls(file, _survey(next(lines, b""), file.path), new=False)
        for line in lines:
            journal._read(line)
        return journal

    def run(self, at_once: int) -> None:
        """A run begins, with so many requests at once."""
        self._file.write(b'{"run":%d}\n' % at_once)
        self.at_once += at_once

    def reopen(self, lines: int) -> None:
        """So many failed lines are about to be taken out of the output."""
        self._file.write(b'{"reopened":%d}\n' % lines)
        self._file.sync()
        self.finished -= lines

    def start(self, number: int, estimate: int | None) -> None:
        """A line is about to be sent, and may cost so much."""
        self._file.write(b"+%d\n" % number if estimate is None else b"+%d %d\n" % (number, estimate))
        self._started(number, estimate)

    def unpaid(self, number: int) -> None:
        """It failed without having been computed: it may be sent again as if it had not been."""
        self._file.write(b"-%d\n" % number)
        self._ended(number)

    def over(self, number: int, tokens: int, ngonka: int | None) -> None:
        """It is finished: with an answer, or an error for good. `ngonka`: what was billed, or may have been."""
        self._file.write(
            b"=%d %d\n" % (number, tokens) if ngonka is None else b"=%d %d %d\n" % (number, tokens, ngonka)
        )
        self._over(number, tokens, ngonka)

    def known_over(self, number: int) -> None:
        """The output has it, and the journal had no time to say so: it counts as what it may have cost."""
        if number in self.in_flight:
            self._over(number, 0, self.in_flight[number])

    def sync(self) -> None:
        """Everything is on the disk when this returns."""
        self._file.sync()

    def close(self) -> None:
        """Give the lock up."""
        self._file.close()

    def _read(self, line: bytes) -> None:
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            self._read_note(_object(line))
            return
        kind, number, first, second = entry.groups()
        if kind == b"+":
            self._started(int(number), None if first is None else int(first))
        elif kind == b"-":
            self._ended(int(number))
        else:
            self._over(int(number), int(first or 0), None if second is None else int(second))

    def _read_note(self, note: Mapping[str, Any]) -> None:
        run, reopened = note.get("run", 0), note.get("reopened", 0)
        if not note or not isinstance(run, int) or not isinstance(reopened, int):
            raise not_a_journal(self._file.path)
        self.at_once += run
        self.finished -= reopened

    def _started(self, number: int, estimate: int | None) -> None:
        # Sent once more: what the time before it may have cost stays spent.
        before = self.in_flight.get(number) or 0
        self.ngonka += before
        self.in_flight[number] = estimate
        self.reserved_ngonka += (estimate or 0) - before

    def _over(self, number: int, tokens: int, ngonka: int | None) -> None:
        self._ended(number)
        self.finished += 1
        self.tokens += tokens
        self.ngonka += ngonka or 0
        self.unpriced += ngonka is None

    def _ended(self, number: int) -> None:
        self.reserved_ngonka -= self.in_flight.pop(number, None) or 0


def path_beside(output: Path) -> Path:
    """Where the journal of an output is."""
    return output.with_name(f"{output.name}.journal")


def _survey(line: bytes, path: Path) -> Survey:
    told = _object(line)
    if told.get(_KIND) == _VERSION:
        fields = {name: told.get(name) for name in ("size", "sha256", "lines", "requests", "models")}
        models = fields.pop("models")
        if isinstance(models, list) and all(value is not None for value in fields.values()):
            return Survey(models=tuple(models), **fields)  # type: ignore[arg-type]
    raise not_a_journal(path)


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def not_a_journal(path: Path) -> ConfigurationError:
    """The error for a file beside the output that is something else, or is damaged."""
    return ConfigurationError(
        f"{os.fspath(path)!r} is no journal of this version of gonka batch",
        "give another output; or remove it together with its output, and every line is sent and paid again",
    )
