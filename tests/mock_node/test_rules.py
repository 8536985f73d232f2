"""What a node refuses, in which order, with which status and words: `protocol.md` §3, §4 and §14, over a socket."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node import Account, BlockClock, Chain, MockNode, Params
from gonka_mock_node.go import json_syntax as go_json_syntax
from gonka_mock_node.go.json_value import GoJsonError, parse
from tests.mock_node.requester import BODY, Reply, Requester

NOW = 1_766_422_712 * 10**9
SECOND = 10**9
BAD_SIGNATURE = "Unable to validate request against PubKey:invalid signature"
ACCOUNT = "rpc error: code = {0} desc = rpc error: code = {0} desc = {1}"


@pytest.fixture(params=["seed", "v0.2.13"])
def node(request: pytest.FixtureRequest) -> Iterator[MockNode]:
    """A node whose blocks stand still at NOW."""
    clock = BlockClock(lambda: NOW)
    with MockNode(profile=request.param, chain=Chain(clock=clock, models=("test",))) as node:
        yield node


@pytest.fixture
def requester(node: MockNode) -> Requester:
    return Requester(node.provider_address, node.profile.scheme)


def chat(**fields: Any) -> bytes:
    return json.dumps({"model": "test", "messages": [{"role": "user", "content": "hello"}], **fields}).encode()


def refused(reply: Reply, status: int, error: str) -> None:
    body = json.dumps({"error": error}, separators=(",", ":"), ensure_ascii=False)
    assert (reply.status, reply.body.decode()) == (status, body + "\n")
    assert reply.headers["content-type"] == "application/json"


def test_a_correct_request_is_accepted(node: MockNode, requester: Requester) -> None:
    assert requester.ask(node.url, timestamp=NOW).status == 200
    assert node.journal[-1].accepted
    assert node.journal[-1].checks == node.profile.rules


class TestChecklist:
    """The table of §14."""

    def test_no_authorization(self, node: MockNode, requester: Requester) -> None:
        refused(requester.ask(node.url, timestamp=NOW, Authorization=None), 401, "Authorization is required")

    def test_no_messages_even_without_authorization(self, node: MockNode, requester: Requester) -> None:
        for body in (b'{"model":"test"}', b'{"messages":[]}', b'{"messages":null}', b"null"):
            refused(requester.ask(node.url, body, NOW, Authorization=None), 400, "messages is required")

    def test_no_model(self, node: MockNode, requester: Requester) -> None:
        refused(requester.ask(node.url, chat(model=""), NOW), 400, "No model specified")

    def test_provider_not_allowed_even_without_authorization(self, node: MockNode, requester: Requester) -> None:
        node.chain.params = Params(allowed_transfer_addresses=frozenset({requester.address}))
        refused(requester.ask(node.url, timestamp=NOW, Authorization=None), 403, "Transfer Agent not allowed")
        node.chain.params = Params(allowed_transfer_addresses=frozenset({node.provider_address}))
        assert requester.ask(node.url, timestamp=NOW).status == 200

    @pytest.mark.parametrize("address", ["", "gonka1", "nonsense", "cosmos1asz59pf9q0u5nxcxwn676wpacr34gzas0xlamz"])
    def test_an_address_that_is_none(self, node: MockNode, requester: Requester, address: str) -> None:
        reply = requester.ask(node.url, timestamp=NOW, X_Requester_Address=address)
        refused(reply, 500, ACCOUNT.format("InvalidArgument", "invalid address: invalid request"))

    def test_an_unknown_account(self, node: MockNode, requester: Requester) -> None:
        node.chain.open_accounts = False
        reply = requester.ask(node.url, timestamp=NOW)
        refused(reply, 500, ACCOUNT.format("NotFound", "account not found: key not found"))

    def test_an_account_without_a_public_key(self, node: MockNode, requester: Requester) -> None:
        node.chain.put(Account(requester.address, None, 10**9))
        reply = requester.ask(node.url, timestamp=NOW)
        refused(reply, 500, ACCOUNT.format("NotFound", "account has no public key: key not found"))

    @pytest.mark.parametrize("accounts", ["open", "listed"])
    def test_wrong_signatures(self, node: MockNode, requester: Requester, accounts: Literal["open", "listed"]) -> None:
        if accounts == "listed":
            node.chain.open_accounts = False
            node.chain.fund(requester.public_key)
        raw = requester.signature(BODY, str(NOW))
        s = int.from_bytes(raw[32:], "big")
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        other = requester.but(scheme="hash" if requester.scheme == "raw" else "raw")
        wrong = {
            "another key": requester.but(key=(43).to_bytes(32, "big")).signature(BODY, str(NOW)),
            "another provider": requester.but(provider_address=requester.address).signature(BODY, str(NOW)),
            "no provider": requester.but(provider_address="").signature(BODY, str(NOW)),
            "another body": requester.signature(BODY + b" ", str(NOW)),
            "another timestamp": requester.signature(BODY, str(NOW + 1)),
            "the other generation": other.signature(BODY, str(NOW)),
            "high s": raw[:32] + (order - s).to_bytes(32, "big"),
            "63 bytes": raw[:63],
            "65 bytes": raw + b"\x00",
        }
        for name, signature in wrong.items():
            reply = requester.ask(node.url, timestamp=NOW, Authorization=base64.b64encode(signature).decode())
            assert (name, reply.status, reply.error) == (name, 401, BAD_SIGNATURE)
        assert requester.ask(node.url, timestamp=NOW).status == 200

    @pytest.mark.parametrize(
        ("text", "offset"), [("Bearer sk-1", 6), ("QQ", 0), ("A-_=", 1), ("QQ==QQ==", 4), ("QUJDQUJDx*", 9)]
    )
    def test_what_is_not_base64(self, node: MockNode, requester: Requester, text: str, offset: int) -> None:
        reply = requester.ask(node.url, timestamp=NOW, Authorization=text)
        refused(reply, 401, f"Unable to validate request against PubKey:illegal base64 data at input byte {offset}")

    def test_an_inactive_model(self, node: MockNode, requester: Requester) -> None:
        refused(requester.ask(node.url, chat(model="gpt-4"), NOW), 404, "model not found")

    def test_the_window_of_the_timestamp(self, node: MockNode, requester: Requester) -> None:
        refused(requester.ask(node.url, timestamp=NOW - 60 * SECOND - 1), 400, "signature is too old")
        refused(requester.ask(node.url, timestamp=NOW + 30 * SECOND + 1), 400, "signature is in the future")
        assert requester.ask(node.url, timestamp=NOW - 60 * SECOND).status == 200
        assert requester.ask(node.url, timestamp=NOW + 30 * SECOND).status == 200

    def test_a_timestamp_that_is_signed_and_not_sent(self, node: MockNode, requester: Requester) -> None:
        refused(requester.ask(node.url, timestamp=NOW, X_Timestamp=None), 401, BAD_SIGNATURE)

    def test_a_timestamp_that_is_neither(self, node: MockNode, requester: Requester) -> None:
        unstamped = base64.b64encode(requester.signature(BODY, "")).decode()
        reply = requester.ask(node.url, timestamp=NOW, X_Timestamp=None, Authorization=unstamped)
        refused(reply, 400, "signature is too old")

    def test_the_same_request_twice(self, node: MockNode, requester: Requester) -> None:
        assert requester.ask(node.url, timestamp=NOW).status == 200
        refused(requester.ask(node.url, timestamp=NOW), 400, "AuthKey has already been used for a transfer request")
        assert requester.ask(node.url, timestamp=NOW + 1).status == 200


class TestTimestampHeader:
    """§1.4: Go's ParseInt, and the canonical form is what is verified."""

    @pytest.mark.parametrize("written", [f"+{NOW}", f"000{NOW}", f"+00{NOW}"])
    def test_spellings_of_the_same_number(self, node: MockNode, requester: Requester, written: str) -> None:
        assert requester.ask(node.url, timestamp=NOW, X_Timestamp=written).status == 200

    @pytest.mark.parametrize(
        "written", ["", "now", f"{NOW}.0", "1_766", "0x10", str(2**63), "１７", "9" * 5000, f"{NOW}e0"]
    )
    def test_what_is_no_int64_is_zero(self, node: MockNode, requester: Requester, written: str) -> None:
        sent = written.encode().decode("latin-1")
        refused(requester.ask(node.url, timestamp=NOW, X_Timestamp=sent), 401, BAD_SIGNATURE)
        assert node.journal[-1].timestamp_ns == 0

    def test_a_negative_one_is_read_and_not_signed(self, node: MockNode, requester: Requester) -> None:
        unstamped = base64.b64encode(requester.signature(BODY, "")).decode()
        reply = requester.ask(node.url, timestamp=NOW, X_Timestamp="-5", Authorization=unstamped)
        refused(reply, 400, "signature is too old")
        assert node.journal[-1].timestamp_ns == -5

    @pytest.mark.parametrize(
        ("offset", "flaw"), [(2**63 - 1, "too old"), (2**63, "in the future"), (2**63 + 5, "in the future")]
    )
    def test_the_age_of_a_timestamp_overflows_as_an_int64_does(
        self, node: MockNode, requester: Requester, offset: int, flaw: str
    ) -> None:
        unstamped = base64.b64encode(requester.signature(BODY, "")).decode()
        reply = requester.ask(node.url, timestamp=NOW, X_Timestamp=str(NOW - offset), Authorization=unstamped)
        refused(reply, 400, f"signature is {flaw}")
        assert node.journal[-1].timestamp_ns == NOW - offset


