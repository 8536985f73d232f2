"""Commands of the pages: what a reader would type is typed, against mock nodes in the place of the network."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gonka_core import PrivateKey, address_of
from gonka_core.resolve import signer
from gonka_mock_node import MockNetwork, MockNode
from tests.docs.blocks import Block, Command, blocks, commands
from tests.docs.public import ROOT

BIN = Path(sys.executable).parent
KEY = "11" * 32
API_KEY = "sk-of-a-test"
PAYLOAD = '{"model":"test","messages":[{"role":"user","content":"hello"}]}'
WALKED = {"backends/README.md", "docs/plug-ins.md", "docs/tutorial.md"}
"""Pages whose steps are walked in order, elsewhere."""

_TERMINAL = "asks for a passphrase on a terminal: tests/cli/test_keys_command.py"
_KEYRING = "needs the system's keyring: tests/wallet/test_system.py"
_LONG = "measures for forty seconds: tests/cli/test_bench.py"
_EXAM = "examines for a quarter of a minute: tests/conformance/test_nodes_command.py, tests/backends/test_transports.py"
_EXAMPLE = "has libraries of its own language: tests/conformance/test_examples.py"
_READERS = "needs the reader's own program"
NOT_RUN = {
    "gonka keys new --out key.json": _TERMINAL,
    "gonka keys show --key-file key.json": _TERMINAL,
    "gonka chat 'Hello' --model NAME --key-file key.json": _TERMINAL,
    "gonka keys import --key-file key.hex --to-keystore key.json": _TERMINAL,
    "gonka keys import --mnemonic-file words.txt --to-keyring work": _KEYRING,
    "gonka keys export --keyring work --to-keystore work.json": _KEYRING,
    "gonka keys list": _KEYRING,
    "gonka keys delete --keyring work": _KEYRING,
    "gonka bench": _LONG,
    "gonka bench --signer coincurve": _LONG,
    "gonka conformance transport --transport httpx": _EXAM,
    "gonka conformance transport --transport all --mode async": _EXAM,
    "gonka conformance node --url http://node.example:8000/v1 --key-file key.hex": _EXAM,
    "gonka conformance node --url http://node.example:8000/v1 --generate key.hex": _EXAM,
    "gonka conformance signer --signer-cmd conformance/examples/openssl/sign.sh": _EXAMPLE,
    "gonka conformance signer --signer-cmd 'node conformance/examples/node/sign.mjs'": _EXAMPLE,
    "gonka bench --signer mine --signer coincurve --no-transports": _READERS,
    "gonka conformance client --cmd './my-client {base_url} {payload}'": _READERS,
    "gonka conformance client --cmd './my-client {base_url} {payload}' --html report.html": _READERS,
    "gonka conformance client --wait": _READERS,
    "gonka conformance signer --signer-cmd './sign'": _READERS,
}
"""Commands that are not run, and why."""


@dataclass
class Scene:
    """Nodes, a broker, a folder with the files that pages speak of, and what has been exported so far."""

    network: MockNetwork
    broker: MockNode
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    signature: str = ""

    def __post_init__(self) -> None:
        for name in ("payload.json", "request_payload.json"):
            (self.folder / name).write_text(PAYLOAD)
        request = f'{{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{PAYLOAD}}}\n'
        (self.folder / "in.jsonl").write_text(request)
        (self.folder / "key.hex").write_text(KEY)
        (self.folder / "key.hex").chmod(0o600)
        first = self.network.nodes[0]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GONKA_")}
        self.environ = {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}",
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "GONKA_PRIVATE_KEY": KEY,
            "GONKA_ADDRESS": account(),
            "GONKA_ENDPOINT": first.url,
            "GONKA_PROVIDER_ADDRESS": first.provider_address,
            "NODE_URL": first.public_url,
        }

    def export(self, assignments: str) -> None:
        """Take variables as the page gives them. Who names a source or a broker has no endpoint of the own."""
        given = {name: value for name, _, value in (pair.partition("=") for pair in assignments.split())}
        if given.keys() & {"GONKA_SOURCE_URL", "GONKA_BROKER_URL"}:
            for name in ("GONKA_ENDPOINT", "GONKA_PROVIDER_ADDRESS", "NODE_URL"):
                self.environ.pop(name, None)
        if "GONKA_BROKER_URL" in given:
            self.environ.pop("GONKA_PRIVATE_KEY", None)
            self.environ.pop("GONKA_ADDRESS", None)
        held = {"GONKA_PRIVATE_KEY": KEY, "GONKA_BROKER_API_KEY": API_KEY}
        self.environ |= {name: held.get(name) or self.here(value) for name, value in given.items()}

    def here(self, text: str) -> str:
        """The same with what is made up in the page replaced by what is here."""
        nodes = self.network.nodes

        def node(match: re.Match[str]) -> str:
            return nodes[(int(match[1] or 1) - 1) % len(nodes)].public_url

        text = re.sub(r"https?://broker\.example/v1", self.broker.url, text)
        text = re.sub(r"https?://(?:node|host)(\d?)(?:\.[\w.]+)?(?::\d+)?(?=[/,\s]|$)", node, text)
        text = text.replace("gonka1…", nodes[0].provider_address).replace("--model NAME", "--model test")
        return re.sub(r"--signature \S+…", f"--signature {self.signature}", text)

    def run(self, command: str) -> str:
        """What it prints. Raises `AssertionError` where it fails, or is a bug's last word."""
        done = subprocess.run(
            ["bash", "-c", self.here(command)],
            env=self.environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        if signed := re.search(r"^Signature: (\S+)$", done.stdout, re.MULTILINE):
            self.signature = signed[1]
        return done.stdout

    def serve(self, command: str) -> None:
        """Start a server, hear its first line, and end it as a terminal would."""
        with subprocess.Popen(
            ["bash", "-c", f"exec {re.sub(r'--port [0-9]+', '--port 0', command)}"],
            env=self.environ,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
        ) as served:
            assert served.stdout is not None
            assert "ready" in served.stdout.readline()
            served.send_signal(signal.SIGINT)
        assert served.returncode == 0


def account() -> str:
    return address_of(signer("auto", lambda: PrivateKey.from_hex(KEY)).public_key)


@pytest.fixture(scope="module")
def network() -> Iterator[MockNetwork]:
    with MockNetwork(3) as network:
        network.chain.fund(signer("auto", lambda: PrivateKey.from_hex(KEY)).public_key, 10**15)
        yield network


@pytest.fixture(scope="module")
def broker() -> Iterator[MockNode]:
    with MockNode(profile="gateway") as broker:
        broker.nodes[0].access.admit(API_KEY)
        yield broker


@pytest.fixture
def scene(network: MockNetwork, broker: MockNode, tmp_path: Path) -> Scene:
    return Scene(network, broker, tmp_path)


def asked(block: Block) -> list[Command]:
    """The commands of ours in a block, and what is exported for them; exams only where a page has them first."""
    mine = [command for command in commands(block) if command.words[0] in ("gonka", "export")]
    return [command for command in mine if command.text not in NOT_RUN and not is_exam_again(command)]


def is_exam_again(command: Command) -> bool:
    """Whether it takes seconds and stood on an earlier page: what is exported changes nothing about it."""
    if command.words[:2] != ["gonka", "conformance"]:
        return False
    first = next(other for block in blocks("console") for other in commands(block) if other.text == command.text)
    return first.block is not command.block


BLOCKS = [
    block
    for block in blocks("console")
    if block.page.relative_to(ROOT).as_posix() not in WALKED
    and any(command.words[0] == "gonka" for command in asked(block))
]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_runs_from_its_first_command_to_its_last(block: Block, scene: Scene) -> None:
    for command in asked(block):
        if command.words[0] == "export":
            scene.export(command.text.removeprefix("export "))
        elif command.words[1] == "mock-node":
            scene.serve(command.text)
        else:
            prepare(scene.folder, command.text)
            assert scene.run(command.text)


def prepare(folder: Path, command: str) -> None:
    """Lay down what a command reads and another one would have written."""
    if "conformance report" in command:
        for name in ("signers", "clients", "a", "b"):
            report = ["gonka", "conformance", "signer", "--signer", "coincurve", "--json-file", f"{name}.json"]
            if not (folder / f"{name}.json").exists():
                subprocess.run([BIN / report[0], *report[1:]], cwd=folder, check=True, capture_output=True, timeout=100)


def test_what_is_not_run_stands_on_a_page() -> None:
    everywhere = {command.text for block in blocks("console") for command in commands(block)}
    assert set(NOT_RUN) <= everywhere
    assert not set(NOT_RUN) & {command.text for block in BLOCKS for command in asked(block)}


def test_a_command_that_fails_is_noticed(scene: Scene) -> None:
    for command in ("gonka chat 'Hello' --no-such-option", "gonka sign --file missing.json --endpoint-account gonka1…"):
        with pytest.raises(AssertionError, match="gonka: "):
            scene.run(command)


def test_the_blocks_are_found() -> None:
    assert len(BLOCKS) > 12
