"""Numbers of forked processes: different for all that live, taken again from those that do not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gonka_core import lanes
from gonka_core.clock import SHARED
from gonka_core.lanes import LANES, Lanes

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

LIVING = os.getppid() if hasattr(os, "getppid") else 0


class Unregistered(Lanes):
    """Lanes whose hooks are called by the test, not by the forks of this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.delattr(os, "register_at_fork")
            super().__init__()

    def fork(self) -> int:
        """What a child would be given; the parent goes on."""
        self._before_fork()
        given = self._reserved
        self._after_in_parent()
        return -1 if given is None else given

    def become_child(self) -> None:
        self._before_fork()
        self._after_in_child()

    def held_by(self, process: int) -> None:
        for lane in range(LANES):
            self._holders[lane] = process


@contextmanager
def a_dead_process() -> Iterator[int]:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    yield child


def test_children_and_grandchildren_and_their_parent_have_different_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    family = Unregistered(monkeypatch)
    numbers = [family.own]
    for _ in range(5):
        numbers += [family.fork() for _ in range(4)]
        family.become_child()
        numbers.append(family.own)
    assert len(set(numbers)) == len(numbers) == 26


def test_the_first_number_comes_from_the_process_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes.os, "getpid", lambda: 4_242)
    assert Unregistered(monkeypatch).own == 42


def test_the_number_of_a_dead_process_is_given_again_and_that_of_a_living_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    family = Unregistered(monkeypatch)
    family.held_by(LIVING)
    with a_dead_process() as dead:
        free = (family.own + 7) % LANES
        family._holders[free] = dead
        assert family.fork() == free


def test_a_full_family_falls_back_on_process_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    family = Unregistered(monkeypatch)
    family.held_by(LIVING)
    monkeypatch.setattr(lanes.os, "getpid", lambda: 7_777)
    family.become_child()
    assert family.own == 77


def test_a_process_of_somebody_else_counts_as_living(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process: int, signal: int) -> None:
        raise PermissionError

    family = Unregistered(monkeypatch)
    family.held_by(LIVING)
    monkeypatch.setattr(lanes.os, "kill", refuse)
    assert family.fork() == -1


def test_a_fork_that_skipped_the_first_hook_takes_its_process_id(monkeypatch: pytest.MonkeyPatch) -> None:
    family = Unregistered(monkeypatch)
    monkeypatch.setattr(lanes.os, "getpid", lambda: 1_234)
    family._after_in_child()
    assert family.own == 34


def test_the_shared_clock_takes_a_new_number_in_a_forked_process() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(SHARED.timestamp_ns() % 1_000 // 10).encode())
        os._exit(0)
    os.waitpid(child, 0)
    try:
        assert int(os.read(reading, 10)) != SHARED.timestamp_ns() % 1_000 // 10
    finally:
        os.close(reading)
        os.close(writing)


def forked_numbers(family: Unregistered, forks: int) -> list[int]:
    """The numbers that a child of this process, and this process, reserve at the same time, `forks` of them each."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        mine = [family.fork() for _ in range(forks)]
        os.write(writing, repr(mine).encode())
        os._exit(0)
    mine = [family.fork() for _ in range(forks)]
    os.waitpid(child, 0)
    theirs = os.read(reading, 10_000).decode().strip("[]").split(", ")
    os.close(reading)
    os.close(writing)
    return [*mine, *map(int, theirs)]


def test_two_processes_that_fork_in_the_same_instant_give_different_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks for a free number is made slow, so that without the lock both would find the same ones."""
    free = Unregistered._free

    def slowly(family: Unregistered) -> int | None:
        found = free(family)
        for _ in range(2_000):
            os.sched_yield()
        return found

    monkeypatch.setattr(Unregistered, "_free", slowly)
    numbers = forked_numbers(Unregistered(monkeypatch), 20)
    assert len(numbers) == 40
    assert len(set(numbers)) == 40


def test_a_lock_whose_file_was_closed_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    family = Unregistered(monkeypatch)
    ours = family._lock._file
    assert ours is not None
    assert family._lock._is_ours(ours)
    other = os.open(os.devnull, os.O_RDONLY)
    os.dup2(other, ours)  # somebody else's file has the number now
    try:
        assert family.fork() != family.own
        assert not family._lock._is_ours(ours)
    finally:
        os.close(ours)
        os.close(other)
    assert family.fork() != family.own
