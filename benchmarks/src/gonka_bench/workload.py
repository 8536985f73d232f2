"""What the benchmarks sign: chat payloads of an exact size, one key, one endpoint, one instant."""

from __future__ import annotations

import hashlib
from typing import Final

from gonka_core import Endpoint, PrivateKey

SIZES: Final = {"200 B": 200, "4 KB": 4_096, "256 KB": 262_144}
"""Bytes of the payload: a question, a conversation, a document."""

SECRET: Final = hashlib.sha256(b"gonka benchmarks: a key for nothing").digest()
KEY: Final = PrivateKey(SECRET)
DIGEST: Final = hashlib.sha256(b"gonka benchmarks: a digest").digest()
TIMESTAMP_NS: Final = 1_766_422_712_000_000_000
ENDPOINT: Final = Endpoint("http://127.0.0.1:1/v1", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")

_HEAD: Final = b'{"model":"Qwen/Qwen3-235B-A22B-Instruct-2507-FP8","messages":[{"role":"user","content":"'
_TAIL: Final = b'"}],"stream":false}'


def chat_payload(size: int) -> bytes:
    """A chat payload of exactly `size` bytes of JSON. Raises ValueError for a size that its frame exceeds."""
    room = size - len(_HEAD) - len(_TAIL)
    if room < 0:
        raise ValueError(f"the smallest chat payload here has {len(_HEAD) + len(_TAIL)} bytes, not {size}")
    return _HEAD + b"x" * room + _TAIL
