"""The last good list, kept on disk between processes.

One file for each network and each level of proof, in the folder of caches that the platform has for the user. A file is
read only where it and its folder belong to the user and nobody else may write there, so that another user cannot put
one in its place; whoever acts as the user could replace the program as well. There is nothing secret in it: public
URLs, addresses, weights and models, never a key.

What cannot be read, was written by another version, or says something that would not be accepted from a source either,
is as if it were not there. What cannot be written is not written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .records import Discovered, Network
from .shelved import shelved, unshelved

VERSION: Final = 2
LONGEST_AGE_S: Final = 86_400.0
LARGEST: Final = 16 * 1024 * 1024
_POSIX: Final = os.name == "posix"
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class Shelf:
    """Where the list of a network is kept: in `folder`, by default `default_folder()`. Opened only when it is used."""

    def __init__(self, network: Network, folder: Path | None = None) -> None:
        self._network = network
        self._folder = folder

    @property
    def path(self) -> Path | None:
        """The file; None where the platform has no place for it."""
        folder = self._folder or default_folder()
        return None if folder is None else folder / f"participants-{key_of(self._network)}.json"

    def put(self, discovered: Discovered) -> bool:
        """Keep a list. Whether that could be done."""
        path = self.path
        if path is None:
            return False
        text = json.dumps({"version": VERSION, "key": key_of(self._network), **shelved(discovered)})
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(path, text.encode("utf-8"))
        except OSError:
            return False
        return True

    def get(self, now: float, age_s: float = LONGEST_AGE_S) -> Discovered | None:
        """The list, if it is good: learned in the last `age_s` seconds (a day at most) and proven as far as is asked.

        `now`: seconds since the epoch.
        """
        path = self.path
        data = None if path is None else _read(path)
        found = None if data is None else unshelved(data, VERSION, key_of(self._network), self._network)
        if found is None or not 0 <= now - found.learned_at <= min(age_s, LONGEST_AGE_S):
            return None
        return found if self._is_recent(found, now) else None

    def _is_recent(self, found: Discovered, now: float) -> bool:
        """Whether its proof is of the epoch under way still, where one is asked for."""
        if self._network.verify == "none":
            return True
        return found.header_time is not None and now - found.header_time <= self._network.max_age_s


def key_of(network: Network) -> str:
    """32 hex digits that tell one network and what is asked of it from another."""
    trusted = sorted(map(bytes.hex, network.trusted))
    asked = [sorted(network.sources), network.verify, trusted, network.private, network.chain_id]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]


def default_folder(environ: Mapping[str, str] | None = None) -> Path | None:
    """The user's folder for caches of this library: `XDG_CACHE_HOME` where it is set, else what the platform has."""
    environ = os.environ if environ is None else environ
    told = environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(told):
        return Path(told) / "gonka-core"
    if sys.platform == "win32":
        local = environ.get("LOCALAPPDATA", "")
        return Path(local) / "gonka-core" / "Cache" if local else None
    home = environ.get("HOME", "")
    if not os.path.isabs(home):
        return None
    return Path(home) / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "gonka-core"


def _replace(path: Path, data: bytes) -> None:
    """Either the whole file or the one before: readers never see half of it. mkstemp makes it 0600."""
    handle, name = tempfile.mkstemp(prefix=".participants-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _read(path: Path) -> bytes | None:
    """The file, if it is a plain one of the user's that only the user can change."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not _is_own(os.stat(path.parent)):
            return None
        handle = os.open(path, flags)
    except (OSError, ValueError):
        return None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or not _is_own(found) or found.st_size > LARGEST:
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(LARGEST + 1)
    except OSError:
        return None
    finally:
        os.close(handle)


def _is_own(found: os.stat_result) -> bool:
    """Whether it belongs to this user and nobody else may write to it. Windows keeps that in lists of its own."""
    return not _POSIX or (found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE)