class TestHeaders:
    def test_the_first_of_a_repeated_header_counts(self, node: MockNode, requester: Requester) -> None:
        import http.client

        host = node.url.removeprefix("http://").removesuffix("/v1")
        for order, status in ((("good", "bad"), 200), (("bad", "good"), 401)):
            right = requester.headers(timestamp=NOW + len(node.journal))
            connection = http.client.HTTPConnection(host, timeout=10)
            connection.putrequest("POST", "/v1/chat/completions")
            for which in order:
                connection.putheader("Authorization", right["Authorization"] if which == "good" else "QQ==")
            for name in ("X-Requester-Address", "X-Timestamp"):
                connection.putheader(name, right[name])
            connection.putheader("Content-Length", str(len(BODY)))
            connection.endheaders(BODY)
            assert connection.getresponse().status == status
            connection.close()

    def test_another_transfer_address_is_verified_instead(self, node: MockNode, requester: Requester) -> None:
        reply = requester.ask(node.url, timestamp=NOW, X_Transfer_Address=requester.address)
        refused(reply, 401, BAD_SIGNATURE)
        bound = requester.but(provider_address=requester.address)
        assert bound.ask(node.url, timestamp=NOW, X_Transfer_Address=requester.address).status == 200

    def test_white_space_around_the_signature_is_no_part_of_it(self, node: MockNode, requester: Requester) -> None:
        padded = f"  {requester.headers(timestamp=NOW)['Authorization']}  "
        assert requester.ask(node.url, timestamp=NOW, Authorization=padded).status == 200

    def test_another_spelling_of_the_same_signature_is_another_key_for_replay(
        self, node: MockNode, requester: Requester
    ) -> None:
        text = requester.headers(timestamp=NOW)["Authorization"]
        assert requester.ask(node.url, timestamp=NOW).status == 200
        other = text[:85] + chr(ord(text[85]) + 1) + text[86:]
        assert base64.b64decode(other) == base64.b64decode(text)
        assert requester.ask(node.url, timestamp=NOW, Authorization=other).status == 200


