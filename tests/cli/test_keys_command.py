"""`gonka keys`, and the options for a key that every command has, as a user types them."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring.core
import pytest

from gonka_core import PrivateKey
from gonka_core.cli.run import run
from gonka_core.wallet import Mnemonic, keystore
from gonka_mock_node import MockNode
from tests.wallet.leaking import traces_of, words_of
from tests.wallet.rings import Memory

KEY = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
ADDRESS = "gonka1ya4szxe35cce6zd8g7vh95elze9quacq3j3ugs"
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
WORDS = "abandon " * 11 + "about"
OF_WORDS = "gonka1k4swv40ur28fvu54p8mskjj4lxkgsj07u9f8ny"
PHRASE = "correct horse battery"
GONKA = str(Path(sys.executable).parent / "gonka")


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Memory:
    ring = Memory()
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    return ring


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little work for scrypt: the default takes a second for each file."""
    encrypt = keystore.encrypt
    monkeypatch.setattr(keystore, "encrypt", lambda key, phrase, scrypt_n: encrypt(key, phrase, scrypt_n=2))


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Write a file for the owner alone; its path."""
    monkeypatch.chdir(tmp_path)

    def put(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    return put


@pytest.fixture
def phrase(put: Callable[[str, str], str]) -> str:
    return put("phrase", PHRASE + "\n")


@pytest.fixture
def stored(put: Callable[[str, str], str]) -> str:
    return put("key.json", keystore.encrypt(PrivateKey.from_hex(KEY), PHRASE, scrypt_n=2))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """The JSON that a command prints; nothing on stderr."""
    assert run([*arguments, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def wrong(capsys: pytest.CaptureFixture[str], words: str, *arguments: str) -> None:
    """A command ends in one line, with status 2, and shows no secret."""
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert re.search(words, line), line
    assert "; " in line
    assert not traces_of(bytes.fromhex(KEY), line)
    assert not words_of(WORDS, line)
    assert PHRASE not in line


def without_terminal(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [GONKA, *arguments],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )


def typed(lines: list[str], *arguments: str) -> tuple[int, str, str]:
    """Status, what the terminal showed, and stdout, of a command that asks on its terminal and is answered."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [GONKA, *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    ) as process:
        os.close(theirs)
        seen = ""
        for line in lines:
            while not seen.endswith(": "):  # what is typed before the question is thrown away
                seen += os.read(ours, 1024).decode()
            os.write(ours, f"{line}\n".encode())
            seen += os.read(ours, 1024).decode()
        assert process.stdout is not None
        printed = process.stdout.read().decode()
        status = process.wait(timeout=60)
    seen += _rest(ours)
    return status, seen, printed


def _rest(terminal: int) -> str:
    text = b""
    try:
        while part := os.read(terminal, 1024):
            text += part
    except OSError:  # Linux says so when nobody holds the other side any more
        pass
    finally:
        os.close(terminal)
    return text.decode()


