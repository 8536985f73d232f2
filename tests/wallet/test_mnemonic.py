"""Mnemonics: what is accepted, which key it gives, and that no word is shown."""

from __future__ import annotations

import copy
import hashlib
import pickle
import sys
from pathlib import Path

import mnemonic as reference
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import ConfigurationError, InsecureKeyFileWarning, InvalidKeyError, MissingLibraryError, bech32
from gonka_core.address import address_of
from gonka_core.resolve import signer
from gonka_core.ripemd160 import ripemd160
from gonka_core.wallet import Mnemonic, Passphrase
from gonka_core.wallet import mnemonic as module
from tests.wallet.leaking import everything_shown, traces_of, words_of
from tests.wallet.test_hd import unpacked

ABANDON = "abandon " * 11 + "about"
HAMSTER = (
    "hamster diagram private dutch cause delay private meat slide toddler razor book "
    "happy fancy gospel tennis maple dilemma loan word shrug inflict delay length"
)
# Of the vectors of BIP-39 (passphrase TREZOR): words, master key.
BIP39 = [
    (
        ABANDON,
        "xprv9s21ZrQH143K3h3fDYiay8mocZ3afhfULfb5GX8kCBdno77K4HiA15Tg23wpbeF1pLfs1c5SPmYHrEpTuuRhxMwvKDwqdKiGJS9XFKzUsAF",
    ),
    (
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
        "xprv9s21ZrQH143K2gA81bYFHqU68xz1cX2APaSq5tt6MFSLeXnCKV1RVUJt9FWNTbrrryem4ZckN8k4Ls1H6nwdvDTvnV7zEXs2HgPezuVccsq",
    ),
    (
        "zoo " * 23 + "vote",
        "xprv9s21ZrQH143K2WFF16X85T2QCpndrGwx6GueB72Zf3AHwHJaknRXNF37ZmDrtHrrLSHvbuRejXcnYxoZKvRquTPyp2JiNG3XcjQyzSEgqCB",
    ),
]
ENGLISH = reference.Mnemonic("english")
entropies = st.sampled_from([16, 20, 24, 28, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


def public_key(key: object) -> bytes:
    return signer("ecdsa", lambda: key).public_key  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(("words", "xprv"), BIP39, ids=["abandon", "legal", "zoo"])
def test_vectors_of_bip_39(words: str, xprv: str) -> None:
    assert Mnemonic(words).private_key("m", passphrase="TREZOR").reveal() == unpacked(xprv)[1]


def test_a_passphrase_is_normalized_as_bip_39_says() -> None:
    """NFKD: composed and decomposed characters are the same passphrase."""
    words = Mnemonic(HAMSTER)
    assert words.private_key(passphrase="é").reveal() == words.private_key(passphrase="e\u0301").reveal()


def test_the_networks_path() -> None:
    """`protocol.md` §12.2."""
    key = Mnemonic(ABANDON).private_key()
    assert key.reveal().hex() == "9e8ba689e9ced5459627b3689c88fd7c9ad4766eaf71abb0e8b57a83c0bcb74c"
    assert address_of(public_key(key)) == "gonka1k4swv40ur28fvu54p8mskjj4lxkgsj07u9f8ny"


def test_the_path_of_the_cosmos_hub() -> None:
    account = ripemd160(hashlib.sha256(public_key(Mnemonic(ABANDON).private_key("m/44'/118'/0'/0/0"))).digest())
    assert bech32.encode("cosmos", account) == "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4"


@given(entropies, st.sampled_from([" ", "\n", "  ", "\t", "\r\n"]), st.booleans())
def test_words_are_read_as_they_are_meant(entropy: bytes, between: str, capitals: bool) -> None:
    words = ENGLISH.to_mnemonic(entropy)
    text = between + between.join(words.split()) + between
    read = Mnemonic(text.upper() if capitals else text)
    assert read.reveal() == words
    assert read.words == len(entropy) * 3 // 4
    assert bytes(ENGLISH.to_entropy(read.reveal())) == entropy


@given(entropies, st.data())
def test_another_word_is_noticed_or_gives_another_key(entropy: bytes, data: st.DataObject) -> None:
    words = ENGLISH.to_mnemonic(entropy).split()
    place = data.draw(st.integers(0, len(words) - 1))
    changed = [*words]
    changed[place] = data.draw(st.sampled_from(ENGLISH.wordlist).filter(lambda word: word != words[place]))
    if ENGLISH.check(" ".join(changed)):
        keys = [Mnemonic(" ".join(each)).private_key("m").reveal() for each in (words, changed)]
        assert keys[0] != keys[1]
        return
    with pytest.raises(InvalidKeyError, match="checksum") as caught:
        Mnemonic(" ".join(changed))
    assert not words_of(" ".join(changed), everything_shown(caught.value))


@given(entropies, st.data(), st.text("abcdefghijklmnopqrstuvwxyz", min_size=1))
def test_a_typo_is_numbered_and_not_quoted(entropy: bytes, data: st.DataObject, typo: str) -> None:
    words = ENGLISH.to_mnemonic(entropy).split()
    place = data.draw(st.integers(1, len(words)))
    words[place - 1] = f"{typo}qqq"
    with pytest.raises(InvalidKeyError) as caught:
        Mnemonic(" ".join(words))
    assert caught.value.problem == f"word {place} of the mnemonic is not in the English list of BIP-39"
    assert f"{typo}qqq" not in everything_shown(caught.value)
    assert not words_of(" ".join(words), everything_shown(caught.value))


@pytest.mark.parametrize(
    ("places", "told"),
    [((3, 7), "words 3 and 7"), ((1, 2, 12), "words 1, 2, 12"), ((1, 2, 3, 4), "4 words"), (range(1, 13), "12 words")],
    ids=str,
)
def test_several_typos(places: tuple[int, ...], told: str) -> None:
    words = ["qqq" if place in places else "abandon" for place in range(1, 13)]
    with pytest.raises(InvalidKeyError, match=rf"^{told} of the mnemonic are not"):
        Mnemonic(" ".join(words))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has 0 words"),
        ("abandon " * 11, "has 11 words"),
        ("abandon " * 13, "has 13 words"),
        ("abandon " * 25, "has 25 words"),
        ("abandon " * 12, "checksum is wrong"),
        ("93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7", "private key in hex"),
        ('{"version": 3}', "V3 keystore"),
        (b"abandon", "is a bytes"),
    ],
    ids=["empty", "11", "13", "25", "checksum", "hex", "keystore", "bytes"],
)
def test_bad_text(text: str, problem: str) -> None:
    with pytest.raises(InvalidKeyError, match=problem) as caught:
        Mnemonic(text)
    assert caught.value.next_step
    shown = everything_shown(caught.value)
    assert "abandon" not in shown
    assert "93edcabddd69ed32" not in shown


