"""The documented program as a process of its own, as it is or with one byte changed on its way to the wire."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRAM: Final = Path(__file__).parents[2] / "benchmarks" / "baseline.py"

DRIVER: Final = """
import json, runpy, sys
import requests

change, program = sys.argv[1:3]
sys.argv = [program, *sys.argv[3:]]
post = requests.post

def other(text, at):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]

def altered(url, headers, data, stream):
    if change == "body":
        data = data.replace(b"Hello", b"Jello", 1)
    elif change == "timestamp":
        digits = headers["X-Timestamp"]
        headers = {**headers, "X-Timestamp": digits[:-1] + str(9 - int(digits[-1]))}
    elif change == "address":
        address = headers["X-Requester-Address"]
        headers = {**headers, "X-Requester-Address": address[:-1] + ("q" if address[-1] != "q" else "p")}
    elif change == "signature":
        headers = {**headers, "Authorization": other(headers["Authorization"], 50)}
    response = post(url=url, headers=headers, data=data, stream=stream)
    if not response.ok:
        print(json.dumps([response.status_code, response.text]))
    return response

requests.post = altered
runpy.run_path(program, run_name="__main__")
"""


@dataclass(frozen=True)
class Ended:
    """How a run ended; `status` and `body` are those of an answer that was an error."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def refusal(self) -> tuple[int, str]:
        status, body = json.loads(self.stdout.splitlines()[0])
        return status, body


def run_documented(
    endpoint: str, provider_address: str, private_key: str, address: str, *, stream: bool = False, change: str = ""
) -> Ended:
    """Run the program against a base URL that includes /v1; `change` names what is altered by one byte."""
    settings = {
        "GONKA_PRIVATE_KEY": private_key,
        "GONKA_ADDRESS": address,
        "GONKA_ENDPOINT": endpoint,
        "GONKA_PROVIDER_ADDRESS": provider_address,
        "NO_PROXY": "127.0.0.1",
    }
    start = [sys.executable, "-c", DRIVER, change] if change else [sys.executable]
    done = subprocess.run(
        [*start, str(PROGRAM), *(["--stream"] if stream else [])],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **settings},
    )
    return Ended(done.returncode, done.stdout, done.stderr)
