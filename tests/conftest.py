"""What every test may rely on: a clean environment, asyncio for async tests, and no silent skip where CI forbids it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

_ABOUT_COINCURVE = (
    "backends/test_coincurve_direct.py",
    "backends/test_ecdsa_million.py",
    "backends/test_ecdsa_points.py",
    "backends/test_ecdsa_signer.py",
    "backends/test_ecdsa_table.py",
    "backends/test_signers.py",
    "benchmarks/test_bare_server.py",
    "benchmarks/test_sampling.py",
    "cli/test_bench.py",
    "conformance/test_checks_signer.py",
    "conformance/test_main.py",
    "conformance/test_oracle.py",
    "conformance/test_runner.py",
    "conformance/test_sabotage.py",
    "conformance/test_suite.py",
    "conformance/test_vector_files.py",
    "conformance/test_vector_requests.py",
    "wallet/test_hd.py",
    "wallet/test_mnemonic.py",
)
"""It is what they are about, or the other implementation that they compare with. It has no wheels for Python 3.14."""

collect_ignore = []
if find_spec("coincurve") is None:
    if os.environ.get("GONKA_TESTS_FORBID_SKIPS"):
        raise RuntimeError("coincurve is not installed, and every test is asked for; run: pip install coincurve")
    collect_ignore += _ABOUT_COINCURVE

settings.register_profile("patient", parent=settings.default, deadline=None)
settings.load_profile("patient")  # machines are noisy: no example is wrong because it took long


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where caches go, rather than into those of whoever runs the tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> None:
    """No test depends on the settings of whoever runs it, or leaves anything behind."""
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(cache_folder))
    for name in list(os.environ):
        if (name.startswith("GONKA_") and not name.startswith("GONKA_TESTS_")) or name == "NODE_URL":
            monkeypatch.delenv(name)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    meant = _is_a_verdict(report) or "peers" in report.keywords  # the SDKs of others are not part of CI
    forbidden = os.environ.get("GONKA_TESTS_FORBID_SKIPS") and not meant
    if report.skipped and not hasattr(report, "wasxfail") and forbidden:
        report.outcome = "failed"
        report.longrepr = f"skipped where skips are forbidden: {report.longrepr}"
    return report  # type: ignore[return-value]


def _is_a_verdict(report: pytest.TestReport) -> bool:
    """Whether the kit skipped a check of its own, because the subject does not claim what it is about."""
    return isinstance(report.longrepr, tuple) and Path(report.longrepr[0]).name == "judged.py"
