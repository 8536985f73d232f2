"""One signer in many threads: whether a signature is ever wrong, and what a second thread gains."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from gonka_bench.paired import Run
from gonka_bench.workload import ENDPOINT, TIMESTAMP_NS
from gonka_core import Signer, sign_request
from gonka_core.canonical import Scheme


def wrong_signatures(signer: Signer, payload: bytes, count: int, threads: int) -> int:
    """How many of so many signatures differ from the one made without company.

    The threads take turns by timestamp, so that neighbours work on different messages at the same time.
    """
    with ThreadPoolExecutor(threads) as pool:
        turns = [range(first, count, threads) for first in range(threads)]
        made = list(pool.map(partial(_signatures, signer, payload), turns))
    return sum(
        one != alone
        for turn, together in zip(turns, made, strict=True)
        for one, alone in zip(together, _signatures(signer, payload, turn), strict=True)
    )


def in_threads(pool: ThreadPoolExecutor, threads: int, work: Callable[[int], object]) -> Run:
    """A run that shares its number of times among so many threads of the pool."""

    def run(times: int) -> None:
        shares = [times // threads + (turn < times % threads) for turn in range(threads)]
        for done in [pool.submit(work, share) for share in shares]:
            done.result()

    return run


def signing(signer: Signer, payload: bytes, scheme: Scheme = "raw") -> Run:
    """`sign_request` so many times, each with another timestamp."""

    def run(times: int) -> None:
        for turn in range(times):
            sign_request(payload, ENDPOINT, signer, scheme=scheme, timestamp_ns=TIMESTAMP_NS + turn)

    return run


def _signatures(signer: Signer, payload: bytes, turns: range) -> list[bytes]:
    return [sign_request(payload, ENDPOINT, signer, timestamp_ns=TIMESTAMP_NS + turn).signature for turn in turns]
