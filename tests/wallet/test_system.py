"""The system's keyring: what is kept is found again, and what fails says what to do and shows nothing."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring
import keyring.core
import keyring.errors
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonka_core import ConfigurationError, InvalidKeyError, MissingLibraryError, MissingSettingError, PrivateKey
from gonka_core.keys import ORDER
from gonka_core.wallet import system
from tests.wallet.leaking import everything_shown, traces_of
from tests.wallet.rings import Failing, Forgetful, Memory, Quoting, Small

SECRET = bytes.fromhex("93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7")
ADDRESS = "gonka1ya4szxe35cce6zd8g7vh95elze9quacq3j3ugs"
KEY = PrivateKey(SECRET)
names = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.@-]{0,62}[A-Za-z0-9_])?", fullmatch=True)


def ready_made(name: str) -> Any:
    """The back end of that name that `keyring` brings, which has no types."""
    return importlib.import_module(f"keyring.backends.{name}").Keyring()


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Make a back end that of the system."""
    return lambda ring: monkeypatch.setattr(keyring.core, "_keyring_backend", ring)


@pytest.fixture
def ring(choose: Callable[[Memory], None]) -> Memory:
    ring = Memory()
    choose(ring)
    return ring


class TestKeeping:
    def test_a_key_is_found_again_and_forgotten(self, ring: Memory) -> None:
        system.store("alice", KEY)
        assert ring.kept["gonka", "alice"] == SECRET.hex()
        assert system.load("alice").reveal() == SECRET
        assert system.holds("alice")
        assert system.names() == {"alice": ADDRESS}
        system.delete("alice")
        assert not system.holds("alice")
        assert system.names() == {}
        assert ("gonka", "alice") not in ring.kept

    @given(st.dictionaries(names, st.integers(1, ORDER - 1), max_size=5))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_names_and_keys(self, ring: Memory, keys: dict[str, int]) -> None:
        ring.kept.clear()
        for name, number in keys.items():
            system.store(name, PrivateKey(number.to_bytes(32, "big")))
        assert list(system.names()) == sorted(keys)
        for name, number in keys.items():
            assert system.load(name).reveal() == number.to_bytes(32, "big")
            system.delete(name)
        assert system.names() == {}

    def test_a_name_is_taken_once(self, ring: Memory) -> None:
        system.store("alice", KEY)
        with pytest.raises(ConfigurationError, match=r"has a key named 'alice' already; choose another"):
            system.store("alice", PrivateKey.generate())
        assert ring.kept["gonka", "alice"] == SECRET.hex()

    def test_the_list_holds_no_secret(self, ring: Memory) -> None:
        system.store("alice", KEY)
        assert not traces_of(SECRET, ring.kept["gonka names", "names"])

    @pytest.mark.usefixtures("ring")
    def test_a_name_that_is_not_there(self) -> None:
        for attempt in (system.load, system.delete):
            with pytest.raises(MissingSettingError, match=r"no key named 'bob'; store one first"):
                attempt("bob")
        system.store("alice", KEY)
        with pytest.raises(MissingSettingError, match="choose one of: alice"):
            system.load("bob")

    def test_what_others_put_there_is_no_key_and_not_quoted(self, ring: Memory) -> None:
        for text in (SECRET.hex()[:-2], "correct horse " + SECRET.hex(), "", "00" * 32):
            ring.kept["gonka", "alice"] = text
            with pytest.raises(InvalidKeyError, match="what the keyring holds as 'alice'") as caught:
                system.load("alice")
            assert not traces_of(SECRET, everything_shown(caught.value))

    @pytest.mark.parametrize("text", ["", "x", "[]", "7", '{"alice": 7}', '{"al ice": "gonka1x"}', "[" * 4000])
    def test_a_list_that_is_none_is_empty_and_made_anew(self, ring: Memory, text: str) -> None:
        ring.kept["gonka names", "names"] = text
        assert system.names() == {}
        system.store("alice", KEY)
        assert json.loads(ring.kept["gonka names", "names"]) == {"alice": ADDRESS}


