"""The documented program: how the network's developer page signs and sends a chat request.

The text is the page's own, kept as it is, because it is the yardstick: what this program sends must be accepted by
whatever calls itself a node, and its signing is what the benchmarks are compared with. It needs nothing but
`requests` and `ecdsa`. What differs from the page, and why:

* the environment is read, and the request made, inside `main()`, so that the module can be imported;
* `--stream` chooses the kind of answer. The page asks for a stream and then parses one JSON object out of it, which
  fails (`protocol.md` §14, client rule 8); here a stream is read as one, and the default is the single object.

Run it with the four variables set:  python benchmarks/baseline.py [--stream]
"""

# ruff: noqa: I001 - the imports stand as the page has them, and so does the layout
# fmt: off
import os
import sys
import json
import time
import requests
import hashlib
import base64
from ecdsa import SigningKey, SECP256k1

# Required environment variables
# GONKA_PRIVATE_KEY: your hex private key (with or without 0x)
# GONKA_ADDRESS: your gonka address (bech32) used in X-Requester-Address
# GONKA_ENDPOINT: the endpoint base URL INCLUDING /v1 (e.g. https://host:port/v1)
# GONKA_PROVIDER_ADDRESS: provider's gonka address for this endpoint (used in signature)


def sign_payload(payload_bytes: bytes, private_key_hex: str, timestamp_ns: int, provider_address: str) -> str:
    # Remove 0x prefix if present
    pk = private_key_hex[2:] if private_key_hex.startswith('0x') else private_key_hex
    sk = SigningKey.from_string(bytes.fromhex(pk), curve=SECP256k1)

    # Message bytes: payload || timestamp || provider_address
    msg = payload_bytes + str(timestamp_ns).encode('utf-8') + provider_address.encode('utf-8')

    # Deterministic ECDSA over SHA-256 with low-S normalization
    sig = sk.sign_deterministic(msg, hashfunc=hashlib.sha256)
    r, s = sig[:32], sig[32:]
    order = SECP256k1.order
    s_int = int.from_bytes(s, 'big')
    if s_int > order // 2:
        s_int = order - s_int
        s = s_int.to_bytes(32, 'big')
    return base64.b64encode(r + s).decode('utf-8')


# Hybrid timestamp (monotonic + aligned to wall clock) like the library
_WALL_BASE = time.time_ns()
_PERF_BASE = time.perf_counter_ns()


def hybrid_timestamp_ns() -> int:
    return _WALL_BASE + (time.perf_counter_ns() - _PERF_BASE)


def main(stream: bool) -> None:
    GONKA_PRIVATE_KEY = os.environ['GONKA_PRIVATE_KEY']
    GONKA_ADDRESS = os.environ['GONKA_ADDRESS']
    GONKA_ENDPOINT = os.environ['GONKA_ENDPOINT']
    GONKA_PROVIDER_ADDRESS = os.environ['GONKA_PROVIDER_ADDRESS']

    payload = {
        "model": "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8",
        "messages": [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "Hello, how are you?"}
        ],
        "stream": stream,
    }
    payload_bytes = json.dumps(payload).encode('utf-8')
    timestamp_ns = hybrid_timestamp_ns()
    signature = sign_payload(payload_bytes, GONKA_PRIVATE_KEY, timestamp_ns, GONKA_PROVIDER_ADDRESS)

    response = requests.post(
        url=f"{GONKA_ENDPOINT}/chat/completions",
        headers={
            "Content-Type": "application/json",
            "Authorization": signature,
            "X-Requester-Address": GONKA_ADDRESS,
            "X-Timestamp": str(timestamp_ns),
        },
        data=payload_bytes,
        stream=stream,
    )
    response.raise_for_status()
    assistant_message = streamed_message(response) if stream else whole_message(response)
    print("\nAssistant says:", assistant_message)


def whole_message(response: requests.Response) -> str:
    response_json = response.json()
    assistant_message: str = response_json['choices'][0]['message']['content']
    return assistant_message


def streamed_message(response: requests.Response) -> str:
    assistant_message = ''
    for line in response.iter_lines():
        if line == b'data: [DONE]':
            return assistant_message
        if line.startswith(b'data: '):
            for choice in json.loads(line[6:])['choices']:
                assistant_message += choice['delta'].get('content') or ''
    sys.exit("the stream ended without [DONE]; ask again")


if __name__ == '__main__':
    main(stream='--stream' in sys.argv[1:])
