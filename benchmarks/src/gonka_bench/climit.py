"""The C limit: the whole of a signature in C, beneath which no signer that uses libsecp256k1 can get.

`climit.c` is compiled when it is asked for, with whatever C compiler is there. ECDSA is that of coincurve's
libsecp256k1, SHA-256 that of the libcrypto which `hashlib` uses: what is compared is the way to them, not the library.
"""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
import weakref
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NoReturn

from gonka_core.canonical import Scheme, checked
from gonka_core.keys import PrivateKey, refuse_to_pickle

from .workload import ENDPOINT, KEY, TIMESTAMP_NS

COMPILERS: Final = ("cc", "gcc", "clang")
_FLAGS: Final = ("-O2", "-shared", "-fPIC", "-x", "c", "-")
_WIRE_LENGTH: Final = 88
_CONTEXT_NONE: Final = 1
_COMPILE_S: Final = 60


class CLimitUnavailableError(Exception):
    """The C limit cannot be had here: one sentence that says why, and what would change it."""


class _Limit(ctypes.Structure):
    """`struct limit` of climit.c."""

    _fields_ = (
        ("sha256_init", ctypes.c_void_p),
        ("sha256_update", ctypes.c_void_p),
        ("sha256_final", ctypes.c_void_p),
        ("ecdsa_sign", ctypes.c_void_p),
        ("serialize_compact", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("secret", ctypes.c_void_p),
    )


class CLimit:
    """Signs as `sign_request` with coincurve does, byte for byte. May be shared by threads: C runs without the GIL."""

    def __init__(self, compiled: ctypes.CDLL, secp256k1: ctypes.CDLL, sha256: ctypes.CDLL, key: PrivateKey) -> None:
        self._sign = compiled.gonka_sign
        self._sign.restype = ctypes.c_size_t
        self.__secret = ctypes.create_string_buffer(key.reveal(), 32)  # stays where C is told that it is
        context = _context(secp256k1)
        weakref.finalize(self, secp256k1.secp256k1_context_destroy, context).atexit = False  # a thread may still sign
        self._limit = _Limit(
            *(_address(sha256, f"SHA256_{name}") for name in ("Init", "Update", "Final")),
            _address(secp256k1, "secp256k1_ecdsa_sign"),
            _address(secp256k1, "secp256k1_ecdsa_signature_serialize_compact"),
            context,
            ctypes.addressof(self.__secret),
        )

    def sign(self, payload: bytes, scheme: Scheme, timestamp_ns: int, provider_address: str) -> str:
        """The value of `Authorization`: 88 characters. Raises `ConfigurationError` for another scheme."""
        return self._signed(payload, scheme, timestamp_ns, provider_address, 1)

    def run(self, payload: bytes, scheme: Scheme, times: int) -> None:
        """Sign so many times within C, each a nanosecond after the one before: for the clock, not for the result."""
        self._signed(payload, scheme, TIMESTAMP_NS, ENDPOINT.provider_address, times)

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("the C limit")

    def _signed(self, payload: bytes, scheme: Scheme, timestamp_ns: int, provider_address: str, times: int) -> str:
        out = ctypes.create_string_buffer(_WIRE_LENGTH)
        address = provider_address.encode("utf-8")
        made = self._sign(
            ctypes.byref(self._limit),
            ctypes.c_int(checked(scheme) == "hash"),
            ctypes.c_char_p(payload),
            ctypes.c_size_t(len(payload)),
            ctypes.c_int64(timestamp_ns),
            ctypes.c_char_p(address),
            ctypes.c_size_t(len(address)),
            ctypes.c_size_t(times),
            out,
        )
        if made != times:
            raise RuntimeError("libsecp256k1 made no signature; install coincurve again")
        return out.raw.decode("ascii")


def load(key: PrivateKey = KEY) -> CLimit:
    """Compile, load and bind, in less than a second.

    Raises `CLimitUnavailableError` without a C compiler, without coincurve, or where a library hides what is needed.
    """
    # What costs nothing is tried first.
    secp256k1, sha256 = _libsecp256k1(), _libcrypto()
    return CLimit(_compiled(), secp256k1, sha256, key)


def _libsecp256k1() -> ctypes.CDLL:
    """The library inside coincurve's extension module."""
    try:
        found = importlib.util.find_spec("coincurve._libsecp256k1")
    except ImportError:
        found = None
    if found is None or not found.origin:
        raise CLimitUnavailableError("coincurve, whose libsecp256k1 it calls, is not installed; pip install coincurve")
    library = _opened(found.origin)
    if library is None or not hasattr(library, "secp256k1_ecdsa_sign"):
        raise CLimitUnavailableError(
            "this build of coincurve does not let others call its libsecp256k1; its wheels for Linux and macOS do"
        )
    return library


def _libcrypto() -> ctypes.CDLL:
    """The libcrypto that `hashlib` uses: what its module is linked to, or what is part of the interpreter."""
    module = importlib.util.find_spec("_hashlib")
    for path in (module.origin if module else None, None):
        library = _opened(path)
        if library is not None and hasattr(library, "SHA256_Update"):
            return library
    raise CLimitUnavailableError(
        "the libcrypto of this Python cannot be called by others; take a Python that links it dynamically"
    )


def _opened(path: str | None) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(path)
    except (OSError, TypeError):  # Windows has no None
        return None


def _compiled() -> ctypes.CDLL:
    """climit.c as a library, which stays loaded when its file is gone. The source goes by pipe, the key not at all."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise CLimitUnavailableError(f"there is no C compiler ({', '.join(COMPILERS)}); on Debian: apt install gcc")
    source = resources.files("gonka_bench").joinpath("climit.c").read_bytes()
    with TemporaryDirectory(prefix="gonka-bench-", ignore_cleanup_errors=True) as private:
        path = Path(private, "climit.dll" if sys.platform == "win32" else "climit.so")
        _compile([compiler, *_FLAGS, "-o", str(path)], source)
        try:
            return ctypes.CDLL(str(path))
        except OSError as error:
            raise CLimitUnavailableError(
                f"what was compiled cannot be loaded ({error}); "
                "let TMPDIR name a directory from which programs may be run"
            ) from None


def _compile(command: list[str], source: bytes) -> None:
    try:
        done = subprocess.run(command, input=source, capture_output=True, check=False, timeout=_COMPILE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CLimitUnavailableError(f"the C compiler does not run ({error}); try: {command[0]} --version") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        first = next((line for line in said if "error" in line), said[0] if said else f"status {done.returncode}")
        raise CLimitUnavailableError(f"{command[0]} does not compile it ({first}); see that it compiles other C")


def _context(secp256k1: ctypes.CDLL) -> ctypes.c_void_p:
    secp256k1.secp256k1_context_create.restype = ctypes.c_void_p
    return ctypes.c_void_p(secp256k1.secp256k1_context_create(ctypes.c_uint(_CONTEXT_NONE)))


def _address(library: ctypes.CDLL, name: str) -> int | None:
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value
