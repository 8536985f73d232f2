"""The lines that the command writes to stdout: a verdict as JSON, and all that fall in two milliseconds at once."""

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

TOGETHER_S: Final = 0.002
"""Under load a write of its own for each turn of the loop takes as long as a tenth of the requests in it."""
_WRITER: Final = json.JSONEncoder(separators=(",", ":"))
_text: Final = encode_basestring_ascii
_names: Final = lru_cache(maxsize=1024)(_WRITER.encode)
"""Of rules and faults: there are few sequences of them, and each stands in many lines."""
_BOOL: Final = {False: "false", True: "true"}


def event_line(verdict: Verdict) -> str:
    """`verdict.as_event()` as compact JSON in ASCII. Written field by field, in a third of an encoder's time."""
    # Taken apart at once: a field of a named tuple takes longer to read than to write.
    (
        number, node, route, status, outcome, rule, error, checks, pending, faults, diagnosis, requester,
        provider_address, scheme, model, stream, timestamp, timestamp_ns, block_time_ns, height, body_bytes,
        body_sha256, digest, authorization,
    ) = verdict  # fmt: skip
    explained = _WRITER.encode(asdict(diagnosis)) if diagnosis else "null"
    return (
        f'{{"event":"verdict","number":{number},"node":{_text(node)},"route":{_text(route)}'
        f',"status":{status},"verdict":"{outcome}","rule":{_or_null(rule)}'
        f',"error":{_or_null(error)},"checks":{_names(checks)},"pending":{_names(pending)}'
        f',"faults":{_names(faults)},"diagnosis":{explained}'
        f',"requester":{_text(requester)},"provider_address":{_text(provider_address)}'
        f',"scheme":"{scheme}","model":{_text(model)},"stream":{_BOOL[stream]}'
        f',"timestamp":{_text(timestamp)},"timestamp_ns":{timestamp_ns}'
        f',"block_time_ns":{block_time_ns},"height":{height},"body_bytes":{body_bytes}'
        f',"body_sha256":"{body_sha256}","digest":"{digest}"'
        f',"authorization":{_text(authorization)}}}'
    )


def _or_null(text: str | None) -> str:
    return "null" if text is None else _text(text)


class Lines:
    """Lines for stdout, in order; what comes within `TOGETHER_S` is written at its end, in one piece.

    `gone` is called when nobody reads them any more. To be made and used on the loop's thread.
    """

    def __init__(self, gone: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._gone = gone
        self._waiting: list[str] = []

    def put(self, line: str) -> None:
        if not self._waiting:
            self._loop.call_later(TOGETHER_S, self.flush)
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
