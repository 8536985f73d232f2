"""What is mutated, and the tests that have to notice. The quickest come first: one failure is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Subject:
    """A file, with the arguments of pytest that select its tests; `patience` is for one mutant, in seconds."""

    name: str
    path: str
    tests: tuple[str, ...]
    patience: float = 60.0


_SIGNERS: Final = "tests/backends/test_signers.py"
_DIRECT: Final = "tests/backends/test_coincurve_direct.py"
_UNENDING: Final = "--timeout=5"
"""Seconds a test, of which none takes one: who raises a number of 256 bits to another waits for ever."""
_RULES: Final = tuple(
    f"tests/mock_node/test_{name}.py"
    for name in ("order", "rules", "generations", "completions", "executor", "verification")
)

SUBJECTS: Final = (
    Subject("canonical", "gonka_core/canonical.py", ("tests/core/test_canonical.py", "tests/core/test_request.py")),
    Subject("keys", "gonka_core/keys.py", ("tests/core/test_keys.py",)),
    Subject("address", "gonka_core/address.py", ("tests/core/test_address.py",)),
    Subject(
        "ecdsa",
        "backends/gonka_ecdsa/signer.py",
        ("tests/backends/test_ecdsa_signer.py", _SIGNERS, "-k", "Ecdsa"),
        20.0,
    ),
    Subject("ecdsa-nonces", "backends/gonka_ecdsa/nonces.py", ("tests/backends/test_ecdsa_nonces.py", _UNENDING)),
    Subject("ecdsa-table", "backends/gonka_ecdsa/fixed_base.py", ("tests/backends/test_ecdsa_table.py", _UNENDING)),
    Subject("ecdsa-points", "backends/gonka_ecdsa/points.py", ("tests/backends/test_ecdsa_points.py", "--timeout=2")),
    Subject("coincurve", "backends/gonka_coincurve/signer.py", (_DIRECT, _SIGNERS, "-k", "Coincurve")),
    Subject("coincurve-direct", "backends/gonka_coincurve/direct.py", (_DIRECT,)),
    Subject("sse", "gonka_core/sse.py", ("tests/core/test_sse.py", "tests/core/test_reading.py")),
    Subject("rules", "mock_node/gonka_mock_node/rules.py", _RULES, patience=120.0),
)
