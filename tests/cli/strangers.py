"""Plug-ins of somebody else, as `gonka bench` may meet them: honest, wrong, failing. `installed` makes them found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pytest

from gonka_coincurve.signer import CoincurveSigner
from gonka_core.errors import SigningError
from gonka_core.hookspecs import SignerFactory, SignerPlugin, TransportPlugin, hookimpl
from gonka_core.keys import PrivateKey
from gonka_core.plugins import registry
from gonka_ecdsa.signer import EcdsaSigner

LONG_NAME: Final = "a-signer-whose-authors-wanted-to-say-all-of-it-in-its-name"


class Hasty(CoincurveSigner):
    """Very fast, well formed, and wrong: the signature of something else."""

    def sign_digest(self, digest: bytes, /) -> bytes:
        return _ELSEWHERE


_ELSEWHERE: Final = CoincurveSigner(PrivateKey(b"\x07" * 32)).sign_digest(b"\x01" * 32)


class Tiring(CoincurveSigner):
    """Right at first, wrong when it thinks that nobody looks any more."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self._left = 60

    def sign_digest(self, digest: bytes, /) -> bytes:
        self._left -= 1
        return super().sign_digest(digest) if self._left > 0 else _ELSEWHERE


class Turning(CoincurveSigner):
    """Right until it is told to be wrong."""

    wrong = False

    def sign_digest(self, digest: bytes, /) -> bytes:
        return _ELSEWHERE if self.wrong else super().sign_digest(digest)


class Remembering(EcdsaSigner):
    """As slow as python-ecdsa, unless it is asked the same again."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self.sign_digest = lru_cache(maxsize=None)(super().sign_digest)  # type: ignore[method-assign]


class Quoting(CoincurveSigner):
    """Fails, and tells its key in the words of an error of its own."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self._key = key

    def sign_digest(self, digest: bytes, /) -> bytes:
        raise ValueError(f"cannot sign with {self._key.reveal().hex()}")


class QuotingOurs(Quoting):
    """The same with an error of the library, whose words are usually told."""

    def sign_digest(self, digest: bytes, /) -> bytes:
        raise SigningError(f"cannot sign with {self._key.reveal().hex()}", "ask somebody")


class Locked(CoincurveSigner):
    """Fails as a plug-in should."""

    def sign_digest(self, digest: bytes, /) -> bytes:
        raise SigningError("the token is locked", "unlock it with its PIN")


class SignerStranger:
    """A plug-in that brings one signer."""

    def __init__(self, name: str, load: Callable[[], SignerFactory], **more: Any) -> None:
        self._record = SignerPlugin(name=name, summary=name, load=load, **more)

    @hookimpl
    def gonka_signer(self) -> SignerPlugin:
        return self._record


class TransportStranger:
    """A plug-in that brings one transport, which cannot send."""

    @hookimpl
    def gonka_transport(self) -> TransportPlugin:
        return TransportPlugin(name="pigeon", summary="pigeon", load_sync=lambda: Pigeon)


class Pigeon:
    def __init__(self, _options: object) -> None: ...

    def send(self, _request: object, /, *, timeout: float | None = None) -> Any:
        raise RuntimeError("lost over the sea")

    def close(self) -> None:
        raise RuntimeError("it is not back yet")


def _no_library() -> SignerFactory:
    raise OSError("libvault.so: cannot open shared object file")


PLUG_INS: Final[dict[str, object]] = {
    "hasty": SignerStranger("hasty", lambda: Hasty),
    "tiring": SignerStranger("tiring", lambda: Tiring),
    "turning": SignerStranger("turning", lambda: Turning),
    "remembering": SignerStranger("remembering", lambda: Remembering),
    "quoting": SignerStranger("quoting", lambda: Quoting),
    "quoting-ours": SignerStranger("quoting-ours", lambda: QuotingOurs),
    "locked": SignerStranger("locked", lambda: Locked),
    "long": SignerStranger(LONG_NAME, lambda: CoincurveSigner),
    "no-library": SignerStranger("no-library", _no_library),
    "not-installed": SignerStranger("not-installed", _no_library, requires=("no_such_module",), extra="its-package"),
    "pigeon": TransportStranger(),
}


def __getattr__(name: str) -> object:
    """The plug-ins as attributes, which is how an entry point names them."""
    try:
        return PLUG_INS[name.replace("_", "-")]
    except KeyError:
        raise AttributeError(name) from None


@contextmanager
def installed(place: Path, *names: str) -> Iterator[None]:
    """A distribution with these plug-ins is on the path; `no-module` is one that cannot be imported."""
    points = [f"{name} = {__name__}:{name.replace('-', '_')}" for name in names if name != "no-module"]
    points += ["no-module = no_such_module_anywhere"] * ("no-module" in names)
    info = place / "strangers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(["[gonka]", *points, ""]))
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(place)
        registry.cache_clear()
        yield
    registry.cache_clear()
