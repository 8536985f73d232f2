"""V3 keystores: those of others are read, ours are read by others, and a hostile one costs nothing."""

from __future__ import annotations

import copy
import json
import os
import pickle
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import (
    AddressMismatchError,
    ConfigurationError,
    GonkaError,
    InsecureKeyFileWarning,
    InvalidKeyError,
    MissingLibraryError,
    PrivateKey,
)
from gonka_core.keys import ORDER
from gonka_core.wallet import Passphrase, files, keystore
from gonka_core.wallet import keystore as module
from gonka_core.wallet.libraries import library
from tests.wallet.leaking import everything_shown, traces_of

reference = library("eth_keyfile").keyfile
SECRET = bytes.fromhex("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")
ADDRESS = "gonka1mxwhdejp0lne4fg23rv29tt870z3cgw6t2y32n"
OTHER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
WORD = "Tr0ub4dor&3 ünïcode"
QUICK = 2
# Test vectors of the Web3 Secret Storage Definition; the passphrase is "testpassword", the key SECRET.
PBKDF2 = """{"crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
 "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46", "kdf": "pbkdf2", "kdfparams":
 {"c": 262144, "dklen": 32, "prf": "hmac-sha256",
 "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
 "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
 "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3}"""
SCRYPT = """{"crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
 "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c", "kdf": "scrypt", "kdfparams":
 {"dklen": 32, "n": 262144, "r": 1, "p": 8,
 "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
 "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
 "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3}"""
numbers = st.integers(1, ORDER - 1)
lines = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40)


