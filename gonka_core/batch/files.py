"""Files that are only added to, so that whatever happens at most their last line is torn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from gonka_core.errors import ConfigurationError, GonkaError

try:
    import fcntl
except ImportError:  # where there are no such locks, the user has to see to it
    fcntl = None  # type: ignore[assignment]

_BLOCK: Final = 1 << 20


class NotWrittenError(GonkaError):
    """A file of the job cannot be written: the disk is full, or gone. What was written is whole."""


class Appended:
    """A file that is written at its end. Raises `ConfigurationError` where it cannot be opened or is locked."""

    size: int

    def __init__(self, path: Path, *, locked: bool = False) -> None:
        self.path = path
        try:
            self._number = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise _unusable(path, error) from None
        if locked:
            self._lock()
        self.size = os.fstat(self._number).st_size

    def write(self, data: bytes) -> None:
        """Add it. Raises `NotWrittenError`, and leaves no half of it behind."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._number, rest) :]
        except OSError as error:
            self._give_up(error)
        self.size += len(data)

    def lines(self, beginning: int = 0) -> Iterator[bytes]:
        """Its lines from there on, without their ends."""
        with open(self.path, "rb") as file:
            file.seek(beginning)
            for line in file:
                yield line.removesuffix(b"\n")

    def cut_torn_line(self) -> int:
        """Cut off what stands behind the last line feed: so many bytes."""
        whole = self._end_of_lines()
        torn = self.size - whole
        if torn:
            self.cut(whole)
        return torn

    def cut(self, size: int) -> None:
        """Keep so many bytes of it."""
        os.ftruncate(self._number, size)
        self.size = size

    def sync(self) -> None:
        """Everything is on the disk when this returns. Raises `NotWrittenError`."""
        try:
            os.fsync(self._number)
        except OSError as error:
            raise _not_written(self.path, error) from None

    def close(self) -> None:
        """Close it, once or several times."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def _give_up(self, error: OSError) -> NoReturn:
        os.ftruncate(self._number, self.size)
        raise _not_written(self.path, error) from None

    def _end_of_lines(self) -> int:
        end = self.size
        while end:
            begin = max(0, end - _BLOCK)
            found = os.pread(self._number, end - begin, begin).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            end = begin
        return 0

    def _lock(self) -> None:
        if fcntl is None:
            return
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who had it before may have removed it in the meantime: then this is a file without a name.
            os.stat(self.path)
        except OSError:
            self.close()
            raise ConfigurationError(
                f"another process is at work with {os.fspath(self.path)!r}", "wait for its end, or end it"
            ) from None


class Replacement:
    """A file that takes the place of another, and its permissions, when it is on the disk: at the end of a `with`."""

    def __init__(self, path: Path) -> None:
        self._path = Path(os.path.realpath(path))
        self._beside = self._path.with_name(f"{self._path.name}.new")

    def __enter__(self) -> Replacement:
        try:
            self._file = open(self._beside, "wb")
            shutil.copymode(self._path, self._beside)
        except OSError as error:
            raise _unusable(self._beside, error) from None
        return self

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        try:
            with self._file as file:
                file.flush()
                os.fsync(file.fileno())
            if kind is None:
                os.replace(self._beside, self._path)
                sync_folder(self._path.parent)
        except OSError as error:
            raise _not_written(self._path, error) from None
        finally:
            self._beside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """A new name in a folder is on the disk when this returns; where folders cannot be opened nothing is done."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _unusable(path: Path, error: OSError) -> ConfigurationError:
    reason = error.strerror or type(error).__name__
    return ConfigurationError(f"{os.fspath(path)!r} cannot be written ({reason})", "check the path and its permissions")


def _not_written(path: Path, error: OSError) -> NotWrittenError:
    reason = error.strerror or type(error).__name__
    return NotWrittenError(
        f"{os.fspath(path)!r} could not be written ({reason})", "make room, and give the same command again: it goes on"
    )
