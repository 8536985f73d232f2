"""Figures of former runs, in `stored.json`, and what a new one is by them.

A figure is compared with its own kind only: the same interpreter and compiler of it, the same valgrind, the same kind
of processor, and the same versions of the distributions that do a part of the work (`Subject.uses`). So a new release
of a dependency leaves some subjects without a figure to compare with until somebody stores one, and fails none;
`sign-itself`, `chat` and `decoding` use little or nothing that others release, and go on guarding our own code.
"""

from __future__ import annotations

import json
import platform
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from gonka_bench.machine import installed

from .counting import CountingError
from .subjects import Subject

STORED: Final = Path(__file__).with_name("stored.json")
TOLERANCE: Final = 0.03
"""Growth beyond this fails; two runs of the same code differ by less than a tenth of it."""

_OPTIONS: Final = ("--enable-optimizations", "--with-lto", "--with-pydebug")


@dataclass(frozen=True, slots=True)
class Figure:
    """Instructions for one time of a subject, on a platform, with what it uses."""

    platform: str
    subject: str
    uses: str
    instructions: int

    def alike(self, other: Figure) -> bool:
        """Whether the two may be compared."""
        return (self.platform, self.subject, self.uses) == (other.platform, other.subject, other.uses)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a figure is by the stored one; `stored` is None where there is none of its kind."""

    found: Figure
    stored: int | None

    @property
    def change(self) -> float:
        """0.05 for five per cent more."""
        return self.found.instructions / self.stored - 1 if self.stored else 0.0

    @property
    def state(self) -> Literal["holds", "grew", "fell", "unknown"]:
        if self.stored is None:
            return "unknown"
        if abs(self.found.instructions - self.stored) <= TOLERANCE * self.stored:
            return "holds"
        return "grew" if self.change > 0 else "fell"


def judge(found: Figure, stored: Iterable[Figure]) -> Verdict:
    return Verdict(found, next((one.instructions for one in stored if one.alike(found)), None))


def figure(subject: Subject, instructions: int, valgrind: str) -> Figure:
    """The figure with its kind. `valgrind`: its version, as `counting.valgrind_version` gives it."""
    return Figure(_platform(valgrind), subject.name, _uses(subject), instructions)


def load(path: Path = STORED) -> list[Figure]:
    """What is stored; nothing where the file is missing. Raises `CountingError` for a file that is something else."""
    try:
        return [Figure(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        raise CountingError(f"{path} holds something else ({error}); take the one in git: git restore {path}") from None


def save(new: Sequence[Figure], path: Path = STORED) -> None:
    """Write them, in place of those that they may be compared with; all others stay."""
    others = [one for one in load(path) if not any(one.alike(other) for other in new)]
    ordered = sorted([*others, *new], key=lambda one: (one.platform, one.subject, one.uses))
    lines = ",\n".join(json.dumps(asdict(one), ensure_ascii=False) for one in ordered)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _platform(valgrind: str) -> str:
    options = sysconfig.get_config_var("CONFIG_ARGS") or ""
    built = " ".join([platform.python_compiler(), *(option for option in _OPTIONS if option in options)])
    python = f"{platform.python_implementation()} {platform.python_version()} ({built})"
    return f"{python}, {valgrind}, {platform.system()} {platform.machine()}"


def _uses(subject: Subject) -> str:
    return ", ".join(f"{name} {version}" if (version := installed(name)) else f"no {name}" for name in subject.uses)