def changed(place: str, value: object, text: str = SCRYPT) -> bytes:
    """The keystore with one value exchanged, or without it for `...`; the place is `crypto.kdfparams.n`."""
    document: dict[str, Any] = json.loads(text)
    *way, last = place.split(".")
    at = document
    for name in way:
        at = at[name]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return json.dumps(document).encode()


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever derives a key has lost."""

    def refuse(_name: str) -> Any:
        raise AssertionError("work was done for this keystore")

    monkeypatch.setattr(module, "library", refuse)


@pytest.mark.parametrize("text", [PBKDF2, SCRYPT], ids=["pbkdf2", "scrypt"])
class TestVectors:
    def test_read(self, text: str) -> None:
        assert keystore.decrypt(text.encode(), "testpassword").reveal() == SECRET

    def test_names_in_capitals_and_a_byte_order_mark(self, text: str) -> None:
        old = "\ufeff" + text.replace('"crypto"', '"Crypto"').replace('"kdfparams"', '"KDFParams"')
        assert keystore.decrypt(old.encode(), "testpassword").reveal() == SECRET

    @pytest.mark.parametrize("word", ["Testpassword", "testpassword ", "", "testpasswor"])
    def test_a_wrong_passphrase_is_one_error(self, text: str, word: str) -> None:
        with pytest.raises(InvalidKeyError, match=r"does not open the keystore; type it again") as caught:
            keystore.decrypt(text.encode(), word)
        shown = everything_shown(caught.value)
        assert "estpasswor" not in shown
        assert not traces_of(SECRET, shown)


def test_the_address_of_ethereum_is_passed_over() -> None:
    other = changed("version", 3)
    document = {**json.loads(other), "address": "008aeeda4d805471df9b2a5b0f38a0c3bcba786b"}
    assert keystore.decrypt(json.dumps(document).encode(), "testpassword").reveal() == SECRET


@given(numbers, lines)
def test_what_is_encrypted_is_decrypted(number: int, word: str) -> None:
    key = PrivateKey(number.to_bytes(32, "big"))
    assert keystore.decrypt(keystore.encrypt(key, word, scrypt_n=QUICK).encode(), word).reveal() == key.reveal()


@given(lines, lines)
def test_only_the_same_passphrase_opens(word: str, other: str) -> None:
    content = keystore.encrypt(PrivateKey(SECRET), word, scrypt_n=QUICK).encode()
    if word == other:
        assert keystore.decrypt(content, other).reveal() == SECRET
        return
    with pytest.raises(InvalidKeyError, match="does not open") as caught:
        keystore.decrypt(content, other)
    assert not traces_of(SECRET, everything_shown(caught.value))


@given(numbers, lines)
def test_others_read_ours_and_we_theirs(number: int, word: str) -> None:
    secret = number.to_bytes(32, "big")
    ours = json.loads(keystore.encrypt(PrivateKey(secret), word, scrypt_n=QUICK))
    assert reference.decode_keyfile_json(ours, word.encode()) == secret
    for kdf in ("scrypt", "pbkdf2"):
        theirs = reference.create_keyfile_json(secret, word.encode(), kdf=kdf, iterations=QUICK)
        assert keystore.decrypt(json.dumps(theirs).encode(), word).reveal() == secret


def test_ours_tell_the_gonka_address_and_usual_parameters() -> None:
    told = json.loads(keystore.encrypt(PrivateKey(SECRET), WORD))
    assert told["address"] == keystore.told_address(json.dumps(told).encode()) == ADDRESS
    assert told["crypto"]["kdfparams"] | {"salt": ""} == {"n": 2**18, "r": 8, "p": 1, "dklen": 32, "salt": ""}
    assert len(told["crypto"]["kdfparams"]["salt"]) == 64
    assert keystore.decrypt(json.dumps(told).encode(), WORD).reveal() == SECRET


def test_two_of_the_same_key_differ() -> None:
    first, second = (json.loads(keystore.encrypt(PrivateKey(SECRET), WORD, scrypt_n=QUICK)) for _ in range(2))
    for name in ("ciphertext", "mac", "cipherparams", "kdfparams"):
        assert first["crypto"][name] != second["crypto"][name]


def test_another_address_than_that_of_the_key_is_told() -> None:
    told = json.loads(keystore.encrypt(PrivateKey(SECRET), WORD, scrypt_n=QUICK)) | {"address": OTHER}
    with pytest.raises(AddressMismatchError, match=f"tells {OTHER}, and its key belongs to {ADDRESS}"):
        keystore.decrypt(json.dumps(told).encode(), WORD)


BOMBS = {
    "n of 2^40": changed("crypto.kdfparams.n", 2**40),
    "r of a million": changed("crypto.kdfparams.r", 2**20),
    "n of 2^26 and r 8": changed("crypto.kdfparams", {"n": 2**26, "r": 8, "p": 1, "dklen": 32, "salt": "ab"}),
    "just too much memory": changed("crypto.kdfparams", {"n": 2**20, "r": 8, "p": 1, "dklen": 32, "salt": "ab"}),
    "p of a million": changed("crypto.kdfparams.p", 10**6),
    "just too many blocks": changed("crypto.kdfparams", {"n": 2, "r": 1, "p": 1025, "dklen": 32, "salt": "ab"}),
    "far too many blocks": changed("crypto.kdfparams", {"n": 2, "r": 1, "p": 2**21, "dklen": 32, "salt": "ab"}),
    "just too much work": changed("crypto.kdfparams", {"n": 2**18, "r": 8, "p": 3, "dklen": 32, "salt": "ab"}),
    "p of 4000 digits": changed("crypto.kdfparams.p", 10**3000),
    "c of a billion": changed("crypto.kdfparams.c", 10**9, PBKDF2),
    "c of one too many": changed("crypto.kdfparams.c", 10_000_001, PBKDF2),
}


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_before_any_work(content: bytes) -> None:
    with pytest.raises(InvalidKeyError, match=r"asks for more .* than any wallet.*do not trust it"):
        keystore.decrypt(content, WORD)


DAMAGED = {
    "empty": b"",
    "half": SCRYPT[:200].encode(),
    "not utf-8": b'{"version": "\xff"}',
    "a list": b"[]",
    "no version": changed("version", ...),
    "version 1": changed("version", 1),
    "version as text": changed("version", "3"),
    "version 4": changed("version", 4),
    "no crypto": changed("crypto", ...),
    "crypto is text": changed("crypto", "x"),
    "other cipher": changed("crypto.cipher", "aes-256-ctr"),
    "no iv": changed("crypto.cipherparams.iv", ...),
    "short iv": changed("crypto.cipherparams.iv", "00"),
    "cipherparams is a list": changed("crypto.cipherparams", []),
    "short ciphertext": changed("crypto.ciphertext", "00" * 31),
    "odd ciphertext": changed("crypto.ciphertext", "0" * 63),
    "long ciphertext": changed("crypto.ciphertext", "00" * 33),
    "mac is no hex": changed("crypto.mac", "xy" * 32),
    "mac is a number": changed("crypto.mac", 7),
    "other kdf": changed("crypto.kdf", "bcrypt"),
    "kdf is a list": changed("crypto.kdf", []),
    "dklen 16": changed("crypto.kdfparams.dklen", 16),
    "dklen of a gigabyte": changed("crypto.kdfparams.dklen", 2**30),
    "dklen is true": changed("crypto.kdfparams.dklen", True),
    "no salt": changed("crypto.kdfparams.salt", ...),
    "long salt": changed("crypto.kdfparams.salt", "00" * 257),
    "n is no power of two": changed("crypto.kdfparams.n", 262143),
    "n is 1": changed("crypto.kdfparams.n", 1),
    "n is 0": changed("crypto.kdfparams.n", 0),
    "n is negative": changed("crypto.kdfparams.n", -2),
    "n is a fraction": changed("crypto.kdfparams.n", 262144.0),
    "p is true": changed("crypto.kdfparams.p", True),
    "n is text": changed("crypto.kdfparams.n", "262144"),
    "r is 0": changed("crypto.kdfparams.r", 0),
    "p is 0": changed("crypto.kdfparams.p", 0),
    "c is 0": changed("crypto.kdfparams.c", 0, PBKDF2),
    "other prf": changed("crypto.kdfparams.prf", "hmac-md5", PBKDF2),
    "no c": changed("crypto.kdfparams.c", ..., PBKDF2),
}


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_one_is_named_as_such_before_any_work(content: bytes) -> None:
    with pytest.raises(InvalidKeyError, match=r"keystore is damaged|not of version 3") as caught:
        keystore.decrypt(content, WORD)
    assert caught.value.next_step
    assert "Tr0ub" not in everything_shown(caught.value)


@pytest.mark.usefixtures("no_work")
def test_one_that_is_nested_without_end_is_damaged() -> None:
    """With the limit of a fresh interpreter: other tests of this process may have raised it."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    try:
        with pytest.raises(InvalidKeyError, match="keystore is damaged"):
            keystore.decrypt(b"[" * 4000, WORD)
    finally:
        sys.setrecursionlimit(before)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
