"""What each fault does: the reply that results, byte for byte and pause for pause, or the chain that does."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from itertools import count, islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import encode_address
from gonka_mock_node import BlockClock, Chain
from gonka_mock_node.faults import (
    CATALOGUE,
    Fault,
    Faults,
    Memory,
    Seen,
    after,
    before,
    instead,
    on_chain,
    told,
)
from gonka_mock_node.faults.steps import events
from gonka_mock_node.profiles import PROFILES
from gonka_mock_node.reply import Drop, Pause, Reply, Step, whole

CHAT = "/v1/chat/completions"
OWN, OTHER, THIRD = (encode_address(bytes([number]) * 20) for number in (1, 2, 3))
SEEN = Seen(CHAT, 1, OWN, "http://127.0.0.1:8000/v1", "test", stream=True)
PUBLIC = "http://127.0.0.1:8000"
BODY = b'{"choices":[{"message":{"content":"Gr\xc3\xbc\xc3\x9fe"}}],"id":"SIGNATURE"}'
EVENTS = (
    b'data: {"choices":[{"delta":{"content":"Gr"}}],"id":"SIGNATURE"}\n\n',
    b'data: {"choices":[{"delta":{"content":"\xc3\xbc\xc3\x9f"}}],"id":"SIGNATURE"}\n\n',
    b'data: {"choices":[],"id":"SIGNATURE"}\n\n',
    b"data: [DONE]\n\n",
)
ONE, TWO, USAGE, DONE = EVENTS
LEAD = TWO.index(b"\xc3") + 1
ERROR = b'data: {"error":{"message":"inference failed: host closed the stream"}}\n\n'
PING = b": ping\n\n"
SSE = (("Content-Type", "text/event-stream; charset=utf-8"),)


def stream(steps: Iterator[Step] | None = None) -> Reply:
    """A stream as a node makes it: lazy, good for one writing."""
    return Reply(200, SSE, iter(EVENTS) if steps is None else steps)


def fault(name: str, **fields: Any) -> Fault:
    return Faults().add(name, **fields)


def changed(name: str, reply: Reply, memory: Memory | None = None, **fields: Any) -> Reply:
    return after((fault(name, **fields),), reply, memory or Memory(), SEEN)


def joined(reply: Reply) -> bytes:
    return b"".join(step for step in reply.steps if isinstance(step, bytes))


# In front of the node


def nginx(title: str) -> bytes:
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx/1.28.0</center>\r\n</body>\r\n</html>\r\n"
    ).encode()


JSON_TYPE = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html", "Server": "nginx/1.28.0"}
PLAIN = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
FRONTS: list[tuple[str, dict[str, Any], int, dict[str, str], bytes]] = [
    ("status", {}, 500, JSON_TYPE, b'{"error":"Internal Server Error"}\n'),
    ("status", {"code": 418, "text": "<tea>"}, 418, JSON_TYPE, b'{"error":"\\u003ctea\\u003e"}\n'),
    ("status", {"code": 414}, 414, JSON_TYPE, b'{"error":"Request URI Too Long"}\n'),
    ("status", {"code": 414, "body": "nginx"}, 414, HTML, nginx("414 Request-URI Too Large")),
    ("status", {"code": 413}, 413, JSON_TYPE, b'{"error":"Request Entity Too Large"}\n'),
    ("status", {"code": 599, "body": "nginx"}, 599, HTML, nginx("599 599")),
    ("status", {"code": 502, "body": "openai"}, 502, JSON_TYPE, b'{"error":{"message":"Bad Gateway"}}'),
    ("status", {"code": 400, "body": "gateway"}, 400, PLAIN, b'{"error":{"message":"Bad Request"}}\n'),
    ("status", {"body": "empty", "retry_after": 7}, 500, {"Retry-After": "7"}, b""),
    ("overloaded", {"retry_after": DATE}, 429, {**JSON_TYPE, "Retry-After": DATE}, b'{"error":"Too Many Requests"}\n'),
    ("rate-limited", {}, 503, HTML, nginx("503 Service Temporarily Unavailable")),
    ("bad-gateway", {}, 502, HTML, nginx("502 Bad Gateway")),
    ("gateway-timeout", {}, 504, HTML, nginx("504 Gateway Time-out")),
    ("body-refused", {}, 413, HTML, nginx("413 Request Entity Too Large")),
    ("internal-error", {"text": "x"}, 500, JSON_TYPE, b'{"error":"x"}\n'),
    ("unavailable", {}, 503, JSON_TYPE, b'{"error":"unable to fetch chain params"}\n'),
    (
        "gateway-overloaded",
        {},
        429,
        PLAIN,
        b'{"error":{"message":"rate limit exceeded: too many concurrent requests"}}\n',
    ),
    ("blocked", {}, 403, JSON_TYPE, b'{"error": "Access Denied", "message": "This route is currently blocked."}'),
    (
        "retired",
        {},
        410,
        {**JSON_TYPE, "Deprecation": "true", "Link": '</devshard/{version}>; rel="successor-version"'},
        b'{"error":"deprecated","message":"classic inference is deprecated; use devshard"}\n',
    ),
    ("redirect", {}, 307, {"Location": PUBLIC + CHAT}, b""),
    ("redirect", {"code": 302, "location": "https://x.invalid/"}, 302, {"Location": "https://x.invalid/"}, b""),
    (
        "gateway-disabled",
        {},
        308,
        JSON_TYPE,
        b'{"message":"this gateway has moved","new_url":"https://gateway.invalid/v1","status":308}\n',
    ),
]


@pytest.mark.parametrize(("name", "fields", "status", "headers", "body"), FRONTS)
def test_answers_in_front_of_the_node(
    name: str, fields: dict[str, Any], status: int, headers: dict[str, str], body: bytes
) -> None:
    reply = before((fault(name, **fields),), SEEN)
    assert reply is not None
    assert (reply.status, dict(reply.headers), joined(reply), reply.length) == (status, headers, body, len(body))
    assert not reply.before


DROPS: list[tuple[str, dict[str, Any], tuple[Pause | Drop, ...]]] = [
    ("reset", {}, (Drop(hard=True),)),
    ("reset", {"seconds": 2}, (Pause(2.0), Drop(hard=True))),
    ("close-before-headers", {}, (Drop(),)),
    ("close-before-headers", {"seconds": 0.5}, (Pause(0.5), Drop())),
    ("reset-after", {"seconds": 1}, (Pause(1.0), Drop(hard=True))),
]


@pytest.mark.parametrize(("name", "fields", "steps"), DROPS)
def test_connections_that_end_before_the_status_line(
    name: str, fields: dict[str, Any], steps: tuple[Pause | Drop, ...]
) -> None:
    answer = instead if name == "reset-after" else before
    reply = answer((fault(name, **fields),), SEEN)
    assert reply is not None
    assert (reply.before, joined(reply)) == (steps, b"")


def test_the_first_that_answers_wins_and_others_answer_nothing() -> None:
    front = (fault("latency"), fault("bad-gateway"), fault("overloaded"), fault("capacity"))
    reply = before(front, SEEN)
    assert reply is not None
    assert reply.status == 502
    assert before((fault("latency"), fault("capacity")), SEEN) is None
    assert instead((fault("latency"), fault("bad-gateway")), SEEN) is None


# Behind the rules

CAPACITY = f"Transfer Agent capacity reached. Try another TA from {PUBLIC}/v1/epochs/current/participants"
UNREACHABLE = f'Post "http://h:1{CHAT}": dial tcp h:1: connect: connection refused'
ML_NODE = "Inference node response with an error. code = {}. error = {}."
RAW = "rpc error: code = Unknown desc = rpc error: code = Unknown desc = "
EXECUTORS: list[tuple[str, dict[str, Any], str, int, str]] = [
    (
        "capacity",
        {},
        "v0.2.13",
        429,
        CAPACITY,
    ),
    ("model-vanished", {}, "v0.2.13", 404, "model not found"),
    ("model-vanished", {}, "v0.2.5", 500, f"{RAW}model not found"),
    ("no-executor", {}, "v0.2.13", 503, "no executors available for model"),
    ("no-executor", {}, "v0.2.5", 500, f"{RAW}no participants found for the model"),
    ("executor-unreachable", {"host": "h:1"}, "v0.2.13", 500, UNREACHABLE),
    ("no-inference-nodes", {}, "v0.2.13", 503, "no inference nodes available"),
    ("ml-node-error", {"text": "{}"}, "v0.2.13", 400, ML_NODE.format(400, "{}")),
    ("ml-node-error", {"code": 422, "text": "{}"}, "v0.2.7", 422, ML_NODE.format(422, "{}")),
    ("ml-node-error", {"code": 422, "text": "{}"}, "v0.2.6", 500, ML_NODE.format(422, "{}")),
    ("ml-node-error", {"code": 404, "text": "{}"}, "v0.2.13", 500, ML_NODE.format(404, "{}")),
    (
        "completions-unsupported",
        {},
        "v0.2.13",
        503,
        "selected executor does not support /v1/completions; upgrade required",
    ),
    (
        "executor-refuses",
        {},
        "v0.2.13",
        401,
        "Unable to validate request against TransferSignature:invalid signature",
    ),
    ("executor-refuses", {"why": "replay"}, "v0.2.13", 400, "AuthKey has already been used for an executor request"),
    ("executor-refuses", {"why": "too-old"}, "v0.2.13", 400, "Request timestamp is too old"),
    ("executor-refuses", {"why": "prompt-hash"}, "v0.2.13", 400, "Prompt hash mismatch"),
]


@pytest.mark.parametrize(("name", "fields", "profile", "status", "error"), EXECUTORS)
def test_answers_of_executors(name: str, fields: dict[str, Any], profile: str, status: int, error: str) -> None:
    reply = instead((fault(name, **fields),), SEEN._replace(profile=PROFILES[profile]))
    assert reply is not None
    body = joined(reply)
    assert (reply.status, json.loads(body), reply.length) == (status, {"error": error}, len(body))
    assert reply.header("Content-Type") == PROFILES[profile].content_type


# On the way back

HALF = BODY[: len(BODY) // 2]
OTHER_ID = "chatcmpl-0123456789abcdef0123456789abcdef"
WHOLES: list[tuple[str, dict[str, Any], tuple[Step, ...], int | None]] = [
    ("cut-body", {"after": 5}, (BODY[:5], Drop()), len(BODY)),
    ("cut-body", {"after": 0, "hard": True}, (Drop(hard=True),), len(BODY)),
    ("cut-body", {"after": 10**6}, (BODY[:-1], Drop()), len(BODY)),
    ("garbage-json", {}, (HALF,), len(HALF)),
    ("garbage-json", {"kind": "array"}, (b"[]",), 2),
    ("garbage-json", {"kind": "null"}, (b"null",), 4),
    ("garbage-json", {"kind": "empty"}, (b"",), 0),
    ("stall", {"after": 4, "seconds": 3}, (BODY[:4], Pause(3.0), BODY[4:]), len(BODY)),
    ("stall", {"after": 0, "seconds": 3}, (Pause(3.0), BODY), len(BODY)),
    ("stall", {"after": 10**6, "seconds": 3}, (BODY, Pause(3.0)), len(BODY)),
    ("trickle", {"size": 60, "seconds": 1}, (BODY[:60], Pause(1.0), BODY[60:], Pause(1.0)), len(BODY)),
    ("wrong-content-type", {}, (BODY,), len(BODY)),
    ("wrong-id", {"value": "x"}, (BODY.replace(b"SIGNATURE", b"x"),), len(BODY) - 8),
    ("no-done", {}, (BODY,), len(BODY)),
    ("crlf", {}, (BODY,), len(BODY)),
    ("split-utf8", {}, (BODY,), len(BODY)),
]


@pytest.mark.parametrize(("name", "fields", "steps", "length"), WHOLES)
def test_whole_answers(name: str, fields: dict[str, Any], steps: tuple[Step, ...], length: int | None) -> None:
    reply = changed(name, whole(200, BODY), **fields)
    assert (tuple(reply.steps), reply.length, reply.status) == (steps, length, 200)
    kind = "text/plain; charset=utf-8" if name == "wrong-content-type" else "application/json"
    assert reply.headers == (("Content-Type", kind),)


STREAMS: list[tuple[str, dict[str, Any], tuple[Step, ...]]] = [
    ("cut-stream", {}, (ONE, TWO, Drop())),
    ("cut-stream", {"after": 0, "hard": True}, (Drop(hard=True),)),
    ("cut-stream", {"after": 1, "inside": True}, (ONE, TWO[: len(TWO) // 2], Drop())),
    ("cut-stream", {"after": 3, "inside": True}, (ONE, TWO, USAGE, Drop())),
    ("cut-stream", {"after": 99}, (ONE, TWO, USAGE, Drop())),
    ("no-done", {}, (ONE, TWO, USAGE)),
    ("duplicate-done", {}, (*EVENTS, DONE)),
    ("error-event", {}, (ONE, TWO, ERROR)),
    ("error-event", {"after": 0, "done": True}, (ERROR, DONE)),
    ("error-event", {"after": 99}, (ONE, TWO, USAGE, ERROR)),
    ("keepalive-comments", {}, (PING, ONE, PING, TWO, PING, USAGE, PING, DONE)),
    ("crlf", {}, tuple(event.replace(b"\n", b"\r\n") for event in EVENTS)),
    (
        "split-utf8",
        {"seconds": 1},
        (ONE, TWO[:LEAD], Pause(1.0), TWO[LEAD : LEAD + 2], Pause(1.0), TWO[LEAD + 2 :], USAGE, DONE),
    ),
    ("stall", {"after": 2, "seconds": 4}, (ONE, TWO, Pause(4.0), USAGE, DONE)),
    ("stall", {"after": 99, "seconds": 4}, (*EVENTS, Pause(4.0))),
    ("garbage-json", {"after": 1}, (ONE, TWO[: len(TWO) // 2] + b"\n\n", USAGE, DONE)),
    ("garbage-json", {"after": 0, "kind": "array"}, (b"data: []\n\n", TWO, USAGE, DONE)),
    ("garbage-json", {"after": 3}, EVENTS),
    ("cut-body", {"after": len(ONE) + 2}, (ONE, TWO[:2], Drop())),
    ("wrong-id", {"value": "x"}, tuple(event.replace(b"SIGNATURE", b"x") for event in EVENTS)),
]


@pytest.mark.parametrize(("name", "fields", "steps"), STREAMS)
def test_streams(name: str, fields: dict[str, Any], steps: tuple[Step, ...]) -> None:
    reply = changed(name, stream(), **fields)
    assert tuple(reply.steps) == steps
    assert (reply.status, reply.headers, reply.length) == (200, SSE, None)


def test_latency_comes_before_everything() -> None:
    reply = changed("latency", Reply(200, before=(Drop(),)), seconds=0.25)
    assert reply.before == (Pause(0.25), Drop())


@pytest.mark.parametrize("name", ["html-instead-of-json", "replayed-answer", "cut-body"])
def test_whoever_replaces_an_answer_leaves_the_wait_before_it(name: str) -> None:
    memory = Memory()
    after((), whole(200, BODY), memory, SEEN)
    reply = after((fault("latency"), fault(name)), whole(200, BODY), memory, SEEN)
    assert reply.before == (Pause(1.0),)


def test_a_page_in_the_place_of_json() -> None:
    reply = changed("html-instead-of-json", whole(200, BODY), text="Sign in")
    assert (reply.status, reply.header("content-type")) == (200, "text/html; charset=utf-8")
    assert joined(reply).startswith(b"<!DOCTYPE html>")
    assert b"<p>Sign in</p>" in joined(reply._replace(steps=reply.steps))


def test_an_id_is_changed_only_where_there_is_one() -> None:
    assert joined(changed("wrong-id", whole(200, b"[1]"))) == b"[1]"
    assert joined(changed("wrong-id", whole(200, b'{"a":1}'))) == b'{"a":1}'
    assert json.loads(joined(changed("wrong-id", whole(200, BODY))))["id"] == OTHER_ID


@pytest.mark.parametrize("reply", [whole(200, BODY), stream()], ids=["whole", "stream"])
def test_gzip_that_ends_too_early(reply: Reply) -> None:
    encoded = changed("truncated-gzip", reply)
    body = joined(encoded)
    assert encoded.header("Content-Encoding") == "gzip"
    assert encoded.length in (None, len(body))
    with pytest.raises(EOFError):
        gzip.decompress(body)
    said = zlib.decompressobj(wbits=31).decompress(body)
    assert said == b"".join(EVENTS) if encoded.length is None else BODY.startswith(said)
    assert encoded.length is None or 2 * len(body) <= len(gzip.compress(BODY))


def test_a_bomb_is_small_until_it_goes_off() -> None:
    reply = changed("gzip-bomb", whole(200, BODY), megabytes=2)
    body = joined(reply)
    assert (reply.header("Content-Encoding"), reply.length, len(body) < 10_000) == ("gzip", None, True)
    assert gzip.decompress(body) == bytes(2 * 1024 * 1024)


def test_headers_that_are_too_much() -> None:
    assert len(changed("huge-header", whole(200, BODY), size=9000).header("X-Padding") or "") == 9000
    headers = changed("many-headers", whole(200, BODY), count=3).headers
    assert [name for name, _ in headers] == ["Content-Type", "X-Padding-1", "X-Padding-2", "X-Padding-3"]


@pytest.mark.parametrize("size", [4096, 1024 * 1024 + 1])
def test_a_line_of_exactly_that_length(size: int) -> None:
    steps = list(changed("oversized-line", stream(), after=1, size=size).steps)
    long = steps.pop(1)
    assert isinstance(long, bytes)
    assert steps == [ONE, USAGE, DONE]
    assert len(long) == size + 2
    value = json.loads(long.removeprefix(b"data: "))
    assert set(value.pop("padding")) == {"x"}
    assert value == json.loads(TWO.removeprefix(b"data: "))


class TestReplayedAnswer:
    def test_whole(self) -> None:
        memory = Memory()
        assert joined(changed("replayed-answer", whole(200, b"first"), memory)) == b"first"
        assert joined(changed("replayed-answer", whole(200, b"second"), memory)) == b"first"
        assert joined(after((), whole(503, b"refused"), memory, SEEN)) == b"refused"
        assert joined(changed("replayed-answer", whole(200, b"third"), memory)) == b"second"

    def test_a_stream_is_kept_once_it_was_written_to_its_end(self) -> None:
        memory = Memory()
        for _ in islice(after((), stream(iter((b"broken", b"off"))), memory, SEEN).steps, 1):
            pass
        assert joined(changed("replayed-answer", stream(), memory)) == b"".join(EVENTS)
        for _ in range(2):
            assert joined(changed("replayed-answer", stream(iter((b"new",))), memory)) == b"".join(EVENTS)

    def test_answers_of_another_kind_are_not_taken(self) -> None:
        memory = Memory()
        after((), whole(200, b"models"), memory, SEEN._replace(route="/v1/models"))
        after((), whole(200, b"whole"), memory, SEEN._replace(stream=False))
        assert memory.earlier(SEEN) is None
        assert joined(memory.earlier(SEEN._replace(stream=False)) or Reply(0)) == b"whole"
        assert joined(changed("replayed-answer", whole(200, b"own"), memory)) == b"own"

    def test_what_is_kept_is_bounded(self) -> None:
        memory = Memory()
        joined(after((), stream(iter([bytes(2**20)] * 5)), memory, SEEN))
        assert memory.earlier(SEEN) is None
        kinds = [SEEN._replace(route=f"/{number}") for number in range(101)]
        for kind in kinds:
            after((), whole(200, BODY), memory, kind)
        assert [kind for kind in kinds if memory.earlier(kind) is None] == kinds[100:]

    def test_what_is_kept_is_the_answer_before_any_fault(self) -> None:
        memory = Memory()
        changed("garbage-json", whole(200, BODY), memory)
        assert joined(changed("replayed-answer", whole(200, b""), memory)) == BODY


def test_changes_add_up_in_order() -> None:
    faults = (fault("keepalive-comments"), fault("cut-stream", after=3), fault("crlf"), fault("latency"))
    reply = after(faults, stream(), Memory(), SEEN)
    assert tuple(reply.steps) == (*(step.replace(b"\n", b"\r\n") for step in (PING, ONE, PING)), Drop())
    assert reply.before == (Pause(1.0),)


@pytest.mark.parametrize(
    "name",
    [name for name, effect in CATALOGUE.items() if effect.stage == "reply" and name not in ("html-instead-of-json",)],
)
def test_streams_stay_streams(name: str) -> None:
    """Nothing waits for the end of a stream that has none."""
    reply = changed(name, stream(ONE for _ in count()))
    assert len(list(islice(reply.steps, 4))) <= 4


@given(
    st.lists(st.binary(max_size=7)), st.sampled_from(["trickle", "split-utf8", "stall", "keepalive-comments", "crlf"])
)
def test_what_is_only_cut_otherwise_says_the_same(pieces: list[bytes], name: str) -> None:
    undo: dict[str, Callable[[bytes], bytes]] = {
        "keepalive-comments": lambda body: body.replace(PING, b""),
        "crlf": lambda body: body.replace(b"\r\n", b"\n"),
    }
    text = [piece.replace(b"\r", b"").replace(b":", b"") for piece in pieces]
    body = joined(changed(name, stream(iter(text))))
    assert undo.get(name, bytes)(body) == b"".join(text)


@given(st.text("ab\n", max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_events_do_not_depend_on_how_they_arrive(text: str, cuts: list[int]) -> None:
    body = text.encode()
    marks = [0, *sorted(cuts), len(body)]
    pieces = [body[start:end] for start, end in pairwise(marks)]
    found = list(events(iter(pieces)))
    assert b"".join(step for step in found if isinstance(step, bytes)) == body
    assert found == list(events((body,)))


def test_an_event_that_is_cut_by_a_drop_is_not_lost() -> None:
    assert list(events((b"data: a\n", Pause(1), b"\ndata", Drop()))) == [Pause(1), b"data: a\n\n", b"data", Drop()]


@given(st.binary(max_size=40), st.integers(0, 50))
def test_a_cut_body_is_shorter_than_it_says(body: bytes, kept: int) -> None:
    reply = changed("cut-body", whole(200, body), after=kept)
    steps = list(reply.steps)
    sent = b"".join(step for step in steps if isinstance(step, bytes))
    assert steps[-1] == Drop()
    assert sent == body[:kept][: max(len(body) - 1, 0)]


# The chain

NOW = 1_766_422_712 * 10**9


@pytest.fixture
def chain() -> Chain:
    made = Chain(clock=BlockClock(lambda: NOW))
    for address in (OWN, OTHER, THIRD):
        made.enter(address, f"http://{address}/v1")
    return made


def test_blocks_fall_behind_or_come_early(chain: Chain) -> None:
    on_chain((fault("block-lag", seconds=45),), chain, OWN)
    on_chain((fault("block-lag", seconds=45),), chain, OWN)
    assert chain.clock.time_ns == NOW - 45 * 10**9
    on_chain((fault("block-lag", seconds=0),), chain, OWN)
    assert chain.clock.time_ns == NOW
    on_chain((fault("block-jump", seconds=90), fault("block-jump", seconds=0.5), fault("latency")), chain, OWN)
    assert chain.clock.time_ns == NOW + 90_500_000_000


def test_a_provider_leaves_the_list_and_the_list_never_becomes_empty(chain: Chain) -> None:
    on_chain((fault("provider-removed"),), chain, OWN)
    assert chain.params.allowed_transfer_addresses == {OTHER, THIRD}
    on_chain((fault("provider-removed"),), chain, THIRD)
    assert chain.params.allowed_transfer_addresses == {OTHER}
    on_chain((fault("provider-removed"),), chain, OTHER)
    assert chain.params.allowed_transfer_addresses
    assert OTHER not in chain.params.allowed_transfer_addresses


def test_another_epoch_begins(chain: Chain) -> None:
    number = chain.epoch
    on_chain((fault("epoch-change"),), chain, OWN)
    assert chain.epoch == number + 1


def test_a_lie_changes_what_is_told_and_not_the_chain(chain: Chain) -> None:
    before = chain.ledger(OWN)
    lied = told((fault("latency"), fault("lying-identity", address=OTHER), fault("capacity")), before)
    assert (lied.provider_address, lied.epochs, lied.latest) == (OTHER, before.epochs, before.latest)
    assert told((fault("latency"),), before) is before
    for name in ("forged-validators", "forged-app-hash", "contradicting-participants"):
        lied = told((fault(name),), before)
        assert lied.statement(chain.epoch).shown != before.statement(chain.epoch).shown
        assert chain.ledger(OWN) == before


def test_every_fault_has_a_test_of_what_it_does() -> None:
    tables = {row[0] for table in (FRONTS, DROPS, EXECUTORS, WHOLES, STREAMS) for row in table}
    alone = {
        *("refused", "latency", "html-instead-of-json", "truncated-gzip", "gzip-bomb", "huge-header", "many-headers"),
        *("oversized-line", "replayed-answer", "block-lag", "block-jump", "provider-removed", "epoch-change"),
    }
    lies = {name for name, effect in CATALOGUE.items() if effect.stage == "source"}
    assert tables | alone | lies == set(CATALOGUE), "lies have theirs in test_liars"
