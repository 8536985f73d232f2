"""What is examined: a way of making it, its name, and what it claims to be able to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gonka_core.errors import PluginError
from gonka_core.hookspecs import SignerFactory, SignerPlugin
from gonka_core.interfaces import Signer
from gonka_core.keys import PrivateKey
from gonka_core.plugins import Entry, load, registry
from gonka_core.resolve import AUTO, AUTO_SIGNERS

SIGNER_CLAIMS: Final = frozenset({"deterministic", "constant-time"})
"""What a signer may claim. The kit judges `deterministic` (RFC 6979); time it cannot judge, and reports the claim."""


@dataclass(frozen=True, slots=True)
class SignerSubject:
    """A signer under test. `factory` makes one that holds the key it is given.

    `overheard` is there for a program: it gives what the program has written so far, by stream, which is where it may
    show a key. What makes sense for objects only is then left out.

    Raises ValueError for a claim that does not exist: a misspelt one would skip its checks in silence.
    """

    name: str
    factory: SignerFactory = field(repr=False)
    claims: frozenset[str] = frozenset()
    overheard: Callable[[], Mapping[str, bytes]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        unknown = sorted(self.claims - SIGNER_CLAIMS)
        if unknown:
            raise ValueError(f"no signer can claim {unknown[0]!r}; claims are: {', '.join(sorted(SIGNER_CLAIMS))}")

    def holding(self, secret: bytes) -> Signer:
        """A new signer for the key of 32 bytes."""
        return self.factory(PrivateKey(secret))


def installed_signer(name: str) -> SignerSubject:
    """The plug-in of that name; `auto` for the one that a client would take.

    Raises `UnknownPluginError`, `MissingLibraryError` or `BrokenPluginError`, each ending in the next step.
    """
    found = registry()
    if name != AUTO:
        return _subject(found.find("signer", name))
    usable = (entry for candidate in AUTO_SIGNERS if not (entry := found.find("signer", candidate)).missing)
    return _subject(next(usable, None) or found.find("signer", AUTO_SIGNERS[-1]))


def installed_signers() -> tuple[tuple[SignerSubject, ...], tuple[str, ...]]:
    """Every signer that can be loaded, and one line for each that cannot."""
    found = registry()
    subjects: list[SignerSubject] = []
    left_out = [f"{broken.name} is left out: {broken.reason}" for broken in found.broken]
    for name, entry in found.of_kind("signer").items():
        try:
            subjects.append(_subject(entry))
        except PluginError as error:
            left_out.append(f"{name} is left out: {error}")
    return tuple(subjects), tuple(left_out)


def claimed(names: Iterable[str]) -> frozenset[str]:
    """Claims as a set; one given as plain text is one claim, not its letters."""
    return frozenset({names} if isinstance(names, str) else names)


def _subject(entry: Entry) -> SignerSubject:
    plugin = entry.plugin
    assert isinstance(plugin, SignerPlugin)
    if plugin.load is None:
        raise PluginError(
            f"the signer {entry.name!r} has a key of its own, and the exam needs one that takes the exam's keys",
            "examine the code that signs, with a key that is handed to it: as a class, or as a program with --cmd",
        )
    return SignerSubject(entry.name, load(entry, plugin.load), claimed(plugin.capabilities))
