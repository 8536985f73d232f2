"""`gonka bench` as a user types it: real signers, a real node, and plug-ins of strangers, good and bad."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from gonka_bench.climit import CLimitUnavailableError
from gonka_bench.signing import Signing
from gonka_bench.workload import SECRET
from gonka_core.cli import main
from gonka_core.errors import MissingLibraryError
from tests.cli.strangers import LONG_NAME, Turning, installed

QUICK = ("--seconds", "0.2", "--size", "200")
SIGNING = (*QUICK, "--no-transports")


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise CLimitUnavailableError("there is no C compiler; install one")

    monkeypatch.setattr("gonka_bench.run.load", load)


class Install(Protocol):
    def __call__(self, *names: str) -> None: ...


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    with ExitStack() as stack:
        yield lambda *names: stack.enter_context(installed(tmp_path, *names))


def bench(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What it printed; nothing on stderr, which is no terminal here, and nothing of the key anywhere."""
    assert main(["bench", *arguments]) == status
    printed = capsys.readouterr()
    assert printed.err == ""
    require_no_key(printed.out)
    return printed.out


def bench_json(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(bench(capsys, *arguments, "--json", status=status))
    return told


def require_no_key(text: str) -> None:
    for shown in (SECRET.hex(), base64.b64encode(SECRET).decode().lower(), str(int.from_bytes(SECRET, "big"))):
        for start in range(0, len(shown) - 12, 2):
            assert shown[start : start + 12] not in text.lower()


def names(told: dict[str, Any], kind: str = "signers") -> set[str]:
    return {row["name"] for row in told[kind]}


def complaints(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Without those that were cut short: on a machine that is busy, a fifth of a second is not enough for everyone."""
    return [complaint for complaint in told["complaints"] if complaint["state"] != "cut short"]


@pytest.fixture
def settings_of_a_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A proxy that does not answer, an account, and neither a key nor an endpoint: nothing of this may matter."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setenv("GONKA_ADDRESS", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
        monkeypatch.setenv("GONKA_PRIVATE_KEY", "no key")
        monkeypatch.setenv("GONKA_ENDPOINT", "no endpoint")
        yield
        assert os.environ["ALL_PROXY"].startswith("http://127")


class TestWhatIsTold:
    @pytest.mark.usefixtures("settings_of_a_user")
    def test_everything_as_json(self, capsys: Any) -> None:
        told = bench_json(capsys, *QUICK)
        assert told["complete"] is True
        assert complaints(told) == []
        assert told["unknown"] == {}
        assert {"processor", "cores", "python", "versions"} <= told["machine"].keys()
        cells = {(row["name"], row["scheme"]) for row in told["signers"]}
        assert cells >= {(name, scheme) for name in ("ecdsa", "coincurve", "C limit") for scheme in ("raw", "hash")}
        assert ("documented program", "hash") not in cells
        ways = {(row["name"], row["mode"], row["in_flight"]) for row in told["transports"]}
        assert ways >= {
            ("httpx", "sync", 1),
            ("httpx2", "async", 16),
            ("aiohttp", "async", 1),
            ("aiohttp", "async", 16),
        }
        assert {line["about"] for line in told["recommendation"]} >= {"signer", "sync client", "async client", "gmpy2"}
        assert min(row["times_fastest"] for row in told["transports"]) == 1
        cheapest = min(row["us"] for row in told["transports"])
        assert all(row["times_fastest"] * cheapest == pytest.approx(row["us"]) for row in told["transports"])
        assert all(row["wall_us"] > 0 for row in told["transports"])
        alone, together = (
            row["us"] for row in told["transports"] if (row["name"], row["loop"]) == ("aiohttp", "asyncio")
        )
        assert together < 4 * alone  # a figure is for one call, however many are made at once
        assert told["json"]["standard_us"] > told["json"]["orjson_us"] > 0

    def test_the_numbers_belong_together(self, capsys: Any) -> None:
        told = bench_json(capsys, *SIGNING)
        rows = {(row["name"], row["scheme"]): row for row in told["signers"]}
        documented = rows["documented program", "raw"]
        assert documented["faster_than_documented"] == 1
        for (_, scheme), row in rows.items():
            assert row["us_median"] >= row["us"] > 0
            assert row["per_second"] * row["us"] == pytest.approx(1e6)
            assert row["faster_than_documented"] * row["us"] == pytest.approx(documented["us"])
            assert row["slower_than_c_limit"] * rows["C limit", scheme]["us"] == pytest.approx(row["us"])
        assert rows["coincurve", "raw"]["faster_than_documented"] > 5
        assert rows["coincurve", "raw"]["clock"] == "cpu"
        assert rows["coincurve", "raw"]["claims"] == ["deterministic", "constant-time"]

    def test_a_table(self, capsys: Any, no_compiler: None) -> None:
        printed = bench(capsys, "--seconds", "0.2", "--size", "4KB", "--size", "200", "--no-transports")
        assert printed.index("200 B") < printed.index("4 KB")
        assert "documented program" in printed
        assert "C limit: unknown: there is no C compiler; install one" in printed
        assert "coincurve, which the default takes" in printed

    def test_without_a_compiler_the_ratio_to_c_is_unknown(self, capsys: Any, no_compiler: None) -> None:
        told = bench_json(capsys, *SIGNING)
        assert {row["slower_than_c_limit"] for row in told["signers"]} == {None}
        assert "no C compiler" in told["unknown"]["C limit"]

    def test_only_what_was_asked_for(self, capsys: Any, no_compiler: None) -> None:
        told = bench_json(capsys, *SIGNING, "--signer", "ecdsa", "--signer", "ecdsa", "--signer", "auto")
        assert names(told) == {"ecdsa", "coincurve", "documented program"}
        assert told["transports"] == []


class TestWrongArguments:
    def test_an_unknown_signer_is_told_as_everywhere(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", "11" * 32)
        assert main(["bench", "--signer", "coincruve"]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert main(["address", "--signer", "coincruve"]) == 2
        assert told.err == capsys.readouterr().err
        assert "did you mean 'coincurve'" in told.err

    @pytest.mark.parametrize("name", ["no-library", "not-installed", "no-module"])
    def test_a_signer_that_was_asked_for_must_be_there(self, name: str, capsys: Any, install: Install) -> None:
        install(name)
        assert main(["bench", *SIGNING, "--signer", name]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("gonka: ")
        assert len(told.err.splitlines()) == 1

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--size", "huge"], "'huge' is not a size"),
            (["--size", "5"], "the smallest chat payload"),
            (["--size", "5GB"], "'5GB' is not a size"),
            (["--size", "100MB"], "too large"),
            (["--seconds", "0"], "more than 0"),
            (["--seconds", "nan"], "more than 0"),
            (["--no-signers", "--no-transports"], "not allowed"),
            (["--no-signers", "--signer", "ecdsa"], "not allowed"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_usage(self, arguments: list[str], words: str, capsys: Any) -> None:
        with pytest.raises(SystemExit) as end:
            main(["bench", *arguments])
        assert end.value.code == 2
        assert words in capsys.readouterr().err


@pytest.mark.usefixtures("no_compiler")
class TestStrangers:
    def test_a_good_one_is_measured_beside_the_others(self, capsys: Any, install: Install) -> None:
        install("long")
        assert names(bench_json(capsys, *SIGNING)) >= {LONG_NAME, "coincurve"}

    @pytest.mark.parametrize("name", ["hasty", "tiring"])
    def test_a_wrong_one_cannot_win(self, name: str, capsys: Any, install: Install) -> None:
        """`hasty` is wrong from the start, `tiring` only when it is being timed."""
        install(name)
        told = bench_json(capsys, *SIGNING, status=1)
        (complaint,) = complaints(told)
        assert (complaint["name"], complaint["state"]) == (name, "wrong")
        assert f"gonka conformance signer --signer {name}" in complaint["reason"]
        assert name not in names(told)
        assert "coincurve" in names(told)
        (warning,) = [line["text"] for line in told["recommendation"] if line["about"] == "warning"]
        assert name in warning
        assert not any(name in line["text"] for line in told["recommendation"] if line["about"] == "signer")

    def test_one_that_turns_wrong_loses_what_was_measured_before(
        self, capsys: Any, monkeypatch: pytest.MonkeyPatch, install: Install
    ) -> None:
        install("turning")
        measured, names_of_a_size = Signing.of_size, []

        def watched(self: Signing, size: int) -> Any:
            monkeypatch.setattr(Turning, "wrong", size > 200)
            figures, complaints = measured(self, size)
            names_of_a_size.append({figure.name for figure in figures})
            return figures, complaints

        monkeypatch.setattr(Signing, "of_size", watched)
        told = bench_json(capsys, *SIGNING, "--seconds", "2", "--size", "4KB", status=1)  # enough for both sizes
        assert ["turning" in found for found in names_of_a_size] == [True, False]
        assert "turning" not in names(told)

    def test_a_wrong_one_is_told_loudly(self, capsys: Any, install: Install) -> None:
        install("hasty")
        assert "signer hasty: WRONG: " in bench(capsys, *SIGNING, status=1)

    def test_remembering_signatures_does_not_help(self, capsys: Any, install: Install) -> None:
        install("remembering")
        told = bench_json(capsys, *SIGNING, "--seconds", "2", "--signer", "remembering", "--signer", "ecdsa")
        cost = {row["name"]: row["us"] for row in told["signers"] if row["scheme"] == "raw"}
        assert cost["remembering"] > cost["ecdsa"] / 3

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("locked", "SigningError: the token is locked; unlock it with its PIN"),
            ("quoting", "ValueError"),
            ("quoting-ours", "words are withheld"),
        ],
    )
    def test_one_that_fails_is_told_and_the_others_go_on(
        self, name: str, words: str, capsys: Any, install: Install
    ) -> None:
        install(name)
        told = bench_json(capsys, *SIGNING, status=1)
        (complaint,) = complaints(told)
        assert (complaint["name"], complaint["state"]) == (name, "failed")
        assert words in complaint["reason"]
        assert names(told) >= {"coincurve", "ecdsa", "documented program"}
        assert words in " ".join(bench(capsys, *SIGNING, status=1).split())

    def test_those_that_cannot_be_loaded_stop_nobody(self, capsys: Any, install: Install) -> None:
        install("no-library", "not-installed", "no-module")
        told = bench_json(capsys, *SIGNING)
        states = {complaint["name"]: complaint["state"] for complaint in complaints(told)}
        assert states == {"no-library": "broken", "no-module": "broken", "not-installed": "missing"}
        assert "pip install its-package" in str(told["complaints"])
        assert names(told) >= {"coincurve", "ecdsa"}

    def test_a_transport_that_fails_is_told_and_the_others_go_on(self, capsys: Any, install: Install) -> None:
        install("pigeon")
        told = bench_json(capsys, "--seconds", "0.2", "--no-signers", status=1)
        assert told["signers"] == []
        (complaint,) = complaints(told)
        assert (complaint["kind"], complaint["name"], complaint["state"]) == ("transport", "pigeon", "failed")
        assert names(told, "transports") == {"httpx", "httpx2", "aiohttp"}


class TestTheMachine:
    def test_without_the_mock_node_there_is_its_line(self, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing() -> None:
            raise MissingLibraryError("the mock node needs aiohttp", "run: pip install 'gonka-core[mock-node]'")

        monkeypatch.setattr("gonka_bench.transports.node_process", missing)
        told = bench_json(capsys, "--seconds", "0.2", "--no-signers")
        assert told["transports"] == []
        assert "pip install 'gonka-core[mock-node]'" in told["unknown"]["transports"]

    def test_ctrl_c_leaves_what_was_finished(
        self, capsys: Any, monkeypatch: pytest.MonkeyPatch, no_compiler: None
    ) -> None:
        measured = Signing.of_size

        def interrupted(self: Signing, size: int) -> Any:
            if size > 200:
                raise KeyboardInterrupt
            return measured(self, size)

        monkeypatch.setattr(Signing, "of_size", interrupted)
        asked = ("--seconds", "0.2", "--size", "200", "--size", "4KB")
        told = bench_json(capsys, *asked, status=130)
        assert told["complete"] is False
        assert {row["payload_bytes"] for row in told["signers"]} == {200}
        assert told["transports"] == []
        assert "interrupted" in bench(capsys, *asked, status=130)

    def test_without_rich_there_is_the_line_that_installs_it(self) -> None:
        program = (
            "import sys; sys.modules['rich'] = None; from gonka_bench.__main__ import main; sys.exit(main(['--json']))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "pip install 'gonka-core[cli]'" in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_the_module_is_the_same_command(self) -> None:
        command = [sys.executable, "-m", "gonka_bench", *SIGNING, "--signer", "ecdsa", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert names(json.loads(done.stdout)) == {"ecdsa", "documented program", "C limit"}