class TestOrder:
    """What is wrong twice is refused for what comes first."""

    def test_signature_before_timestamp(self, node: MockNode, requester: Requester) -> None:
        stranger = requester.but(key=(43).to_bytes(32, "big"))
        reply = requester.ask(node.url, timestamp=1, Authorization=stranger.headers(timestamp=1)["Authorization"])
        refused(reply, 401, BAD_SIGNATURE)

    def test_signature_before_model_balance_and_replay(self, node: MockNode, requester: Requester) -> None:
        node.chain.put(Account(requester.address, requester.public_key, 0))
        refused(requester.ask(node.url, chat(model="gpt-4"), NOW, Authorization="QQ=="), 401, BAD_SIGNATURE)

    def test_model_before_balance(self, node: MockNode, requester: Requester) -> None:
        node.chain.put(Account(requester.address, requester.public_key, 0))
        refused(requester.ask(node.url, chat(model="gpt-4"), NOW), 404, "model not found")

    def test_balance_before_timestamp(self, node: MockNode, requester: Requester) -> None:
        node.chain.put(Account(requester.address, requester.public_key, 0))
        refused(requester.ask(node.url, timestamp=1), 402, "Insufficient balance")

    def test_timestamp_before_replay(self, node: MockNode, requester: Requester) -> None:
        assert requester.ask(node.url, timestamp=NOW - 59 * SECOND).status == 200
        node.chain.clock.advance(2)
        refused(requester.ask(node.url, timestamp=NOW - 59 * SECOND), 400, "signature is too old")

    def test_json_before_everything(self, node: MockNode, requester: Requester) -> None:
        node.chain.params = Params(allowed_transfer_addresses=frozenset({requester.address}))
        reply = requester.ask(node.url, b"", NOW, Authorization=None)
        refused(reply, 400, "invalid chat completion request: unexpected end of JSON input")

    def test_messages_before_the_allow_list(self, node: MockNode, requester: Requester) -> None:
        node.chain.params = Params(allowed_transfer_addresses=frozenset({requester.address}))
        refused(requester.ask(node.url, b'{"model":"test"}', NOW), 400, "messages is required")

    def test_the_allow_list_before_authorization_before_the_model(self, node: MockNode, requester: Requester) -> None:
        refused(requester.ask(node.url, chat(model=""), NOW, Authorization=None), 401, "Authorization is required")
        node.chain.params = Params(allowed_transfer_addresses=frozenset({requester.address}))
        refused(requester.ask(node.url, chat(model=""), NOW, Authorization=None), 403, "Transfer Agent not allowed")

    def test_the_model_before_the_developer_gate_before_the_shape(self, node: MockNode, requester: Requester) -> None:
        node.chain.params = Params(developer_gate_until=9_999_999)
        shapeless = [{"role": "nobody", "content": "x"}]
        refused(requester.ask(node.url, chat(model="", messages=shapeless), NOW), 400, "No model specified")
        gate = "inference requests are restricted until block height 9999999"
        refused(requester.ask(node.url, chat(messages=shapeless), NOW), 403, gate)
        node.chain.params = Params(developer_gate_until=9_999_999, allowed_developers=frozenset({requester.address}))
        refused(
            requester.ask(node.url, chat(messages=shapeless), NOW),
            400,
            'messages[0].role has unsupported value "nobody"',
        )

    def test_the_shape_before_the_account(self, node: MockNode, requester: Requester) -> None:
        reply = requester.ask(
            node.url, chat(messages=[{"role": "user", "content": ""}]), NOW, X_Requester_Address="nonsense"
        )
        refused(reply, 400, "messages[0].content: must not be empty")


