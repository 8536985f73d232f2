"""`gonka proxy` as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from gonka_mock_node import MockNetwork

SECRET: Final = (80).to_bytes(32, "big").hex()
API_KEY: Final = "sk-a-key-of-the-environment"
COMMAND: Final = (
    sys.executable,
    "-c",
    "import sys\n"
    "from gonka_core.cli import run\n"
    "from gonka_core.cli.proxy import proxy\n"
    "run.cli.add_command(proxy)\n"
    "sys.exit(run.run(['proxy', *sys.argv[1:]]))",
)


def environment(network: MockNetwork | None, **more: str) -> dict[str, str]:
    given = dict(os.environ)
    if network is not None:
        places = ",".join(f"{node.url};{node.provider_address}" for node in network.nodes)
        given |= {"GONKA_PRIVATE_KEY": SECRET, "GONKA_ENDPOINTS": places}
    return {name: value for name, value in {**given, **more}.items() if value}


class Running:
    """A proxy that listens; `said` is what it wrote to stdout before it did."""

    def __init__(self, process: subprocess.Popen[str], said: str) -> None:
        self.process = process
        self.said = said

    @property
    def ready(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = json.loads(self.said)
        return told

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal; the exit status, and the rest of stdout and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@contextmanager
def running(network: MockNetwork, *arguments: str, **more: str) -> Iterator[Running]:
    """Started with `--port 0`, and killed at the end where it has not ended."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--scheme", "hash", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(network, **more),
    ) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            assert said, process.stderr and process.stderr.read()
            yield Running(process, said)
        finally:
            process.kill()


def refused(*arguments: str, network: MockNetwork | None = None, **more: str) -> tuple[int, str, str]:
    """A start that fails: exit status, stdout, stderr."""
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, env=environment(network, **more)
    )
    return done.returncode, done.stdout, done.stderr
