"""The C limit signs what `sign_request` signs, byte for byte, and says why where it cannot be had."""

from __future__ import annotations

import base64
import ctypes
import importlib.util
import pickle
import shutil
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rows import signing
from benchmarks.threaded import in_threads, wrong_signatures
from gonka_bench import climit
from gonka_bench.climit import CLimit, CLimitUnavailableError
from gonka_bench.workload import ENDPOINT, KEY, SECRET, TIMESTAMP_NS, chat_payload
from gonka_core import PrivateKey, Signer, canonical, resolve, sign_request
from gonka_core.canonical import SCHEMES, Scheme
from gonka_core.errors import ConfigurationError
from gonka_core.keys import ORDER

pytest.importorskip("coincurve")
pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, climit.COMPILERS)), reason="there is no C compiler; on Debian: apt install gcc"
)

ADDRESS = ENDPOINT.provider_address
PAYLOADS = st.one_of(st.binary(max_size=300), st.integers(0, 130).map(lambda size: b"\0" * size))
TIMESTAMPS = st.one_of(st.sampled_from([1, 9, 10, 2**63 - 1]), st.integers(1, 2**63 - 1))
schemes = pytest.mark.parametrize("scheme", SCHEMES)


@cache
def c_limit() -> CLimit:
    return climit.load()


def coincurve(key: PrivateKey = KEY) -> Signer:
    return resolve.signer("coincurve", lambda: key)


@schemes
@given(PAYLOADS, TIMESTAMPS)
def test_signs_as_sign_request_does(scheme: Scheme, payload: bytes, timestamp_ns: int) -> None:
    made = sign_request(payload, ENDPOINT, coincurve(), scheme=scheme, timestamp_ns=timestamp_ns)
    assert c_limit().sign(payload, scheme, timestamp_ns, ADDRESS) == made.headers["Authorization"]


@pytest.mark.parametrize("number", [1, 2, ORDER - 1], ids=["1", "2", "n-1"])
def test_signs_with_the_key_that_it_was_given(number: int) -> None:
    key = PrivateKey(number.to_bytes(32, "big"))
    made = sign_request(b"{}", ENDPOINT, coincurve(key), timestamp_ns=TIMESTAMP_NS)
    assert climit.load(key).sign(b"{}", "raw", TIMESTAMP_NS, ADDRESS) == made.headers["Authorization"]


@schemes
@pytest.mark.parametrize("size", [4_096, 262_144, 10 * 2**20])
def test_large_payloads(scheme: Scheme, size: int) -> None:
    payload = chat_payload(size)
    made = sign_request(payload, ENDPOINT, coincurve(), scheme=scheme, timestamp_ns=TIMESTAMP_NS)
    assert c_limit().sign(payload, scheme, TIMESTAMP_NS, ADDRESS) == made.headers["Authorization"]


@pytest.mark.parametrize("timestamp_ns", [0, -1, -(2**63)])
def test_a_timestamp_that_is_not_above_zero_is_left_out(timestamp_ns: int) -> None:
    signed = canonical.digest("raw", b"{}", timestamp_ns, ADDRESS)
    assert c_limit().sign(b"{}", "raw", timestamp_ns, ADDRESS) == _wire(coincurve().sign_digest(signed))


@pytest.mark.parametrize("address", ["", "gonka", "gonka1kx9mca3xm8u8ypzfuhmxey66u0ufxhs7nm6wc5", "é" * 50])
def test_any_provider_address(address: str) -> None:
    signed = canonical.digest("hash", b"{}", TIMESTAMP_NS, address)
    assert c_limit().sign(b"{}", "hash", TIMESTAMP_NS, address) == _wire(coincurve().sign_digest(signed))


@pytest.mark.parametrize("changed", ["payload", "scheme", "timestamp", "address"])
def test_every_part_is_signed(changed: str) -> None:
    """The negative of the tests above: another part, another signature."""
    parts: dict[str, Any] = {"payload": b"{}", "scheme": "raw", "timestamp": TIMESTAMP_NS, "address": ADDRESS}
    others = {"payload": b"[]", "scheme": "hash", "timestamp": TIMESTAMP_NS + 1, "address": ADDRESS[:-1]}
    assert c_limit().sign(*parts.values()) != c_limit().sign(*(parts | {changed: others[changed]}).values())


def test_a_run_ends_with_the_last_timestamp() -> None:
    c = c_limit()
    assert c._signed(b"{}", "raw", TIMESTAMP_NS, ADDRESS, 7) == c.sign(b"{}", "raw", TIMESTAMP_NS + 6, ADDRESS)


def test_a_run_of_nothing() -> None:
    c_limit().run(b"{}", "raw", 0)


def test_another_scheme_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        c_limit().sign(b"{}", "new", TIMESTAMP_NS, ADDRESS)  # type: ignore[arg-type]


def test_threads_share_it() -> None:
    c = c_limit()
    stamps = range(TIMESTAMP_NS, TIMESTAMP_NS + 2_000)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda stamp: c.sign(b"{}", "raw", stamp, ADDRESS), stamps))
    assert together == [c.sign(b"{}", "raw", stamp, ADDRESS) for stamp in stamps]


