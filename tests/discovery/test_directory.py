"""The list that everybody uses: who learns it anew, what serves meanwhile, and what a fork keeps."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from gonka_core.discovery import Directory, Discovered, Network, Shelf
from gonka_core.discovery.refreshing import CLAIM_S, LEAST_S
from gonka_core.endpoints import Endpoint
from gonka_core.errors import ConnectError, DiscoveryError, NobodyLeftError, ProofError, RetiredError

WALL = 1_800_000_000.0
SOURCE = "http://node1.example:8000"
NETWORK = Network((SOURCE,), refresh_s=600.0)
PLACE = Endpoint("http://a.example", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
FOUND = Discovered(171, SOURCE, (PLACE,), "none", WALL)
SILENT = DiscoveryError("nobody answers", "ask others", sources={SOURCE: "silent"})
LIE = ProofError("not proven", "ask others", reason="proof")
EMPTY = NobodyLeftError("nobody is left", "ask others")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return WALL + self.seconds - 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gonka-core"


def directory(clock: Clock, folder: Path | None = None, network: Network = NETWORK) -> Directory:
    shelf = None if folder is None else Shelf(network, folder)
    used = network if shelf else replace(network, cache=False)
    return Directory(used, seconds=clock, now=clock.now, shelf=shelf)


def test_one_learns_and_the_others_go_on(clock: Clock) -> None:
    kept = directory(clock)
    assert kept.latest is None
    assert kept.age_s() is None
    assert [kept.due() for _ in range(3)] == [True, False, False]
    assert kept.learned(FOUND) is FOUND
    clock.seconds += 599.0
    assert not kept.due()
    assert kept.age_s() == 599.0
    clock.seconds += 1.0
    assert [kept.due() for _ in range(3)] == [True, False, False]
    assert kept.latest is FOUND
    kept.learned(replace(FOUND, epoch=172))
    assert kept.latest is not FOUND


def test_who_does_not_come_back_is_not_waited_for(clock: Clock) -> None:
    kept = directory(clock)
    assert kept.due()
    clock.seconds += CLAIM_S - 1.0
    assert not kept.due()
    clock.seconds += 1.0
    assert [kept.due(), kept.due()] == [True, False]


def test_one_who_answers_ends_a_row_of_failures(clock: Clock) -> None:
    kept = directory(clock)
    kept.due()
    kept.learned(replace(FOUND, endpoints=(PLACE, replace(PLACE, url="http://b.example"))))
    clock.seconds += 60.0
    kept.noticed(PLACE, ConnectError.__name__)
    kept.noticed(PLACE, None)
    kept.noticed(replace(PLACE, url="http://b.example"), ConnectError.__name__)
    assert not kept.due()
    kept.noticed(PLACE, ConnectError.__name__)
    assert kept.due()


def test_many_threads_and_one_of_them_learns(clock: Clock) -> None:
    kept, told = directory(clock), list[bool]()
    start = threading.Barrier(16)

    def ask() -> None:
        start.wait()
        told.append(kept.due())

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False] * 15 + [True]


@pytest.mark.parametrize("error", [SILENT, LIE, EMPTY])
def test_without_a_list_the_error_is_raised(clock: Clock, error: DiscoveryError) -> None:
    kept = directory(clock)
    assert kept.due()
    with pytest.raises(type(error)) as caught:
        kept.failed(error)
    assert caught.value is error
    trouble = kept.trouble
    assert trouble is not error
    assert str(trouble) == str(error)
    assert isinstance(trouble, DiscoveryError)
    assert trouble.sources == error.sources
    assert not kept.due()
    clock.seconds += 2 * LEAST_S
    assert kept.due()
    kept.learned(FOUND)
    assert kept.trouble is None


@pytest.mark.parametrize("error", [SILENT, LIE, EMPTY])
def test_the_old_list_serves_on(clock: Clock, error: DiscoveryError) -> None:
    kept = directory(clock)
    kept.learned(FOUND)
    clock.seconds += 600.0
    assert kept.due()
    assert kept.failed(error) is FOUND
    assert not kept.due()
    clock.seconds += 2 * LEAST_S
    assert kept.due()


def test_what_is_noticed(clock: Clock) -> None:
    kept = directory(clock)
    kept.due()
    kept.learned(FOUND)
    kept.noticed(PLACE, None)
    clock.seconds += 60.0
    assert not kept.due()
    kept.noticed(PLACE, ConnectError.__name__)
    assert kept.due()
    kept.learned(FOUND)
    clock.seconds += 60.0
    kept.noticed(PLACE, RetiredError.__name__)
    assert kept.due()


def test_a_later_epoch(clock: Clock) -> None:
    kept = directory(clock)
    kept.told_epoch(999)
    kept.due()
    kept.learned(FOUND)
    clock.seconds += 60.0
    for epoch in (170, 171):
        kept.told_epoch(epoch)
        assert not kept.due()
    kept.told_epoch(172)
    assert kept.due()


class TestShelf:
    def test_a_young_list_is_used_from_the_start(self, clock: Clock, folder: Path) -> None:
        directory(clock, folder).learned(FOUND)
        clock.seconds += 599.0
        again = directory(clock, folder)
        assert again.latest == FOUND
        assert again.age_s() == 599.0
        assert not again.due()
        clock.seconds += 1.0
        assert again.due()
        assert again.latest == FOUND

    def test_an_older_one_only_where_nobody_answers(self, clock: Clock, folder: Path) -> None:
        directory(clock, folder).learned(FOUND)
        clock.seconds += 86_000.0
        again = directory(clock, folder)
        assert again.latest is None
        assert again.due()
        assert again.failed(SILENT) == FOUND
        assert again.age_s() == 86_000.0
        clock.seconds += 2 * LEAST_S
        assert again.due()

    @pytest.mark.parametrize("error", [LIE, EMPTY, ConnectError("x", "y")])
    def test_not_against_what_a_source_said(self, clock: Clock, folder: Path, error: Exception) -> None:
        directory(clock, folder).learned(FOUND)
        clock.seconds += 1000.0
        again = directory(clock, folder)
        assert again.due()
        with pytest.raises(type(error)):
            again.failed(error)
        assert again.latest is None

    def test_not_older_than_a_day(self, clock: Clock, folder: Path) -> None:
        directory(clock, folder).learned(FOUND)
        clock.seconds += 86_401.0
        with pytest.raises(DiscoveryError):
            directory(clock, folder).failed(SILENT)

    def test_not_proven_less_than_is_asked(self, clock: Clock, folder: Path) -> None:
        asked = replace(NETWORK, verify="consistent")
        Shelf(asked, folder).put(FOUND)
        assert directory(clock, folder, asked).latest is None
        with pytest.raises(DiscoveryError):
            directory(clock, folder, asked).failed(SILENT)

    def test_the_users_own_unless_it_is_switched_off(
        self, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        Directory(replace(NETWORK, cache=False), seconds=clock, now=clock.now).learned(FOUND)
        assert not list(tmp_path.rglob("*.json"))
        Directory(NETWORK, seconds=clock, now=clock.now).learned(FOUND)
        assert len(list(tmp_path.rglob("participants-*.json"))) == 1
        assert Directory(NETWORK, seconds=clock, now=clock.now).latest == FOUND


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are of POSIX")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_while_a_thread_holds_the_lock_and_learns(clock: Clock) -> None:
    kept = directory(clock)
    kept.learned(FOUND)
    clock.seconds += 1000.0
    assert kept.due()
    with kept._held():
        child = os.fork()
        if child == 0:
            # The thread that learns did not come along: the child is told to learn itself, and nothing is locked.
            clock.seconds += LEAST_S
            os._exit(0 if kept.latest is FOUND and kept.due() else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_on_loopback_a_young_list_of_the_shelf_is_not_taken_for_the_truth(clock: Clock, folder: Path) -> None:
    """Networks for tests come and go behind the same port; where nobody answers, the list is better than none."""
    local = Network(("http://127.0.0.1:8000",), refresh_s=600.0)
    found = replace(FOUND, source="http://127.0.0.1:8000")
    directory(clock, folder, local).learned(found)
    later = directory(clock, folder, local)
    assert later.latest is None
    assert later.due()
    assert later.failed(SILENT) == found