class TestReplay:
    def test_only_what_reached_the_last_check_is_recorded(self, node: MockNode, requester: Requester) -> None:
        node.chain.put(Account(requester.address, requester.public_key, 0))
        refused(requester.ask(node.url, timestamp=NOW), 402, "Insufficient balance")
        node.chain.put(Account(requester.address, requester.public_key, 10**9))
        assert requester.ask(node.url, timestamp=NOW).status == 200

    def test_it_is_forgotten_after_its_blocks_when_a_new_one_comes(self, node: MockNode, requester: Requester) -> None:
        node.chain.params = Params(timestamp_expiration_s=60, timestamp_advance_s=30)
        assert requester.ask(node.url, timestamp=NOW).status == 200
        memory = node.nodes[0].replay
        for blocks, remembered in ((30, 2), (1, 2)):
            node.chain.clock.advance(5 * blocks)
            assert requester.ask(node.url, timestamp=node.chain.clock.time_ns).status == 200
            assert len(memory) == remembered

    @pytest.mark.parametrize(("expiration", "blocks"), [(60, 30), (0, 5), (8, 4), (1, 4), (100, 50)])
    def test_for_how_many_blocks(self, expiration: int, blocks: int) -> None:
        assert Params(timestamp_expiration_s=expiration).replay_blocks == blocks


