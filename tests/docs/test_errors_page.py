"""The catalogue of errors is complete, true to the classes, and the same in the docs as in the package."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from gonka_core import Endpoint, catalogue, errors
from gonka_core.batch.files import NotWrittenError
from gonka_core.batch.ledger import StartedBeforeError
from gonka_core.batch.ray_engine import RayError
from gonka_core.cli.explain import explain
from gonka_core.errors import ConfigurationError, ConnectError, GonkaError, NodeError, TransportError
from tests.docs.errors_page import END, PAGE, written
from tests.docs.public import ROOT

CORE = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, GonkaError)]
CLASSES = [*CORE, NotWrittenError, RayError, StartedBeforeError]
OF_COMMANDS = {"IdentityError", "NoNodeError"}
"""Raised by a command for itself, which shows the text and never the name."""


def classes_elsewhere() -> Iterator[str]:
    """The names of classes of our packages, outside of `gonka_core.errors`, that are errors of ours."""
    ours = {kind.__name__ for kind in CLASSES}
    for folder in ("gonka_core", "backends", "mock_node", "conformance", "benchmarks/src"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            known = {alias.name for node in froms if (node.module or "").endswith("errors") for alias in node.names}
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and known & ours & {base.id for base in _names(node.bases)}:
                    yield node.name


def _names(nodes: list[ast.expr]) -> list[ast.Name]:
    return [node for node in nodes if isinstance(node, ast.Name)]


def test_each_class_has_an_entry_and_each_entry_a_class() -> None:
    assert set(catalogue.ENTRIES) == set(CLASSES)


def test_no_error_of_ours_hides_elsewhere() -> None:
    elsewhere = {kind.__name__ for kind in CLASSES} - {kind.__name__ for kind in CORE}
    assert set(classes_elsewhere()) == OF_COMMANDS | elsewhere


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_entry_is_worth_reading(kind: type[GonkaError]) -> None:
    entry = catalogue.ENTRIES[kind]
    assert entry.causes
    assert entry.steps
    for line in (*entry.causes, *entry.steps, catalogue.retried(kind), catalogue.billed(kind)):
        assert line == line.strip()
        assert not line.endswith(".")
        assert line.count("`") % 2 == 0
        assert "|" not in line, "it would end a cell of the table"
    assert len(catalogue.meaning(kind)) > 15


def test_the_page_is_what_the_catalogue_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page), "run python -m tests.docs.errors_page"
    assert re.findall(r"^### (\w+)$", page.partition(END)[0], re.MULTILINE).count("NodeError") == 1
    assert written(page.replace("### NodeError", "### NodeErrors")) == page, "the negative: a change is undone"


class TestPromises:
    """What the catalogue says against what the classes do."""

    @pytest.mark.parametrize("kind", [kind for kind in CLASSES if issubclass(kind, NodeError)])
    def test_a_refusal(self, kind: type[NodeError]) -> None:
        node = Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
        refused = kind("no", "go", endpoint=node, status=500, node_text="no")
        if kind is not NodeError:
            assert catalogue.billed(kind).startswith("maybe") == refused.maybe_billed
            assert catalogue.retried(kind).startswith("no") != refused.retryable

    @pytest.mark.parametrize("kind", [kind for kind in CORE if not issubclass(kind, errors.CallError)])
    def test_what_comes_before_a_call_costs_nothing(self, kind: type[GonkaError]) -> None:
        if kind is not GonkaError:
            assert (catalogue.retried(kind), catalogue.billed(kind)) == ("no", "no: nothing was sent")

    def test_a_line_that_was_under_way(self) -> None:
        assert StartedBeforeError("a", "b").maybe_billed
        assert catalogue.billed(StartedBeforeError).startswith("maybe")
        assert catalogue.retried(StartedBeforeError) == "no"

    def test_what_the_network_did(self) -> None:
        assert ConnectError("a", "b").maybe_billed is False
        assert catalogue.billed(ConnectError).startswith("no")
        assert TransportError("a", "b", sent=True).maybe_billed
        assert catalogue.billed(TransportError).startswith("maybe")


class TestExplain:
    @pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
    def test_it_prints_the_entry(self, kind: type[GonkaError]) -> None:
        done = CliRunner().invoke(explain, [kind.__name__, "--json"])
        assert done.exit_code == 0
        told = json.loads(done.output)
        assert told["error"] == kind.__name__
        assert told["causes"] == list(catalogue.ENTRIES[kind].causes)
        assert told["under"] == [base.__name__ for base in kind.__mro__[1:] if issubclass(base, GonkaError)]

    def test_names_are_found_as_people_write_them(self) -> None:
        for name in ("capacityerror", "Capacity", "gonka_core.errors.CapacityError", "CapacityError"):
            assert catalogue.named(name) is errors.CapacityError
        assert catalogue.named("TransportTimeout") is errors.TransportTimeout
        assert catalogue.named("nothing") is None

    def test_as_text_and_as_a_list(self) -> None:
        told = CliRunner().invoke(explain, ["CapacityError"]).output
        assert told.startswith("CapacityError: 429")
        assert "What to do" in told
        assert "`" not in told
        listed = CliRunner().invoke(explain, []).output.split()
        assert listed == [kind.__name__ for kind in catalogue.ENTRIES]
        assert json.loads(CliRunner().invoke(explain, ["--json"]).output) == listed

    def test_another_name_leads_on_and_a_key_is_not_repeated(self) -> None:
        done = CliRunner().invoke(explain, ["CapacityEror"])
        assert isinstance(done.exception, ConfigurationError)
        assert "did you mean CapacityError" in str(done.exception)
        key = "4f" * 32
        for text in (key, f"0x{key}"):
            refused = CliRunner().invoke(explain, [text]).exception
            assert isinstance(refused, ConfigurationError)
            assert "4f4f" not in str(refused)
            assert str(refused).endswith("`gonka explain` lists them")
