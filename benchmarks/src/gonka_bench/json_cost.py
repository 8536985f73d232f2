"""What JSON takes of a call, with the standard library and with orjson where that is installed."""

from __future__ import annotations

import json
from typing import Any, Final

from .paired import Run, measure, repeated
from .results import JsonFigure

_MESSAGE: Final = {"role": "user", "content": "What does a signature cost, and who pays for it? " * 8}
_PAYLOAD: Final[dict[str, Any]] = {"model": "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8", "messages": [_MESSAGE] * 9}
_TEXT: Final = json.dumps(_PAYLOAD).encode()
_ROUNDS: Final = 7


def json_figure(seconds: float) -> JsonFigure:
    """A payload of 4 KB written and an answer of that size read, measured for about so many seconds."""
    subjects: dict[str, Run] = {"standard": repeated(_standard)}
    try:
        import orjson
    except ImportError:
        pass
    else:
        subjects["orjson"] = repeated(lambda: orjson.loads(_TEXT) and orjson.dumps(_PAYLOAD))
    timings = measure(subjects, rounds=_ROUNDS, sample_s=seconds / (len(subjects) * (_ROUNDS + 3)))
    return JsonFigure(timings["standard"].best_s, timings["orjson"].best_s if "orjson" in timings else None)


def _standard() -> None:
    json.dumps(_PAYLOAD, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    json.loads(_TEXT)