class TestSources:
    """Each place a key can come from, by `gonka keys show`."""

    def test_hex_in_a_file_and_on_stdin(self, capsys: Any, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert told(capsys, "keys", "show", "--key-file", put("key", f"0x{KEY}\n"))["address"] == ADDRESS
        monkeypatch.setattr(sys, "stdin", io.StringIO(KEY + "\n"))
        assert told(capsys, "keys", "show", "--key-file", "-")["address"] == ADDRESS

    def test_a_keystore_in_a_file_and_on_stdin(
        self, capsys: Any, stored: str, phrase: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = ["keys", "show", "--passphrase-file", phrase, "--key-file"]
        assert told(capsys, *asked, stored)["address"] == ADDRESS
        monkeypatch.setattr(sys, "stdin", io.StringIO(Path(stored).read_text()))
        assert told(capsys, *asked, "-")["address"] == ADDRESS

    def test_words(self, capsys: Any, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        words = put("words", WORDS + "\n")
        assert told(capsys, "keys", "show", "--mnemonic-file", words)["address"] == OF_WORDS
        monkeypatch.setattr(sys, "stdin", io.StringIO(WORDS))
        assert told(capsys, "keys", "show", "--mnemonic-file", "-")["address"] == OF_WORDS
        other = told(capsys, "keys", "show", "--mnemonic-file", words, "--hd-path", "m/44'/118'/0'/0/0")
        assert other["address"] not in (OF_WORDS, ADDRESS)

    def test_words_with_a_passphrase(self, capsys: Any, put: Any) -> None:
        asked = ["keys", "show", "--mnemonic-file", put("words", WORDS), "--passphrase-file", put("phrase", "TREZOR")]
        expected = Mnemonic(WORDS).private_key(passphrase="TREZOR")
        assert told(capsys, *asked)["address"] == keystore._address(expected)

    def test_the_keyring(self, capsys: Any, ring: Memory) -> None:
        ring.kept["gonka", "alice"] = KEY
        assert told(capsys, "keys", "show", "--keyring", "alice")["address"] == ADDRESS

    def test_the_environment(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        assert told(capsys, "keys", "show")["address"] == ADDRESS

    def test_an_option_wins_over_the_environment(self, capsys: Any, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        assert told(capsys, "keys", "show", "--mnemonic-file", put("words", WORDS))["address"] == OF_WORDS


class TestOtherCommands:
    def test_they_take_the_same_options(self, capsys: Any, put: Any, ring: Memory, stored: str, phrase: str) -> None:
        ring.kept["gonka", "alice"] = KEY
        asked = ["--endpoint-account", PROVIDER, "--timestamp", "7", "--file", put("payload", "{}")]
        for source in (["--keyring", "alice"], ["--key-file", stored, "--passphrase-file", phrase]):
            assert told(capsys, "address", *source)["address"] == ADDRESS
            signed = told(capsys, "sign", *asked, *source)
            assert signed["address"] == ADDRESS
            assert told(capsys, "verify", *asked, "--signature", signed["signature"], *source)["verified"] is True

    def test_requests(self, capsys: Any, put: Any, ring: Memory) -> None:
        ring.kept["gonka", "alice"] = KEY
        with MockNode() as node:
            asked = ["--endpoint", node.url, "--provider-address", node.provider_address, "--model", "test"]
            assert told(capsys, "chat", "hi", *asked, "--keyring", "alice")
            payload = put("payload", '{"model":"test","messages":[{"role":"user","content":"hi"}]}')
            asked = ["--node-address", node.url, "--file", payload, "--mnemonic-file", put("words", WORDS)]
            assert told(capsys, "send-request", *asked)
            assert [entry.requester for entry in node.journal][-2:] == [ADDRESS, OF_WORDS]

    def test_a_key_of_no_use_beside_another_signer_of_a_signature(self, capsys: Any, ring: Memory) -> None:
        wrong(capsys, "--public-key and --keyring exclude", "address", "--public-key", "02", "--keyring", "a")
        asked = ["--timestamp", "7", "--endpoint-account", PROVIDER, "--file", "x", "--signature", "x"]
        wrong(capsys, "more than once", "verify", *asked, "--account-address", ADDRESS, "--mnemonic-file", "x")
        wrong(capsys, "both come from stdin", "sign", *asked[:4], "--file", "-", "--mnemonic-file", "-")
        wrong(capsys, "both come from stdin", "verify", *asked[:4], "--file", "-", *asked[6:], "--key-file", "-")


class TestRefused:
    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (["--key-file", "a", "--keyring", "b"], "more than once; give one of"),
            (["--key-file", "a", "--key-file", "b"], "more than once; give one of"),
            (["--keyring", "a", "--mnemonic-file", "b"], "more than once; give one of"),
            (["--key-file", "a", "--hd-path", "m"], "belong to a mnemonic"),
            (["--hd-path", "m"], "belong to a mnemonic"),
            (["--keyring", "a", "--ask-passphrase"], "belong to a mnemonic"),
            (["--passphrase-file", "a"], "without a file that it opens"),
            (["--keyring", "a", "--passphrase-file", "a"], "without a file that it opens"),
            (["--mnemonic-file", "a", "--passphrase-file", "a", "--ask-passphrase"], "exclude each other"),
            (["--private-key", KEY], r"--private-key is refused.*shell's history"),
            ([f"--private-key={KEY}"], r"--private-key is refused.*shell's history"),
            (["--mnemonic", WORDS], r"--mnemonic is refused.*shell's history"),
            (["--passphrase", PHRASE], r"--passphrase is refused.*shell's history"),
            (["--key-file", KEY], r"looks like a key itself.*shell's history"),
            (["--mnemonic-file", WORDS], r"looks like a key itself.*shell's history"),
            (["--key-file", WORDS], r"looks like a key itself.*shell's history"),
            (["--keyring", KEY], r"looks like a key itself.*shell's history"),
            (["--keyring", "nobody"], "no key named 'nobody'"),
            ([], "there is no private key; set GONKA_PRIVATE_KEY"),
        ],
        ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
    )
    @pytest.mark.parametrize("command", ["address", "keys show"])
    def test_options(self, capsys: Any, command: str, given: list[str], words: str) -> None:
        wrong(capsys, words, *command.split(), *given)

    @pytest.mark.parametrize(
        ("option", "text", "words"),
        [
            ("--key-file", WORDS, r"looks like a mnemonic; give it as a file: --mnemonic-file PATH"),
            ("--key-file", f"-----BEGIN TENDERMINT PRIVATE KEY-----\n{KEY}", r"armored export; .* --unarmored-hex"),
            ("--key-file", KEY[:-1], "has 63 hex digits"),
            ("--key-file", "{", "keystore is damaged or none"),
            ("--mnemonic-file", KEY, "looks like a private key in hex; give it with --key-file"),
            ("--mnemonic-file", WORDS.replace("about", "abuot"), "word 12 of the mnemonic is not"),
            ("--mnemonic-file", "abandon " * 12, "checksum is wrong"),
        ],
        ids=lambda value: value[:24],
    )
    def test_contents(
        self, capsys: Any, put: Any, monkeypatch: pytest.MonkeyPatch, option: str, text: str, words: str
    ) -> None:
        wrong(capsys, words, "keys", "show", option, put("secret", text))
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        wrong(capsys, words, "keys", "show", option, "-")

    def test_an_endless_stdin(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        for option in ("--key-file", "--mnemonic-file"):
            monkeypatch.setattr(sys, "stdin", io.StringIO(KEY * 1000))
            wrong(capsys, "stdin holds more than 4096", "keys", "show", option, "-")

    def test_passphrases(self, capsys: Any, put: Any, stored: str, phrase: str) -> None:
        asked = ["keys", "show", "--key-file"]
        wrong(capsys, "does not open", *asked, stored, "--passphrase-file", put("other", "incorrect horse"))
        wrong(capsys, "cannot be read", *asked, stored, "--passphrase-file", "nowhere")
        wrong(capsys, "is no V3 keystore", *asked, put("key", KEY), "--passphrase-file", phrase)


class TestAsking:
    def test_a_passphrase_is_asked_for_and_not_shown(self, stored: str) -> None:
        status, seen, printed = typed([PHRASE], "keys", "show", "--key-file", stored)
        assert (status, ADDRESS in printed) == (0, True)
        assert seen.startswith(f"Passphrase of 'key.json' ({ADDRESS}): ")
        assert PHRASE not in seen
        status, seen, printed = typed(["incorrect"], "keys", "show", "--key-file", stored)
        assert (status, printed) == (2, "")
        assert "does not open" in seen
        assert "incorrect" not in seen

    def test_that_of_a_mnemonic_too(self, put: Any) -> None:
        status, seen, printed = typed(
            ["TREZOR"], "keys", "show", "--mnemonic-file", put("words", WORDS), "--ask-passphrase"
        )
        assert status == 0
        assert keystore._address(Mnemonic(WORDS).private_key(passphrase="TREZOR")) in printed
        assert "TREZOR" not in seen

    def test_a_new_one_is_asked_for_twice(self, put: Any, tmp_path: Path) -> None:
        asked = ["keys", "import", "--key-file", put("key", KEY), "--to-keystore", "new.json"]
        status, seen, _ = typed([PHRASE, PHRASE + "x"], *asked)
        assert (status, "the two passphrases differ" in seen) == (2, True)
        assert not (tmp_path / "new.json").exists()
        status, seen, _ = typed([PHRASE, PHRASE], *asked)
        assert status == 0
        assert PHRASE not in seen
        assert keystore.read(tmp_path / "new.json", PHRASE).reveal().hex() == KEY

    def test_without_a_terminal_the_file_is_named(self, stored: str, put: Any) -> None:
        done = without_terminal("keys", "show", "--key-file", stored)
        assert (done.returncode, done.stdout) == (2, "")
        assert "no terminal" in done.stderr
        assert done.stderr.endswith("give --passphrase-file PATH\n")
        done = without_terminal("keys", "new", "--out", "x.json")
        assert done.returncode == 2
        assert done.stderr.endswith("give --new-passphrase-file PATH\n")

    def test_a_damaged_keystore_is_refused_before_anything_is_asked(self, put: Any) -> None:
        done = without_terminal("keys", "show", "--key-file", put("key.json", '{"version": 3}'))
        assert "damaged" in done.stderr


class TestNew:
    def test_a_mnemonic_that_gives_the_key(self, capsys: Any) -> None:
        for words in (12, 24):
            assert run(["keys", "new", "--words", str(words), "--json"]) == 0
            printed = capsys.readouterr()
            made = json.loads(printed.out)
            assert len(made["mnemonic"].split()) == words
            key = Mnemonic(made["mnemonic"]).private_key(made["hd_path"])
            assert made["address"] == keystore._address(key)
            assert key.reveal().hex() not in printed.out
            assert "shown once" in printed.err
            assert not words_of(made["mnemonic"], printed.err)
            assert "publish-pubkey" in " ".join(made["next_steps"])

    def test_lines_to_read(self, capsys: Any) -> None:
        assert run(["keys", "new"]) == 0
        printed = capsys.readouterr()
        (line,) = [line for line in printed.out.splitlines() if line.startswith("mnemonic")]
        assert Mnemonic(line.removeprefix("mnemonic")).words == 24
        assert "next steps\n  1. fund the account: send GNK to gonka1" in printed.out

    def test_kept_in_a_keystore(self, capsys: Any, phrase: str, tmp_path: Path) -> None:
        assert run(["keys", "new", "--out", "my key.json", "--new-passphrase-file", phrase, "--json"]) == 0
        made = json.loads(capsys.readouterr().out)
        assert made["use_with"] == "--key-file 'my key.json'"
        key = keystore.read(tmp_path / "my key.json", PHRASE)
        assert key.reveal() == Mnemonic(made["mnemonic"]).private_key().reveal()

    def test_kept_in_the_keyring(self, capsys: Any, ring: Memory) -> None:
        assert run(["keys", "new", "--keyring", "alice", "--hd-path", "m/44'/1200'/0'/0/1", "--json"]) == 0
        made = json.loads(capsys.readouterr().out)
        key = Mnemonic(made["mnemonic"]).private_key("m/44'/1200'/0'/0/1")
        assert ring.kept["gonka", "alice"] == key.reveal().hex()
        assert made["use_with"] == "--keyring alice"

    @pytest.mark.parametrize("taken", ["file", "name", "folder", "path", "short", "both", "phrase", "words"])
    def test_nothing_is_made_where_it_cannot_be_kept(
        self, capsys: Any, put: Any, phrase: str, ring: Memory, monkeypatch: pytest.MonkeyPatch, taken: str
    ) -> None:
        ring.kept["gonka", "alice"] = KEY
        monkeypatch.setattr(Mnemonic, "generate", None)
        arguments, words = {
            "file": (["--out", put("k.json", "mine"), "--new-passphrase-file", phrase], "nothing is overwritten"),
            "name": (["--keyring", "alice"], "has a key named 'alice' already"),
            "folder": (["--out", "no/k.json", "--new-passphrase-file", phrase], "cannot be written"),
            "path": (["--hd-path", "x"], "HD path"),
            "short": (["--out", "n.json", "--new-passphrase-file", put("p", "seven77")], "fewer than 8 characters"),
            "both": (["--out", "n.json", "--keyring", "bob"], "two places are named"),
            "phrase": (["--keyring", "bob", "--new-passphrase-file", phrase], "without a keystore"),
            "words": (["--words", "13"], "13"),
        }[taken]
        wrong(capsys, words, "keys", "new", *arguments)
        assert set(ring.kept) == {("gonka", "alice")}


class TestMoving:
    @pytest.mark.parametrize("source", ["hex", "mnemonic", "keystore", "environment"])
    def test_into_the_keyring(
        self, capsys: Any, put: Any, ring: Memory, stored: str, phrase: str, monkeypatch: Any, source: str
    ) -> None:
        if source == "environment":
            monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        given = {
            "hex": ["--key-file", put("key", KEY)],
            "mnemonic": ["--mnemonic-file", put("words", WORDS)],
            "keystore": ["--key-file", stored, "--passphrase-file", phrase],
            "environment": [],
        }[source]
        moved = told(capsys, "keys", "import", *given, "--to-keyring", "alice")
        assert moved["address"] == (OF_WORDS if source == "mnemonic" else ADDRESS)
        assert moved["use_with"] == "--keyring alice"
        assert told(capsys, "keys", "show", "--keyring", "alice")["address"] == moved["address"]
        assert told(capsys, "keys", "list") == [{"name": "alice", "address": moved["address"]}]

    @pytest.mark.parametrize("command", ["import", "export"])
    def test_into_a_keystore(self, capsys: Any, ring: Memory, phrase: str, tmp_path: Path, command: str) -> None:
        ring.kept["gonka", "alice"] = KEY
        asked = ["keys", command, "--keyring", "alice", "--to-keystore", "k.json", "--new-passphrase-file", phrase]
        moved = told(capsys, *asked)
        assert (moved["address"], moved["kept_in"]) == (ADDRESS, "k.json")
        assert keystore.read(tmp_path / "k.json", PHRASE).reveal().hex() == KEY
        assert KEY not in json.dumps(moved)
        wrong(capsys, "nothing is overwritten", *asked)

    def test_nowhere(self, capsys: Any, put: Any) -> None:
        for command in ("import", "export"):
            wrong(capsys, "no place is named", "keys", command, "--key-file", put("key", KEY))

    def test_into_a_name_that_is_taken(self, capsys: Any, put: Any, ring: Memory) -> None:
        ring.kept["gonka", "alice"] = KEY
        wrong(capsys, "already", "keys", "import", "--mnemonic-file", put("w", WORDS), "--to-keyring", "alice")
        assert ring.kept["gonka", "alice"] == KEY


class TestListAndDelete:
    def test_listed_for_reading(self, capsys: Any, put: Any) -> None:
        assert run(["keys", "list"]) == 0
        printed = capsys.readouterr()
        assert (printed.out, "there are none" in printed.err) == ("", True)
        told(capsys, "keys", "import", "--key-file", put("key", KEY), "--to-keyring", "alice")
        assert run(["keys", "list"]) == 0
        assert capsys.readouterr().out == f"alice  {ADDRESS}\n"

    def test_deleted_when_that_is_said(self, capsys: Any, put: Any, ring: Memory) -> None:
        told(capsys, "keys", "import", "--key-file", put("key", KEY), "--to-keyring", "alice")
        assert told(capsys, "keys", "delete", "--keyring", "alice", "--yes") == {"deleted": "alice", "address": ADDRESS}
        assert ("gonka", "alice") not in ring.kept
        wrong(capsys, "no key named 'alice'", "keys", "delete", "--keyring", "alice", "--yes")

    def test_not_deleted_without_an_answer(self, capsys: Any, ring: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
        ring.kept["gonka", "alice"] = KEY
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        wrong(capsys, "nobody can be asked.*give --yes", "keys", "delete", "--keyring", "alice")
        assert ring.kept["gonka", "alice"] == KEY

    @pytest.mark.parametrize(("answer", "status"), [("n\n", 130), ("\n", 130), ("y\n", 0)])
    def test_asked_on_a_terminal(
        self, capsys: Any, ring: Memory, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
    ) -> None:
        ring.kept["gonka", "alice"] = KEY
        terminal = io.StringIO(answer)
        monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys, "stdin", terminal)
        assert run(["keys", "delete", "--keyring", "alice"]) == status
        assert (("gonka", "alice") in ring.kept) is (status != 0)


def test_without_a_keyring_the_keystore_is_named(tmp_path: Path) -> None:
    done = without_terminal("keys", "list", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring", HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no keyring" in done.stderr
    assert "--to-keystore PATH" in done.stderr
