"""The pure-Python signer against libsecp256k1, byte for byte, with a new key and a new digest each time.

    python -m benchmarks.million [--count N] [--processes N] [--seed TEXT]

Public keys and signatures of `gonka_ecdsa` and of coincurve are compared. Ends with 1 where a single one differs.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import sys
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import get_context
from typing import Final, TypeAlias

import coincurve

from gonka_core import PrivateKey
from gonka_core.keys import ORDER
from gonka_ecdsa.signer import EcdsaSigner

Compared: TypeAlias = tuple[int, list[tuple[bytes, bytes]]]
"""How many were compared, and the keys and digests for which the two differ."""

CHUNK: Final = 5_000
_SHOWN: Final = 5


def differs(secret: bytes, digest: bytes) -> bool:
    """Whether the two make another public key of a key, or another signature of a digest, of 32 bytes each."""
    ours, theirs = EcdsaSigner(PrivateKey(secret)), coincurve.PrivateKey(secret)
    same_key = ours.public_key == theirs.public_key.format(compressed=True)
    return not same_key or ours.sign_digest(digest) != theirs.sign_recoverable(digest, hasher=None)[:64]


def pairs(seed: str, count: int) -> Iterator[tuple[bytes, bytes]]:
    """So many keys and digests, the same for the same seed."""
    source = random.Random(seed)
    for _ in range(count):
        yield source.randrange(1, ORDER).to_bytes(32, "big"), source.randbytes(32)


def chunks(seed: str, count: int) -> list[tuple[str, int]]:
    """The work in pieces: a seed and a count for each."""
    return [(f"{seed}/{begin}", min(CHUNK, count - begin)) for begin in range(0, count, CHUNK)]


def compared(chunk: tuple[str, int]) -> Compared:
    """One piece of the work, done."""
    return chunk[1], [pair for pair in pairs(*chunk) if differs(*pair)]


def main(argv: Sequence[str] | None = None) -> int:
    given = _arguments(argv)
    with get_context("spawn").Pool(given.processes) as pool:
        wrong = differing(pool.imap_unordered(compared, chunks(given.seed, given.count)), given.count)
    print(f"{given.count:,} keys and digests, seed {given.seed}: {wrong:,} differ from libsecp256k1")
    return 1 if wrong else 0


def differing(pieces: Iterable[Compared], count: int) -> int:
    """How many differ in all; shows the first ones, whose keys are random and worth nothing, and how far it is."""
    done, wrong = 0, 0
    for size, found in pieces:
        for secret, digest in found[: max(0, _SHOWN - wrong)]:
            print(f"differs: key {secret.hex()}, digest {digest.hex()}")
        done, wrong = done + size, wrong + len(found)
        print(f"\r{done:,} of {count:,} compared, {wrong:,} differ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return wrong


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.million", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--count", type=int, default=1_000_000, metavar="N", help="a million unless told")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="one for each core")
    parser.add_argument("--seed", default=secrets.token_hex(8), metavar="TEXT", help="to compare the same ones again")
    given = parser.parse_args(argv)
    if min(given.count, given.processes) < 1:
        parser.error("--count and --processes: give one or more")
    return given


if __name__ == "__main__":
    sys.exit(main())