@pytest.mark.parametrize("words", [12, 15, 18, 21, 24])
def test_new_ones_have_the_words_asked_for_and_differ(words: int) -> None:
    first, second = Mnemonic.generate(words), Mnemonic.generate(words)
    assert first.words == second.words == words
    assert first.reveal() != second.reveal()
    assert Mnemonic(first.reveal()).private_key().reveal() == first.private_key().reveal()


@pytest.mark.parametrize("words", [0, 11, 13, 25])
def test_no_others_are_made(words: int) -> None:
    with pytest.raises(InvalidKeyError, match="no mnemonic has"):
        Mnemonic.generate(words)


def test_a_passphrase_gives_another_key() -> None:
    words = Mnemonic(HAMSTER)
    keys = {words.private_key(passphrase=text).reveal() for text in ("", "a", "b", Passphrase("a"))}
    assert len(keys) == 3


class TestFiles:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "words"
        path.write_text("\ufeff" + HAMSTER.replace(" ", "\n") + "\n", encoding="utf-8")
        path.chmod(0o600)
        return path

    def test_read(self, path: Path) -> None:
        assert Mnemonic.from_file(path).reveal() == HAMSTER

    def test_one_that_everybody_reads_is_a_warning(self, path: Path) -> None:
        path.chmod(0o644)
        with pytest.warns(InsecureKeyFileWarning, match="mnemonic file"):
            Mnemonic.from_file(path)

    def test_bad_content_is_not_quoted(self, path: Path) -> None:
        path.write_text(HAMSTER.replace("hamster", "hamstre"))
        with pytest.raises(InvalidKeyError, match="word 1 of") as caught:
            Mnemonic.from_file(path)
        assert not words_of(HAMSTER, everything_shown(caught.value))

    def test_words_where_the_path_belongs_are_not_quoted(self) -> None:
        with pytest.raises(InvalidKeyError, match="path of the mnemonic file looks like a key") as caught:
            Mnemonic.from_file(HAMSTER)
        assert not words_of(HAMSTER, everything_shown(caught.value))


class TestShownNowhere:
    def test_repr_and_pickle(self) -> None:
        words = Mnemonic(HAMSTER)
        assert not words_of(HAMSTER, f"{words!r} {words} {[words]} {copy.__name__}")
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="not pickled") as caught:
                pickle.dumps(words, protocol)
            assert not words_of(HAMSTER, everything_shown(caught.value))

    def test_a_bad_path_beside_it(self) -> None:
        words = Mnemonic(HAMSTER)
        with pytest.raises(ConfigurationError, match="HD path") as caught:
            words.private_key("44'/1200'", passphrase="Tr0ub4dor&3")
        shown = everything_shown(caught.value)
        assert not words_of(HAMSTER, shown)
        assert "Tr0ub4dor" not in shown
        assert not traces_of(words.private_key().reveal(), shown)

    def test_a_missing_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        module._english.cache_clear()
        module._listed.cache_clear()
        monkeypatch.setitem(sys.modules, "mnemonic", None)
        with pytest.raises(MissingLibraryError, match=r"gonka-core\[keys\]") as caught:
            Mnemonic(HAMSTER)
        assert not words_of(HAMSTER, everything_shown(caught.value))

    def test_the_detector_detects(self) -> None:
        for shown in (HAMSTER, repr(HAMSTER.split()), HAMSTER.upper(), HAMSTER.replace(" ", "\n")):
            assert len(words_of(HAMSTER, f"… {shown} …")) == 23
        assert not words_of(HAMSTER, "Mnemonic(hidden)")
