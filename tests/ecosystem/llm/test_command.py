"""The command `llm` with our plug-in, as a process, against nodes that verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonka_mock_node import MockNetwork
from tests.ecosystem.llm.conftest import Run

pytestmark = pytest.mark.usefixtures("environment")

MODEL = "gonka/Qwen/QwQ-32B"


@pytest.mark.parametrize("more", [[], ["--no-stream"], ["--async"]], ids=" ".join)
def test_an_answer_is_printed(run: Run, network: MockNetwork, more: list[str]) -> None:
    done = run("-m", MODEL, *more, "one two three", "-o", "max_tokens", "100")
    assert done.stdout == "You said: one two three\n", done.stderr
    assert done.stderr == ""
    seen = network.journal[-1]
    assert (seen.model, seen.stream, seen.accepted) == ("Qwen/QwQ-32B", "--no-stream" not in more, True)


def test_models_are_listed_and_asked_for_once(run: Run, network: MockNetwork) -> None:
    assert f"Gonka: {MODEL}" in run("models").stdout
    network.faults.add("status", code=502, route="/v1/models")
    assert run("-m", MODEL, "hello").stdout == "You said: hello\n"
    failed = run("gonka", "models")
    assert failed.returncode == 1
    assert "name another node" in failed.stderr
    network.faults.clear()
    assert MODEL in run("gonka", "models").stdout.splitlines()


def test_a_conversation_goes_on_and_is_logged_without_key_or_signature(
    run: Run, network: MockNetwork, folder: Path, private_key: str
) -> None:
    run("-m", MODEL, "first", "--system", "Be brief.")
    assert run("--continue", "second").stdout == "You said: second\n"
    kept = network.journal.kept(network.journal[-1].number)
    assert kept is not None
    messages = json.loads(kept.body)["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == "You said: first"
    logged = json.loads(run("logs", "--json").stdout)
    assert [entry["response"] for entry in logged] == ["You said: first", "You said: second"]
    assert all(entry["input_tokens"] and entry["output_tokens"] for entry in logged)
    written = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert any(b"You said: second" in content for content in written)
    secrets = [private_key.removeprefix("0x"), *(seen.authorization for seen in network.journal if seen.authorization)]
    assert not [secret for secret in secrets if any(secret.encode() in content for content in written)]


def test_a_tool_is_called(run: Run) -> None:
    source = "def shout(words: str) -> str:\n    return words.upper()\n"
    done = run("-m", MODEL, "say it louder", "--functions", source)
    assert done.stdout == "The tool said: LOUDER\n", done.stderr


def test_what_a_node_refuses_is_told_with_the_next_step(run: Run, network: MockNetwork) -> None:
    network.faults.add("model-vanished")
    done = run("-m", MODEL, "hello")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "choose one of those that are served" in done.stderr


def test_without_a_key_the_command_says_which_setting_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONKA_PRIVATE_KEY")
    done = run("gonka", "models")
    assert done.returncode == 1
    assert "GONKA_PRIVATE_KEY" in done.stderr


def test_without_any_setting_llm_works_as_before(run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.delenv("GONKA_PRIVATE_KEY")
    monkeypatch.delenv("GONKA_ENDPOINTS")
    done = run("models")
    assert done.returncode == 0
    assert "gonka/" not in done.stdout
    assert done.stderr == ""
    assert not list(folder.glob("gonka*"))
