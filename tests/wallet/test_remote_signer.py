"""The signer of `docs/remote-signer.md`, taken from the page: examined by the kit, by its name, and in trouble."""

from __future__ import annotations

import importlib.util
import os
import pickle
import re
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gonka_conformance import SignerSubject, check_signer
from gonka_conformance.material import KEY
from gonka_core import Client, GonkaError, MissingSettingError, PrivateKey, SigningError, address_of
from gonka_core.plugins import registry
from gonka_core.resolve import signer
from gonka_mock_node import MockNode
from tests.wallet.leaking import traces_of

PAGE = Path(__file__).parents[2] / "docs" / "remote-signer.md"
DIGEST = bytes(range(32))


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the page, installed with an entry point."""
    (source,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    path = tmp_path / "remote_signer.py"
    path.write_text(source, encoding="utf-8")
    info = tmp_path / "remote_signer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: remote-signer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gonka]\nsocket = remote_signer\n")
    spec = importlib.util.spec_from_file_location("remote_signer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "remote_signer", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def serving(remote: ModuleType, tmp_path: Path) -> Iterator[Callable[[PrivateKey], Any]]:
    """Serve a key in a thread of the test; the signer that asks it."""
    servers: list[Any] = []

    def serve(key: PrivateKey) -> Any:
        path = tmp_path / f"{len(servers)}.sock"
        servers.append(remote.serve(path, key))
        return remote.RemoteSigner(path)

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_conforms(serving: Callable[[PrivateKey], Any]) -> None:
    report = check_signer(SignerSubject("socket", serving, frozenset({"deterministic"})))
    assert report.conforms, [(result.id, result.evidence) for result in report.results if result.status != "passed"]
    assert {result.status for result in report.results} == {"passed"}


def test_it_signs_as_the_signer_behind_it(serving: Callable[[PrivateKey], Any]) -> None:
    here, there = signer("auto", lambda: PrivateKey(KEY)), serving(PrivateKey(KEY))
    assert there.public_key == here.public_key
    assert there.sign_digest(DIGEST) == here.sign_digest(DIGEST)


def test_by_its_name_it_needs_no_key_here(
    remote: ModuleType,
    serving: Callable[[PrivateKey], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("SIGNER_SOCKET", serving(PrivateKey(KEY)).path)
    assert "GONKA_PRIVATE_KEY" not in os.environ
    registry.cache_clear()
    try:
        with MockNode() as node, _client(node, signer="socket") as client:
            assert client.chat({"model": "test", "messages": [{"role": "user", "content": "hi"}]}).text
            assert client.address == address_of(signer("ecdsa", lambda: PrivateKey(KEY)).public_key)
        monkeypatch.delenv("SIGNER_SOCKET")
        with pytest.raises(MissingSettingError, match="SIGNER_SOCKET"):
            signer("socket", no_key)
    finally:
        registry.cache_clear()


def no_key() -> PrivateKey:
    raise AssertionError("a key was asked for")


def test_a_program_with_a_key_hands_it_to_another_process(remote: ModuleType) -> None:
    held: Any = remote.hand_over(PrivateKey(KEY))
    assert isinstance(held, remote.RemoteSigner)
    _shows_nothing(held)
    assert stat.S_IMODE(os.stat(held.path).st_mode) == 0o600
    path = held.path
    del held
    assert not os.path.exists(path)  # its process ended with it


def _client(node: MockNode, **more: Any) -> Client:
    return Client(f"{node.url};{node.provider_address}", **more)


def _shows_nothing(held: Any) -> None:
    assert not traces_of(KEY, f"{held!r} {vars(held)} {pickle.dumps(held)!r}")
    assert pickle.loads(pickle.dumps(held)).sign_digest(DIGEST) == held.sign_digest(DIGEST)


class TestTheSocket:
    def test_is_its_owners_alone_whatever_the_umask(self, remote: ModuleType, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            with remote.SignerServer(tmp_path / "s", PrivateKey(KEY)):
                assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
            assert os.umask(0) == 0
        finally:
            os.umask(before)

    def test_one_that_was_left_is_replaced_and_one_that_is_served_is_not(
        self, remote: ModuleType, tmp_path: Path
    ) -> None:
        with remote.SignerServer(tmp_path / "s", PrivateKey(KEY)):
            pass
        assert (tmp_path / "s").exists()
        server = remote.serve(tmp_path / "s", PrivateKey(KEY))
        with pytest.raises(OSError, match="in use"):
            remote.SignerServer(tmp_path / "s", PrivateKey(KEY))
        assert remote.RemoteSigner(tmp_path / "s").sign_digest(DIGEST)
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"\x00\x01P", b"+"),
        (b"\x00\x01K", b"-"),
        (b"\x00\x00", b"-"),
        (b"\x00\x20S" + bytes(31), b"-"),
        (b"\x00\x22S" + bytes(33), b"-"),
        (b"\x00\x21P" + bytes(32), b"-"),
        (b"\xff\xff" + bytes(400), b""),
        (b"\x01\x01" + bytes(257), b""),
        (b"\x00\x21S", b""),
        (b"", b""),
    ],
    ids=["public key", "unknown", "empty", "31", "33", "P and more", "long", "just too long", "cut off", "nothing"],
)
def test_whatever_is_asked_it_goes_on(
    remote: ModuleType, serving: Callable[[PrivateKey], Any], capfd: Any, sent: bytes, answered: bytes
) -> None:
    held = serving(PrivateKey(KEY))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(held.path)
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        try:
            got = connection.recv(1024)
        except ConnectionResetError:  # it left while bytes of ours were on their way
            got = b""
    assert got[2:3] == answered
    assert not traces_of(KEY, repr(got))
    assert held.sign_digest(DIGEST) == signer("auto", lambda: PrivateKey(KEY)).sign_digest(DIGEST)
    assert not traces_of(KEY, "".join(capfd.readouterr()))


class TestTrouble:
    def test_nobody_listens(self, remote: ModuleType, serving: Callable[[PrivateKey], Any], tmp_path: Path) -> None:
        with pytest.raises(SigningError, match=r"does not answer \(FileNotFoundError\); look whether it runs"):
            remote.RemoteSigner(tmp_path / "nowhere")
        held = serving(PrivateKey(KEY))
        os.unlink(held.path)
        with pytest.raises(SigningError, match="does not answer"):
            held.sign_digest(DIGEST)

    def test_it_is_found_again(self, remote: ModuleType, tmp_path: Path) -> None:
        path = tmp_path / "s"
        first = remote.serve(path, PrivateKey(KEY))
        held = remote.RemoteSigner(path)
        first.shutdown()
        first.server_close()
        with pytest.raises(SigningError, match="ConnectionRefusedError"):
            held.sign_digest(DIGEST)
        second = remote.serve(path, PrivateKey(KEY))
        assert held.sign_digest(DIGEST)
        second.shutdown()
        second.server_close()

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (b"", "ConnectionError"),
            (b"\x00\x41+half", "ConnectionError"),
            (b"\xff\xff+", "ConnectionError"),
            (b"\x00\x01-", "refuses"),
            (b"\x00\x03+ab", "refuses"),
            (None, "TimeoutError"),
        ],
        ids=["nothing", "half", "long", "refusal", "short", "silence"],
    )
    def test_an_answer_that_is_none(
        self, remote: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes | None, words: str
    ) -> None:
        monkeypatch.setattr(remote, "PATIENCE", 0.2)
        done = threading.Event()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / "s"))
            listener.listen()

            def answering() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1024)
                    if answer is None:
                        done.wait(10)
                    else:
                        connection.sendall(answer)

            thread = threading.Thread(target=answering)
            thread.start()
            began = time.monotonic()
            with pytest.raises(SigningError, match=words):
                remote.RemoteSigner(tmp_path / "s")
            assert time.monotonic() - began < 5
            done.set()
            thread.join()

    def test_a_call_ends_before_anything_is_sent(self, serving: Callable[[PrivateKey], Any]) -> None:
        held = serving(PrivateKey(KEY))
        with MockNode() as node, _client(node, signer=held) as client:
            os.unlink(held.path)
            with pytest.raises(GonkaError, match="does not answer"):
                client.chat({"model": "test", "messages": [{"role": "user", "content": "hi"}]})
            assert len(node.journal) == 0