class TestEscrow:
    """§3.6: bytes of the prompt and max_tokens, times the price."""

    @pytest.mark.parametrize(
        ("fields", "needed"),
        [
            ({}, 6 + 5000),
            ({"max_tokens": 10}, 6 + 10),
            ({"max_tokens": 0}, 6 + 5000),
            ({"max_completion_tokens": 1}, 6 + 5000),
            ({"max_tokens": 1, "messages": [{"role": "user", "content": "Привет 🌍"}]}, 18 + 1),
            (
                {
                    "max_tokens": 1,
                    "messages": [
                        {"role": "system", "content": "ab"},
                        {
                            "role": "user",
                            "content": [
                                {"type": "text", "text": "cd"},
                                {"type": "image_url", "image_url": {"url": "http://x"}},
                                {"type": "text", "text": "e"},
                            ],
                        },
                    ],
                },
                3 + 4 + 1,
            ),
            ({"max_tokens": -7}, -1),
        ],
    )
    def test_what_must_be_there(
        self, node: MockNode, requester: Requester, fields: dict[str, Any], needed: int
    ) -> None:
        node.chain.price = 100
        body = chat(**fields)
        for balance, status in ((needed * 100 - 1, 402), (needed * 100, 200)):
            node.chain.put(Account(requester.address, requester.public_key, balance))
            assert requester.ask(node.url, body, NOW).status == status

    def test_a_price_of_zero_needs_nothing(self, node: MockNode, requester: Requester) -> None:
        node.chain.price = 0
        node.chain.put(Account(requester.address, requester.public_key, 0))
        assert requester.ask(node.url, timestamp=NOW).status == 200


