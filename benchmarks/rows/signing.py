"""Signing with coincurve: large payloads against C, another attempt at a call, and threads."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from benchmarks.rows.row import Measured, Row, Rows, Target
from benchmarks.threaded import in_threads, signing, wrong_signatures
from gonka_bench import climit
from gonka_bench.paired import Run, Timing, measure, ratio, repeated
from gonka_bench.workload import ENDPOINT, KEY, TIMESTAMP_NS, chat_payload
from gonka_core import Signer, resolve
from gonka_core.canonical import HashedBody
from gonka_core.request import requester_address, sign_body

SMALL: Final = 200
CONVERSATION: Final = 4_096
DOCUMENT: Final = 262_144
HUGE: Final = 10 * 2**20
"""Bytes of a payload."""

SIGNATURES: Final = 100_000
THREADS: Final = 4
GAIN: Final = 1.8
"""What a second thread is to bring."""


def against_c(size: int) -> Measured:
    """CPU of `sign_request` over that of the same in C."""
    payload = chat_payload(size)
    try:
        c = climit.load()
    except climit.CLimitUnavailableError as error:
        return Measured(None, str(error))
    ours = signing(_signer(), payload)
    timings = measure({"C": lambda times: c.run(payload, "raw", times), "sign_request": ours}, rounds=25)
    return Measured(ratio(timings, "sign_request", "C"), _told(timings))


def another_attempt() -> Measured:
    """CPU of a signature for another attempt at a call of 10 MB, over that of the first one of 200 bytes."""
    signer, small, huge = _signer(), chat_payload(SMALL), chat_payload(HUGE)
    hashed = HashedBody(huge)
    hashed.prepare()
    timings = measure(
        {
            "first, 200 bytes": _attempts(signer, small, lambda: HashedBody(small)),
            "again, 10 MB": _attempts(signer, huge, lambda: hashed),
        },
        rounds=25,
    )
    return Measured(ratio(timings, "again, 10 MB", "first, 200 bytes"), _told(timings))


def wrong() -> Measured:
    """Signatures that differ from those of a single thread."""
    found = wrong_signatures(_signer(), chat_payload(SMALL), SIGNATURES, THREADS)
    return Measured(found, f"{SIGNATURES:,} signatures of {SMALL} bytes from {THREADS} threads with one signer")


def second_thread() -> Measured:
    """How many times as many signatures two threads make as one does in the same time on the clock.

    Hashing alone, beside it in the same run, shows whether the machine had two processors for it.
    """
    document = chat_payload(DOCUMENT)
    works = {
        "signing": signing(_signer(), chat_payload(CONVERSATION)),
        "hashing": repeated(lambda: hashlib.sha256(document).digest()),
    }
    with ThreadPoolExecutor(2) as pool:
        subjects = {
            f"{name} in {threads}": in_threads(pool, threads, work)
            for name, work in works.items()
            for threads in (1, 2)
        }
        timings = measure(subjects, rounds=40, clock=time.perf_counter)
    of_signing, of_hashing = (ratio(timings, f"{name} in 1", f"{name} in 2") for name in works)
    return gain(of_signing, of_hashing, _told(timings))


def gain(of_signing: float, of_hashing: float, detail: str) -> Measured:
    """The figure; none where nothing else could have gained enough either."""
    if of_signing < GAIN and of_hashing < GAIN:
        why = f"without two free processors: even hashing alone gained only {of_hashing:.2f}×"
        return Measured(None, f"{of_signing:.2f}×, but {why}; run it again on an idle machine; {detail}")
    return Measured(of_signing, f"hashing alone gains {of_hashing:.2f}×; {detail}")


def _signer() -> Signer:
    return resolve.signer("coincurve", lambda: KEY)


def _attempts(signer: Signer, body: bytes, hashed: Callable[[], HashedBody]) -> Run:
    """What `exchange` does to sign an attempt, each with another timestamp; `hashed` gives its call's body."""
    address = requester_address(signer)

    def run(times: int) -> None:
        for stamp in range(TIMESTAMP_NS, TIMESTAMP_NS + times):
            digest = hashed().digest("raw", stamp, ENDPOINT.provider_address)
            sign_body(body, ENDPOINT, signer, digest=digest, scheme="raw", timestamp_ns=stamp, address=address)

    return run


def _told(timings: Mapping[str, Timing]) -> str:
    return ", ".join(f"{name} {timing.best_s * 1e6:,.1f} µs" for name, timing in timings.items())


ROWS: Rows = (
    Row(
        Target("sign-256k", "CPU of sign_request with coincurve over C, 256 KB", "at most", 1.03),
        partial(against_c, DOCUMENT),
    ),
    Row(Target("sign-10m", "the same with 10 MB", "at most", 1.03), partial(against_c, HUGE)),
    Row(
        Target("sign-again", "CPU of another signature at 10 MB over a first one at 200 bytes", "at most", 1.15),
        another_attempt,
    ),
    Row(Target("sign-wrong", "wrong signatures from four threads on one signer", "at most", 0, ""), wrong),
    Row(
        Target("sign-threads", "signatures of 4 KB in a second on the clock, two threads over one", "at least", GAIN),
        second_thread,
    ),
)
