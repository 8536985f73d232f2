"""The signers that are compared: those asked for, or every one that is installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gonka_core import resolve
from gonka_core.errors import MissingLibraryError, PluginError
from gonka_core.interfaces import Signer
from gonka_core.plugins import registry

from .results import Complaint
from .workload import KEY


@dataclass(frozen=True, slots=True)
class Held:
    """A signer that holds the key of the benchmarks; the name of its plug-in, and what that claims."""

    name: str
    signer: Signer
    claims: tuple[str, ...] = ()


def held(names: Sequence[str]) -> tuple[list[Held], list[Complaint]]:
    """The signers of these names; without names every installed one, and a complaint for each that cannot be used.

    Raises the `PluginError` of a name that was asked for and cannot be used.
    """
    if names:
        return list({one.name: one for one in map(_hold, names)}.values()), []
    found: list[Held] = []
    complaints = [
        Complaint("plug-in", broken.name, "broken", f"{broken.reason}; mend or uninstall {broken.distribution}")
        for broken in registry().broken
    ]
    for name in registry().of_kind("signer"):
        try:
            found.append(_hold(name))
        except PluginError as error:
            missing = isinstance(error, MissingLibraryError)
            complaints.append(Complaint("signer", name, "missing" if missing else "broken", str(error)))
    return found, complaints


def default() -> str | None:
    """The signer that `auto` takes here; None where none can be used."""
    for name in resolve.AUTO_SIGNERS:
        try:
            return _hold(name).name
        except PluginError:
            continue
    return None


def _hold(name: str) -> Held:
    chosen = (default() or name) if name == resolve.AUTO else name
    signer = resolve.signer(chosen, lambda: KEY)
    return Held(chosen, signer, registry().find("signer", chosen).plugin.capabilities)
