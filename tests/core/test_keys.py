"""Private keys: what is accepted, and that nothing ever shows them."""

from __future__ import annotations

import base64
import copy
import errno
import json
import os
import pickle
import re
import secrets
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import reference, vectors
from gonka_conformance.vectors import KeyFormatVector
from gonka_core import (
    Client,
    ConfigurationError,
    GonkaError,
    InsecureKeyFileWarning,
    InvalidKeyError,
    PrivateKey,
    keys,
    keytext,
)
from gonka_core.address import address_of
from gonka_core.errors import MissingSettingError
from gonka_core.keys import ApiKey
from gonka_core.resolve import signer
from tests.wallet.leaking import everything_shown, traces_of

ORDER = reference.N
SECRET = bytes.fromhex("93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7")
IN_BASE64 = base64.b64encode(SECRET).decode()
ENDPOINT = "http://127.0.0.1:9/v1;gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"


@pytest.mark.parametrize("vector", vectors.key_formats(), ids=lambda vector: vector.id)
def test_keyformat_vectors(vector: KeyFormatVector) -> None:
    if vector.expected == "accept":
        key = PrivateKey.from_hex(vector.private_key)
        assert address_of(signer("ecdsa", lambda: key).public_key) == vector.address
    else:
        with pytest.raises(InvalidKeyError):
            PrivateKey.from_hex(vector.private_key)


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_numbers_outside_the_group_are_refused(number: int) -> None:
    with pytest.raises(InvalidKeyError, match=r"zero|order"):
        PrivateKey(number.to_bytes(32, "big"))


