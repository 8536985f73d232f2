"""What comes over a socket that no well-behaved program sends: each gets one clear answer, and the proxy goes on."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gonka_mock_node import MockNetwork
from tests.proxy.serving import API_KEY, CHAT, asked, body, proxied, until, wire

pytestmark = pytest.mark.asyncio

GOOD = body()


def request(*lines: str, content: bytes = b"") -> bytes:
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),  # TLS
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"GET /v1/models HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    ],
    ids=["tls", "no-http", "version", "negative-length", "two-framings", "two-lengths", "spaced-name", "zero-byte"],
)
async def test_what_is_no_http_is_refused_in_openais_shape(
    network: MockNetwork, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with proxied(network) as proxy:
            async with wire(proxy) as connection:
                connection.send(sent)
                answer = await connection.answer()
                assert await connection.ended()
            assert (await asked(proxy, "POST", CHAT, body())).status == 200, "and the proxy goes on"
    assert (answer.status, answer.error["code"]) == (400, "bad_request")
    assert not [record for record in caplog.records if record.name.startswith(("aiohttp", "gonka.proxy"))]


@pytest.mark.parametrize("shape", ["one", "many", "line"])
async def test_headers_that_are_too_long(network: MockNetwork, shape: str) -> None:
    padding = {"one": ["X-Long: " + "x" * 40_000], "many": [f"X-{n}: {'x' * 900}" for n in range(40)], "line": []}
    path = "/v1/models" + ("?" + "q" * 40_000 if shape == "line" else "")
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.send(
            request(f"GET {path} HTTP/1.1", f"Host: {connection.host}", f"x-api-key: {API_KEY}", *padding[shape])
        )
        answer = await connection.answer()
        assert await connection.ended()
    assert (answer.status, answer.error["code"]) == (431, "headers_too_long")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_not_kept(network: MockNetwork, declared: bool) -> None:
    sent = body(padding="x" * 5000)
    async with proxied(network, body_bytes=4096) as proxy, wire(proxy) as connection:
        if declared:
            connection.ask("POST", CHAT, None, Content_Length=str(1 << 40))
        else:
            connection.ask("POST", CHAT, None, Transfer_Encoding="chunked")
            connection.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(sent), sent))
        answer = await connection.answer()
    assert (answer.status, answer.error["code"]) == (413, "body_too_large")
    assert "4096" in answer.error["message"]
    assert not list(network.journal)


async def test_a_body_of_exactly_so_many_bytes_goes_on(network: MockNetwork) -> None:
    async with proxied(network, body_bytes=len(GOOD)) as proxy:
        assert (await asked(proxy, "POST", CHAT, GOOD)).status == 200
        assert (await asked(proxy, "POST", CHAT, GOOD + b" ")).status == 413


async def test_a_chunked_body_is_put_together(network: MockNetwork) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, None, Transfer_Encoding="chunked")
        for part in (GOOD[:7], GOOD[7:8], GOOD[8:]):
            connection.send(b"%x\r\n%b\r\n" % (len(part), part))
        connection.send(b"0\r\n\r\n")
        assert (await connection.answer()).status == 200
    network.assert_accepted(1)


async def test_a_compressed_body_is_refused(network: MockNetwork) -> None:
    """It would be signed as it came, and no node takes it."""
    async with proxied(network) as proxy:
        answer = await asked(proxy, "POST", CHAT, b"\x1f\x8b", Content_Encoding="gzip")
    assert answer.status == 415
    assert not list(network.journal)


async def test_who_asks_before_sending_a_body_is_told_to_go_on(network: MockNetwork) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, None, Content_Length=str(len(GOOD)), Expect="100-continue")
        assert (await connection.head())[0] == 100
        connection.send(GOOD)
        assert (await connection.answer()).status == 200


async def test_who_asks_without_a_key_is_not(network: MockNetwork) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask(
            "POST", CHAT, None, Content_Length=str(len(GOOD)), Expect="100-continue", Authorization="Bearer wrong"
        )
        assert (await connection.answer()).status == 401


async def test_requests_that_come_together_are_answered_in_their_order(network: MockNetwork) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        for words in ("one", "two", "three"):
            connection.ask("POST", CHAT, body(messages=[{"role": "user", "content": words}]))
        answers = [await connection.answer() for _ in range(3)]
    for answer, word in zip(answers, (b"one", b"two", b"three"), strict=True):
        assert b"You said: " + word in answer.body


async def test_a_request_that_would_rather_have_http_2_is_answered_in_1(network: MockNetwork) -> None:
    """Java's client asks so in every request."""
    async with proxied(network) as proxy, wire(proxy) as connection:
        more = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2_Settings": "AAEAAEAAAAIAAAAA"}
        connection.ask("POST", CHAT, GOOD, **more)
        assert (await connection.answer()).status == 200


