"""docs/mock-node-containers.md: the image as far as it can be checked without an engine, the other recipes for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gonka_mock_node import MockNode
from gonka_mock_node.command import build_parser

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mock-node-containers.md").read_text(encoding="utf-8")
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
ENVIRON = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of that name, in order."""
    text = (ROOT / "mock_node" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: list[str] = re.findall(rf"^{name}\s+(.+)$", text, re.MULTILINE)
    assert found, name
    return found


def command(text: str) -> list[str]:
    """A command in its exec form: without a shell, so that signals reach the process."""
    words: list[str] = json.loads(text[text.index("[") :])
    assert all(isinstance(word, str) for word in words)
    return words


def block(language: str, containing: str = "") -> str:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return next(text for text in found if containing in text)


class TestDockerfile:
    def test_what_it_copies_exists_and_is_all_that_the_wheel_is_made_of(self) -> None:
        sources = {
            source.removeprefix("./")
            for line in instructions("COPY")
            if not line.startswith("--from")
            for source in line.split()[:-1]
        }
        assert all((ROOT / source).exists() for source in sources)
        packages = re.search(r"wheel\]\npackages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL)
        assert packages is not None
        assert {path.split("/")[0] for path in re.findall(r'"(.+?)"', packages[1])} <= sources
        assert {"pyproject.toml", "README.md", "LICENSE"} <= sources

    def test_the_extra_exists_and_no_tool_of_developers_is_installed(self) -> None:
        (line,) = instructions("RUN")
        assert re.findall(r"\[(.+?)\]", line) == ["mock-node"]

    def test_the_command_is_understood(self) -> None:
        (line,) = instructions("ENTRYPOINT")
        python, *words = command(line)
        assert words[:2] == ["-m", "gonka_mock_node"]
        options = build_parser("x").parse_args(words[2:])
        assert (options.host, options.allow_remote, options.json_log) == ("0.0.0.0", True, True)
        assert [str(options.port)] == instructions("EXPOSE")
        assert build_parser("x").parse_args([*words[2:], "--profile", "v0.2.6"]).profile == "v0.2.6"
        assert python.startswith(instructions("COPY")[-1].split()[-1])

    def test_it_does_not_run_as_root(self) -> None:
        assert instructions("USER") == ["10001:10001"]

    @pytest.mark.parametrize("profile", ["seed", "v0.2.3", "v0.2.15", "gateway"])
    def test_the_health_check_tells_a_node_from_none(self, profile: str) -> None:
        (line,) = instructions("HEALTHCHECK")
        _, *words = command(line)
        with MockNode(profile=profile) as node:
            port = node.url.rpartition(":")[2].removesuffix("/v1")
            healthy = [sys.executable, *(word.replace("8000", port) for word in words)]
            assert healthy[-1] != words[-1]
            assert subprocess.run(healthy, capture_output=True, timeout=30, check=False).returncode == 0
        assert subprocess.run(healthy, capture_output=True, timeout=30, check=False).returncode == 1


def test_the_command_of_the_compose_file_is_understood() -> None:
    text = block("yaml")
    (words,) = re.findall(r"command: (\[.+\])", text)
    options = build_parser("x").parse_args(json.loads(words))
    assert options.provider == re.findall(r"GONKA_PROVIDER_ADDRESS: (\S+)", text) == [PROVIDER]
    assert all((ROOT / path).exists() for path in re.findall(r"dockerfile: (\S+)", text))


@pytest.mark.parametrize("status", [0, 3])
def test_the_recipe_for_a_shell(tmp_path: Path, status: int) -> None:
    tests = tmp_path / "run-tests"
    tests.write_text(f'#!/bin/sh\necho "$GONKA_ENDPOINT $GONKA_PROVIDER_ADDRESS" > seen\nexit {status}\n')
    tests.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", block("sh", "run-tests")], cwd=tmp_path, env=ENVIRON, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (status, b"")
    url, provider = (tmp_path / "seen").read_text().split()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
    assert provider == PROVIDER


def test_the_recipe_for_a_shell_ends_where_the_node_does_not_start(tmp_path: Path) -> None:
    recipe = block("sh", "run-tests").replace("--json-log", "--no-such-option")
    done = subprocess.run(["sh", "-c", recipe], cwd=tmp_path, env=ENVIRON, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0


@pytest.mark.parametrize("node", [path for path in [shutil.which("node")] if path])
def test_the_recipe_for_node(tmp_path: Path, node: str) -> None:
    script = (
        block("javascript")
        + """
(async () => {
  const mock = await startMockNode("--profile", "v0.2.13");
  const answer = await fetch(mock.url + "/chat/completions", { method: "POST", body: "{}" });
  await mock.stop();
  const failed = await startMockNode("--profile", "v9").catch((error) => error.message);
  console.log(JSON.stringify([answer.status, mock.providerAddress, mock.verdicts[0].rule, failed]));
})();
"""
    )
    done = subprocess.run([node, "-e", script], cwd=tmp_path, env=ENVIRON, capture_output=True, timeout=60, check=True)
    status, provider, rule, failed = json.loads(done.stdout)
    assert (status, rule) == (400, "messages")
    assert provider.startswith("gonka1")
    assert failed == "the mock node ended with status 2"
