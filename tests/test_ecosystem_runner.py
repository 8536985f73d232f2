"""The runner of `make test-ecosystem`, on small clones with groups of their own; the installer is the real one."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.ecosystem.environments import InstallationError, environment
from tests.ecosystem_clone import Clone, clone, ended


@pytest.fixture
def first(tmp_path: Path) -> Clone:
    return clone(tmp_path, "first")


@pytest.fixture
def second(tmp_path: Path) -> Clone:
    return clone(tmp_path, "second")


def test_a_group_passes_and_is_counted(first: Clone) -> None:
    first.group("other", "# another environment", one="def test_it(): pass\n")
    told = first.run()
    assert told.groups == {"tiny": ("3 passed, 0 failed", ""), "other": ("1 passed, 0 failed", "")}, told.output
    assert told.total == "2 groups: 4 passed, 0 failed"
    assert told.code == 0
    assert first.run("other").total == "1 groups: 1 passed, 0 failed"


def test_a_second_clone_tests_its_own_code_in_the_same_environment(first: Clone, second: Clone) -> None:
    assert first.checkout.environment(first.checkout.groups()["tiny"]) == (
        second.checkout.environment(second.checkout.groups()["tiny"])
    )
    for one in (first, second, first):
        told = one.run()
        assert told.groups == {"tiny": ("3 passed, 0 failed", "")}, told.output
    assert first.builds == [os.fspath(first.root)], "the environment was made once"


def test_an_environment_has_no_code_of_ours_in_it(first: Clone, tmp_path: Path) -> None:
    assert first.run().code == 0
    python = first.checkout.environment(first.checkout.groups()["tiny"]) / "bin" / "python"
    command = [os.fspath(python), "-c", "import gonka_core"]
    told = subprocess.run(command, cwd=tmp_path, env=first.environ, capture_output=True, text=True, check=False)
    assert "No module named 'gonka_core'" in told.stderr


def test_a_failure_is_shown_with_the_way_to_run_only_it(first: Clone) -> None:
    first.group("bad", bad="def test_it(): assert 'seen' == 'wanted'\ndef test_more(): pass\n")
    told = first.run()
    assert told.groups["bad"] == ("1 passed, 1 failed", "1 failed")
    assert "'seen' == 'wanted'" in told.output
    assert 'make test-ecosystem GROUPS="bad"' in told.output
    assert told.total == "2 groups: 4 passed, 1 failed; groups that failed: bad"
    assert told.code == 1


@pytest.mark.parametrize(
    ("text", "counts", "problem"),
    [
        ("", "0 passed, 0 failed", "no test of it ran"),
        (
            "import pytest\n\n@pytest.mark.skip\ndef test_it(): pass\n",
            "0 passed, 0 failed, 1 skipped",
            "no test of it ran",
        ),
        ("import nowhere\n", "0 passed, 1 failed", "1 failed"),
        ("import os\n\ndef test_it(): os._exit(0)\n", "0 passed, 0 failed", "no test of it ran"),
        ("raise SystemExit(0)\n", "0 passed, 1 failed", "1 failed"),
    ],
)
def test_what_tested_nothing_has_failed(first: Clone, text: str, counts: str, problem: str) -> None:
    first.group("empty", empty=text)
    told = first.run("empty")
    assert told.groups == {"empty": (counts, problem)}, told.output
    assert told.code == 1


def test_no_groups_at_all_is_a_failure(first: Clone) -> None:
    (first.root / "tests" / "ecosystem" / "groups" / "tiny.txt").unlink()
    assert first.run().code == 1


def test_libraries_that_cannot_be_installed_stop_no_other_group(first: Clone) -> None:
    first.group("gone", "a-library-that-is-nowhere\n", one="def test_it(): pass\n")
    told = first.run()
    assert told.groups["gone"] == ("0 passed, 0 failed", "its libraries could not be installed")
    assert "a-library-that-is-nowhere" in told.output
    assert told.groups["tiny"] == ("3 passed, 0 failed", "")
    assert told.code == 1
    with pytest.raises(InstallationError), environment(first.checkout, first.checkout.groups()["gone"]):
        pytest.fail("there is nothing to use")


def test_an_unknown_group_is_told_with_those_that_exist(first: Clone) -> None:
    told = first.run("tinny")
    assert told.code == 2
    assert "there is no group tinny; there are tiny" in told.output


def test_options_go_to_pytest(first: Clone) -> None:
    told = first.run("tiny", "--", "-k", "entry_points")
    assert told.groups == {"tiny": ("1 passed, 0 failed", "")}, told.output
    assert "test_whose_code_this_is" in first.run("tiny", "--collect-only").output


def test_the_list_says_what_is_installed_and_what_runs_alone(first: Clone) -> None:
    first.group("heavy", "# alone: needs both cores\n", one="def test_it(): pass\n")
    first.run("tiny")
    told = first.run("--list").output.splitlines()
    assert [line.split(maxsplit=1)[1] for line in told] == [
        "tests/ecosystem/heavy: not installed, runs alone",
        "tests/ecosystem/tiny: installed",
    ]


def test_what_runs_alone_runs_when_the_others_are_done(first: Clone) -> None:
    log = first.root / "log"
    tells = "from pathlib import Path\n\ndef test_it(): Path({!r}).open('a').write({!r})\n"
    first.group("a", "# alone: needs both cores\n", one=tells.format(os.fspath(log), "a"))
    for name in ("b", "c"):
        first.group(name, one=tells.format(os.fspath(log), name))
    assert first.run("a", "b", "c").code == 0
    assert log.read_text().endswith("a")


def test_an_interrupted_installation_is_not_taken_for_a_whole_one(first: Clone, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    process = first.begin(TINY_GATE=os.fspath(gate))
    with gate.open("w"):  # opens when the installer has come to build
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=100)
    place = first.checkout.environment(first.checkout.groups()["tiny"])
    assert place.exists()
    told = first.run()
    assert told.groups == {"tiny": ("3 passed, 0 failed", "")}, told.output
    assert len(first.builds) == 2


def test_an_environment_whose_interpreter_is_gone_is_made_again(first: Clone) -> None:
    assert first.run().code == 0
    (first.checkout.environment(first.checkout.groups()["tiny"]) / "bin" / "python").unlink()
    told = first.run()
    assert told.code == 0, told.output


def test_two_runs_at_once_make_one_environment(first: Clone, second: Clone) -> None:
    both = [one.begin() for one in (first, second)]
    for process in both:
        told = ended(process)
        assert told.groups == {"tiny": ("3 passed, 0 failed", "")}, told.output
    assert len(first.builds) == 1


def test_an_environment_goes_when_its_requirements_do_but_not_while_it_is_in_use(first: Clone) -> None:
    old = first.checkout.groups()["tiny"]
    assert first.run().code == 0
    place = first.checkout.environment(old)
    with environment(first.checkout, old):
        first.group("tiny", "# other requirements")
        assert first.run().code == 0
        assert place.exists()
    changed = first.checkout.environment(first.checkout.groups()["tiny"])
    assert changed != place
    assert first.run().code == 0
    assert not place.exists()
    assert changed.exists()


def test_those_of_other_groups_stay(first: Clone) -> None:
    first.group("tiny-2", "# not an old one of tiny\n")
    assert first.run().code == 0
    kept = [first.checkout.environment(group) for group in first.checkout.groups().values()]
    first.group("tiny", "# changed")
    assert first.run("tiny").code == 0
    assert [place.exists() for place in kept] == [False, True]