PLACES = ["version", "crypto", *(f"crypto.{name}" for name in json.loads(SCRYPT)["crypto"])]
PLACES += ["crypto.cipherparams.iv", *(f"crypto.kdfparams.{name}" for name in ("dklen", "n", "p", "r", "salt"))]


@given(st.sampled_from(PLACES), json_values)
def test_whatever_stands_in_it_the_error_is_ours(place: str, value: object) -> None:
    small = changed("crypto.kdfparams", {"n": 2, "r": 1, "p": 1, "dklen": 32, "salt": "ab"}).decode()
    with pytest.raises(InvalidKeyError):
        keystore.decrypt(changed(place, value, small), WORD)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_the_error_is_ours(content: bytes) -> None:
    with pytest.raises(InvalidKeyError):
        keystore.decrypt(content, WORD)


@pytest.mark.parametrize("number", [0, ORDER, 2**256 - 1])
def test_a_key_that_is_none_is_refused_and_not_shown(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = number.to_bytes(32, "big")

    class Library:
        @staticmethod
        def decode_keyfile_json(_document: object, _word: bytes) -> bytes:
            return secret

    monkeypatch.setattr(module, "library", lambda _name: Library)
    with pytest.raises(InvalidKeyError, match=r"zero|order") as caught:
        keystore.decrypt(SCRYPT.encode(), WORD)
    assert not traces_of(secret, everything_shown(caught.value)) or number == 0


class TestLibrariesThatTalk:
    """What a library says when it fails may quote what it was given, and so may its frames."""

    class Careless:
        @staticmethod
        def decode_keyfile_json(_document: object, word: bytes) -> bytes:
            raise MemoryError(word.decode())

        @staticmethod
        def create_keyfile_json(key: bytes, word: bytes, **_more: object) -> dict[str, Any]:
            raise RuntimeError(key.hex(), word)

    def test_withheld(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "library", lambda _name: self.Careless)
        for attempt, reason in (
            (lambda: keystore.decrypt(SCRYPT.encode(), WORD), "MemoryError"),
            (lambda: keystore.encrypt(PrivateKey(SECRET), WORD), "RuntimeError"),
        ):
            with pytest.raises(InvalidKeyError, match=reason) as caught:
                attempt()
            shown = everything_shown(caught.value)
            assert "Tr0ub" not in shown
            assert not traces_of(SECRET, shown)

    def test_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "eth_keyfile", None)
        for attempt in (
            lambda: keystore.decrypt(SCRYPT.encode(), WORD),
            lambda: keystore.encrypt(PrivateKey(SECRET), WORD),
        ):
            with pytest.raises(MissingLibraryError, match=r"eth_keyfile.*gonka-core\[keys\]") as caught:
                attempt()
            assert "Tr0ub" not in everything_shown(caught.value)


