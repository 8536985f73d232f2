"""The vector files are what the tool makes, fit their schemas, and explain every flag."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gonka_conformance import vectors
from gonka_conformance.vectors import files
from vector_tool.__main__ import KIT, main
from vector_tool.outline import Flag, Vector, VectorFile, document

NAMES = (*vectors.NAMES, *vectors.OWN_NAMES)
ALL = (*NAMES, vectors.CATEGORIES)
PAGE = (Path(__file__).parents[2] / "docs" / "vectors.md").read_text(encoding="utf-8")
FLAG_ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.+) \| (.+) \|$", re.MULTILINE)


def schema_of(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((KIT / "schemas" / f"{name}.schema.json").read_text("ascii"))
    return loaded


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(name))


class TestSchemas:
    def test_every_file_has_one_and_there_are_no_other_files(self) -> None:
        assert {f"{name}.schema.json" for name in ALL} <= {path.name for path in (KIT / "schemas").iterdir()}
        assert {path.stem for path in (KIT / "vectors").glob("*.json")} == set(ALL)

    @pytest.mark.parametrize("name", NAMES)
    def test_it_is_a_schema_and_the_file_fits_it(self, name: str) -> None:
        jsonschema.Draft202012Validator.check_schema(schema_of(name))
        validator(name).validate(files.document(name))

    @pytest.mark.parametrize("name", NAMES)
    def test_what_is_missing_or_unknown_in_a_vector_does_not_fit(self, name: str) -> None:
        found = files.document(name)
        for member in found["vectors"][0]:
            broken = json.loads(json.dumps(found))
            broken["vectors"][0][f"{member}x"] = broken["vectors"][0].pop(member)
            assert not validator(name).is_valid(broken), member

    @pytest.mark.parametrize(
        ("name", "member", "value"),
        [
            ("message", "digest", "00"),
            ("message", "timestamp_ns", "007"),
            ("headers", "signature_hex", "zz" * 64),
            ("sse", "flags", ["unheard-of"]),
            ("errors", "status", "401"),
            ("endpoints", "expected", {"error": "bad-luck"}),
            ("ics23", "expected", {"result": "invalid"}),
            ("sign", "r_hex", "ff"),
            ("verify", "expected", "maybe"),
            ("timestamp", "now_ns", 7),
            ("bech32", "id", "bech32-1"),
            ("address", "address", "cosmos1waj8q9g2ekgardafc6plg77rgu2l3vfrclrm4v"),
            ("keyformat", "expected", True),
        ],
    )
    def test_a_value_of_another_form_does_not_fit(self, name: str, member: str, value: object) -> None:
        found = files.document(name)
        found["vectors"][0][member] = value
        assert not validator(name).is_valid(found)


class TestOutline:
    @pytest.mark.parametrize("name", vectors.OWN_NAMES)
    def test_vectors_are_numbered_without_a_gap(self, name: str) -> None:
        ids = [vector["id"] for vector in files.vectors_of(name)]
        assert ids == [f"{name}-{number}" for number in range(1, len(ids) + 1)]

    @pytest.mark.parametrize("name", vectors.NAMES)
    def test_known_answers_have_ids_of_their_own(self, name: str) -> None:
        ids = [vector["id"] for vector in files.vectors_of(name)]
        assert len(set(ids)) == len(ids)

    @pytest.mark.parametrize("name", vectors.OWN_NAMES)
    def test_every_flag_is_explained_and_every_explained_one_is_used(self, name: str) -> None:
        used = {flag for vector in files.vectors_of(name) for flag in vector["flags"]}
        assert used == set(files.document(name)["flags"])

    @pytest.mark.parametrize("name", vectors.OWN_NAMES)
    def test_comments_tell_vectors_apart(self, name: str) -> None:
        comments = [(vector["comment"], *vector["flags"], vector.get("type")) for vector in files.vectors_of(name)]
        assert len(set(comments)) == len(comments)

    @pytest.mark.parametrize("flags", [{}, {"used": Flag("a", "b"), "idle": Flag("a", "b")}])
    def test_the_tool_refuses_a_flag_without_explanation_or_use(self, flags: dict[str, Flag]) -> None:
        file = VectorFile("x", "x", flags, (Vector("x", ("used",), {}),), ("x",), {})
        with pytest.raises(ValueError, match="flags without explanation or without a vector"):
            document(file)


class TestTheTool:
    def test_what_it_makes_is_what_is_there(self) -> None:
        command = [sys.executable, "-m", "vector_tool", "--check"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_it_writes_them_all(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--kit", str(tmp_path)]) == 0
        written = list(tmp_path.rglob("*.json"))
        assert len(written) == len(vectors.OWN_NAMES) + 1 + len(ALL)
        assert sorted(capsys.readouterr().out.split()[1::2]) == sorted(map(str, written))
        for path in written:
            assert path.read_bytes() == (KIT / path.relative_to(tmp_path)).read_bytes()

    def test_it_finds_one_byte_that_was_altered_and_a_file_that_is_gone(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        copied = [copy(name, tmp_path) for name in sorted(MADE)]
        untouched, gone, *altered = copied
        gone.unlink()
        deque(map(alter, altered))
        assert main(["--check", "--kit", str(tmp_path)]) == 1
        told = {line.partition(": ")[0]: line for line in capsys.readouterr().err.splitlines()}
        names = {path: path.relative_to(tmp_path).as_posix() for path in copied}
        assert set(told) == set(names.values()) - {names[untouched]}
        assert told[names[gone]] == f"{names[gone]}: is not there; run: python -m vector_tool"
        for path in altered:
            assert re.fullmatch(r".*: differs in line \d+; run: python -m vector_tool", told[names[path]])


MADE = {
    *(f"vectors/{name}.json" for name in ALL if name not in vectors.NAMES),
    *(f"schemas/{name}.schema.json" for name in ALL),
}


def copy(name: str, folder: Path) -> Path:
    """A file of the kit somewhere else."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((KIT / name).read_bytes())
    return path


