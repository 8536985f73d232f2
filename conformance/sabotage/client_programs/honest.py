"""A small client that does all that the exam asks for, with nothing but `http.client` and libsecp256k1.

Every step is a method of its own, so that `broken` can do one of them wrong. Not an example of style for applications,
which want connections that are kept, backoff, and errors that tell more.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import coincurve

NS = 10**9
Endpoint = tuple[str, str]
"""A base URL with `/v1`, and a provider address; empty for a broker."""


class CallFailed(Exception):
    """The call has no answer; `status` is what the last node said, None where none answered."""

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.status = status


class Program:
    """One run: what the environment says, calls, and the exit status."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.secret = bytes.fromhex(environ["GONKA_PRIVATE_KEY"])
        self.key = coincurve.PrivateKey(self.secret)
        self.address = environ["GONKA_ADDRESS"]
        self.timeout = float(environ["GONKA_EXAM_TIMEOUT"])
        self.streams = environ["GONKA_EXAM_STREAM"] == "true"
        self.scheme = "raw"
        self.offset_ns = 0
        self.last_ns = 0
        self.lock = threading.Lock()
        self.asked = threading.local()

    # The environment

    def endpoints(self) -> list[Endpoint]:
        if "GONKA_SOURCE_URL" in self.environ:
            return self.discovered(self.environ["GONKA_SOURCE_URL"])
        if "GONKA_BROKER_URL" in self.environ:
            return [(self.environ["GONKA_BROKER_URL"], "")]
        pairs = (entry.partition(";") for entry in self.environ["GONKA_ENDPOINTS"].split(","))
        return [(url, address) for url, _, address in pairs]

    def discovered(self, source: str) -> list[Endpoint]:
        listed = self.read(source, "/v1/epochs/current/participants")
        excluded = self.excluded(listed)
        allowed = self.allowed(source)
        found = [
            (self.base(entry["inference_url"]), entry["index"])
            for entry in listed["active_participants"]["participants"]
            if entry["index"] not in excluded
        ]
        return [(url, address) for url, address in found if allowed is None or address in allowed][::-1]

    def excluded(self, listed: Any) -> set[str]:
        return {entry["address"] for entry in listed.get("excluded_participants") or []}

    def allowed(self, source: str) -> set[str] | None:
        """None where everyone is: an empty list allows all."""
        params = self.read(source, "/chain-api/productscience/inference/inference/params")["params"]
        return set(params["transfer_agent_access_params"]["allowed_transfer_addresses"] or ()) or None

    def base(self, url: str) -> str:
        return url.rstrip("/").removesuffix("/v1") + "/v1"

    def read(self, root: str, path: str) -> Any:
        status, body = self.exchanged("GET", root + path, self.reading_headers(), b"")
        if status != 200:
            raise CallFailed(f"{root}{path} says {status}", status)
        return json.loads(body)

    def reading_headers(self) -> dict[str, str]:
        return {}

    # Signing

    def payload(self) -> bytes:
        with open(self.environ["GONKA_EXAM_PAYLOAD"], "rb") as file:
            return file.read()

    def timestamp(self) -> int:
        with self.lock:
            self.last_ns = max(time.time_ns() + self.offset_ns, self.last_ns + 1)
            return self.last_ns

    def message(self, body: bytes, stamp: int, provider: str) -> bytes:
        self.asked.scheme = self.scheme
        head = body if self.asked.scheme == "raw" else hashlib.sha256(body).hexdigest().encode()
        return head + str(stamp).encode() + provider.encode()

    def signature(self, message: bytes) -> bytes:
        return self.key.sign_recoverable(message)[:64]

    def encoded(self, signature: bytes) -> str:
        return base64.b64encode(signature).decode()

    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        plain = {"Content-Type": "application/json"}
        if not endpoint[1]:
            return {**plain, "Authorization": f"Bearer {self.environ['GONKA_BROKER_API_KEY']}"}
        stamp = self.timestamp()
        signature = self.encoded(self.signature(self.message(body, stamp, endpoint[1])))
        return {
            **plain,
            "Authorization": signature,
            "X-Requester-Address": self.address,
            "X-Timestamp": str(stamp),
        }

    def sent_body(self, body: bytes) -> bytes:
        return body

    # Sending

    def target(self, endpoint: Endpoint) -> str:
        return f"{endpoint[0]}/chat/completions"

    def exchanged(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """The status and the body of an answer. Raises OSError, HTTPException."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=self.patience())
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            self.location, self.date = answer.getheader("Location", ""), answer.getheader("Date", "")
            return answer.status, answer.read()
        finally:
            connection.close()

    def patience(self) -> float | None:
        return self.timeout

    def attempt(self, endpoint: Endpoint, body: bytes) -> str:
        """Ask one endpoint. Raises `CallFailed`."""
        try:
            headers = self.headers(endpoint, body)
            status, answer = self.exchanged("POST", self.target(endpoint), headers, self.sent_body(body))
        except (OSError, http.client.HTTPException) as error:
            raise CallFailed(f"{type(error).__name__} at {endpoint[0]}") from error
        if status != 200:
            raise CallFailed(answer.decode("utf-8", "replace"), status)
        return self.streamed(answer) if self.streams else self.whole(answer)

    def whole(self, answer: bytes) -> str:
        text: str = json.loads(answer)["choices"][0]["message"]["content"]
        return text

    def streamed(self, answer: bytes) -> str:
        events = [line[6:] for line in answer.decode("utf-8").splitlines() if line.startswith("data: ")]
        if not self.finished(events):
            raise CallFailed("the stream ended without [DONE]")
        return self.joined(events)

    def finished(self, events: list[str]) -> bool:
        return events[-1:] == ["[DONE]"]

    def joined(self, events: Iterable[str]) -> str:
        chunks = (json.loads(event) for event in events if event != "[DONE]")
        return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])

    # A call

    def call(self, body: bytes, endpoints: list[Endpoint]) -> str:
        tried = 0
        for _ in range(6):
            endpoint = endpoints[tried % len(endpoints)]
            try:
                return self.attempt(endpoint, body)
            except CallFailed as error:
                if not self.may_repeat(error, endpoint):
                    raise
                tried += self.moves_on(error)
        raise CallFailed("every attempt failed")

    def moves_on(self, error: CallFailed) -> bool:
        return error.status in (None, 429, 503)

    def may_repeat(self, error: CallFailed, endpoint: Endpoint) -> bool:
        if error.status == 401 and self.asked.scheme == "raw":
            self.scheme = "hash"
            return True
        if error.status == 400 and "signature is" in str(error):
            return self.learn_time(endpoint)
        return error.status in (429, 503) or isinstance(error.__cause__, ConnectionRefusedError)

    def learn_time(self, endpoint: Endpoint) -> bool:
        status = self.read(endpoint[0].removesuffix("/v1"), "/chain-rpc/status")
        moment, _, fraction = status["result"]["sync_info"]["latest_block_time"].rstrip("Z").partition(".")
        seconds = time.mktime(time.strptime(moment, "%Y-%m-%dT%H:%M:%S")) - time.timezone
        self.last_ns = 0
        before, self.offset_ns = self.offset_ns, int(seconds) * NS + int(fraction.ljust(9, "0")) - time.time_ns()
        return abs(before - self.offset_ns) > NS

    def run(self) -> int:
        body, endpoints = self.payload(), self.endpoints()
        with ThreadPoolExecutor(self.parallel()) as pool:
            try:
                for text in pool.map(lambda _: self.call(body, endpoints), range(self.count())):
                    self.say(text)
            except Exception as error:
                return self.give_up(error)
        return 0

    def parallel(self) -> int:
        return int(self.environ["GONKA_EXAM_PARALLEL"])

    def count(self) -> int:
        return int(self.environ["GONKA_EXAM_COUNT"])

    def say(self, text: str) -> None:
        print(text, flush=True)

    def give_up(self, error: Exception) -> int:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(Program(os.environ).run())
