"""The pure-Python signer against the documented program: CPU from a payload of 200 bytes to a signed request.

Both use gmpy2 where it is installed, which is no longer pure Python. So all of it is measured in a process of its own,
where gmpy2 cannot be imported.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ecdsa import SECP256k1, SigningKey, numbertheory
from ecdsa.util import sigencode_string_canonize

from benchmarks.rows.row import Measured, Row, Rows, Target
from gonka_bench.documented import sign_payload
from gonka_bench.machine import installed
from gonka_bench.paired import Run, measure, repeated
from gonka_bench.workload import ENDPOINT, KEY, SECRET, TIMESTAMP_NS, chat_payload
from gonka_core import PrivateKey, Signer, sign_request
from gonka_ecdsa.signer import EcdsaSigner

_ROOT: Final = Path(__file__).parents[2]
_TO_MEASURE_S: Final = 300
_WITHOUT_GMPY2: Final = """
import sys
sys.modules.update(gmpy=None, gmpy2=None)
from benchmarks.rows import pure_python
pure_python.show()
"""


class LibrarySigner:
    """python-ecdsa as it is, with the key held: what there is to gain without a table of ours."""

    def __init__(self, key: PrivateKey) -> None:
        self._key: Any = SigningKey.from_string(key.reveal(), curve=SECP256k1)
        self.public_key: bytes = self._key.verifying_key.to_string("compressed")

    def sign_digest(self, digest: bytes, /) -> bytes:
        signature: bytes = self._key.sign_digest_deterministic(digest, sha256, sigencode_string_canonize)
        return signature


def subjects(payload: bytes) -> dict[str, Run]:
    """The documented program, the library and our signer by name."""

    def signs(signer: Signer) -> Run:
        return repeated(lambda: sign_request(payload, ENDPOINT, signer, timestamp_ns=TIMESTAMP_NS))

    return {
        "documented": repeated(lambda: sign_payload(payload, SECRET.hex(), TIMESTAMP_NS, ENDPOINT.provider_address)),
        "library": signs(LibrarySigner(KEY)),
        "table": signs(EcdsaSigner(KEY)),
    }


def show() -> None:
    """Measure in this process, and print microseconds by name as JSON. Raises RuntimeError where gmpy2 computes."""
    if numbertheory.GMPY2 or numbertheory.GMPY:
        raise RuntimeError("python-ecdsa computes with gmpy2, so this is not pure Python: block its import first")
    timings = measure(subjects(chat_payload(200)))
    print(json.dumps({name: timing.best_s * 1e6 for name, timing in timings.items()}))


@cache
def _figures() -> Mapping[str, float]:
    """One run for both rows."""
    command = [sys.executable, "-c", _WITHOUT_GMPY2]
    child = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=_TO_MEASURE_S)
    figures: dict[str, float] = json.loads(child.stdout)
    return figures


def _gain(subject: str) -> Measured:
    figures = _figures()
    gmpy2 = f"gmpy2 {found}, import blocked" if (found := installed("gmpy2")) else "gmpy2 not installed"
    return Measured(
        figures["documented"] / figures[subject],
        f"{figures[subject]:.0f} µs against {figures['documented']:.0f} of the documented program; {gmpy2}",
    )


ROWS: Rows = (
    Row(
        Target(
            "pure-library",
            "signed requests, python-ecdsa with its key held to the documented program, without gmpy2",
            "at least",
            1.8,
        ),
        partial(_gain, "library"),
    ),
    Row(
        Target("pure-table", "signed requests, signer ecdsa to the documented program, without gmpy2", "at least", 4.5),
        partial(_gain, "table"),
    ),
)
