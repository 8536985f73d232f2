"""`gonka conformance node`: exit status, what is printed, and where keys come from."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonka_conformance.__main__ import main
from gonka_conformance.nodes.developer import Developer
from gonka_core import PrivateKey
from sabotage.nodes.stage import KEY, NOW, StagedNode, staged


@pytest.fixture
def node() -> Iterator[StagedNode]:
    subject = staged("v0.2.13")
    yield subject
    subject.close()


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY.reveal().hex())


@pytest.mark.usefixtures("with_key")
def test_a_node_that_conforms_is_status_0(node: StagedNode, capsys: pytest.CaptureFixture[str]) -> None:
    everything = ["--paid", "--rude", "--block-time", str(NOW), "--provider", node.provider_address or ""]
    assert main(["node", "--url", node.url, *everything]) == 0
    out, err = capsys.readouterr()
    assert "node.window-inside" in out
    assert f"{node.url} is judged as v0.2.13 (what was seen fits v0.2.12 as well)" in err
    assert KEY.reveal().hex() not in out + err


@pytest.mark.usefixtures("with_key")
def test_a_node_that_does_not_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    broken = staged("v0.2.13", change={"content_type": "text/html"})
    try:
        status = main(["node", "--url", broken.url, "--profile", "v0.2.13", "--block-time", str(NOW), "--json"])
    finally:
        broken.close()
    document = json.loads(capsys.readouterr().out)
    failed = [each["id"] for each in document["reports"][0]["results"] if each["status"] == "failed"]
    assert (status, failed) == (1, ["node.error-shape"])


@pytest.mark.usefixtures("with_key")
def test_a_known_failure_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    broken = staged("v0.2.13", change={"content_type": "text/html"})
    known = ["--known-failure", "node.error-shape=behind an old proxy"]
    try:
        assert main(["node", "--url", broken.url, "--profile", "v0.2.13", "--block-time", str(NOW), *known]) == 0
    finally:
        broken.close()
    assert "behind an old proxy" in capsys.readouterr().out


def test_a_key_from_a_file(node: StagedNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "key"
    file.write_text(KEY.reveal().hex())
    file.chmod(0o600)
    arguments = ["node", "--url", node.url, "--block-time", str(NOW), "--json", "--key-file", str(file)]
    assert main(arguments) == 0
    assert passed(capsys.readouterr().out, "node.signature")


def passed(output: str, identity: str) -> bool:
    found: list[dict[str, str]] = json.loads(output)["reports"][0]["results"]
    return next(each["status"] for each in found if each["id"] == identity) == "passed"


def test_a_key_is_made_for_an_account_to_register(
    node: StagedNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new"
    arguments = ["node", "--url", node.url, "--block-time", str(NOW), "--json"]
    assert main([*arguments, "--generate", str(file)]) == 0
    out, err = capsys.readouterr()
    key = PrivateKey.from_file(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"register {Developer(key).address}" in err
    assert f"examine again with --key-file {file}" in err
    assert not passed(out, "node.signature")
    assert main([*arguments, "--generate", str(file)]) == 2
    assert "use --key-file" in capsys.readouterr().err
    assert PrivateKey.from_file(file).reveal() == key.reveal()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "ftp://host"], "is no URL of a node; write it as http://host:port/v1"),
        (["--url", "http://127.0.0.1:{port}"], "gave no answer to GET /v1/status"),
        (
            ["--url", "http://127.0.0.1:{port}", "--profile", "v9"],
            "there is no profile 'v9'; choose one of: auto",
        ),
        (["--url", "http://127.0.0.1:{port}", "--provider", "cosmos1x"], "the address"),
        (["--url", "http://127.0.0.1:{port}", "--timeout", "0"], "--timeout is not above zero"),
        (["--url", "http://127.0.0.1:{port}", "--key-file", "/no/such/file"], "cannot be read"),
    ],
    ids=["url", "unreachable", "profile", "provider", "timeout", "key-file"],
)
def test_what_cannot_be_found_out_is_status_2_and_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert main(["node", *(argument.format(port=port) for argument in arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("conformance: ")
    assert err.count("\n") == 1


def test_a_wrong_key_in_the_environment_is_status_2_and_not_shown(
    node: StagedNode, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONKA_PRIVATE_KEY", "ab" * 31)
    assert main(["node", "--url", node.url]) == 2
    err = capsys.readouterr().err
    assert "GONKA_PRIVATE_KEY has 62 hex digits instead of 64" in err
    assert "abab" not in err


def test_there_is_no_option_for_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["node", "--help"])
    assert "--private-key" not in capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        main(["node", "--url", "http://127.0.0.1:1", "--key", "11" * 32])
    assert refused.value.code == 2


def test_a_key_in_the_place_of_a_file_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--key-file", "--generate"):
        assert main(["node", "--url", "http://127.0.0.1:1", option, "0x" + "1a" * 32]) == 2
        err = capsys.readouterr().err
        assert f"{option} takes the name of a file" in err
        assert "1a1a" not in err
