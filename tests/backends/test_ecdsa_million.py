"""The comparison with libsecp256k1, short, and what it sees; and the row that measures the signer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from ecdsa import numbertheory
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import million
from benchmarks.rows import pure_python
from benchmarks.rows.pure_python import LibrarySigner
from gonka_bench.workload import DIGEST, KEY
from gonka_core.keys import ORDER
from gonka_ecdsa.signer import EcdsaSigner

PAIR: Final = (b"\x01" * 32, b"\x02" * 32)


@given(st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big")), st.binary(min_size=32, max_size=32))
def test_a_key_and_a_digest_do_not_differ(secret: bytes, digest: bytes) -> None:
    assert not million.differs(secret, digest)


def test_a_piece_of_the_work() -> None:
    assert million.compared(("a seed", 300)) == (300, [])


def test_the_pieces_are_all_of_the_work_and_each_has_keys_of_its_own() -> None:
    pieces = million.chunks("a seed", 2 * million.CHUNK + 1)
    assert [count for _, count in pieces] == [million.CHUNK, million.CHUNK, 1]
    assert len({next(million.pairs(seed, 1)) for seed, _ in pieces}) == 3
    assert list(million.pairs("a seed", 3)) == list(million.pairs("a seed", 3))


def test_another_signature_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = EcdsaSigner.sign_digest
    monkeypatch.setattr(EcdsaSigner, "sign_digest", lambda self, digest: right(self, digest)[:-1] + b"\0")
    assert million.differs(*PAIR)


def test_another_public_key_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = EcdsaSigner.__init__

    def negated(self: EcdsaSigner, key: object) -> None:
        right(self, key)  # type: ignore[arg-type]
        self.public_key = bytes([self.public_key[0] ^ 1]) + self.public_key[1:]

    monkeypatch.setattr(EcdsaSigner, "__init__", negated)
    assert million.differs(*PAIR)


def test_differences_are_counted_and_the_first_ones_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert million.differing(iter([(10, []), (10, [PAIR] * 4), (10, [PAIR] * 4)]), 30) == 8
    shown = capsys.readouterr()
    assert shown.out.count("differs: key 0101") == 5
    assert shown.err.endswith("30 of 30 compared, 8 differ\n")


@pytest.mark.parametrize(("wrong", "status"), [(0, 0), (1, 1)], ids=["alike", "one differs"])
def test_the_exit_status(wrong: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(million, "differing", lambda *_: wrong)
    assert million.main(["--count", "1", "--processes", "1"]) == status


@pytest.mark.parametrize("option", ["--count", "--processes"])
def test_less_than_one_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        million.main([option, "0"])
    assert ended.value.code == 2
    assert "give one or more" in capsys.readouterr().err


def test_the_command_with_processes_of_its_own() -> None:
    command = [sys.executable, "-m", "benchmarks.million", "--count", "60", "--processes", "1", "--seed", "a seed"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True, timeout=100)
    assert done.stdout == "60 keys and digests, seed a seed: 0 differ from libsecp256k1\n"


def test_what_is_measured_side_by_side_gives_the_same_signature() -> None:
    assert LibrarySigner(KEY).sign_digest(DIGEST) == EcdsaSigner(KEY).sign_digest(DIGEST)
    assert LibrarySigner(KEY).public_key == EcdsaSigner(KEY).public_key


def test_it_is_measured_where_gmpy2_cannot_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gmpy2.py").write_text("raise SystemExit('gmpy2 was imported')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pure_python._figures.cache_clear()
    for row in pure_python.ROWS:
        measured = row.measure()
        assert measured.figure is not None
        assert measured.figure > 1, measured


def test_it_is_not_measured_with_gmpy2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbertheory, "GMPY2", True)
    with pytest.raises(RuntimeError, match="gmpy2"):
        pure_python.show()