INVALID = "invalid chat completion request: "
STRUCT = "json: cannot unmarshal {} into Go struct field OpenAiRequest.{} of type {}"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "unexpected end of JSON input"),
        (b'{"model":', "unexpected end of JSON input"),
        (b'{"model":"te', "unexpected end of JSON input"),
        (b"[]", "json: cannot unmarshal array into Go value of type public.OpenAiRequest"),
        (b'"x"', "json: cannot unmarshal string into Go value of type public.OpenAiRequest"),
        (b"7", "json: cannot unmarshal number into Go value of type public.OpenAiRequest"),
        (b"nonsense", "invalid character 'o' in literal null (expecting 'u')"),
        (b"tru", "unexpected end of JSON input"),
        (b"{'model':1}", "invalid character '\\'' looking for beginning of object key string"),
        (b'{"model":"a",}', "invalid character '}' looking for beginning of object key string"),
        (b'{"model" 1}', "invalid character '1' after object key"),
        (b'{"model":"a" "b"}', "invalid character '\"' after object key:value pair"),
        (b'{"messages":[1 2]}', "invalid character '2' after array element"),
        (b'{"messages":[1,]}', "invalid character ']' looking for beginning of value"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b'{"max_tokens":01}', "invalid character '1' after object key:value pair"),
        (b'{"max_tokens":1.}', "invalid character '}' after decimal point in numeric literal"),
        (b'{"max_tokens":1e}', "invalid character '}' in exponent of numeric literal"),
        (b'{"max_tokens":-}', "invalid character '}' in numeric literal"),
        (b'{"max_tokens":NaN}', "invalid character 'N' looking for beginning of value"),
        (b'{"max_tokens":-Infinity}', "invalid character 'I' in numeric literal"),
        (b'{"model":"a\nb"}', "invalid character '\\n' in string literal"),
        (b'{"model":"\\x"}', "invalid character 'x' in string escape code"),
        (b'{"model":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"),
        ("Привет".encode(), "invalid character 'Ð' looking for beginning of value"),
        (b"\x1f\x8b\x08", "invalid character '\\x1f' looking for beginning of value"),
        (b'{"model":1}', STRUCT.format("number", "model", "string")),
        (b'{"model":["a"]}', STRUCT.format("array", "model", "string")),
        (b'{"max_tokens":"5"}', STRUCT.format("string", "max_tokens", "int32")),
        (b'{"max_tokens":1.5}', STRUCT.format("number 1.5", "max_tokens", "int32")),
        (b'{"max_tokens":1e3}', STRUCT.format("number 1e3", "max_tokens", "int32")),
        (b'{"max_tokens":5.0}', STRUCT.format("number 5.0", "max_tokens", "int32")),
        (b'{"max_tokens":2147483648}', STRUCT.format("number 2147483648", "max_tokens", "int32")),
        (b'{"seed":2147483648}', STRUCT.format("number 2147483648", "seed", "int32")),
        (b'{"max_completion_tokens":true}', STRUCT.format("bool", "max_completion_tokens", "int32")),
        (b'{"messages":[{"content":"x"}]}', "message role must be a non-empty string"),
        (b'{"messages":[{"role":" ","content":"x"}]}', "message role must be a non-empty string"),
        (b'{"messages":[{"role":7,"content":"x"}]}', "message role must be a non-empty string"),
        (
            b'{"messages":[{"role":"user","content":7}]}',
            "message content must be a string or an array of typed content parts",
        ),
        (
            b'{"messages":[{"role":"user","content":{}}]}',
            "message content must be a string or an array of typed content parts",
        ),
    ],
)
def test_json_errors_are_gos(node: MockNode, requester: Requester, body: bytes, error: str) -> None:
    refused(requester.ask(node.url, body, NOW), 400, INVALID + error)


def test_names_match_in_any_case_and_the_last_wins(node: MockNode, requester: Requester) -> None:
    body = b'{"MODEL":"gpt-4","Messages":[{"role":"user","content":"x"}],"model":"test","seed":2147483647}'
    assert requester.ask(node.url, body, NOW).status == 200


def message(**fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": "x", **fields}


CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([message(role="nobody")], 'messages[0].role has unsupported value "nobody"'),
        ([message(tool_calls=None)], "messages[0]: tool_calls is not allowed for this role"),
        ([message(role="system", tool_call_id="x")], "messages[0]: tool_call_id is not allowed for this role"),
        ([message(function_call={})], "messages[0]: function_call is not allowed for this role"),
        ([{"role": "user"}], "messages[0].content: is required"),
        ([message(content=None)], "messages[0].content: is required"),
        ([message(content="  ")], "messages[0].content: must not be empty"),
        ([message(content=[])], "messages[0].content: must not be empty"),
        ([message(content=["x"])], "messages[0].content: [0] must be an object"),
        ([message(content=[{}])], "messages[0].content: [0].type: is required"),
        ([message(content=[{"type": "text"}])], "messages[0].content: [0].text: is required"),
        ([message(), message(content="")], "messages[1].content: must not be empty"),
        (
            [{"role": "assistant"}],
            "messages[0].content: is required unless tool_calls or function_call is provided",
        ),
        ([{**CALLS, "content": ""}], "messages[0].content: must not be empty"),
        ([{**CALLS, "tool_calls": None}], "messages[0].tool_calls must be an array"),
        ([{**CALLS, "tool_calls": []}], "messages[0].tool_calls must not be empty"),
        ([{**CALLS, "tool_calls": [CALL, CALL]}], "messages[0].tool_calls[1].id is duplicated"),
        ([{**CALLS, "tool_calls": [{**CALL, "type": "x"}]}], 'messages[0].tool_calls[0].type must be "function"'),
        ([{**CALLS, "tool_calls": [{**CALL, "function": None}]}], "messages[0].tool_calls[0].function is required"),
        ([{"role": "assistant", "function_call": None}], "messages[0].function_call must be an object"),
        ([{**CALLS, "tool_call_id": "a"}], "messages[0]: tool_call_id is not allowed for this role"),
        (
            [{"role": "tool", "content": "x", "tool_call_id": "a"}],
            "messages[0].tool_call_id does not match any previous assistant tool_calls",
        ),
        (
            [CALLS, *[{"role": "tool", "content": "x", "tool_call_id": "a"}] * 2],
            "messages[2].tool_call_id does not match any previous assistant tool_calls",
        ),
        (
            [CALLS, {"role": "tool", "content": "x", "tool_call_id": "a", "name": "f"}],
            "messages[1]: name is not allowed for this role",
        ),
    ],
)
def test_shapes_of_messages(node: MockNode, requester: Requester, messages: list[Any], error: str) -> None:
    refused(requester.ask(node.url, chat(messages=messages), NOW), 400, error)