async def test_the_older_http_has_no_chunks(network: MockNetwork) -> None:
    sent = body(stream=True)
    async with proxied(network) as proxy, wire(proxy) as connection:
        lines = (f"Host: {connection.host}", f"api-key: {API_KEY}", f"Content-Length: {len(sent)}")
        connection.send(request(f"POST {CHAT} HTTP/1.0", *lines, content=sent))
        status, headers = await connection.head()
        rest = await connection.reader.read()
    assert (status, "transfer-encoding" in headers) == (200, False)
    assert rest.endswith(b"data: [DONE]\n\n")


async def test_a_connection_opened_in_advance_ends_without_a_word(network: MockNetwork) -> None:
    async with proxied(network, read_s=0.05) as proxy, wire(proxy) as connection:
        assert await connection.ended()


async def test_a_refused_body_is_not_taken_for_a_request(network: MockNetwork) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, None, Content_Length="100", Authorization="Bearer wrong")
        answer = await connection.answer()
        assert (answer.status, answer.headers["connection"]) == (401, "close")
        connection.send(b"GET /health HTTP/1.1\r\n\r\n".ljust(100))
        assert await connection.ended()


@pytest.mark.parametrize("part", [b"POST /v1/chat", b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_head_that_does_not_arrive_in_time(network: MockNetwork, part: bytes) -> None:
    async with proxied(network, read_s=0.05) as proxy, wire(proxy) as connection:
        connection.send(part)
        answer = await connection.answer()
        assert await connection.ended()
    assert (answer.status, answer.error["code"]) == (408, "timeout")


async def test_bytes_now_and_then_do_not_win_time(network: MockNetwork) -> None:
    async with proxied(network, read_s=0.2) as proxy, wire(proxy) as connection:

        async def drip() -> None:
            while True:
                connection.send(b"X")
                await asyncio.sleep(0.01)

        connection.send(b"GET /v1/models HTTP/1.1\r\nX-Slow: ")
        dripping = asyncio.create_task(drip())
        assert (await connection.answer()).status == 408
        dripping.cancel()


async def test_a_second_request_on_a_connection_has_the_same_time(network: MockNetwork) -> None:
    async with proxied(network, read_s=0.2) as proxy, wire(proxy) as connection:
        connection.ask("GET", "/health")
        assert (await connection.answer()).status == 200
        connection.send(b"GET /hea")
        assert (await connection.answer()).status == 408


async def test_a_body_that_does_not_arrive_in_time(network: MockNetwork) -> None:
    async with proxied(network, read_s=0.05) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, None, Content_Length="100")
        connection.send(b'{"model":')
        answer = await connection.answer()
        await until(lambda: proxy.in_hand == 0, "it is not in hand any more")
    assert (answer.status, answer.error["code"]) == (408, "timeout")


async def test_an_answer_may_take_longer_than_a_request(network: MockNetwork) -> None:
    network.faults.add("latency", seconds=0.2)
    async with proxied(network, read_s=0.05, idle_s=0.05) as proxy:
        assert (await asked(proxy, "POST", CHAT, body())).status == 200


async def test_a_connection_without_requests_is_closed(network: MockNetwork) -> None:
    async with proxied(network, idle_s=0.05) as proxy, wire(proxy) as connection:
        connection.ask("GET", "/health")
        assert (await connection.answer()).status == 200
        assert await connection.ended()


async def test_a_body_that_is_cut_asks_nobody(network: MockNetwork) -> None:
    async with proxied(network) as proxy:
        async with wire(proxy) as connection:
            connection.ask("POST", CHAT, None, Content_Length="100")
            connection.send(b'{"model":')
            await until(lambda: proxy.in_hand == 1, "its head is there")
        await until(lambda: proxy.in_hand == 0, "it is given up")
        assert (await asked(proxy, "POST", CHAT, body())).status == 200
    network.assert_accepted(1)


@pytest.mark.parametrize("chunk", [b"zz\r\nab\r\n", b"5\r\nabcdefgh\r\n"])
async def test_a_body_in_chunks_that_are_none(network: MockNetwork, chunk: bytes) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, None, Transfer_Encoding="chunked")
        connection.send(chunk)
        assert (await connection.answer()).status == 400
        assert await connection.ended()
