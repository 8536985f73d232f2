"""Transports by name, on the command line and as a pytest suite."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonka_conformance import TransportSubject, installed_transport, installed_transports
from gonka_conformance.__main__ import main
from gonka_conformance.checks import CheckList
from gonka_conformance.suite import TransportSuite
from gonka_conformance.transports import checks as transport_checks
from gonka_conformance.transports import installed_modes
from gonka_conformance.transports.checks import TRANSPORT_CHECKS
from gonka_conformance.transports.suite import applying
from gonka_core import TransportOptions
from gonka_core.errors import BrokenPluginError, MissingLibraryError, UnknownPluginError, UnsupportedModeError
from gonka_core.hookspecs import TransportPlugin
from gonka_core.plugins import Broken, Entry, Registry
from sabotage.transports.correct import AsyncSound, Sound
from sabotage.transports.sending import DropsAuthorization

QUICK = ("transport.headers-exact", "transport.cancelled")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in both modes, one that is wrong, one without its library, and a broken plug-in; two quick checks."""
    plugins = (
        TransportPlugin("right", "", lambda: Sound, lambda: AsyncSound, trusts_environment=True),
        TransportPlugin("wrong", "", lambda: DropsAuthorization),
        TransportPlugin("absent", "", lambda: Sound, requires=("no_such_module",), extra="some-token"),
    )
    entries = tuple(Entry("transport", plugin, "elsewhere 1") for plugin in plugins)
    found = Registry(entries, (Broken("broken", "elsewhere 1", ImportError("no")),))
    monkeypatch.setattr("gonka_conformance.transports.subject.registry", lambda: found)
    few: CheckList[TransportSubject] = CheckList("transport")
    for check in TRANSPORT_CHECKS:
        if check.id in QUICK:
            name = check.id.partition(".")[2]
            few.add(name, check.requirement, source=check.source, claim=check.claim)(check.run)
    monkeypatch.setattr(transport_checks, "TRANSPORT_CHECKS", few)


def subjects(out: str) -> dict[str, bool]:
    return {report["subject"]: report["conforms"] for report in json.loads(out)["reports"]}


@pytest.mark.usefixtures("installed")
def test_both_modes_are_examined_unless_one_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transport", "--transport", "right", "--json"]) == 0
    assert subjects(capsys.readouterr().out) == {"right (sync)": True, "right (async)": True}
    assert main(["transport", "--transport", "right", "--mode", "async", "--json"]) == 0
    assert subjects(capsys.readouterr().out) == {"right (async)": True}


@pytest.mark.usefixtures("installed")
def test_one_that_does_not_conform_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transport", "--transport", "wrong"]) == 1
    assert "seen: Authorization did not arrive" in capsys.readouterr().out


@pytest.mark.usefixtures("installed")
def test_all_is_whatever_can_be_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transport", "--transport", "all", "--mode", "sync", "--json"]) == 1
    out, err = capsys.readouterr()
    assert subjects(out) == {"right (sync)": True, "wrong (sync)": False}
    assert "broken is left out: ImportError: no" in err
    assert "absent is left out: the transport 'absent' needs no_such_module" in err


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--transport", "rihgt"], "no transport named 'rihgt'; did you mean 'right'?"),
        (["--transport", "wrong", "--mode", "async"], "the transport 'wrong' is sync only; examine it in that mode"),
        (["--transport", "absent"], "run: pip install some-token"),
        (["--transport", "right", "--known-failure", "transport.nothing=x"], "no check 'transport.nothing'"),
    ],
    ids=["unknown", "mode", "library", "check"],
)
def test_what_cannot_be_examined_is_status_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["transport", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err


@pytest.mark.usefixtures("installed")
def test_subjects_are_found_by_name_and_mode() -> None:
    assert installed_modes("right") == ("sync", "async")
    subject = installed_transport("right", "async")
    assert (subject.mode, subject.claims) == ("async", {"async", "trusts-environment"})
    assert installed_transport("wrong", "sync").claims == {"sync"}
    found, left_out = installed_transports()
    assert [subject.name for subject in found] == ["right (sync)", "right (async)", "wrong (sync)"]
    assert len(left_out) == 2
    for name, mode, error in [
        ("nobody", "sync", UnknownPluginError),
        ("broken", "sync", BrokenPluginError),
        ("absent", "sync", MissingLibraryError),
        ("wrong", "async", UnsupportedModeError),
    ]:
        with pytest.raises(error):
            installed_transport(name, mode)  # type: ignore[arg-type]


def test_a_claim_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no transport can claim 'trust-environment'; claims are: async, sync"):
        TransportSubject("x", Sound, "sync", frozenset({"trust-environment"}))
    with pytest.raises(ValueError, match="x claims both modes"):
        TransportSubject("x", Sound, "sync", frozenset({"async"}))


class Mine(TransportSuite):
    claims = ("trusts-environment",)

    def make_transport(self, options: TransportOptions) -> Any:
        return Sound(options)


def test_a_suite_has_the_checks_of_its_mode_and_none_to_skip() -> None:
    assert set(TRANSPORT_CHECKS.ids) - {check.id for check in applying("sync")} == {"transport.cancelled"}
    assert {check.id for check in applying("async")} == set(TRANSPORT_CHECKS.ids)


def test_a_suite_says_what_is_wrong_in_the_words_of_the_kit() -> None:
    class Wrong(Mine):
        def make_transport(self, options: TransportOptions) -> Any:
            return DropsAuthorization(options)

    check = next(check for check in applying("sync") if check.id == "transport.headers-exact")
    Mine().test_transport(check)
    with pytest.raises(pytest.fail.Exception, match="seen: Authorization did not arrive\nsource: protocol"):
        Wrong().test_transport(check)


def test_a_check_is_not_overridden_but_declared() -> None:
    with pytest.raises(TypeError, match="declare it in known_failures"):
        type("Hides", (Mine,), {"test_transport": lambda self, check: None})
    with pytest.raises(ValueError, match=r"no check 'transport\.no'"):
        type("Misspelt", (Mine,), {"known_failures": {"transport.no": "because"}})
