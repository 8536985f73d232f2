"""What is taken for a request, and what is said of the rest before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import PayloadError
from gonka_core.batch import read_line, survey
from gonka_core.batch.lines import MOST_BYTES
from tests.batch import jobs

GOOD = jobs.request(1)
BODY = GOOD["body"]
SECRET = "my mother's maiden name"

names = st.text(min_size=1).filter(lambda text: text.isprintable())
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(names, inner)
)


@given(name=names, model=names, more=st.dictionaries(names, values), number=st.integers(1, 10**9))
def test_every_good_line_is_read_as_it_was_written(name: str, model: str, more: dict[str, Any], number: int) -> None:
    body = {**more, "model": model, "messages": [], "stream": False}
    line = read_line(json.dumps({**GOOD, "custom_id": name, "body": body}).encode(), number)
    assert (line.number, line.custom_id, line.model, line.payload) == (number, name, model, body)


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_line_is_it_is_read_or_refused(data: bytes) -> None:
    with pytest.raises(PayloadError, match=r"^line 7 "):
        read_line(data, 7)


WRONG: dict[str, tuple[Any, str]] = {
    "no JSON": (b"{", "line 3 is not a JSON object"),
    "an array": ([], "line 3 is not a JSON object"),
    "no name": ({**GOOD, "custom_id": None}, "line 3 has no custom_id"),
    "a number for a name": ({**GOOD, "custom_id": 7}, "line 3 has no custom_id"),
    "method": ({**GOOD, "method": "GET"}, "the method 'GET'"),
    "url": ({**GOOD, "url": "/v1/embeddings"}, "the url '/v1/embeddings'"),
    "no body": ({**GOOD, "body": SECRET}, "no body"),
    "no model": ({**GOOD, "body": {"messages": [SECRET]}}, "no model"),
    "no messages": ({**GOOD, "body": {"model": "m", "prompt": SECRET}}, "no messages"),
    "a stream": ({**GOOD, "body": {**BODY, "stream": True}}, "asks for a stream"),
    "deep": (b'{"a":' + b"[" * 100 + b"]" * 100 + b"}", "nested more than 64 deep"),
    "long": (b" " * MOST_BYTES + b"{}", "has more than"),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_flaw_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    wrong, told = WRONG[name]
    data = wrong if isinstance(wrong, bytes) else json.dumps(wrong).encode()
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join([json.dumps(GOOD).encode(), b"  ", data, json.dumps(jobs.request(4)).encode()]))
    with pytest.raises(PayloadError) as caught:
        survey(path)
    assert told in str(caught.value)
    assert "nothing was sent" in caught.value.problem
    assert caught.value.next_step
    assert SECRET not in str(caught.value)
    assert "line 4" not in str(caught.value)


def test_many_flaws_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    path = jobs.write(tmp_path / "in.jsonl", [{**GOOD, "method": "GET"}] * 1234)
    with pytest.raises(PayloadError, match=r"^1234 flaws .* line 1 has .* line 10 has .*; and 1224 more;") as caught:
        survey(path)
    assert "line 11" not in str(caught.value)


def test_two_lines_of_one_name_are_a_flaw_of_the_later_one(tmp_path: Path) -> None:
    requests = [jobs.request(number) for number in range(1, 2000)]
    path = jobs.write(tmp_path / "in.jsonl", [*requests, jobs.request(17)])
    with pytest.raises(PayloadError, match="line 2000 has a custom_id that an earlier line has"):
        survey(path)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=30))
def test_names_that_come_twice_are_found_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    path = jobs.write(tmp_path_factory.mktemp("names") / "in.jsonl", [jobs.request(number) for number in numbers])
    if len(set(numbers)) == len(numbers):
        assert survey(path).requests == len(numbers)
        return
    with pytest.raises(PayloadError) as caught:
        survey(path)
    later = [place for place, number in enumerate(numbers, start=1) if number in numbers[: place - 1]]
    assert f"line {later[0]} has a custom_id" in str(caught.value)
    assert len(later) == 1 or f"{len(later)} flaws" in str(caught.value)


def test_a_file_is_known_by_all_of_it(tmp_path: Path) -> None:
    path = jobs.numbered(tmp_path / "in.jsonl", 3)
    path.write_bytes(path.read_bytes() + b"\n\n")
    found = survey(path)
    assert (found.lines, found.requests, found.models, found.size) == (3, 3, ("test",), path.stat().st_size)
    path.write_bytes(path.read_bytes().replace(b"number 3", b"number 4"))
    assert survey(path).sha256 != found.sha256


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_input_without_a_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(content)
    with pytest.raises(PayloadError, match="has no lines; write"):
        survey(path)


def test_an_input_that_is_not_there_and_one_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PayloadError, match="No such file"):
        survey(tmp_path / "in.jsonl")
    with pytest.raises(PayloadError, match="is not a file"):
        survey(tmp_path)
