"""A signer program for the tests of the exam, right or wrong in the way that its first argument names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import coincurve

Answer: TypeAlias = dict[str, Any]
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MODE = sys.argv[1]


def hello(request: Answer) -> Answer:
    return {"version": 1, "name": f"{MODE} program", "claims": ["deterministic"]}


def public_key(request: Answer) -> Answer:
    return {"public_key": key(request).public_key.format().hex()}


def sign_digest(request: Answer) -> Answer:
    digest = request["digest"]
    if not isinstance(digest, str) or len(digest) != 64:
        return {"error": "a digest has 32 bytes"}
    return {"signature": key(request).sign_recoverable(bytes.fromhex(digest), hasher=None)[:64].hex()}


def key(request: Answer) -> coincurve.PrivateKey:
    return coincurve.PrivateKey(bytes.fromhex(request["private_key"]))


def say(text: str) -> None:
    """Straight to the output, without an end of the line."""
    sys.stdout.write(text)
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def answer(request: Answer) -> Answer:
    operation = {"hello": hello, "public_key": public_key, "sign_digest": sign_digest}[request["op"]]
    return {"id": request["id"], **operation(request)}


def hang(*ignored: object) -> None:
    time.sleep(60)


def crash(line: str) -> None:
    complain("starting\nout of entropy")
    sys.exit(3)


def by_signal(line: str) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def half_and_hang(line: str) -> None:
    say(line[: len(line) // 2])
    hang()


def half_and_exit(line: str) -> None:
    say(line[: len(line) // 2])
    sys.exit(0)


def closed(line: str) -> None:
    os.close(1)
    hang()


def endless(line: str) -> None:
    while True:
        say("x" * 4096)


def flood(line: str) -> None:
    while True:
        say(line)


def flood_stderr(line: str) -> None:
    while True:
        complain("n" * 65536)


def high_s(line: str) -> None:
    found = json.loads(line)
    r, s = found["signature"][:64], int(found["signature"][64:], 16)
    say(json.dumps({**found, "signature": f"{r}{N - s:064x}"}) + "\n")


def altered(**fields: Any) -> Callable[[str], None]:
    return lambda line: say(json.dumps({**json.loads(line), **fields}) + "\n")


def slow(line: str) -> None:
    time.sleep(0.05)
    say(line)


SIGNING: dict[str, Callable[[str], None]] = {
    "crash": crash,
    "by-signal": by_signal,
    "hang": hang,
    "half-and-hang": half_and_hang,
    "half-and-exit": half_and_exit,
    "closed": closed,
    "endless": endless,
    "flood": flood,
    "flood-stderr": flood_stderr,
    "garbage": lambda line: say("-----BEGIN SIGNATURE-----\n"),
    "binary": lambda line: (sys.stdout.buffer.write(b"\xff\xfe\n"), sys.stdout.flush(), None)[-1],
    "nested": lambda line: say("[" * 50_000 + "\n"),
    "list": lambda line: say(f"[{line.strip()}]\n"),
    "other-id": altered(id=7),
    "twice": lambda line: say(line + line),
    "not-hex": altered(signature="0x" + "11" * 31),
    "number": altered(signature=12),
    "base64": altered(signature="EREREQ=="),
    "der": altered(signature="3006020101020101"),
    "error": altered(error="no such slot"),
    "high-s": high_s,
    "slow": slow,
    "noisy": lambda line: (complain("n" * 100_000), say(line), None)[-1],
}
"""What a program does in place of writing its answer to `sign_digest`, which is given."""

GREETING: dict[str, Callable[[str], None]] = {
    "silent": hang,
    "exits-early": lambda line: sys.exit(0),
    "id-true": altered(id=True),
    "version-2": altered(version=2),
    "no-version": altered(version=None),
    "no-hello": altered(error="there is no op hello"),
    "claims-text": altered(claims="deterministic"),
    "invents-a-claim": altered(claims=["determinstic"]),
    "nameless": altered(name="", claims=[]),
}
"""The same for `hello`."""


def leak_to_stderr(request: Answer) -> Answer:
    complain(f"asked: {request}")
    return answer(request)


def leak_in_answer(request: Answer) -> Answer:
    return {**answer(request), "request": request}


def leak_in_error(request: Answer) -> Answer:
    found = answer(request)
    return {**found, "error": f"{request}"} if "error" in found else found


def exit_on_wrong_digest(request: Answer) -> Answer:
    found = answer(request)
    if "error" in found:
        sys.exit(1)
    return found


def hang_on_wrong_digest(request: Answer) -> Answer:
    found = answer(request)
    if "error" in found:
        hang()
    return found


def sign_anything(request: Answer) -> Answer:
    if isinstance(digest := request.get("digest"), str):
        request = {**request, "digest": digest[:64].ljust(64, "0")}
    return answer(request)


def tell_environment(request: Answer) -> Answer:
    return {"id": request["id"], "version": 1, "name": " ".join(name for name in os.environ if "KEY" in name)}


ANSWERING: dict[str, Callable[[Answer], Answer]] = {
    "leak-to-stderr": leak_to_stderr,
    "leak-in-answer": leak_in_answer,
    "leak-in-error": leak_in_error,
    "exit-on-wrong-digest": exit_on_wrong_digest,
    "hang-on-wrong-digest": hang_on_wrong_digest,
    "signs-anything": sign_anything,
    "tells-environment": tell_environment,
}
"""What makes an answer, where it is not `answer`."""


def main() -> None:
    if MODE == "leaves-a-child":
        # It holds the named pipe open for as long as it lives, and the streams of the program as well.
        subprocess.Popen(["sleep", "60"], stdin=os.open(sys.argv[2], os.O_WRONLY))
    for line in sys.stdin:
        request = json.loads(line)
        found = json.dumps(ANSWERING.get(MODE, answer)(request)) + "\n"
        instead = {"sign_digest": SIGNING, "hello": GREETING}.get(request["op"], {})
        instead.get(MODE, say)(found)
    if MODE == "stays":
        hang()


main()
