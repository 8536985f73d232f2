"""Environments that several runs share, of several clones at once: whole or not there, and never changed in use.

Whoever makes or removes an environment holds its lock alone, whoever uses it holds it with others. The system takes a
lock from the dead; what they left has no `ready` in it and is made again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from tests.ecosystem.checkout import Checkout, Group

SECONDS: Final = 600


class InstallationError(Exception):
    """The libraries of a group cannot be installed; the installer's own words."""


@contextmanager
def environment(checkout: Checkout, group: Group) -> Iterator[Path]:
    """The interpreter of the group's environment, which nobody changes meanwhile; it is made where it is missing.

    Raises `InstallationError`.
    """
    place = checkout.environment(group)
    with _lock(place) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        # To let others in again, the lock is given up for a moment: somebody may remove what was just made.
        while not _whole(place):
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _whole(place):
                _make(checkout, group, place)
            fcntl.flock(lock, fcntl.LOCK_SH)
        _remove_unused(checkout.others(group))
        yield _python(place)


def _lock(place: Path) -> IO[bytes]:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place.with_name(f".{place.name}.lock").open("ab")


def _python(place: Path) -> Path:
    return place / "bin" / "python"


def _whole(place: Path) -> bool:
    # The interpreter that an environment was made with may have been removed since.
    return (place / "ready").exists() and _python(place).exists()


def _make(checkout: Checkout, group: Group, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    files = [word for path in checkout.requirements(group) for word in ("--requirement", os.fspath(path))]
    _uv(checkout, "venv", "--python", sys.executable, os.fspath(place))
    _uv(checkout, "pip", "install", "--python", os.fspath(_python(place)), *files)
    _forget_the_checkout(place)
    (place / "ready").touch()


def _uv(checkout: Checkout, *words: str) -> None:
    command = [sys.executable, "-m", "uv", "--quiet", *words]
    try:
        subprocess.run(command, cwd=checkout.root, check=True, timeout=SECONDS, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise InstallationError(error.stderr) from error
    except subprocess.TimeoutExpired as error:
        raise InstallationError(f"not done after {SECONDS} s: {' '.join(command)}\n") from error


def _forget_the_checkout(place: Path) -> None:
    """Of ours only the dependencies and the commands stay: each clone brings its own code (`ours.py`)."""
    for link in place.glob("lib/python*/site-packages/_gonka_core.pth"):
        link.unlink()


def _remove_unused(places: list[Path]) -> None:
    for place in places:
        with _lock(place) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(place, ignore_errors=True)
