"""The list on disk: what was written comes back, and nothing else does."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import encode_address
from gonka_core.discovery import LEVELS, Discovered, Level, Network, Shelf
from gonka_core.discovery.shelf import LARGEST, VERSION, default_folder, key_of
from gonka_core.discovery.shelved import shelved, unshelved
from gonka_core.endpoints import Endpoint

NOW = 1_800_000_000.0
A = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
SOURCE = "http://node1.example:8000"
NETWORK = Network((SOURCE, "http://node2.example"))
FOUND = Discovered(
    epoch=171,
    source=SOURCE,
    endpoints=(
        Endpoint("http://a.example", A, weight=2**63 - 1, models=frozenset({"m", "n"})),
        Endpoint("http://b.example", A, weight=0),
    ),
    level="consistent",
    learned_at=NOW,
    height=9,
    shortfall="not asked",
    left_out={"gonka1x": "it has no URL"},
    allow_list=(A,),
    header_time=NOW - 3600.0,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gonka-core"


def kept(folder: Path, found: Discovered = FOUND, network: Network = NETWORK) -> Shelf:
    shelf = Shelf(network, folder)
    assert shelf.put(found)
    return shelf


def everything(found: Discovered | None) -> Any:
    assert found is not None
    return found, [(each.url, each.provider_address, each.weight, each.models) for each in found.endpoints]


def path_of(shelf: Shelf) -> Path:
    assert shelf.path is not None
    return shelf.path


def test_what_was_kept_comes_back(folder: Path) -> None:
    shelf = kept(folder)
    assert everything(shelf.get(NOW + 5)) == everything(FOUND)
    assert stat.S_IMODE(path_of(shelf).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert os.listdir(folder) == [path_of(shelf).name]


names = st.text(max_size=8)
endpoints = st.builds(
    lambda number, account, weight, models: Endpoint(
        f"https://n{number}.example:{20_000 + number}/p", encode_address(account), weight=weight, models=models
    ),
    st.integers(0, 900),
    st.binary(min_size=20, max_size=20),
    st.integers(0, 2**63 - 1),
    st.none() | st.frozensets(names, max_size=3),
)


@given(
    st.builds(
        Discovered,
        epoch=st.integers(1, 2**63 - 1),
        source=st.sampled_from(NETWORK.sources),
        endpoints=st.lists(endpoints, min_size=1, max_size=4).map(tuple),
        level=st.sampled_from(LEVELS),
        learned_at=st.floats(0, 1e12),
        height=st.none() | st.integers(0, 2**63 - 1),
        shortfall=st.none() | names,
        left_out=st.dictionaries(names, names, max_size=3),
        allow_list=st.none() | st.lists(names, max_size=3).map(tuple),
        anchor=st.none() | names,
        header_time=st.none() | st.floats(0, 1e12),
    )
)
def test_there_and_back(found: Discovered) -> None:
    text = json.dumps({"version": VERSION, "key": "k", **shelved(found)}).encode()
    assert everything(unshelved(text, VERSION, "k", NETWORK)) == everything(found)


@pytest.mark.parametrize(
    ("later", "age_s", "good"),
    [(0, 86_400, True), (86_400, 86_400, True), (86_401, 86_400, False), (-1, 86_400, False), (601, 600, False)],
)
def test_its_age(folder: Path, later: float, age_s: float, good: bool) -> None:
    assert (kept(folder).get(NOW + later, age_s) is not None) == good


def test_never_older_than_a_day(folder: Path) -> None:
    assert kept(folder).get(NOW + 90_000, 10**9) is None


@pytest.mark.parametrize("asked", LEVELS)
@pytest.mark.parametrize("proven", LEVELS)
def test_nothing_that_is_proven_less_than_is_asked(folder: Path, asked: Level, proven: Level) -> None:
    network = replace(NETWORK, verify=asked)
    found = kept(folder, replace(FOUND, level=proven), network).get(NOW)
    assert (found is not None) == (LEVELS.index(proven) >= LEVELS.index(asked))


@pytest.mark.parametrize(
    ("asked", "header_time", "good"),
    [
        ("consistent", NOW - 7200.0, True),
        ("consistent", NOW - 7201.0, False),
        ("validators", NOW - 7201.0, False),
        ("validators", None, False),
        ("none", NOW - 7201.0, True),
        ("none", None, True),
    ],
)
def test_what_is_proven_has_to_be_recent(folder: Path, asked: Level, header_time: float | None, good: bool) -> None:
    network = replace(NETWORK, verify=asked, max_age_s=7200.0)
    found = replace(FOUND, level="validators", header_time=header_time)
    assert (kept(folder, found, network).get(NOW) is not None) == good


def test_another_network_has_another_file(folder: Path) -> None:
    kept(folder)
    others = [
        replace(NETWORK, sources=("http://node1.example:8000",)),
        replace(NETWORK, verify="consistent"),
        replace(NETWORK, trusted=(bytes(32),)),
        replace(NETWORK, private=True),
        replace(NETWORK, chain_id="gonka-testnet-3"),
    ]
    assert len({key_of(network) for network in (NETWORK, *others)}) == 6
    assert all(Shelf(network, folder).get(NOW) is None for network in others)
    assert key_of(replace(NETWORK, sources=NETWORK.sources[::-1], refresh_s=1.0)) == key_of(NETWORK)


def test_a_file_of_another_network_under_this_name(folder: Path) -> None:
    other = replace(NETWORK, verify="consistent")
    shelf = kept(folder, network=other)
    path_of(shelf).rename(path_of(Shelf(NETWORK, folder)))
    assert Shelf(NETWORK, folder).get(NOW) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b"[]", b"{}", b"\xff" * 100, b'{"version": 1}', b"[" * 10_000],
)
def test_a_file_that_is_something_else(folder: Path, data: bytes) -> None:
    shelf = kept(folder)
    path_of(shelf).write_bytes(data)
    assert shelf.get(NOW) is None
    assert shelf.put(FOUND)
    assert shelf.get(NOW) == FOUND


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 1),
        ("version", 3),
        ("key", "x"),
        ("epoch", "171"),
        ("epoch", -1),
        ("source", "http://elsewhere.example"),
        ("source", 7),
        ("level", "proven"),
        ("level", None),
        ("learned_at", "now"),
        ("learned_at", True),
        ("height", "9"),
        ("shortfall", 7),
        ("left_out", [1]),
        ("left_out", {"a": 1}),
        ("allow_list", "x"),
        ("allow_list", [1]),
        ("anchor", 7),
        ("header_time", "now"),
        ("header_time", True),
        ("endpoints", []),
        ("endpoints", {}),
        ("endpoints", [7]),
        ("endpoints", [{}]),
        ("endpoints", [{"url": "http://127.0.0.1", "address": A, "weight": 1, "models": None}]),
        ("endpoints", [{"url": "ftp://a.example", "address": A, "weight": 1, "models": None}]),
        ("endpoints", [{"url": "http://a.example", "address": "gonka1x", "weight": 1, "models": None}]),
        ("endpoints", [{"url": "http://a.example", "address": A, "weight": -1, "models": None}]),
        ("endpoints", [{"url": "http://a.example", "address": A, "weight": 1, "models": "m"}]),
        ("endpoints", [{"url": "http://a.example", "address": A, "weight": 1, "models": [1]}]),
    ],
)
def test_a_field_that_is_wrong(folder: Path, field: str, value: Any) -> None:
    shelf = kept(folder)
    fields = json.loads(path_of(shelf).read_bytes())
    path_of(shelf).write_text(json.dumps(fields))
    assert shelf.get(NOW) is not None
    path_of(shelf).write_text(json.dumps(fields | {field: value}))
    assert shelf.get(NOW) is None
    del fields[field]
    path_of(shelf).write_text(json.dumps(fields))
    assert shelf.get(NOW) is None


@given(st.data())
def test_any_damage_is_no_list_or_a_sound_one(data: st.DataObject) -> None:
    text = bytearray(json.dumps({"version": VERSION, "key": "k", **shelved(FOUND)}).encode())
    position = data.draw(st.integers(0, len(text) - 1))
    assert unshelved(bytes(text[:position]), VERSION, "k", NETWORK) is None
    text[position] ^= 1 << data.draw(st.integers(0, 7))
    found = unshelved(bytes(text), VERSION, "k", NETWORK)
    assert found is None or all(each.provider_address == A for each in found.endpoints)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_change(folder: Path, mode: int) -> None:
    shelf = kept(folder)
    path_of(shelf).chmod(mode)
    assert shelf.get(NOW) is None
    path_of(shelf).chmod(0o644)
    assert shelf.get(NOW) is not None


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o1777])
def test_a_folder_in_which_others_may_put_files(folder: Path, mode: int) -> None:
    shelf = kept(folder)
    folder.chmod(mode)
    assert shelf.get(NOW) is None


def test_a_file_of_another_user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = kept(folder)
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(folder).st_uid + 1)
    assert shelf.get(NOW) is None


def test_links_pipes_and_folders_are_no_lists(folder: Path, tmp_path: Path) -> None:
    shelf = kept(folder)
    path_of(shelf).rename(tmp_path / "elsewhere")
    path_of(shelf).symlink_to(tmp_path / "elsewhere")
    assert shelf.get(NOW) is None
    path_of(shelf).unlink()
    os.mkfifo(path_of(shelf))
    assert shelf.get(NOW) is None
    path_of(shelf).unlink()
    path_of(shelf).mkdir()
    assert shelf.get(NOW) is None
    assert not shelf.put(FOUND)
    assert os.listdir(folder) == [path_of(shelf).name]


def test_a_file_that_is_too_large(folder: Path) -> None:
    shelf = kept(folder)
    with path_of(shelf).open("ab") as file:
        file.write(b" " * (LARGEST + 1 - path_of(shelf).stat().st_size))
    assert path_of(shelf).stat().st_size == LARGEST + 1
    assert shelf.get(NOW) is None
    os.truncate(path_of(shelf), LARGEST)
    assert shelf.get(NOW) == FOUND


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shelf = Shelf(NETWORK, tmp_path / "file" / "folder")
    assert not shelf.put(FOUND)
    assert shelf.get(NOW) is None


def test_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_folder({"XDG_CACHE_HOME": "/x", "HOME": "/h"}) == Path("/x/gonka-core")
    for system, place in (("linux", "/h/.cache/gonka-core"), ("darwin", "/h/Library/Caches/gonka-core")):
        monkeypatch.setattr("sys.platform", system)
        assert default_folder({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == Path(place)
        assert default_folder({}) is None
    monkeypatch.setattr("sys.platform", "win32")
    assert default_folder({"LOCALAPPDATA": "/local", "HOME": "/h"}) == Path("/local/gonka-core/Cache")
    assert default_folder({}) is None


def test_no_place_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    shelf = Shelf(NETWORK)
    assert shelf.path is None
    assert not shelf.put(FOUND)
    assert shelf.get(NOW) is None


def test_the_key_of_a_broker_is_never_written(folder: Path) -> None:
    broker = Endpoint.broker("https://broker.example", "sk-" + "s" * 40)
    shelf = kept(folder, replace(FOUND, endpoints=(*FOUND.endpoints, broker)))
    assert b"sk-" not in path_of(shelf).read_bytes()
    assert shelf.get(NOW) == FOUND