@pytest.mark.usefixtures("ring")
class TestNames:
    @pytest.mark.parametrize("name", ["", " ", "a b", "-a", "a-", ".", "a/b", "é", "a\n", "a" * 65, 7])
    def test_bad_ones_are_not_asked_for_and_not_quoted(self, name: str) -> None:
        for attempt in (system.load, system.holds, system.delete, lambda name: system.store(name, KEY)):
            with pytest.raises(ConfigurationError, match=r"has no such name; use 1 to 64"):
                attempt(name)

    @pytest.mark.parametrize("name", [SECRET.hex(), "0x" + SECRET.hex(), "abandon " * 11 + "about"])
    def test_a_key_where_the_name_belongs(self, name: str) -> None:
        for attempt in (system.load, lambda name: system.store(name, KEY)):
            with pytest.raises(InvalidKeyError, match="looks like a key itself"):
                attempt(name)

    def test_nothing_of_it_is_shown(self) -> None:
        with pytest.raises(InvalidKeyError) as caught:
            system._check(SECRET.hex())
        assert not traces_of(SECRET, everything_shown(caught.value))


WAYS = {
    "load": lambda: system.load("alice"),
    "store": lambda: system.store("alice", KEY),
    "delete": lambda: system.delete("alice"),
    "holds": lambda: system.holds("alice"),
    "names": system.names,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
class TestTrouble:
    @pytest.mark.parametrize(
        ("ring", "words"),
        [
            (ready_made("fail"), "has no keyring.*start one.*V3 keystore"),
            (Failing(keyring.errors.KeyringLocked), "is locked; unlock it"),
            (Failing(keyring.errors.InitError), r"failed \(InitError\).*keyring diagnose"),
            (Failing(OSError), r"failed \(OSError\)"),
        ],
        ids=["none", "locked", "not begun", "broken"],
    )
    def test_is_one_error(
        self, choose: Callable[[object], None], way: Callable[[], object], ring: object, words: str
    ) -> None:
        choose(ring)
        with pytest.raises(ConfigurationError, match=words) as caught:
            way()
        assert not traces_of(SECRET, everything_shown(caught.value))
        assert "gonka alice" not in str(caught.value)

    def test_a_back_end_that_does_not_exist(
        self, choose: Callable[[object], None], monkeypatch: pytest.MonkeyPatch, way: Callable[[], object]
    ) -> None:
        choose(None)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Keyring")
        with pytest.raises(ConfigurationError, match=r"failed \(ModuleNotFoundError\)"):
            way()

    def test_a_missing_library(self, monkeypatch: pytest.MonkeyPatch, way: Callable[[], object]) -> None:
        monkeypatch.setitem(sys.modules, "keyring", None)
        with pytest.raises(MissingLibraryError, match=r"keyring.*gonka-core\[keys\]"):
            way()


class TestStoring:
    @pytest.mark.parametrize("ring", [Forgetful(), ready_made("null")], ids=["forgetful", "null"])
    def test_a_keyring_that_keeps_nothing_is_noticed(self, choose: Callable[[object], None], ring: object) -> None:
        choose(ring)
        with pytest.raises(ConfigurationError, match="does not keep what it is given; keep the key in a V3 keystore"):
            system.store("alice", KEY)

    def test_what_a_keyring_says_of_a_key_is_withheld(self, choose: Callable[[object], None]) -> None:
        choose(Quoting())
        with pytest.raises(ConfigurationError, match=r"failed \(RuntimeError\)") as caught:
            system.store("alice", KEY)
        assert not traces_of(SECRET, everything_shown(caught.value))

    def test_a_list_that_cannot_be_kept_is_a_warning(self, choose: Callable[[object], None]) -> None:
        choose(Small())
        with pytest.warns(system.KeyringNamesWarning, match="list of names was not changed") as caught:
            system.store("alice", KEY)
        assert caught[0].filename == __file__
        assert system.load("alice").reveal() == SECRET
        assert system.names() == {}


def test_importing_asks_no_keyring_and_loads_no_library(tmp_path: Path) -> None:
    program = (
        "import sys, gonka_core.wallet, gonka_core.cli.keys\n"
        "print(*{'mnemonic', 'eth_keyfile', 'keyring', 'Crypto', 'coincurve'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == ""