@pytest.mark.parametrize("number", [1, 2, 2**128, ORDER // 2, ORDER - 1])
def test_numbers_inside_are_accepted(number: int) -> None:
    assert PrivateKey(number.to_bytes(32, "big")).reveal() == number.to_bytes(32, "big")


@given(st.integers(min_value=1, max_value=ORDER - 1), st.booleans(), st.booleans())
def test_hex_in_any_case_reads_back(number: int, prefixed: bool, capitals: bool) -> None:
    secret = number.to_bytes(32, "big")
    text = secret.hex().upper() if capitals else secret.hex()
    assert PrivateKey.from_hex("0x" + text if prefixed else text).reveal() == secret


def test_generated_keys_differ() -> None:
    assert PrivateKey.generate().reveal() != PrivateKey.generate().reveal()


@pytest.mark.parametrize(("drawn", "number"), [(0, 1), (1, 2), (ORDER - 2, ORDER - 1)], ids=["0", "1", "n - 2"])
def test_every_number_of_the_group_is_generated_alike(monkeypatch: pytest.MonkeyPatch, drawn: int, number: int) -> None:
    """One draw out of n - 1, from the source of secrets: the least is the key 1, the greatest n - 1."""
    asked: list[int] = []

    def draw(below: int) -> int:
        asked.append(below)
        return drawn

    monkeypatch.setattr(secrets, "randbelow", draw)
    assert PrivateKey.generate().reveal() == number.to_bytes(32, "big")
    assert asked == [ORDER - 1]


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(InvalidKeyError, match="not 32 bytes"):
        PrivateKey(b"\x01" * length)


BAD_TEXTS = {
    "empty": "",
    "only a prefix": "0x",
    "63 digits": SECRET.hex()[:-1],
    "65 digits": SECRET.hex() + "0",
    "prefix twice": "0x0x" + SECRET.hex()[2:],
    "capital prefix": "0X" + SECRET.hex(),
    "line break behind": SECRET.hex() + "\n",
    "space in front": " " + SECRET.hex(),
    "not hex": SECRET.hex()[:-1] + "g",
    "full-width digit": SECRET.hex()[:-1] + "７",
    "base64": base64.b64encode(SECRET).decode(),
    "armored": "-----BEGIN TENDERMINT PRIVATE KEY-----\n" + SECRET.hex(),
    "armored behind a line": f"\n\n-----BEGIN TENDERMINT PRIVATE KEY-----\nkdf: argon2\n\n{IN_BASE64}",
    "armored in one line": f"-----BEGIN TENDERMINT PRIVATE KEY----- kdf: argon2 {IN_BASE64}",
    "PEM": "-----BEGIN EC PRIVATE KEY-----\n" + base64.b64encode(SECRET).decode(),
    "mnemonic": " ".join(["abandon"] * 11 + ["about"]),
    "mnemonic in lines": "\n".join(["abandon"] * 11 + ["about", ""]),
    "keystore": json.dumps({"version": 3, "crypto": {"ciphertext": SECRET.hex()}}),
    "keystore behind a mark": "\ufeff\n{" + SECRET.hex(),
    "quoted": f'"{SECRET.hex()}"',
}


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_bad_text_is_refused_with_a_step_and_without_quoting_it(text: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PrivateKey.from_hex(text)
    assert caught.value.next_step
    assert not traces_of(SECRET, everything_shown(caught.value))


@pytest.mark.parametrize(
    ("name", "problem", "next_step"),
    [
        ("armored", "is an armored export", "export it as hex: inferenced keys export"),
        ("armored behind a line", "is an armored export", "export it as hex: inferenced keys export"),
        ("armored in one line", "is an armored export", "export it as hex: inferenced keys export"),
        ("PEM", "is a PEM block", "give the 32 bytes of the key as 64 hex digits"),
        ("mnemonic", "looks like a mnemonic", "give it as a file: --mnemonic-file PATH"),
        ("mnemonic in lines", "looks like a mnemonic", "give it as a file: --mnemonic-file PATH"),
        ("keystore", "looks like a V3 keystore", "give it as a file: --key-file PATH"),
        ("keystore behind a mark", "looks like a V3 keystore", "give it as a file: --key-file PATH"),
        ("line break behind", "has white space around it", "remove the spaces and line breaks"),
        ("space in front", "has white space around it", "remove the spaces and line breaks"),
        ("empty", "has 0 hex digits instead of 64", "copy it again"),
        ("63 digits", "has 63 hex digits instead of 64", "copy it again"),
        ("65 digits", "has 65 hex digits instead of 64", "copy it again"),
        ("not hex", "is not hex", "give 64 characters out of 0-9 and a-f"),
        ("base64", "is not hex", "give 64 characters out of 0-9 and a-f"),
    ],
)
def test_bad_text_is_named_for_what_it_is(name: str, problem: str, next_step: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PrivateKey.from_hex(BAD_TEXTS[name])
    assert caught.value.problem == f"the private key {problem}"
    assert caught.value.next_step.startswith(next_step)


@pytest.mark.parametrize("words", range(11, 26))
def test_a_mnemonic_has_12_15_18_21_or_24_words(words: int) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PrivateKey.from_hex(" ".join(["abandon"] * words))
    assert ("mnemonic" in caught.value.problem) is (words in (12, 15, 18, 21, 24))


def test_groups_of_hex_digits_are_no_mnemonic() -> None:
    with pytest.raises(InvalidKeyError, match="is not hex"):
        PrivateKey.from_hex(" ".join(["93edca"] * 12))


def test_a_key_is_not_text() -> None:
    with pytest.raises(InvalidKeyError, match="PrivateKey"):
        PrivateKey.from_hex(SECRET)  # type: ignore[arg-type]
    for text in (SECRET.hex(), SECRET.hex()[:32]):
        with pytest.raises(InvalidKeyError, match="not 32 bytes"):
            PrivateKey(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["file", "environment", "argument"])
@pytest.mark.parametrize("name", ["armored", "armored behind a line", "mnemonic", "keystore"])
def test_another_form_is_named_wherever_it_is_read(
    way: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_text(BAD_TEXTS[name], encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("GONKA_PRIVATE_KEY", BAD_TEXTS[name])
    read: dict[str, Callable[[], PrivateKey]] = {
        "file": lambda: PrivateKey.from_file(path),
        "environment": PrivateKey.from_environment,
        "argument": lambda: PrivateKey.from_hex(BAD_TEXTS[name]),
    }
    with pytest.raises(InvalidKeyError, match=r"armored|mnemonic|keystore") as caught:
        read[way]()
    if "armored" in name:
        assert caught.value.next_step.endswith("inferenced keys export NAME --unarmored-hex --unsafe")
    assert not traces_of(SECRET, everything_shown(caught.value))


def test_an_error_names_where_the_key_was() -> None:
    with pytest.raises(InvalidKeyError, match=r"^the key on stdin has 2 hex digits"):
        PrivateKey.from_hex("ab", where="the key on stdin")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"extra argument ({SECRET.hex()})", "extra argument ((withheld))"),
        (f"0x{SECRET.hex()}, {SECRET.hex()[:48]}", "(withheld), (withheld)"),
        ("arguments (" + " ".join(["abandon"] * 11 + ["about"]) + ")", "arguments ((withheld))"),
        ("No such command 'verfy'. Did you mean 'verify'?", "No such command 'verfy'. Did you mean 'verify'?"),
        (SECRET.hex()[:47], SECRET.hex()[:47]),
        (" ".join(["abandon"] * 10), " ".join(["abandon"] * 10)),
    ],
    ids=["key", "keys", "mnemonic", "words", "short hex", "few words"],
)
def test_what_looks_like_a_key_is_withheld_and_nothing_else(text: str, shown: str) -> None:
    assert keytext.withheld(text) == shown


class TestFiles:
    @pytest.mark.parametrize("path", [SECRET.hex(), f"0x{SECRET.hex()}", " ".join(["abandon"] * 11 + ["about"])])
    def test_a_key_where_its_path_belongs_is_not_quoted(self, path: str) -> None:
        with pytest.raises(InvalidKeyError, match=r"looks like a key itself.*shell's history") as caught:
            PrivateKey.from_file(path)
        assert not traces_of(SECRET, everything_shown(caught.value))
        assert "abandon" not in everything_shown(caught.value)

    def test_a_path_with_a_zero_byte_is_one_that_cannot_be_read(self) -> None:
        with pytest.raises(InvalidKeyError, match="zero byte"):
            PrivateKey.from_file("key\0")

    def test_a_byte_order_mark_is_no_part_of_a_key(self, path: Path) -> None:
        path.write_text("\ufeff" + SECRET.hex(), encoding="utf-8")
        assert PrivateKey.from_file(path).reveal() == SECRET

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "key.hex"
        path.write_text(f"  0x{SECRET.hex()}\n")
        path.chmod(0o600)
        return path

    def test_white_space_around_the_digits_is_ignored(self, path: Path) -> None:
        assert PrivateKey.from_file(path).reveal() == SECRET

    @pytest.mark.skipif(os.name != "posix", reason="no POSIX permissions")
    def test_a_file_that_everybody_reads_is_a_warning(self, path: Path) -> None:
        path.chmod(0o644)
        with pytest.warns(InsecureKeyFileWarning, match="chmod 600") as caught:
            assert PrivateKey.from_file(path).reveal() == SECRET
        assert caught[0].filename == __file__

    def test_the_mode_of_a_file_on_windows_says_nothing_of_others(
        self, monkeypatch: pytest.MonkeyPatch, path: Path
    ) -> None:
        with monkeypatch.context() as patched, warnings.catch_warnings():
            warnings.simplefilter("error")
            patched.setattr(os, "name", "nt")
            keys._warn_if_everybody_reads(0o100666, path)

    def test_a_private_file_is_none(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            PrivateKey.from_file(path)

    def test_a_missing_file_names_the_path_and_the_reason(self, tmp_path: Path) -> None:
        reason = re.escape(os.strerror(errno.ENOENT))
        with pytest.raises(InvalidKeyError, match=rf"nowhere' cannot be read \({reason}\)"):
            PrivateKey.from_file(tmp_path / "nowhere")

    @pytest.mark.parametrize(
        "longer", [SECRET.hex().rjust(4097), SECRET.hex().ljust(4096) + "x"], ids=["before", "behind"]
    )
    def test_a_file_of_more_than_4096_bytes_is_refused_rather_than_cut(self, path: Path, longer: str) -> None:
        path.write_text(SECRET.hex().rjust(4096))
        assert PrivateKey.from_file(path).reveal() == SECRET
        path.write_text(longer)
        with pytest.raises(InvalidKeyError, match="more than 4096 bytes"):
            PrivateKey.from_file(path)

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidKeyError, match="cannot be read"):
            PrivateKey.from_file(tmp_path)

    def test_bad_content_is_not_quoted(self, path: Path) -> None:
        path.write_text(SECRET.hex()[:-2])
        with pytest.raises(InvalidKeyError) as caught:
            PrivateKey.from_file(path)
        assert not traces_of(SECRET, everything_shown(caught.value))


class TestEnvironment:
    def test_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", SECRET.hex())
        assert PrivateKey.from_environment().reveal() == SECRET

    def test_unset(self) -> None:
        with pytest.raises(MissingSettingError, match="GONKA_PRIVATE_KEY"):
            PrivateKey.from_environment()

    def test_bad_is_not_quoted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", SECRET.hex() + "00")
        with pytest.raises(InvalidKeyError, match="GONKA_PRIVATE_KEY") as caught:
            PrivateKey.from_environment()
        assert not traces_of(SECRET, everything_shown(caught.value))


class TestApiKeys:
    """For a broker; what its text may be stands in `test_broker.py` too."""

    @pytest.mark.parametrize("text", ["!", "sk-1", "~" * 4096], ids=["shortest", "common", "longest"])
    def test_visible_ascii_is_accepted(self, text: str) -> None:
        assert ApiKey(text).reveal() == text

    @pytest.mark.parametrize(
        "text",
        ["", " sk-1", "sk-1\n", "sk 1", "sk-é", "sk-\x7f", "s" * 4097, b"sk-1", None],
        ids=["empty", "space", "line break", "space inside", "accent", "delete", "too long", "bytes", "None"],
    )
    def test_what_no_header_can_hold_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidKeyError, match="no header can hold"):
            ApiKey(text)

    def test_two_of_the_same_text_are_equal_and_nothing_else_is(self) -> None:
        assert ApiKey("sk-1") == ApiKey("sk-1")
        assert hash(ApiKey("sk-1")) == hash(ApiKey("sk-1"))
        assert ApiKey("sk-1") != ApiKey("sk-2")
        assert ApiKey("sk-1") != "sk-1"


@pytest.fixture(params=["key", "ecdsa", "coincurve", "cryptography", "client"])
def holder(request: pytest.FixtureRequest) -> Iterator[object]:
    key = PrivateKey(SECRET)
    if request.param == "key":
        yield key
    elif request.param == "client":
        with Client(ENDPOINT, private_key=key) as client:
            yield client
    else:
        yield signer(request.param, lambda: key)


def test_nothing_that_holds_a_key_shows_it(holder: object) -> None:
    shown = f"{holder!r} {holder} {getattr(holder, '__dict__', '')} {[holder]}"
    assert not traces_of(SECRET, shown)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_that_holds_a_key_is_pickled(holder: object, protocol: int) -> None:
    if isinstance(holder, Client):
        assert not traces_of(SECRET, repr(pickle.dumps(holder, protocol)) + pickle.dumps(holder, protocol).hex())
        return
    with pytest.raises(TypeError) as caught:
        pickle.dumps(holder, protocol)
    assert not traces_of(SECRET, everything_shown(caught.value))


def test_a_copy_of_a_key_is_the_key() -> None:
    key = PrivateKey(SECRET)
    assert copy.copy(key) is key
    assert copy.deepcopy([key])[0] is key


def test_a_key_given_as_text_to_a_client_is_refused_without_quoting_it() -> None:
    with pytest.raises(InvalidKeyError, match="from_hex") as caught:
        Client(ENDPOINT, private_key=SECRET.hex())  # type: ignore[arg-type]
    assert not traces_of(SECRET, everything_shown(caught.value))


@pytest.mark.parametrize(
    "mistake",
    [
        {"address": "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"},
        {"address": "gonka1nonsense"},
        {"endpoints": "ftp://host;gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"},
        {"signer": "no-such-signer"},
        {"transport": "aiohttp"},
        {"selector": "no-such-selector"},
        {"scheme": "no-such-scheme"},
    ],
    ids=str,
)
def test_no_mistake_beside_the_key_shows_it(mistake: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_PRIVATE_KEY", SECRET.hex())
    with pytest.raises(ConfigurationError) as caught:
        Client(**{"endpoints": ENDPOINT, **mistake})  # type: ignore[arg-type]
    assert not traces_of(SECRET, everything_shown(caught.value))


class TestSignersThatTalk:
    """A library's own error may quote its key: its words are withheld."""

    def test_when_they_are_made(self) -> None:
        from gonka_core.resolve import _hold

        def careless(key: PrivateKey) -> object:
            raise RuntimeError(f"cannot use {key.reveal().hex()}")

        with pytest.raises(GonkaError) as caught:
            _hold("careless", careless, PrivateKey(SECRET))  # type: ignore[arg-type]
        assert not traces_of(SECRET, everything_shown(caught.value))

    def test_when_they_sign(self) -> None:
        from gonka_core.request import sign

        class Careless:
            public_key = b"\x02" + bytes(32)

            def sign_digest(self, digest: bytes, /) -> bytes:
                raise RuntimeError(f"cannot sign with {SECRET.hex()}")

        with pytest.raises(GonkaError) as caught:
            sign(b"{}", scheme="raw", timestamp_ns=1, provider_address="", signer=Careless())
        assert not traces_of(SECRET, everything_shown(caught.value))


def test_the_detector_detects() -> None:
    for shown in (SECRET.hex(), SECRET.hex().upper(), base64.b64encode(SECRET).decode(), repr(SECRET)):
        assert traces_of(SECRET, f"… {shown} …")
    assert not traces_of(SECRET, "PrivateKey(hidden)")
