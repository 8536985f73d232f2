"""The wheel holds the intended packages and nothing else, and works where nothing else is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {
    "gonka_core": "gonka_core",
    "gonka_ecdsa": "backends/gonka_ecdsa",
    "gonka_coincurve": "backends/gonka_coincurve",
    "gonka_cryptography": "backends/gonka_cryptography",
    "gonka_httpx": "backends/gonka_httpx",
    "gonka_aiohttp": "backends/gonka_aiohttp",
    "gonka_conformance": "conformance/gonka_conformance",
    "gonka_mock_node": "mock_node/gonka_mock_node",
    "gonka_bench": "benchmarks/src/gonka_bench",
}

pytestmark = pytest.mark.packaging


BUILD = """
import sys
from hatchling.builders.wheel import WheelBuilder
print(*WheelBuilder(sys.argv[1]).build(directory=sys.argv[2]))
"""


def run(command: Sequence[str | Path], *, status: int = 0, cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
    """Run outside the checkout, so that nothing is found there by accident."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GONKA_", "PYTHONPATH"))}
    done = subprocess.run(
        [str(part) for part in command], env=environ, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-c", BUILD, ROOT, target])
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new venv in which only the wheel and what it needs are installed."""
    place = tmp_path_factory.mktemp("bare")
    venv.create(place, with_pip=True)
    programs = place / "bin"
    run([programs / "python", "-m", "pip", "install", "--quiet", wheel])
    return programs


def test_it_contains_exactly_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *SOURCES.values()],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    folders = {source: package for package, source in SOURCES.items()}
    expected = set()
    for path in tracked:
        source = next(folder for folder in folders if path.startswith(f"{folder}/"))
        expected.add(folders[source] + path.removeprefix(source))
    assert found == expected


def test_the_version_is_one(wheel: Path) -> None:
    import gonka_core

    assert wheel.name.startswith(f"gonka_core-{gonka_core.__version__}-")


PROGRAM = """
from gonka_core import Client, Endpoint, MissingLibraryError, PrivateKey, sign_request
from gonka_core.resolve import signer

key = PrivateKey((1).to_bytes(32, "big"))
endpoint = Endpoint("http://127.0.0.1:9", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
signers = [signer(name, lambda: key) for name in ("ecdsa", "auto")]
assert len({sign_request(b"{}", endpoint, one, timestamp_ns=1).signature for one in signers}) == 1
Client(endpoint, private_key=key).close()
try:
    signer("cryptography", lambda: key)
except MissingLibraryError as error:
    print(error)
"""


def test_the_base_install_signs_and_names_the_extra_that_is_missing(bare: Path) -> None:
    assert "pip install 'gonka-core[cryptography]'" in run([bare / "python", "-c", PROGRAM]).stdout


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["gonka", "plugins"], "cli"),
        (["python", "-m", "gonka_core"], "cli"),
        (["python", "-m", "gonka_mock_node", "--port", "0"], "mock-node"),
        (["python", "-m", "gonka_conformance", "signer", "--signer", "ecdsa"], "conformance"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_needs_an_extra_says_so_in_one_line(bare: Path, command: list[str], extra: str) -> None:
    done = run([bare / command[0], *command[1:]], status=2)
    assert f"pip install 'gonka-core[{extra}]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_every_module_that_needs_no_extra_imports(bare: Path) -> None:
    light = "import gonka_core, gonka_core.resolve, gonka_ecdsa, gonka_coincurve, gonka_cryptography, gonka_httpx"
    run([bare / "python", "-c", f"{light}, gonka_aiohttp, gonka_mock_node, gonka_conformance"])
