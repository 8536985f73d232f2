"""The room is optional: it is imported by whoever asks for a proof, and says so where its libraries are missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

BLOCKED = """
import sys
sys.modules[{module!r}] = None
from gonka_core.errors import ProofError
from gonka_core.proofs import consistent, linked, sealed, anchored, REASONS
try:
    {call}
except ProofError as error:
    assert error.reason == "library", error.reason
    assert "pip install 'gonka-core[proofs]'" in str(error), str(error)
    print("told")
"""


def run(program: str) -> str:
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("google.protobuf", "consistent({}, None)"),
        ("google", "consistent({}, None)"),
        ("google.protobuf", "linked(None, {}, [])"),
        ("cryptography", "linked(None, {}, [])"),
    ],
)
def test_a_missing_library_is_named(module: str, call: str) -> None:
    assert run(BLOCKED.format(module=module, call=call)) == "told\n"


def test_where_it_is_there_the_answer_is_looked_at() -> None:
    program = BLOCKED.replace('"library"', '"absent"').replace('assert "pip', "#")
    assert run(program.format(module="no_such_module", call="consistent({}, None)")) == "told\n"


def test_without_cryptography_the_level_consistent_is_there() -> None:
    program = BLOCKED.replace('"library"', '"absent"').replace('assert "pip', "#")
    assert run(program.format(module="cryptography", call="consistent({}, None)")) == "told\n"


@pytest.mark.parametrize("statement", ["import gonka_core.proofs", "import gonka_core.proofs.verifying"])
def test_the_face_imports_neither(statement: str) -> None:
    loaded = run(f"{statement}; import sys; print(*sys.modules)").split()
    assert "gonka_core.proofs.verifying" in loaded
    assert not {"google.protobuf", "cryptography", "gonka_core.proofs.messages"} & set(loaded)