def alter(path: Path) -> None:
    """Flip one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


class TestCategories:
    def test_the_file_fits_its_schema(self) -> None:
        found = json.loads(files.content(vectors.CATEGORIES))
        validator(vectors.CATEGORIES).validate(found)
        found["files"]["verify"]["control"] = "unheard-of"
        assert not validator(vectors.CATEGORIES).is_valid(found)

    @pytest.mark.parametrize("name", vectors.NAMES)
    def test_every_category_of_the_known_answers_is_explained(self, name: str) -> None:
        assert set(vectors.categories()[name]) == {vector["category"] for vector in files.vectors_of(name)}

    def test_every_flag_explains_a_category(self) -> None:
        used = {flag for flags in vectors.categories().values() for flag in flags.values()}
        assert used == set(json.loads(files.content(vectors.CATEGORIES))["flags"])

    def test_where_a_node_is_laxer_the_flag_says_so(self) -> None:
        flags = vectors.categories()["verify"]
        lax = {flags[vector.category] for vector in vectors.verifications() if vector.expected != vector.node}
        assert lax == {"base64-spelling", "reduced"}


class TestThePage:
    @pytest.mark.parametrize("name", NAMES)
    def test_it_counts_its_vectors(self, name: str) -> None:
        assert f"| `{name}.json` | {files.document(name)['count']} |" in PAGE

    @pytest.mark.parametrize("name", ["endpoints", "ics23"])
    def test_its_reasons_are_those_of_the_file(self, name: str) -> None:
        section = PAGE.split(f"## `{name}.json`")[1].split("\n## ")[0]
        rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]+) \|$", section, re.MULTILINE))
        assert rows == files.document(name)["reasons"]

    @pytest.mark.parametrize("name", ALL)
    def test_it_names_every_file(self, name: str) -> None:
        assert f"## `{name}.json`" in PAGE

    @pytest.mark.parametrize("name", [*vectors.OWN_NAMES, vectors.CATEGORIES])
    def test_its_flags_are_those_of_the_file(self, name: str) -> None:
        section = PAGE.split(f"## `{name}.json`")[1].split("\n## ")[0]
        rows = {flag: (means, finds) for flag, means, finds in FLAG_ROW.findall(section)}
        flags = json.loads(files.content(name))["flags"]
        assert rows == {flag: (told["means"], told["finds"]) for flag, told in flags.items()}

    def test_its_kinds_are_those_of_the_file(self) -> None:
        section = PAGE.split("## Kinds of errors")[1].split("\n## ")[0]
        rows = {name: (means, called) for name, means, called in FLAG_ROW.findall(section)}
        kinds = vectors.error_kinds().values()
        assert rows == {kind.name: (kind.means, f"`{kind.gonka_core}`") for kind in kinds}
