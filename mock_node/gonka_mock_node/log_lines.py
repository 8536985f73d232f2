"""The lines that the command writes to stdout: a verdict as JSON, and all that fall in one turn of the loop at once."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Final

from .journal import Verdict

_WRITER: Final = json.JSONEncoder(separators=(",", ":"))
_text: Final = encode_basestring_ascii
_names: Final = lru_cache(maxsize=1024)(_WRITER.encode)
"""Of rules and faults: there are few sequences of them, and each stands in many lines."""
_BOOL: Final = {False: "false", True: "true"}


def event_line(verdict: Verdict) -> str:
    """`verdict.as_event()` as compact JSON in ASCII. Written field by field, in a third of an encoder's time."""
    diagnosis = _WRITER.encode(asdict(verdict.diagnosis)) if verdict.diagnosis else "null"
    return (
        f'{{"event":"verdict","number":{verdict.number},"node":{_text(verdict.node)},"route":{_text(verdict.route)}'
        f',"status":{verdict.status},"verdict":"{verdict.verdict}","rule":{_or_null(verdict.rule)}'
        f',"error":{_or_null(verdict.error)},"checks":{_names(verdict.checks)},"pending":{_names(verdict.pending)}'
        f',"faults":{_names(verdict.faults)},"diagnosis":{diagnosis}'
        f',"requester":{_text(verdict.requester)},"provider_address":{_text(verdict.provider_address)}'
        f',"scheme":"{verdict.scheme}","model":{_text(verdict.model)},"stream":{_BOOL[verdict.stream]}'
        f',"timestamp":{_text(verdict.timestamp)},"timestamp_ns":{verdict.timestamp_ns}'
        f',"block_time_ns":{verdict.block_time_ns},"height":{verdict.height},"body_bytes":{verdict.body_bytes}'
        f',"body_sha256":"{verdict.body_sha256}","digest":"{verdict.digest}"'
        f',"authorization":{_text(verdict.authorization)}}}'
    )


def _or_null(text: str | None) -> str:
    return "null" if text is None else _text(text)


class Lines:
    """Lines for stdout, in order; what one turn of the loop brings is written at its end, in one piece.

    `gone` is called when nobody reads them any more. To be made and used on the loop's thread.
    """

    def __init__(self, gone: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._gone = gone
        self._waiting: list[str] = []

    def put(self, line: str) -> None:
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append(line)

    def flush(self) -> None:
        """Write what waits; to be called once more when the loop ends."""
        if not self._waiting:
            return
        lines, self._waiting = self._waiting, []
        try:
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self._gone()
