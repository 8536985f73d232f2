"""What the exam hands out: a published key, payloads, and the words that a model answers with."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from gonka_conformance import reference
from gonka_conformance.material import KEY
from gonka_core.address import address_of

from .scenario import Payload, Scenario

SECRET: Final = KEY
"""32 bytes, published and worth nothing: the key that a client signs with in the exam."""
PUBLIC_KEY: Final = reference.public_key(SECRET)
ADDRESS: Final = address_of(PUBLIC_KEY)
API_KEY: Final = "sk-gonka-exam-0a1b2c3d4e5f60718293"
"""What the exam's broker takes."""
MODEL: Final = "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"
HUGE_BYTES: Final = 4_000_000

_SCRIPTS: Final = "Größe, Привет, 世界, हिन्दी, 🌍👩‍👩‍👧, é"
_QUESTION: Final = 'What is "a/b" < c & d?'


def payload(kind: Payload, stream: bool) -> bytes:
    """The body of a chat request as a person may write it: spaces and escapes that no serialiser would choose."""
    if kind == "empty":
        return b""
    asked = {"plain": _QUESTION, "unicode": _SCRIPTS, "huge": "All work and no play. " * (HUGE_BYTES // 22)}[kind]
    words = json.dumps(asked, ensure_ascii=False).replace("/", r"\/").replace("é", r"\u00e9")
    text = (
        f'{{"model" : "{MODEL}",  "temperature":1.0, "messages":[{{"content":{words},"role":"user"}}],'
        f'\n "max_tokens":64, "stream":{json.dumps(stream)}}}\n'
    )
    return text.encode("utf-8")


def answer(scenario: Scenario) -> str:
    """What the model says in a scenario and in no other."""
    mark = hashlib.sha256(f"gonka client exam: {scenario.name}".encode()).hexdigest()[:12]
    words = f"{_SCRIPTS} and so on" if scenario.payload == "unicode" else "the answer of the model"
    return f"This is {words} in scenario {scenario.number}: {mark}, and nothing else."


def provider_address(number: int) -> str:
    """The account of the exam's node of that number, the same in every exam. Nobody signs for it."""
    return address_of(b"\x02" + hashlib.sha256(b"gonka client exam: provider %d" % number).digest())
