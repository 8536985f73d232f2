"""`gonka proxy` as users start it: what it prints, what it logs, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from gonka_mock_node import MockNetwork
from gonka_mock_node.access import Access
from tests.proxy.programs import API_KEY, SECRET, refused, running
from tests.proxy.serving import body

GIVEN = {"GONKA_PROXY_API_KEY": API_KEY}


def ask(url: str, key: str = API_KEY, **more: object) -> httpx.Response:
    headers = {"authorization": f"Bearer {key}"}
    return httpx.post(f"{url}/chat/completions", content=body(**more), headers=headers, timeout=30)


def test_a_key_that_it_makes_is_printed_once(network: MockNetwork) -> None:
    with running(network, "--log") as proxy:
        assert proxy.process.stdout is not None
        line = proxy.process.stdout.readline()
        url = re.fullmatch(r"listening at (http://127\.0\.0\.1:\d+/v1); end it with Ctrl-C\n", proxy.said)
        key = re.fullmatch(r"API key, made for this run and not shown again: (sk-gonka-\S+)\n", line)
        assert url
        assert key
        assert ask(url[1], key[1]).status_code == 200
        assert ask(url[1], "sk-gonka-not-this-one").status_code == 401
        status, out, err = proxy.end()
    assert (status, out) == (0, "")
    assert key[1] not in err
    network.assert_accepted(1)


def test_another_start_makes_another_key(network: MockNetwork) -> None:
    keys = set()
    for _ in range(2):
        with running(network, "--json") as proxy:
            keys.add(proxy.ready["api_key"])
            proxy.end()
    assert len(keys) == 2


def test_a_key_that_is_given_is_not_printed(network: MockNetwork, tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text("sk-a-key-of-the-file\n")
    kept.chmod(0o600)
    for arguments, key in (((), API_KEY), (("--api-key-file", os.fspath(kept)), "sk-a-key-of-the-file")):
        with running(network, "--json", "--log", *arguments, **GIVEN) as proxy:
            assert set(proxy.ready) == {"event", "url", "address"}
            assert proxy.ready["address"].startswith("gonka1")
            assert ask(proxy.ready["url"], key).status_code == 200
            status, out, err = proxy.end()
        assert (status, out) == (0, "")
        assert key not in err + proxy.said


def test_a_line_for_each_request_and_nothing_of_what_was_said(network: MockNetwork) -> None:
    with running(network, "--json", "--json-log", "--selector", "first", **GIVEN) as proxy:
        url = proxy.ready["url"]
        ask(url)
        with httpx.stream(
            "POST", f"{url}/chat/completions", content=body(stream=True), headers={"api-key": API_KEY}
        ) as answer:
            assert answer.read().endswith(b"data: [DONE]\n\n")
        httpx.get(f"{url}/models", headers={"api-key": "sk-the-wrong-key"})
        httpx.get(f"{url}/{SECRET}?key={API_KEY}", headers={"api-key": API_KEY})
        status, _, err = proxy.end()
    assert status == 0
    whole, streamed, wrong, unknown = [json.loads(line) for line in err.splitlines()]
    for line, stream in ((whole, False), (streamed, True)):
        assert (line["method"], line["path"], line["status"]) == ("POST", "/v1/chat/completions", 200)
        assert (line["model"], line["stream"], line["attempts"]) == ("test", stream, line["attempts"])
        assert line["endpoint"] == network.nodes[0].url
        assert (line["prompt_tokens"], line["completion_tokens"]) == (8, 6)
        assert 0 < line["first_ms"] <= line["ms"]
    assert (wrong["status"], wrong["error"]) == (401, "invalid_api_key")
    assert (unknown["status"], unknown["path"]) == (404, "/v1/(withheld)")
    assert not [word for word in ("a b c d", "You said", API_KEY, SECRET, "sk-the-wrong-key") if word in err]


def test_without_an_option_nothing_is_logged(network: MockNetwork) -> None:
    with running(network, "--json", **GIVEN) as proxy:
        assert ask(proxy.ready["url"]).status_code == 200
        assert proxy.end(signal.SIGINT) == (0, "", "")


def test_a_signal_lets_requests_end_and_a_second_one_cuts_them(network: MockNetwork) -> None:
    network.faults.add("stall", seconds=600.0)
    with running(network, "--json", "--grace", "600", **GIVEN) as proxy:
        url = proxy.ready["url"]
        with httpx.stream(
            "POST", f"{url}/chat/completions", content=body(stream=True), headers={"api-key": API_KEY}, timeout=30
        ) as answer:
            pieces = answer.iter_bytes()
            assert next(pieces).startswith(b"data: {")
            proxy.process.send_signal(signal.SIGTERM)
            _until_deaf(url)
            assert proxy.process.poll() is None
            proxy.process.send_signal(signal.SIGTERM)
            rest = b"".join(pieces)
        _, err = proxy.process.communicate(timeout=30)
    assert b"proxy_stopping" in rest
    assert (proxy.process.returncode, err) == (1, "gonka: 1 request was cut off\n")


def _until_deaf(url: str) -> None:
    at = httpx.URL(url)
    while True:
        try:
            socket.create_connection((at.host, at.port or 0), timeout=5).close()
        except ConnectionError:  # refused, or reset in the moment in which it closes
            return


def test_a_port_that_is_taken_is_told_in_one_line(network: MockNetwork) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, out, err = refused("--port", port, network=network, **GIVEN)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"cannot listen at 127.0.0.1, port {port}" in err
    assert "choose another port" in err


@pytest.mark.parametrize(
    ("arguments", "more", "words"),
    [
        ((), {"GONKA_PRIVATE_KEY": ""}, "there is no private key"),
        (("--host", "0.0.0.0"), {}, "--allow-remote"),
        (("--allow-origin", "*"), {}, "name the origins"),
        (("--api-key", API_KEY), {}, "no secret is an option's value"),
        (("--api-key-file", "/nowhere"), {}, "cannot be read"),
        ((), {"GONKA_PROXY_API_KEY": SECRET}, "64 hex digits"),
        ((), {"GONKA_PROXY_API_KEY": "short"}, "16 or more"),
        (("--provider-address", "gonka1x"), {}, "without --endpoint"),
        (("--verify", "none"), {}, "none is asked"),
        (("--transport", "nonesuch"), {}, "nonesuch"),
        (("--read-timeout", "0"), {}, "read_s"),
        (("--port", "65536"), {}, "65536"),
    ],
)
def test_a_start_that_fails_says_why_in_one_line(
    network: MockNetwork, arguments: tuple[str, ...], more: dict[str, str], words: str
) -> None:
    status, out, err = refused(*arguments, network=network, **{**GIVEN, **more})
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert SECRET not in err
    assert API_KEY not in err


def test_without_a_setting_it_says_which(network: MockNetwork) -> None:
    status, _, err = refused()
    assert (status, err.count("\n")) == (2, 1)
    assert "GONKA_ENDPOINT" in err


def test_other_machines_are_let_in_with_a_warning(network: MockNetwork) -> None:
    with running(network, "--json", "--host", "0.0.0.0", "--allow-remote", **GIVEN) as proxy:
        port = httpx.URL(proxy.ready["url"]).port
        assert ask(f"http://127.0.0.1:{port}/v1").status_code == 200
        status, _, err = proxy.end()
    assert status == 0
    assert "every machine that reaches 0.0.0.0" in err


def test_a_broker_gets_its_own_key_and_not_the_programs() -> None:
    key = "the-key-of-the-broker"
    with MockNetwork(1, profile="gateway", access=Access([key])) as network:
        broker = {"GONKA_ENDPOINTS": "", "GONKA_PRIVATE_KEY": "", "GONKA_BROKER_URL": network.nodes[0].url}
        with running(network, "--json", GONKA_BROKER_API_KEY=key, **GIVEN, **broker) as proxy:
            assert proxy.ready["address"] is None
            assert ask(proxy.ready["url"]).status_code == 200
            assert ask(proxy.ready["url"], key).status_code == 401
            proxy.end()
        with running(network, "--json", GONKA_BROKER_API_KEY=API_KEY, **GIVEN, **broker) as proxy:
            assert ask(proxy.ready["url"]).status_code == 401, "the broker tells the two apart"
            proxy.end()
