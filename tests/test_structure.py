"""Imports point one way, light stays light, and the public names are a list."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gonka_core
from gonka_core import errors

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "gonka_core": ROOT / "gonka_core",
    **{path.name: path for path in (ROOT / "backends").glob("gonka_*")},
    "gonka_conformance": ROOT / "conformance" / "gonka_conformance",
    "gonka_mock_node": ROOT / "mock_node" / "gonka_mock_node",
    "gonka_bench": ROOT / "benchmarks" / "src" / "gonka_bench",
}
BACKENDS = {name for name in PACKAGES if (ROOT / "backends" / name).exists()}
HTTP = {"httpx", "httpx2", "aiohttp"}
CRYPTO = {"coincurve", "ecdsa", "cryptography", "Crypto"}
WALLETS = {"mnemonic", "eth_keyfile", "keyring"}
HEAVY = HTTP | CRYPTO | WALLETS | {"orjson", "google", "click", "rich", "opentelemetry"}
OPTIONAL = {
    "otel": {"opentelemetry"},
    "jsontext": {"orjson"},
    "messages": {"google"},
    "ed25519": {"cryptography"},
    "libraries": WALLETS,
    "signed": {"ecdsa"},
}
"""What is loaded by who names it, or at first use where it is installed."""


def imports(path: Path) -> set[str]:
    """Every module that a file imports, with its package's name before a relative one."""
    found: set[str] = set()
    package = next(name for name, folder in PACKAGES.items() if path.is_relative_to(folder))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = f"{package}.{node.module or ''}".rstrip(".") if node.level else node.module or ""
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def files(package: str) -> list[Path]:
    return sorted(PACKAGES[package].rglob("*.py"))


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def test_every_package_is_here() -> None:
    assert {"gonka_ecdsa", "gonka_coincurve", "gonka_cryptography", "gonka_httpx", "gonka_aiohttp"} == BACKENDS
    assert all(files(name) for name in PACKAGES)


@pytest.mark.parametrize("path", files("gonka_core"), ids=lambda path: path.stem)
def test_the_core_imports_no_backend_and_no_heavy_library(path: Path) -> None:
    if {"cli", "integrations"} & set(path.parts):
        return
    own = OPTIONAL.get(path.stem, set()) | ({"aiohttp"} if "proxy" in path.parts else set())
    assert not roots(path) & ((HEAVY - own) | BACKENDS | {"gonka_mock_node", "gonka_conformance", "gonka_bench"})


@pytest.mark.parametrize("package", sorted(BACKENDS))
def test_a_backend_imports_the_core_and_no_other_room(package: str) -> None:
    for path in files(package):
        assert not roots(path) & (set(PACKAGES) - {"gonka_core", package})


@pytest.mark.parametrize("path", files("gonka_mock_node"), ids=lambda path: path.stem)
def test_the_node_cannot_repeat_a_mistake_of_ours(path: Path) -> None:
    """The node builds and checks the message itself: of the core it knows addresses and errors only."""
    allowed = {"gonka_core", "gonka_core.address", "gonka_core.errors", "gonka_core.plugins"}
    ours = {name for name in imports(path) if name.partition(".")[0] == "gonka_core"}
    modules = {name for name in ours if (ROOT / (name.replace(".", "/") + ".py")).exists()}
    assert modules <= allowed
    beside = set() if path.stem == "by_ecdsa" else {"ecdsa"}
    assert not roots(path) & (BACKENDS | beside | {"gonka_conformance"})


def test_the_oracle_cannot_repeat_a_mistake_of_ours() -> None:
    found = imports(PACKAGES["gonka_conformance"] / "oracle.py")
    assert not {name.partition(".")[0] for name in found} & (BACKENDS | {"ecdsa", "coincurve", "gonka_mock_node"})
    assert not any(name.startswith(("gonka_core.canonical", "gonka_core.request")) for name in found)


def modules_after(statement: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.split())


@pytest.mark.parametrize(
    "statement",
    ["import gonka_core.client", "from gonka_core.plugins import registry; registry()", "import gonka_core.cli"],
)
def test_importing_and_listing_is_light(statement: str) -> None:
    assert not modules_after(statement) & HEAVY


def error_classes() -> list[type[Exception]]:
    return [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)]


def test_every_error_is_public_under_one_root_and_in_the_tree_of_the_docstring() -> None:
    for error in error_classes():
        assert issubclass(error, gonka_core.GonkaError)
        assert error.__name__ in gonka_core.__all__
        assert error.__name__ in (errors.__doc__ or "")
        assert error.__doc__


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_package_is_typed(package: str) -> None:
    assert (PACKAGES[package] / "py.typed").exists()
