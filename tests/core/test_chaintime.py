"""The time of a node, read exactly from whatever it answers, and believed within bounds."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import encode_address
from gonka_core.chaintime import BELIEVED_NS, SOURCES, Offsets, block_time_of, date_of, rfc3339_ns
from gonka_core.endpoints import Endpoint

STEP = 1_000_000_000
NOW = 1_766_422_712 * STEP
STATUS, BLOCKS = SOURCES
ADDRESS = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
OTHER = encode_address(bytes(20))
ENDPOINT = Endpoint("https://node.example:8443/v1", ADDRESS)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["result", "block"]), inner, max_size=2)
    ),
    max_leaves=6,
)


def status(time: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "result": {"sync_info": {"latest_block_time": time}}}).encode()


def block(time: object, key: str = "block") -> bytes:
    return json.dumps({"block_id": {}, key: {"header": {"time": time, "height": "17"}}}).encode()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (STATUS, status("2025-12-22T16:58:32.123456789Z")),
        (BLOCKS, block("2025-12-22T16:58:32.123456789Z")),
        (BLOCKS, block("2025-12-22T16:58:32.123456789Z", key="sdk_block")),
        (STATUS, status("2025-12-22T18:58:32.123456789+02:00")),
        (STATUS, status("2025-12-22T11:28:32.123456789-05:30")),
    ],
)
def test_the_block_time_is_read_to_the_nanosecond(path: str, body: bytes) -> None:
    assert block_time_of(path, body) == 1_766_422_712_123_456_789


def test_block_is_asked_before_sdk_block() -> None:
    both = json.loads(block("2025-12-22T16:58:32Z")) | json.loads(block("2025-12-22T16:58:33Z", key="sdk_block"))
    assert block_time_of(BLOCKS, json.dumps(both).encode()) == NOW
    both["block"]["header"]["time"] = None
    assert block_time_of(BLOCKS, json.dumps(both).encode()) == NOW + STEP


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (STATUS, b"Chain RPC Disabled"),
        (STATUS, b""),
        (STATUS, b"\xff\xfe\xff"),
        (STATUS, b"[" * 100_000),
        (STATUS, b"[]"),
        (STATUS, b"1" * 10_000),
        (STATUS, b'{"result": {"sync_info": "now"}}'),
        (STATUS, status(None)),
        (STATUS, status(NOW)),
        (STATUS, status("2025-12-22T16:58:32.1234567890Z")),
        (STATUS, status("2025-12-22T16:58:32")),
        (STATUS, status("2025-12-22 16:58:32Z")),
        (STATUS, status("2025-13-22T16:58:32Z")),
        (STATUS, status("2025-12-22T16:58:61Z")),
        (STATUS, status("２０２５-12-22T16:58:32Z")),
        (STATUS, block("2025-12-22T16:58:32Z")),
        (BLOCKS, status("2025-12-22T16:58:32Z")),
        ("/v1/status", status("2025-12-22T16:58:32Z")),
        ("", status("2025-12-22T16:58:32Z")),
    ],
)
def test_anything_else_is_no_block_time(path: str, body: bytes) -> None:
    assert block_time_of(path, body) is None


@given(st.sampled_from(SOURCES), st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_a_node_sends_raises(path: str, body: bytes) -> None:
    assert block_time_of(path, body) is None


moments = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1))


@given(moments, st.integers(0, 999_999_999), st.integers(1, 9), st.integers(-14 * 60, 14 * 60))
def test_every_time_that_can_be_written_is_read_back(moment: datetime, nanos: int, digits: int, minutes: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    fraction = f"{nanos:09d}"[:digits]
    written = moment.isoformat()
    text = f"{written[:19]}.{fraction}{written[19:]}"
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert rfc3339_ns(text) == seconds * STEP + int(fraction.ljust(9, "0"))


@given(moments)
def test_every_date_header_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert date_of({"date": format_datetime(moment, usegmt=True)}) == seconds * STEP


def test_a_date_without_a_zone_is_in_gmt() -> None:
    assert date_of({"date": "Mon, 22 Dec 2025 16:58:32 -0000"}) == NOW


@pytest.mark.parametrize(
    "headers", [{}, {"date": ""}, {"date": "yesterday"}, {"date": "Mon, 99 Dec 2025 16:58:32 GMT"}]
)
def test_without_a_usable_date_there_is_none(headers: dict[str, str]) -> None:
    assert date_of(headers) is None


@given(st.text(max_size=40) | st.text("0123456789:+- GMTDec,Mon", max_size=40))
def test_no_date_header_raises(text: str) -> None:
    found = date_of({"date": text})
    assert found is None or isinstance(found, int)


def test_nothing_is_added_before_anything_is_learned() -> None:
    assert Offsets().offset_ns(ENDPOINT) == 0


def test_the_offset_is_block_time_minus_the_local_time_halfway() -> None:
    offsets = Offsets()
    assert offsets.learn(ENDPOINT, NOW + 100 * STEP, NOW, NOW + 4 * STEP) == 98 * STEP
    assert offsets.offset_ns(ENDPOINT) == 98 * STEP


def test_an_offset_belongs_to_a_provider_whatever_its_url() -> None:
    offsets = Offsets()
    offsets.learn(ENDPOINT, NOW + 100 * STEP, NOW, NOW)
    assert offsets.offset_ns(Endpoint("http://another", ADDRESS)) == 100 * STEP
    assert offsets.offset_ns(Endpoint("http://node.example", OTHER)) == 0


def test_what_is_learned_last_counts() -> None:
    offsets = Offsets()
    offsets.learn(ENDPOINT, NOW + 100 * STEP, NOW, NOW)
    assert offsets.learn(ENDPOINT, NOW - 7 * STEP, NOW, NOW) == -7 * STEP
    assert offsets.offset_ns(ENDPOINT) == -7 * STEP


windows = st.integers(min_value=-BELIEVED_NS, max_value=BELIEVED_NS - STEP)


@given(
    error=windows,
    trip=st.integers(0, 10 * STEP),
    asked_at=st.integers(0, 10_000),
    age=st.integers(0, 6 * STEP),
    later=st.integers(0, 86_400 * STEP),
    later_age=st.integers(0, 6 * STEP),
)
def test_a_clock_that_is_wrong_signs_inside_the_window_after_learning_once(
    error: int, trip: int, asked_at: int, age: int, later: int, later_age: int
) -> None:
    """Blocks every 6 s or faster; asked once, signing later, with a local clock wrong by `error` all the time."""
    asked = NOW + error
    answered = asked + trip
    block_time = NOW + trip * asked_at // 10_000 - age
    offset = Offsets().learn(ENDPOINT, block_time, asked, answered)
    if abs((block_time - (asked + answered) // 2) // STEP * STEP) > BELIEVED_NS:
        return
    signed = answered + later + offset
    block_time_then = NOW + trip + later - later_age
    assert -60 * STEP <= signed - block_time_then <= 30 * STEP


@pytest.mark.parametrize("far", [BELIEVED_NS + STEP, 365 * BELIEVED_NS, -BELIEVED_NS - 1, -NOW])
def test_a_stranger_cannot_make_us_sign_for_another_year(far: int) -> None:
    offsets = Offsets()
    assert offsets.learn(ENDPOINT, NOW + far, NOW, NOW) == 0
    offsets.learn(ENDPOINT, NOW + 40 * STEP, NOW, NOW)
    assert offsets.learn(ENDPOINT, NOW + far, NOW, NOW) == 40 * STEP


@given(st.integers(), st.integers(), st.integers())
def test_no_answer_leads_further_than_a_day(block_time: int, asked: int, answered: int) -> None:
    assert abs(Offsets().learn(ENDPOINT, block_time, asked, answered)) <= BELIEVED_NS


def test_how_far_a_stranger_is_believed_can_be_narrowed() -> None:
    assert Offsets(believed_ns=60 * STEP).learn(ENDPOINT, NOW + 61 * STEP, NOW, NOW) == 0


@pytest.mark.parametrize("trip", [-1, 60 * STEP + 1])
def test_an_answer_that_took_too_long_or_no_time_at_all_teaches_nothing(trip: int) -> None:
    assert Offsets().learn(ENDPOINT, NOW + 600 * STEP, NOW, NOW + trip) == 0


def test_a_broker_has_no_offset() -> None:
    broker = Endpoint.broker("http://broker", "key")
    offsets = Offsets()
    assert offsets.learn(broker, NOW + 100 * STEP, NOW, NOW) == 0
    assert len(offsets) == 0


def providers(count: int) -> list[Endpoint]:
    return [Endpoint("http://host", encode_address(number.to_bytes(20, "big"))) for number in range(count)]


def test_only_so_many_providers_are_remembered_and_the_oldest_makes_room() -> None:
    offsets = Offsets(most=3)
    known = providers(5)
    for endpoint in known:
        offsets.learn(endpoint, NOW + 9 * STEP, NOW, NOW)
    assert len(offsets) == 3
    assert [offsets.offset_ns(endpoint) // STEP for endpoint in known] == [0, 0, 9, 9, 9]


def test_threads_may_learn_at_once() -> None:
    offsets = Offsets()
    known = providers(800)

    def learn(some: list[Endpoint]) -> None:
        for endpoint in some:
            offsets.learn(endpoint, NOW + 9 * STEP, NOW, NOW)

    threads = [threading.Thread(target=learn, args=(known[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(offsets.offset_ns(endpoint) == 9 * STEP for endpoint in known)


def test_no_depth_ends_the_process() -> None:
    """Libraries raise the recursion limit of the whole process; then the parser of the interpreter meets its stack."""
    program = (
        "import sys; sys.setrecursionlimit(100_000)\n"
        "from gonka_core.chaintime import SOURCES, block_time_of\n"
        "print([block_time_of(path, opening * 90_000) for path in SOURCES for opening in (b'[', b'{\"a\":')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("[None, None, None, None]\n", 0)