def test_shows_and_hands_on_no_key() -> None:
    c = c_limit()
    assert SECRET.hex() not in repr(c)
    with pytest.raises(TypeError, match="is not pickled"):
        pickle.dumps(c)


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    c = climit.load()
    assert not list(tmp_path.iterdir())
    assert c.sign(b"{}", "raw", TIMESTAMP_NS, ADDRESS) == c_limit().sign(b"{}", "raw", TIMESTAMP_NS, ADDRESS)


def test_the_key_is_not_in_what_is_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compiled = tmp_path / "kept.so"
    load, secret = ctypes.CDLL, SECRET

    def kept(path: str | None) -> ctypes.CDLL:
        if path and Path(path).name == "climit.so":
            shutil.copy(path, compiled)
        return load(path)

    monkeypatch.setattr(ctypes, "CDLL", kept)
    climit.load()
    assert b"gonka_sign" in compiled.read_bytes()
    assert secret not in compiled.read_bytes()


def test_compiles_without_a_warning(tmp_path: Path) -> None:
    compiler = next(filter(None, map(shutil.which, climit.COMPILERS)))
    source = resources.files("gonka_bench").joinpath("climit.c").read_bytes()
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror"]
    climit._compile([compiler, *strict, *climit._FLAGS, "-o", str(tmp_path / "climit.so")], source)


def test_without_a_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CLimitUnavailableError, match=r"^there is no C compiler \(cc, gcc, clang\); on Debian: apt "):
        climit.load()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("echo 'x.c:1: fatal error: no header' >&2; exit 1", r"does not compile it \(x.c:1: fatal error: no header\)"),
        ("exit 3", r"does not compile it \(status 3\)"),
        ("exit 0", "what was compiled cannot be loaded"),
    ],
    ids=["fails", "says nothing", "writes nothing"],
)
def test_a_compiler_that_does_not_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, said: str
) -> None:
    (tmp_path / "cc").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "cc").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CLimitUnavailableError, match=said):
        climit.load()


def test_a_compiler_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cc").write_text("#!/no/such/interpreter\n")
    (tmp_path / "cc").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CLimitUnavailableError, match=r"does not run .* try: .*/cc --version"):
        climit.load()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("coincurve", "coincurve, whose libsecp256k1 it calls, is not installed"),
        ("secp256k1_ecdsa_sign", "this build of coincurve does not let others call"),
        ("SHA256_Update", "the libcrypto of this Python cannot be called by others"),
    ],
)
def test_without_a_library(monkeypatch: pytest.MonkeyPatch, missing: str, said: str) -> None:
    find, load = importlib.util.find_spec, ctypes.CDLL

    class Hiding:
        def __init__(self, path: str | None) -> None:
            self.library = load(path)

        def __getattr__(self, name: str) -> Any:
            if name == missing:
                raise AttributeError(name)
            return getattr(self.library, name)

    monkeypatch.setattr(ctypes, "CDLL", Hiding)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name.startswith(missing) else find(name))
    with pytest.raises(CLimitUnavailableError, match=said):
        climit.load()


def test_without_coincurve_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "coincurve"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "coincurve", None)
    with pytest.raises(CLimitUnavailableError, match="pip install coincurve"):
        climit.load()


class SharedBuffer:
    """Signs the digest that was handed in last, by whichever thread: the mistake of a buffer that threads share.

    The first signatures, one of each thread, wait for each other.
    """

    def __init__(self, threads: int) -> None:
        self._right = coincurve()
        self._meeting = threading.Barrier(threads, timeout=20)
        self._met = False
        self._digest = b""
        self.public_key = self._right.public_key

    def sign_digest(self, digest: bytes, /) -> bytes:
        self._digest = digest
        if not self._met:
            self._meeting.wait()
            self._met = True
        return self._right.sign_digest(self._digest)


def test_no_signature_is_wrong_in_threads() -> None:
    assert wrong_signatures(coincurve(), chat_payload(200), 2_001, 4) == 0


def test_a_shared_buffer_is_found() -> None:
    """Four threads with one signature each: three of the digests are lost."""
    assert wrong_signatures(SharedBuffer(4), b"{}", 4, 4) == 3


@pytest.mark.parametrize(("times", "shares"), [(5, [3, 2]), (1, [1, 0]), (4, [2, 2])])
def test_a_run_is_shared_among_threads(times: int, shares: list[int]) -> None:
    done: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        in_threads(pool, 2, done.append)(times)
    assert sorted(done, reverse=True) == shares


@pytest.mark.parametrize(
    ("of_signing", "of_hashing", "figure"),
    [(1.9, 1.95, 1.9), (1.9, 1.2, 1.9), (1.1, 1.95, 1.1), (1.1, 1.2, None)],
    ids=["gains", "gains in a crowd", "gains nothing", "no room to gain"],
)
def test_no_gain_is_a_miss_only_where_hashing_gains(of_signing: float, of_hashing: float, figure: float | None) -> None:
    assert signing.gain(of_signing, of_hashing, "").figure == figure


def _wire(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
