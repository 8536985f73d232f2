"""What a node makes of a payload before a model sees it, and the hash under which the network knows that prompt.

Log probabilities, token ids and a usage chunk come to a client unasked because they are forced here (`protocol.md`
§5.1); the prompt hash is what a provider signs when it hands a request to an executor (`protocol.md` §2).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from .escrow import DEFAULT_MAX_TOKENS
from .go.json_value import Number

_TOP_LOGPROBS: Final = 5


def rewritten(payload: Mapping[str, Any], seed: int, logprobs_mode: str) -> dict[str, Any]:
    """The payload as the model's server gets it; `seed` is used where the developer gave none."""
    changed = dict(payload)
    if changed.get("logprobs", False) is False:
        changed["logprobs"] = True
    limit = changed.get("max_tokens") or changed.get("max_completion_tokens") or DEFAULT_MAX_TOKENS
    changed |= {
        "top_logprobs": _TOP_LOGPROBS,
        "max_tokens": limit,
        "max_completion_tokens": limit,
        "skip_special_tokens": False,
        "return_token_ids": True,
        "logprobs_mode": logprobs_mode,
    }
    changed.setdefault("seed", seed)
    if changed.get("stream") is True:
        options = changed.get("stream_options")
        changed["stream_options"] = {**(options if isinstance(options, dict) else {}), "include_usage": True}
    return changed


def prompt_hash(payload: Mapping[str, Any], seed: int, logprobs_mode: str) -> str:
    """64 hex digits: SHA-256 of the rewritten payload, keys sorted, compact, with the line feed of Go's encoder."""
    text = _encoded(rewritten(payload, seed, logprobs_mode)) + "\n"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _encoded(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{_encoded(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_encoded, value)) + "]"
    if isinstance(value, Number):
        return go_number(float(value))
    return _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def go_number(number: float) -> str:
    """A float64 as Go's `encoding/json` writes it: plain digits between 1e-6 and 1e21, an exponent outside."""
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        plain = format(Decimal(repr(number)), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    mantissa, _, exponent = repr(number).partition("e")
    sign, digits = exponent[0], exponent[1:].lstrip("0")
    return f"{mantissa.removesuffix('.0')}e{sign}{digits}"
