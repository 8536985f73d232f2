"""Keys, addresses and bodies that are printed in `protocol.md` §12, and what else is fixed."""

from __future__ import annotations

import json
from typing import Final

K1: Final = (1).to_bytes(32, "big")
K2: Final = bytes.fromhex("10af8dc1f63fb90cfa39943a5afbf262cd84f24919e7d05653e3b03313e685ce")
ADDRESS_OF: Final = {
    K1: "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6",
    K2: "gonka1waj8q9g2ekgardafc6plg77rgu2l3vfrg2y9jw",
}
PROVIDER: Final = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
PROVIDERS: Final = (
    PROVIDER,
    "gonka1d7p03cu2y2yt3vytq9wlfm6tlz0lfhlgv9h82p",
    "gonka1r90m7wlp95zz92eqltys77xyyqkcmz72rc0kv5",
    "gonka1kx9mca3xm8u8ypzfuhmxey66u0ufxhs7nm6wc5",
)
"""Four accounts of the network's genesis (§12.1)."""
TIMESTAMP_NS: Final = 1_766_422_712_000_000_000

_MODEL: Final = "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"
_UNICODE: Final = {"model": "test", "messages": [{"role": "user", "content": "Привет 🌍"}]}

B1: Final = (
    b'{"model":"%b","messages":[{"role":"user","content":"What is the capital city of France?"}],"stream":false}'
    % _MODEL.encode("ascii")
)
B2: Final = b'{"model":"test","messages":[{"role":"user","content":"hello"}]}'
B3: Final = json.dumps(_UNICODE, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
B4: Final = b'{"model":"test","prompt":"hello"}'
B5: Final = b""
B6: Final = json.dumps(_UNICODE).encode("ascii")