@pytest.mark.parametrize(
    "messages",
    [
        [message(content=[{"type": "image_url", "image_url": {"url": "http://x"}}])],
        [message(), CALLS, {"role": "tool", "content": "x", "tool_call_id": "a"}],
        [message(), CALLS],
        [message(), {"role": "assistant", "function_call": {"name": "f"}}],
        [message(role="developer"), message(name="me")],
        [{"role": "function", "name": "f", "content": "x"}],
    ],
)
def test_shapes_that_pass(node: MockNode, requester: Requester, messages: list[Any]) -> None:
    assert requester.ask(node.url, chat(messages=messages), NOW).status == 200


class TestBodyLimit:
    LIMIT = 10 * 1024 * 1024

    def test_a_declared_length_over_the_limit(self, node: MockNode, requester: Requester) -> None:
        refused(
            requester.ask(node.url, b"x" * 10, NOW, Content_Length=str(self.LIMIT + 1)),
            413,
            "Request Entity Too Large",
        )

    def test_a_body_at_the_limit_is_read(self, node: MockNode, requester: Requester) -> None:
        empty = len(chat(user=""))
        body = chat(user="x" * (self.LIMIT - empty))
        assert len(body) == self.LIMIT
        assert requester.ask(node.url, body, NOW).status == 200

    def test_a_body_without_a_length_is_counted(self, node: MockNode) -> None:
        import http.client

        connection = http.client.HTTPConnection(node.url.removeprefix("http://").removesuffix("/v1"), timeout=10)
        connection.request("POST", "/v1/chat/completions", iter([b"x" * 2**20] * 10 + [b"x"]), encode_chunked=True)
        response = connection.getresponse()
        assert (response.status, response.read()) == (413, b'{"error":"request body too large"}\n')
        connection.close()


def test_a_compressed_body_is_judged_as_it_arrived(node: MockNode, requester: Requester) -> None:
    import gzip

    reply = requester.ask(node.url, gzip.compress(BODY), NOW, Content_Encoding="gzip")
    assert reply.status == 400
    assert reply.error.startswith(INVALID + "invalid character '\\x1f'")


def test_no_verdict_tells_a_prompt(node: MockNode, requester: Requester) -> None:
    requester.ask(node.url, chat(messages=[message(content="a secret question")]), NOW)
    assert "secret" not in json.dumps(node.journal[-1].as_event())


def test_the_default_clock_is_the_present() -> None:
    with MockNode() as node:
        assert Requester(node.provider_address).ask(node.url, timestamp=time.time_ns()).status == 200


@given(st.text(max_size=20) | st.text(alphabet='{}[]":,0123456789.eE+-truefalsn\\ u', max_size=30))
def test_the_scanner_finds_a_flaw_exactly_where_python_does(text: str) -> None:
    """Two implementations of one grammar."""
    try:
        parse(text.encode("utf-8", "replace"))
        valid = True
    except GoJsonError:
        valid = False
    assert (go_json_syntax.flaw(text.encode("utf-8", "replace")) is None) == valid
