"""Faults on demand: what can be asked for, which requests are struck, and that the page is the catalogue."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import encode_address
from gonka_mock_node.faults import (
    CATALOGUE,
    MOST,
    Effect,
    FaultError,
    Faults,
    Match,
    Parameter,
    Seen,
)
from gonka_mock_node.reply import Drop, Reply, refused, whole

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
CHAT = "/v1/chat/completions"
OWN, OTHER = encode_address(b"a" * 20), encode_address(b"b" * 20)
SEEN = Seen(CHAT, 1, OWN, "http://127.0.0.1:8000/v1", "test", stream=True)
BODY = b'{"choices":[],"id":"SIGNATURE"}'
SSE = (("Content-Type", "text/event-stream; charset=utf-8"),)


def stream() -> Reply:
    return Reply(200, SSE, (b"data: [DONE]\n\n",))


# Which requests are struck


def struck(faults: Faults, seen: Seen, times: int = 1) -> list[bool]:
    return [bool(faults.strike(seen)) for _ in range(times)]


@pytest.mark.parametrize(
    ("field", "fitting", "other"),
    [
        ({"route": CHAT}, SEEN, SEEN._replace(route=f"{CHAT}/")),
        ({"route": "/v1/chat/*"}, SEEN, SEEN._replace(route="/v1/models")),
        ({"node": 1}, SEEN, SEEN._replace(node=2)),
        ({"node": OWN}, SEEN, SEEN._replace(provider_address=OTHER)),
        ({"node": "http://127.0.0.1:8000"}, SEEN, SEEN._replace(url="http://127.0.0.1:8001/v1")),
        ({"node": "http://127.0.0.1:8000/v1/"}, SEEN, SEEN._replace(url="http://127.0.0.1:80/v1")),
        ({"model": "test"}, SEEN, SEEN._replace(model="")),
        ({"stream": True}, SEEN, SEEN._replace(stream=False)),
        ({"stream": False}, SEEN._replace(stream=False), SEEN),
        ({}, SEEN, None),
    ],
)
def test_a_field_selects(field: dict[str, Any], fitting: Seen, other: Seen | None) -> None:
    faults = Faults()
    added = faults.add("overloaded", **field)
    assert faults.strike(fitting) == (added,)
    assert other is None or faults.strike(other) == ()
    assert faults.strikes(added.id) == 1


@pytest.mark.parametrize(
    ("fields", "turns"),
    [
        ({"nth": 2}, "-x----"),
        ({"nth": [5, 1, 5]}, "x---x-"),
        ({"every": 2}, "-x-x-x"),
        ({"first": 2}, "xx----"),
        ({"times": 2}, "xx----"),
        ({"every": 2, "times": 2}, "-x-x--"),
        ({"every": 2, "first": 2}, "-x----"),
        ({"probability": 0}, "------"),
        ({"probability": 1}, "xxxxxx"),
    ],
)
def test_whose_turn_it_is(fields: dict[str, Any], turns: str) -> None:
    faults = Faults()
    faults.add("overloaded", **fields)
    assert "".join("x" if hit else "-" for hit in struck(faults, SEEN, 6)) == turns


def test_turns_are_kept_in_order_and_once() -> None:
    assert Faults().add("latency", nth=[5, 1, 5]).match.nth == (1, 5)
    assert Faults().add("latency", nth=3).match.nth == (3,)


def test_only_requests_that_fit_are_counted() -> None:
    faults = Faults()
    faults.add("overloaded", model="test", nth=2)
    assert struck(faults, SEEN._replace(model="other"), 3) == [False] * 3
    assert struck(faults, SEEN, 3) == [False, True, False]


@given(
    st.integers(1, 40),
    st.one_of(st.none(), st.integers(1, 20)),
    st.one_of(st.none(), st.integers(1, 5)),
    st.floats(0, 1),
    st.integers(-(2**53), 2**53),
)
def test_bounds_hold_and_a_seed_repeats(
    requests: int, times: int | None, every: int | None, probability: float, seed: int
) -> None:
    runs = []
    for _ in range(2):
        faults = Faults()
        added = faults.add("overloaded", times=times, every=every, probability=probability, seed=seed)
        runs.append(struck(faults, SEEN, requests))
        assert faults.strikes(added.id) == sum(runs[-1])
    assert runs[0] == runs[1]
    assert times is None or sum(runs[0]) <= times
    assert every is None or all((number % every == 0) for number, hit in enumerate(runs[0], 1) if hit)


def test_another_seed_gives_another_sequence() -> None:
    def sequence(seed: int) -> list[bool]:
        faults = Faults()
        faults.add("overloaded", probability=0.5, seed=seed)
        return struck(faults, SEEN, 64)

    assert sequence(1) != sequence(2)
    assert 10 < sum(sequence(1)) < 54


def test_a_stage_that_is_not_reached_uses_nothing_up() -> None:
    faults = Faults()
    front, executor, cut = (faults.add(name, times=1) for name in ("overloaded", "capacity", "cut-stream"))
    assert faults.strike(SEEN, "chain", "front") == (front,)
    assert faults.strike(SEEN, "reply", reply=refused(401, "no")) == ()
    assert faults.strike(SEEN, "executor") == (executor,)
    assert faults.strike(SEEN, "reply", reply=stream()) == (cut,)
    assert faults.strike(SEEN) == ()


@pytest.mark.parametrize(
    ("name", "hits", "misses"),
    [
        ("no-done", stream(), whole(200, BODY)),
        ("wrong-id", whole(200, BODY), refused(503, "no")),
        ("latency", refused(503, "no"), Reply(500, before=(Drop(),))),
    ],
)
def test_a_fault_counts_only_replies_that_it_can_change(name: str, hits: Reply, misses: Reply) -> None:
    faults = Faults()
    added = faults.add(name)
    assert faults.strike(SEEN, "reply", reply=misses) == ()
    assert faults.strike(SEEN, "reply", reply=hits) == (added,)


def test_faults_of_streams_strike_requests_for_streams_and_some_have_a_route_of_their_own() -> None:
    faults = Faults()
    faults.add("cut-stream")
    faults.add("completions-unsupported")
    assert faults.strike(SEEN._replace(stream=False)) == ()
    assert [one.name for one in faults.strike(SEEN._replace(route="/v1/completions"))] == [
        "cut-stream",
        "completions-unsupported",
    ]


def test_threads_count_together() -> None:
    faults = Faults()
    added = faults.add("overloaded", times=500)
    threads = [threading.Thread(target=struck, args=(faults, SEEN, 200)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults.strikes(added.id) == 500


# The set of active faults


def test_adding_and_removing() -> None:
    faults = Faults()
    first, second = faults.add("latency"), faults.add("latency", seconds=2)
    assert (first.id, second.id) == ("latency-1", "latency-2")
    assert list(faults) == [first, second]
    faults.remove(first.id)
    assert (list(faults), len(faults)) == ([second], 1)
    for gone in (faults.remove, faults.strikes):
        with pytest.raises(FaultError, match="active are: latency-2"):
            gone(first.id)
    faults.clear()
    assert not list(faults)


def test_there_is_a_limit() -> None:
    faults = Faults()
    for _ in range(MOST):
        faults.add("latency")
    with pytest.raises(FaultError, match=r"1000 faults are active; remove some"):
        faults.add("latency")
    faults.remove("latency-1")
    assert faults.add("latency")


def test_a_closed_port_and_who_is_told() -> None:
    faults, told = Faults(), [0]
    faults.on_change.append(lambda: told.append(len(faults)))
    faults.add_listener(lambda: told.append(-1))
    one = faults.add("refused", node=1)
    assert [faults.refusing(number, "http://x/v1", OWN) for number in (1, 2)] == [True, False]
    assert faults.strike(SEEN) == ()
    faults.remove(one.id)
    assert not faults.refusing(1, "http://x/v1", OWN)
    faults.add("refused", node=OTHER)
    faults.add("latency")
    assert [faults.refusing(1, "http://x/v1", address) for address in (OWN, OTHER)] == [False, True]
    faults.clear()
    assert told == [0, 1, -1, 0, -1, 1, -1, 2, -1, 0, -1]


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "cut-steam"}, "name", "did you mean 'cut-stream'? choose one of: bad-gateway, "),
    ({"name": 7}, "name", "choose one of"),
    ({"name": "latency", "second": 1}, "second", "did you mean 'seconds'? its parameters are: seconds; every fault"),
    ({"name": "crlf", "size": 1}, "size", "it has no parameters"),
    ({"name": "latency", "seconds": -0.1}, "seconds", "give a number from 0 to 600"),
    ({"name": "latency", "seconds": 601}, "seconds", "give a number from 0 to 600"),
    ({"name": "latency", "seconds": "1"}, "seconds", "give a number"),
    ({"name": "latency", "seconds": True}, "seconds", "give a number"),
    ({"name": "latency", "seconds": float("nan")}, "seconds", "give a number"),
    ({"name": "latency", "seconds": None}, "seconds", "give a number"),
    ({"name": "cut-stream", "after": 1.0}, "after", "give an integer"),
    ({"name": "cut-stream", "after": -1}, "after", "give an integer from 0"),
    ({"name": "cut-stream", "hard": 1}, "hard", "give true or false"),
    ({"name": "cut-stream", "stream": False}, "stream", "leave stream out"),
    ({"name": "status", "code": 399}, "code", "give an integer from 400 to 599"),
    ({"name": "status", "body": "xml"}, "body", "choose one of: json, openai, gateway, nginx, empty"),
    ({"name": "status", "text": 5}, "text", "give a text"),
    ({"name": "status", "text": "x" * 100_001}, "text", "shorten it to 100000"),
    ({"name": "status", "retry_after": "1\r\nX-Evil: 1"}, "retry_after", "without line breaks"),
    ({"name": "status", "retry_after": 1.5}, "retry_after", "give a text"),
    ({"name": "redirect", "location": "http://ä"}, "location", "printable ASCII"),
    ({"name": "refused", "route": CHAT}, "route", "only node selects"),
    ({"name": "refused", "probability": 1.0}, "probability", "only node selects"),
    ({"name": "latency", "probability": 1.01}, "probability", "give a number from 0 to 1"),
    ({"name": "latency", "probability": -0.01}, "probability", "give a number from 0 to 1"),
    ({"name": "latency", "nth": []}, "nth", "give a list of 1 to 1000 integers"),
    ({"name": "latency", "nth": [0]}, "nth", "give integers from 1"),
    ({"name": "latency", "nth": [True]}, "nth", "give integers from 1"),
    ({"name": "latency", "nth": "12"}, "nth", "give a list"),
    ({"name": "latency", "every": 0}, "every", "give an integer from 1"),
    ({"name": "latency", "first": 1.5}, "first", "give an integer"),
    ({"name": "latency", "times": 2**54}, "times", "give an integer from 1"),
    ({"name": "latency", "seed": "x"}, "seed", "give an integer"),
    ({"name": "latency", "stream": 1}, "stream", "give true or false"),
    ({"name": "latency", "route": 1}, "route", "give a text"),
    ({"name": "latency", "model": ["m"]}, "model", "give a text"),
    ({"name": "latency", "node": 0}, "node", "give its number (from 1), its URL or its provider address"),
    ({"name": "latency", "node": ""}, "node", "give its number"),
]


@pytest.mark.parametrize(("value", "field", "words"), BAD)
def test_bad_fields_are_refused_by_name(value: dict[str, Any], field: str, words: str) -> None:
    faults = Faults()
    with pytest.raises(FaultError, match=re.escape(words)) as caught:
        faults.add_object(value)
    assert caught.value.field == field
    assert field in str(caught.value) or field == "name"
    assert not len(faults)


@pytest.mark.parametrize("value", [None, [], "latency", {}, {"seconds": 1}])
def test_what_is_no_fault_at_all(value: object) -> None:
    with pytest.raises(FaultError, match="send something like"):
        Faults().add_object(value)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
)
FIELDS = sorted({name for effect in CATALOGUE.values() for name in effect.parameters} | set(Match.__slots__))


@given(st.sampled_from(sorted(CATALOGUE)), st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=4))
def test_any_fields_make_a_fault_or_a_fault_error(name: str, fields: dict[str, Any]) -> None:
    try:
        added = Faults().add_object({"name": name, **fields})
    except FaultError:
        return
    assert set(added.parameters) == set(CATALOGUE[name].parameters)


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    low, high = parameter.minimum or 0, parameter.maximum or 0
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if parameter.one_line:
        return st.text("abc :/", max_size=10)
    kinds = {bool: st.booleans(), int: st.integers(int(low), int(high)), float: st.floats(low, high), str: st.text()}
    return kinds[parameter.type]


@given(st.data())
def test_a_fault_comes_back_from_its_json(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(set(CATALOGUE) - {"refused"})))
    fields = {key: data.draw(values(parameter), key) for key, parameter in CATALOGUE[name].parameters.items()}
    nth = data.draw(st.none() | st.lists(st.integers(1, 9), min_size=1))
    times = data.draw(st.none() | st.integers(1, 2**53))
    added = Faults().add(name, **fields, nth=nth, times=times)
    spoken = json.loads(json.dumps(added.as_object()))
    assert spoken.pop("id") == added.id
    assert Faults().add_object(spoken) == added


# The catalogue and its page


@pytest.mark.parametrize("effect", CATALOGUE.values(), ids=lambda effect: effect.name)
def test_an_effect_is_well_described(effect: Effect) -> None:
    assert CATALOGUE[effect.name] is effect
    assert effect.summary
    assert effect.stands_for
    assert not set(effect.parameters) & set(Match.__slots__)
    assert Faults().add(effect.name).parameters == {name: one.default for name, one in effect.parameters.items()}


def page_row(effect: Effect) -> str:
    described = [
        f"`{name}` = `{json.dumps(one.default)}`: {one.summary} ({kind_of(one)})"
        for name, one in effect.parameters.items()
    ]
    return f"| `{effect.name}` | {effect.summary} | {effect.stands_for} | {'<br>'.join(described) or 'none'} |"


def kind_of(parameter: Parameter) -> str:
    if parameter.choices:
        return "one of " + ", ".join(f"`{one}`" for one in parameter.choices)
    if parameter.minimum is None or parameter.maximum is None:
        return {bool: "bool", str: "text"}[parameter.type]
    return f"{parameter.type.__name__}, {int(parameter.minimum):,} to {int(parameter.maximum):,}"


def test_the_page_is_the_catalogue() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.count(" | ") == 3] == [page_row(effect) for effect in by_stage()]


def by_stage() -> Iterator[Effect]:
    for stage in ("connection", "front", "chain", "source", "executor", "reply"):
        yield from (effect for effect in CATALOGUE.values() if effect.stage == stage)


def test_the_page_names_every_field_and_no_fault_that_there_is_not() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows if row.count(" | ") == 1] == list(Match.__slots__)
    chosen = text.partition("## Which one to take")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", chosen)) <= set(CATALOGUE)


def test_the_examples_of_the_page_are_faults() -> None:
    examples = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(examples) >= 4
    for example in examples:
        assert Faults().add_object(json.loads(example))
