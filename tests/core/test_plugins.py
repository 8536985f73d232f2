"""Finding plug-ins: by entry point, one broken one stopping nobody."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import (
    BrokenPluginError,
    Client,
    MissingLibraryError,
    PluginError,
    PrivateKey,
    SelectorPlugin,
    SignerPlugin,
    TransportOptions,
    UnknownPluginError,
    UnsupportedModeError,
    hookimpl,
    resolve,
)
from gonka_core.hookspecs import Hooks
from gonka_core.interfaces import Signer
from gonka_core.plugins import Entry, discover, load, registry
from gonka_core.selection import FirstSelector

OPTIONS = TransportOptions()


def key() -> PrivateKey:
    return PrivateKey((1).to_bytes(32, "big"))


@pytest.fixture
def plug_in() -> Iterator[Callable[..., EntryPoint]]:
    """Make a module with these hooks and the entry point that leads to it."""
    made: list[str] = []

    def make(name: str, **hooks: Callable[[], Any]) -> EntryPoint:
        module = types.ModuleType(f"plug_in_{name}")
        for hook, function in hooks.items():
            setattr(module, hook, hookimpl(function))
        sys.modules[module.__name__] = module
        made.append(module.__name__)
        return EntryPoint(name, module.__name__, "gonka")

    yield make
    for name in made:
        del sys.modules[name]


def test_what_this_distribution_brings() -> None:
    found = registry()
    assert set(found.of_kind("signer")) >= {"ecdsa", "coincurve", "cryptography"}
    assert set(found.of_kind("transport")) >= {"httpx", "httpx2", "aiohttp"}
    assert set(found.of_kind("selector")) >= {"random", "round-robin", "first"}
    assert all(entry.distribution.startswith("gonka-core ") for entry in found.entries)
    assert found.of_kind("transport")["aiohttp"].plugin.capabilities == ("async",)
    assert found.of_kind("transport")["httpx"].plugin.capabilities == ("sync", "async", "trusts-environment")


def test_every_hook_is_documented_and_has_an_implementation_here() -> None:
    hooks = dict(inspect.getmembers(Hooks, inspect.isfunction))
    assert set(hooks) == {"gonka_signer", "gonka_transport", "gonka_selector"}
    for name, hook in hooks.items():
        assert hook.__doc__
        assert any(f"gonka_{entry.kind}" == name for entry in registry().entries)


def test_a_third_party_plug_in_is_found_and_used(plug_in: Callable[..., EntryPoint]) -> None:
    mine = SelectorPlugin("mine", "always the first", load=lambda: FirstSelector)
    found = discover([plug_in("mine", gonka_selector=lambda: mine)])
    assert [entry.plugin for entry in found.entries] == [mine]
    assert load(found.find("selector", "mine"), mine.load) is FirstSelector


def test_one_plug_in_may_bring_several(plug_in: Callable[..., EntryPoint]) -> None:
    both = [SelectorPlugin(name, "", load=lambda: FirstSelector) for name in ("one", "two")]
    found = discover([plug_in("both", gonka_selector=lambda: both)])
    assert sorted(found.of_kind("selector")) == ["one", "two"]


class TestBroken:
    """Whatever a plug-in does wrong, the others work, and asking for it tells its own error."""

    GOOD = SelectorPlugin("good", "", load=lambda: FirstSelector)

    def check(self, bad: EntryPoint, good: EntryPoint, reason: str) -> None:
        found = discover([bad, good])
        assert [entry.name for entry in found.entries] == ["good"]
        assert [broken.name for broken in found.broken] == [bad.name]
        assert reason in found.broken[0].reason
        with pytest.raises(BrokenPluginError) as caught:
            found.find("signer", bad.name)
        assert caught.value.__cause__ is found.broken[0].error

    def test_a_module_that_is_not_there(self, plug_in: Callable[..., EntryPoint]) -> None:
        bad = EntryPoint("bad", "no_such_module_anywhere", "gonka")
        self.check(bad, plug_in("good", gonka_selector=lambda: self.GOOD), "no_such_module_anywhere")

    def test_a_hook_that_raises(self, plug_in: Callable[..., EntryPoint]) -> None:
        def fail() -> object:
            raise RuntimeError("out of order")

        self.check(plug_in("bad", gonka_signer=fail), plug_in("good", gonka_selector=lambda: self.GOOD), "out of order")

    def test_a_hook_that_returns_something_else(self, plug_in: Callable[..., EntryPoint]) -> None:
        self.check(
            plug_in("bad", gonka_signer=lambda: "ecdsa"),
            plug_in("good", gonka_selector=lambda: self.GOOD),
            "returned str",
        )

    def test_a_misspelt_hook(self, plug_in: Callable[..., EntryPoint]) -> None:
        self.check(
            plug_in("bad", gonka_sinner=lambda: None),
            plug_in("good", gonka_selector=lambda: self.GOOD),
            "gonka_sinner",
        )

    def test_a_name_that_is_taken(self, plug_in: Callable[..., EntryPoint]) -> None:
        found = discover([plug_in(name, gonka_selector=lambda: self.GOOD) for name in ("a", "b")])
        assert len(found.entries) == 1
        assert "taken" in found.broken[0].reason

    def test_a_loader_that_raises(self, plug_in: Callable[..., EntryPoint]) -> None:
        def fail() -> Any:
            raise OSError("no such shared object")

        signer = SignerPlugin("bad", "", load=fail)
        found = discover([plug_in("bad", gonka_signer=lambda: signer)])
        with pytest.raises(BrokenPluginError, match="no such shared object"):
            load(found.find("signer", "bad"), signer.load)


class TestAsking:
    def test_an_unknown_name_lists_what_is_there_and_the_nearest(self) -> None:
        with pytest.raises(UnknownPluginError, match=r"did you mean 'coincurve'\? There are: auto, coincurve"):
            resolve.signer("coincruve", key)

    def test_a_missing_library_tells_how_to_install_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "aiohttp", None)
        with pytest.raises(MissingLibraryError, match=r"pip install 'gonka-core\[aiohttp\]'"):
            resolve.async_transport("aiohttp", OPTIONS)

    def test_the_sync_client_cannot_have_an_async_transport(self) -> None:
        with pytest.raises(UnsupportedModeError, match=r"async only; use AsyncClient, or one of: httpx, httpx2"):
            Client("http://host;gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le", private_key=key(), transport="aiohttp")

    def test_auto_takes_the_first_that_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert type(resolve.signer("auto", key)).__name__ == "CoincurveSigner"
        monkeypatch.setitem(sys.modules, "coincurve", None)
        assert type(resolve.signer("auto", key)).__name__ == "CryptographySigner"
        monkeypatch.setitem(sys.modules, "cryptography", None)
        assert type(resolve.signer("auto", key)).__name__ == "EcdsaSigner"
        monkeypatch.setitem(sys.modules, "ecdsa", None)
        with pytest.raises(PluginError, match=r"coincurve.*cryptography.*ecdsa"):
            resolve.signer("auto", key)

    def test_an_object_is_taken_as_it_is_and_no_key_is_asked_for(self) -> None:
        mine = resolve.signer("ecdsa", key)

        def no_key() -> PrivateKey:
            raise AssertionError("asked for a key")

        assert resolve.signer(mine, no_key) is mine

    def test_an_object_of_another_kind_is_refused(self) -> None:
        with pytest.raises(PluginError, match=r"PrivateKey is no signer: it has no public_key and no sign_digest"):
            resolve.signer(key(), key)  # type: ignore[arg-type]
        with pytest.raises(PluginError, match="is no transport"):
            resolve.transport(object(), OPTIONS)  # type: ignore[arg-type]
        with pytest.raises(PluginError, match="is no async transport"):
            resolve.async_transport(resolve.transport("httpx", OPTIONS), OPTIONS)  # type: ignore[arg-type]
        with pytest.raises(PluginError, match="is no selector"):
            resolve.selector(object())  # type: ignore[arg-type]

    def test_an_async_transport_object_is_refused_by_the_sync_client(self) -> None:
        with pytest.raises(UnsupportedModeError, match="use AsyncClient"):
            resolve.transport(resolve.async_transport("aiohttp", OPTIONS), OPTIONS)  # type: ignore[arg-type]


@given(st.tuples(*[st.none() | st.floats(0.001, 1e6)] * 3), st.none() | st.floats(0.001, 1e6))
def test_options_within_a_deadline_have_nothing_longer(
    seconds: tuple[float | None, float | None, float | None], timeout: float | None
) -> None:
    options = TransportOptions(*seconds)
    within = options.within(timeout)
    for name in ("connect_timeout", "first_byte_timeout", "read_timeout"):
        before, after = getattr(options, name), getattr(within, name)
        assert after in (before, timeout)
        assert timeout is None or after <= timeout
        assert before is None or after <= before


class TestSignersWithAKeyOfTheirOwn:
    """They are made without a key; one description has one loader."""

    def test_no_key_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Device:
            public_key = bytes([2]) + bytes(32)

            def sign_digest(self, digest: bytes, /) -> bytes:
                return bytes(64)

        own = SignerPlugin("device", "", load_own=lambda: Device)
        assert own.capabilities == ("own-key",)
        found = Entry("signer", own, "somebody 1.0")
        monkeypatch.setattr(resolve, "registry", lambda: Only(found))
        assert isinstance(resolve.signer("device", no_key), Device)

    def test_one_that_cannot_be_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unplugged() -> Signer:
            raise OSError("/dev/secret-device")

        found = Entry("signer", SignerPlugin("device", "", load_own=lambda: unplugged), "somebody 1.0")
        monkeypatch.setattr(resolve, "registry", lambda: Only(found))
        with pytest.raises(BrokenPluginError, match=r"cannot be reached \(OSError") as caught:
            resolve.signer("device", no_key)
        assert "secret-device" not in str(caught.value)

    def test_both_loaders_or_none(self) -> None:
        def fail() -> Any:
            raise AssertionError

        for more in ({}, {"load": fail, "load_own": fail}):
            with pytest.raises(PluginError, match="both loaders, or with none"):
                SignerPlugin("device", "", **more)


class Only:
    """A registry of one entry."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def find(self, kind: str, name: str) -> Entry:
        assert (kind, name) == (self._entry.kind, self._entry.name)
        return self._entry


def no_key() -> PrivateKey:
    raise AssertionError("a key was asked for")