class TestFiles:
    def test_written_for_the_owner_alone_and_read_back(self, tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        before = os.umask(0)
        try:
            keystore.write(path, PrivateKey(SECRET), WORD, scrypt_n=QUICK)
        finally:
            os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert keystore.read(path, Passphrase(WORD)).reveal() == SECRET
        assert [item.name for item in tmp_path.iterdir()] == ["key.json"]
        assert not traces_of(SECRET, path.read_text())
        assert "Tr0ub" not in path.read_text()

    @pytest.mark.parametrize("kind", ["file", "folder", "link to nowhere"])
    @pytest.mark.usefixtures("no_work")
    def test_nothing_is_overwritten(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "key.json"
        if kind == "file":
            path.write_text("mine")
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to(tmp_path / "nowhere")
        with pytest.raises(ConfigurationError, match="nothing is overwritten") as caught:
            keystore.write(path, PrivateKey(SECRET), WORD)
        assert not traces_of(SECRET, everything_shown(caught.value))
        assert [item.name for item in tmp_path.iterdir()] == ["key.json"]
        assert kind != "file" or path.read_text() == "mine"

    def test_a_file_that_appears_meanwhile_is_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        path.write_text("mine")
        with pytest.raises(ConfigurationError, match="nothing is overwritten"):
            files.write_new(path, b"theirs")
        assert path.read_text() == "mine"
        assert [item.name for item in tmp_path.iterdir()] == ["key.json"]

    @pytest.mark.parametrize("error", [PermissionError, NotImplementedError])
    def test_without_hard_links(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
        def refuse(_source: object, _target: object) -> None:
            raise error("no links here")

        monkeypatch.setattr(os, "link", refuse)
        path = tmp_path / "key.json"
        files.write_new(path, b"ours")
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"ours", 0o600)
        with pytest.raises(ConfigurationError, match="nothing is overwritten"):
            files.write_new(path, b"theirs")
        assert path.read_bytes() == b"ours"
        assert [item.name for item in tmp_path.iterdir()] == ["key.json"]

    def test_a_disk_that_fails_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(ConfigurationError, match="No space left"):
            files.write_new(tmp_path / "key.json", b"ours")
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        for attempt in (files.refuse_taken, lambda path: files.write_new(path, b"")):
            with pytest.raises(ConfigurationError, match="cannot be written"):
                attempt(tmp_path / "nowhere" / "key.json")

    def test_a_key_where_the_path_belongs(self) -> None:
        for attempt in (
            lambda: keystore.read(SECRET.hex(), WORD),
            lambda: keystore.write(SECRET.hex(), PrivateKey(SECRET), WORD),
        ):
            with pytest.raises(InvalidKeyError, match="looks like a key itself") as caught:
                attempt()
            assert not traces_of(SECRET, everything_shown(caught.value))

    def test_one_that_everybody_reads_is_a_warning(self, tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        keystore.write(path, PrivateKey(SECRET), WORD, scrypt_n=QUICK)
        path.chmod(0o644)
        with pytest.warns(InsecureKeyFileWarning, match="keystore"):
            keystore.read(path, WORD)


@pytest.mark.usefixtures("no_work")
def test_an_empty_passphrase_protects_nothing() -> None:
    with pytest.raises(InvalidKeyError, match="is empty; choose one"):
        keystore.encrypt(PrivateKey(SECRET), "")


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("n", [0, 1, 3, 2**20])
def test_work_that_scrypt_does_not_do(n: int) -> None:
    with pytest.raises(InvalidKeyError, match="keystore"):
        keystore.encrypt(PrivateKey(SECRET), WORD, scrypt_n=n)


class TestPassphrases:
    def test_shown_nowhere(self) -> None:
        word = Passphrase(WORD)
        assert "Tr0ub" not in f"{word!r} {word} {[word]}"
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="not pickled") as caught:
                pickle.dumps(word, protocol)
            assert "Tr0ub" not in everything_shown(caught.value)
        with pytest.raises(TypeError, match="not pickled"):
            copy.copy(word)

    @pytest.mark.parametrize("text", [f"{WORD}\n", f"{WORD}\x00", f"{WORD}\ud800", f"{WORD}\u2028", WORD.encode()])
    def test_what_is_no_line_is_refused_without_quoting_it(self, text: str) -> None:
        for attempt in (lambda: Passphrase(text).reveal(), lambda: keystore.decrypt(SCRYPT.encode(), text)):
            with pytest.raises(InvalidKeyError, match="not text of one line") as caught:
                attempt()
            assert "Tr0ub" not in everything_shown(caught.value)

    @given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40))
    def test_any_line_is_taken_as_it_is(self, text: str) -> None:
        assert Passphrase(Passphrase(text)).reveal() == text
        assert bool(Passphrase(text)) is bool(text)

    @pytest.mark.parametrize("end", ["", "\n", "\r\n"])
    def test_from_a_file(self, tmp_path: Path, end: str) -> None:
        path = tmp_path / "word"
        path.write_bytes(f"  {WORD} {end}".encode())
        path.chmod(0o600)
        assert Passphrase.from_file(path).reveal() == f"  {WORD} "

    @pytest.mark.parametrize("content", [f"{WORD}\nx\n".encode(), f"{WORD}\n\n".encode(), WORD.encode("latin-1")])
    def test_other_files_are_refused_without_quoting_them(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "word"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(InvalidKeyError, match="something else than one line") as caught:
            Passphrase.from_file(path)
        assert "Tr0ub" not in everything_shown(caught.value)

    def test_a_file_that_everybody_reads_is_a_warning(self, tmp_path: Path) -> None:
        path = tmp_path / "word"
        path.write_text(WORD, encoding="utf-8")
        path.chmod(0o644)
        with pytest.warns(InsecureKeyFileWarning, match="passphrase file"):
            Passphrase.from_file(path)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(GonkaError, match=r"passphrase file .* cannot be read"):
            Passphrase.from_file(tmp_path / "nowhere")
