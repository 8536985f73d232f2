"""The recommendation follows from the figures: other figures, other advice."""

from __future__ import annotations

from typing import Any

import pytest

from gonka_bench.advice import advice
from gonka_bench.paired import Timing
from gonka_bench.results import Complaint, JsonFigure, Results, SignerFigure, TransportFigure

HIDES = ("deterministic", "constant-time")


def signer(name: str, us: float, *, size: int = 200, claims: tuple[str, ...] = HIDES, **more: Any) -> SignerFigure:
    return SignerFigure(name, "signer", "raw", size, timing(us), claims=claims, **more)


def transport(name: str, us: float, *, mode: Any = "async", in_flight: int = 16, loop: Any = "asyncio") -> Any:
    return TransportFigure(name, mode, in_flight, loop, timing(us), us / 1e6)


def timing(us: float, scatter: float = 1.0) -> Timing:
    return Timing(us / 1e6, us * scatter / 1e6)


def told(about: str, **results: Any) -> str:
    found = advice(Results(machine=results.pop("machine", {}), **results))
    return "\n".join(line.text for line in found if line.about == about)


class TestSigner:
    def test_the_fastest_and_why(self) -> None:
        slow, fast = signer("slow", 90), signer("fast", 30, faster_than_documented=25.0, slower_than_limit=1.25)
        text = told("signer", signers=(slow, fast), default_signer="slow")
        assert text == (
            'use signer="fast": at 200 B 25 times as fast as the documented program, 1.25 times the time of C, '
            "slow takes 3 times as long"
        )

    def test_the_default_is_left_where_it_is_as_good(self) -> None:
        pair = (signer("stranger", 30.0), signer("coincurve", 30.9))
        assert told("signer", signers=pair, default_signer="coincurve").startswith("coincurve, which the default takes")
        pair = (signer("stranger", 30.0), signer("coincurve", 40.0))
        assert told("signer", signers=pair, default_signer="coincurve").startswith('use signer="stranger"')

    def test_the_smallest_payload_decides(self) -> None:
        large = signer("a", 10, size=4096), signer("b", 90, size=4096)
        assert 'signer="b"' in told("signer", signers=(signer("a", 50), signer("b", 20), *large))

    def test_the_documented_program_is_no_signer_to_use(self) -> None:
        baseline = SignerFigure("documented program", "documented program", "raw", 200, timing(1))
        assert 'signer="a"' in told("signer", signers=(baseline, signer("a", 50)))

    def test_a_key_that_timing_may_tell_is_mentioned(self) -> None:
        assert "who can time it" in told("signer", signers=(signer("a", 5, claims=()),))
        assert "who can time it" not in told("signer", signers=(signer("a", 5),))

    def test_what_is_missing_and_faster_comes_with_its_line(self) -> None:
        missing = (Complaint("signer", "coincurve", "missing", ""),)
        text = told("signer", signers=(signer("ecdsa", 400),), complaints=missing, default_signer="ecdsa")
        assert "pip install 'gonka-core[coincurve]'" in text
        other = (Complaint("signer", "cryptography", "missing", ""),)
        assert "pip install" not in told("signer", signers=(signer("coincurve", 30),), complaints=other)

    def test_a_wrong_one_is_warned_of(self) -> None:
        assert "hasty" in told("warning", complaints=(Complaint("signer", "hasty", "wrong", ""),))
        assert told("warning", complaints=(Complaint("signer", "locked", "failed", ""),)) == ""

    def test_nothing_measured_nothing_said(self) -> None:
        assert advice(Results(machine={})) == []


class TestTransports:
    def test_each_kind_of_client_has_its_own(self) -> None:
        sync = transport("httpx", 300, mode="sync", in_flight=1, loop=""), transport("x", 150, mode="sync", in_flight=1)
        found = (*sync, transport("aiohttp", 80), transport("httpx", 240), transport("httpx", 1, in_flight=1))
        assert told("sync client", transports=found).startswith('use transport="x": 150 µs of CPU a call')
        text = told("async client", transports=found)
        assert text == "aiohttp, which the default takes: 80 µs of CPU a call, httpx costs 3 times as much"

    def test_what_is_missing_and_cheaper_comes_with_its_line(self) -> None:
        missing = (Complaint("transport", "aiohttp", "missing", ""),)
        found = (transport("httpx", 300),)
        assert "pip install 'gonka-core[aiohttp]'" in told("async client", transports=found, complaints=missing)
        assert "pip install" not in told("async client", transports=found)


class TestPackages:
    @pytest.mark.parametrize(
        ("versions", "default", "words"),
        [
            ({"gmpy2": "2.2"}, "ecdsa", "have used it"),
            ({}, "ecdsa", "pip install gmpy2"),
            ({}, "coincurve", "not worth it"),
        ],
        ids=["installed", "wanted", "useless"],
    )
    def test_gmpy2_matters_to_ecdsa_only(self, versions: dict[str, str], default: str, words: str) -> None:
        signers = (signer("ecdsa", 400),)
        assert words in told("gmpy2", machine={"versions": versions}, signers=signers, default_signer=default)
        assert told("gmpy2", machine={"versions": versions}, signers=(signer("coincurve", 30),)) == ""

    @pytest.mark.parametrize(
        ("us", "words"),
        [(60, "saves 25%"), (79, "no difference"), (99, "no difference")],
        ids=["faster", "same", "slower"],
    )
    def test_uvloop_is_worth_what_it_saves(self, us: float, words: str) -> None:
        assert words in told("uvloop", transports=(transport("aiohttp", 80), transport("aiohttp", us, loop="uvloop")))

    def test_uvloop_that_is_not_there_was_not_measured(self) -> None:
        assert "pip install 'gonka-core[uvloop]'" in told("uvloop", transports=(transport("aiohttp", 80),))

    @pytest.mark.parametrize(
        ("standard_us", "orjson_us", "words"),
        [
            (30, 5, "saves 25%"),
            (6, 5, "no difference"),
            (30, None, "pip install 'gonka-core[fast]'"),
            (3, None, "not worth it"),
        ],
        ids=["worth it", "little", "missing", "missing but little"],
    )
    def test_orjson(self, standard_us: float, orjson_us: float | None, words: str) -> None:
        cost = JsonFigure(standard_us / 1e6, None if orjson_us is None else orjson_us / 1e6)
        assert words in told("orjson", transports=(transport("aiohttp", 100), transport("httpx", 500)), json=cost)


@pytest.mark.parametrize(
    ("scatter", "crowding", "words"),
    [
        (1.1, 1.1, []),
        (1.6, 1.0, ["1.60 times", "busy"]),
        (1.0, 2.5, ["only 40%", "busy"]),
        (1.6, 2.5, ["only 40%", "1.60 times"]),
    ],
    ids=["quiet", "scattered", "crowded", "both"],
)
def test_a_busy_machine_is_told(scatter: float, crowding: float, words: list[str]) -> None:
    figures = tuple(SignerFigure(name, "signer", "raw", 200, timing(30, scatter)) for name in "abc")
    text = told("noise", signers=figures, crowding=crowding)
    assert [word for word in words if word not in text] == []
    assert bool(text) == bool(words)
