"""Blocks that follow each other (`protocol.md` §6.6, §6.7): each names the one in front of it and has its commit.

Each is made once, when it is first asked for, and so are its signatures. A run begins with a block whose predecessor is
made up, as nobody can ask for that one; from there on every hash and every signature is what CometBFT makes of it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from .commits import sign_commit
from .headers import Block, BlockId, Commit, Header, made_up
from .validators import Validator, validators_hash, validators_of

__all__ = ["Block", "Run", "Start", "make_block", "run_from", "validators_of"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a run of blocks begins, who signs, and the roots (32 bytes) of the state: in its first block and after."""

    height: int
    time_ns: int
    interval_ns: int
    validators: tuple[Validator, ...]
    first_app_hash: bytes
    app_hash: bytes


class Run:
    """Blocks from a height on, each a fixed time behind the one in front. Safe from any thread."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self._validators_hash = validators_hash(start.validators)
        self._proposer = start.validators[0].address if start.validators else b""
        self._blocks: list[Block] = []
        self._commits: list[Commit] = []
        self._lock = threading.Lock()

    def block(self, height: int) -> Block:
        """The block of a height, which is not below that of the start."""
        return self._until(height)[0]

    def commit(self, height: int) -> Commit:
        """The commit of that block."""
        return self._until(height)[1]

    def at_time(self, height: int, time_ns: int) -> Block:
        """The block of a height as it is with another time, which the one behind it does not know."""
        front = self._in_front(height)
        return Block(replace(self._header(height, front), time_ns=time_ns), front)

    def signed(self, block: Block) -> Commit:
        """The commit of a block by the validators of this run."""
        header = block.header
        return sign_commit(header.height, block.id, header.time_ns, self.start.validators)

    def _until(self, height: int) -> tuple[Block, Commit]:
        at = height - self.start.height
        with self._lock:
            while len(self._blocks) <= at:
                self._append(self.start.height + len(self._blocks))
            return self._blocks[at], self._commits[at]

    def _append(self, height: int) -> None:
        front = self._commits[-1] if self._commits else self._made_up()
        block = Block(self._header(height, front), front)
        self._blocks.append(block)
        self._commits.append(self.signed(block))

    def _in_front(self, height: int) -> Commit:
        return self._until(height - 1)[1] if height > self.start.height else self._until(height)[0].last_commit

    def _header(self, height: int, front: Commit) -> Header:
        start = self.start
        return Header(
            height=height,
            time_ns=start.time_ns + (height - start.height) * start.interval_ns,
            last_block_id=front.block_id,
            last_commit_hash=front.hash,
            validators_hash=self._validators_hash,
            app_hash=start.app_hash if height > start.height else start.first_app_hash,
            proposer=self._proposer,
        )

    def _made_up(self) -> Commit:
        height = self.start.height - 1
        block_id = BlockId(made_up("block", height), made_up("parts", height))
        return sign_commit(height, block_id, self.start.time_ns - self.start.interval_ns, self.start.validators)


run_from: Final = lru_cache(maxsize=64)(Run)
"""The run of a start: the same one for the same start, so that a block is made once."""


def make_block(height: int, time_ns: int, interval_ns: int, validators: Sequence[Validator], app_hash: bytes) -> Block:
    """The block of a height, with the root (32 bytes) of the state that the one in front of it left behind."""
    return run_from(first_blocks(height, time_ns, interval_ns, validators, app_hash)).block(height)


def first_blocks(
    height: int, time_ns: int, interval_ns: int, validators: Sequence[Validator], app_hash: bytes
) -> Start:
    """The run that begins in front of a block, with another root than that block's."""
    state = made_up("state", height - 2)
    return Start(height - 1, time_ns - interval_ns, interval_ns, tuple(validators), state, app_hash)
