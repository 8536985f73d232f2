"""Every error text of the wire page has its class, and every row of the table a text on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from gonka_core import (
    AccountError,
    ApiKeyError,
    AuthorizationMissingError,
    CapacityError,
    ChainUnavailableError,
    DeveloperNotAllowedError,
    Endpoint,
    ExecutorError,
    IncompleteRequestError,
    InsufficientBalanceError,
    ModelNotFoundError,
    MovedError,
    NodeError,
    NoExecutorError,
    PayloadRejectedError,
    PrivateKey,
    ProviderNotAllowedError,
    PublicKeyMissingError,
    RateLimitedError,
    ReplayedError,
    Request,
    RequesterAddressError,
    RetiredError,
    SignatureRejectedError,
    StreamFailedError,
    TimestampInFutureError,
    TimestampTooOldError,
    UnavailableError,
    UnknownAccountError,
    sign_request,
)
from gonka_core.answers import Answer
from gonka_core.refusals import BY_STATUS, ROWS, STEPS, Row, refusal
from gonka_core.resolve import signer

NODE = Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
SIGNED = sign_request(b"{}", NODE, signer("auto", lambda: PrivateKey((1).to_bytes(32, "big"))))
ADDRESS = "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"
BROKER = Endpoint.broker("https://broker", "sk-0123456789abcdef")
BEARER = Request("https://broker/v1/chat/completions", {}, b"{}", BROKER)

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
SECTIONS = ("2", "3.2", "3.3", "3.4", "3.5", "3.8", "3.9", "3.10", "3.11", "4", "5.2", "6.3", "11.1", "11.4")
FENCE = re.compile(r"^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)

_MEANINGS: Final[tuple[tuple[type[NodeError], tuple[int, ...], tuple[str, ...]], ...]] = (
    # §2: an executor, whose words a node passes on
    (ExecutorError, (401,), ("Unable to validate request against TransferSignature:",)),
    (
        ExecutorError,
        (400,),
        (
            "AuthKey has already been used for an executor request",
            "Failed to compute prompt hash",
            "Prompt hash is missing",
            "Prompt hash mismatch",
        ),
    ),
    # §3.2, in the order of its rows; the text of row 4 on §3.9
    (PayloadRejectedError, (413,), ("Request Entity Too Large", "request body too large")),
    (IncompleteRequestError, (400,), ("malformed request body",)),
    (IncompleteRequestError, (408,), ("request body read timeout",)),
    (IncompleteRequestError, (400,), ("request body read cancelled", "failed to read request body")),
    (
        PayloadRejectedError,
        (400,),
        ("invalid chat completion request: ", "invalid chat completion request: …", "messages is required"),
    ),
    (ProviderNotAllowedError, (403,), ("Transfer Agent not allowed",)),
    (AuthorizationMissingError, (401,), ("Authorization is required",)),
    (PayloadRejectedError, (400,), ("No model specified",)),
    (ChainUnavailableError, (503, 500), ("unable to fetch chain params", "unable to fetch chain status")),
    (DeveloperNotAllowedError, (403,), ("inference requests are restricted until block height N",)),
    (SignatureRejectedError, (401,), ("Unable to validate request against PubKey:",)),
    (ModelNotFoundError, (404,), ("model not found",)),
    (ChainUnavailableError, (503, 500), ("unable to fetch current epoch group data",)),
    (InsufficientBalanceError, (402,), ("Insufficient balance",)),
    (TimestampTooOldError, (400,), ("signature is too old",)),
    (TimestampInFutureError, (400,), ("signature is in the future",)),
    (ReplayedError, (400,), ("AuthKey has already been used for a transfer request",)),
    (
        CapacityError,
        (429,),
        ("Transfer Agent capacity reached. Try another TA from <PublicUrl>/v1/epochs/current/participants",),
    ),
    (NoExecutorError, (503, 500), ("no executors available for model",)),
    (ExecutorError, (500,), ('Post "http://…": dial tcp …',)),
    (NoExecutorError, (503,), ("selected executor does not support /v1/completions; upgrade required",)),
    (ExecutorError, (503,), ("no inference nodes available",)),
    (ExecutorError, (500,), ("Inference node response with an error. code = <n>. error = <ml-node body>.",)),
    # §3.3; raw and 500 up to v0.2.5
    (
        PayloadRejectedError,
        (500, 400),
        (
            "unexpected end of JSON input",
            "json: cannot unmarshal array into Go value of type public.OpenAiRequest",
            "json: cannot unmarshal string into Go struct field OpenAiRequest.max_tokens of type int32",
            "json: cannot unmarshal number 1.5 into Go struct field OpenAiRequest.max_tokens of type int32",
            "message role must be a non-empty string",
            "message content must be a string or an array of typed content parts",
        ),
    ),
    # §3.4 and §6.3: raw and 500, or mapped to the status of their code; wrapped twice, once or not at all
    (RequesterAddressError, (500, 400), ("invalid address",)),
    (UnknownAccountError, (500, 404), ("account not found",)),
    (PublicKeyMissingError, (500, 404), ("account has no public key",)),
    (UnknownAccountError, (404,), ('404 {"error":"Account not found"}',)),
    (
        RequesterAddressError,
        (500, 400),
        (2 * "rpc error: code = InvalidArgument desc = " + "invalid address: invalid request",),
    ),
    (UnknownAccountError, (500, 404), (2 * "rpc error: code = NotFound desc = " + "account not found: key not found",)),
    (
        PublicKeyMissingError,
        (500, 404),
        (2 * "rpc error: code = NotFound desc = " + "account has no public key: key not found",),
    ),
    (UnknownAccountError, (500, 404), ("rpc error: code = NotFound desc = account not found: key not found",)),
    (PublicKeyMissingError, (500, 404), ("…account has no public key…",)),
    (RequesterAddressError, (500, 400), ("…invalid address…",)),
    # §3.5, up to v0.2.3
    (TimestampTooOldError, (400,), ("Request timestamp is too old",)),
    (TimestampInFutureError, (400,), ("Request timestamp is in the future",)),
    # §3.8
    (ProviderNotAllowedError, (403,), ('{"error": "Access Denied", "message": "This route is currently blocked."}',)),
    # §3.10
    (
        PayloadRejectedError,
        (400,),
        ("invalid request format", "model is required", "prompt is required", "batch prompts are not supported"),
    ),
    # §3.11
    (PayloadRejectedError, (500,), ('{"error":"http: request body too large"}',)),
    (UnknownAccountError, (404, 500), ("Inference participant not found",)),
    # §4
    (
        PayloadRejectedError,
        (400,),
        (
            "messages must be an array",
            "messages[i] must be an object",
            "messages[i].role: is required",
            'messages[i].role has unsupported value "x"',
            "messages[i]: tool_calls is not allowed for this role",
            "messages[i].content: is required",
            "messages[i].content: is required unless tool_calls or function_call is provided",
            "messages[i].content: must not be empty",
            "messages[i].content: must be a string or an array of typed content parts",
            "messages[i].content: [j] must be an object",
            "messages[i].content: [j].type: is required",
            "messages[i].content: [j].text: is required",
            "messages[i].tool_calls must be an array",
            "messages[i].tool_calls must not be empty",
            "messages[i].tool_calls[j] must be an object",
            "messages[i].tool_calls[j].id is duplicated",
            'messages[i].tool_calls[j].type must be "function"',
            "messages[i].tool_calls[j].function is required",
            "messages[i].tool_calls[j].function.arguments: must be a string",
            "messages[i].function_call must be an object",
            "messages[i].function_call.arguments: must be a string",
            "messages[i].tool_call_id does not match any previous assistant tool_calls",
        ),
    ),
    # §5.2, plain text
    (ExecutorError, (500,), ("Failed to process inference node response. inferenceId = …",)),
    # §11.1
    (
        RetiredError,
        (410,),
        (
            '{"error":"deprecated","message":"classic inference is deprecated; use devshard"}',
            '{"error":"deprecated","message":"/v1/devshard is deprecated; use /devshard/{version}"}',
        ),
    ),
    # §11.4
    (ModelNotFoundError, (400,), ('unsupported model "x"; supported models: …',)),
    (PayloadRejectedError, (400,), ("use /devshard/{id} prefix …",)),
    (
        ApiKeyError,
        (401,),
        (
            'model "x" requires an API key',
            'model "x" requires an admin API key',
            '{"error":{"message":"Invalid admin API key.","type":"invalid_request_error","code":"invalid_api_key"}}',
        ),
    ),
    (PayloadRejectedError, (405,), ("method not allowed",)),
    (
        RateLimitedError,
        (429,),
        (
            "rate limit exceeded: too many concurrent requests",
            "rate limit exceeded: too many input tokens in flight",
            "participant request budget exhausted[ for …]",
            "no available escrows: participant request budget exhausted",
        ),
    ),
    (
        NoExecutorError,
        (503,),
        ('model "x" is temporarily unavailable', "devshard temporarily unavailable during <phase>"),
    ),
    (ExecutorError, (504,), ("inference: no non-empty response after retrying with reduced max_tokens",)),
)
EXPECTED: Final = {text: (kind, statuses) for kind, statuses, texts in _MEANINGS for text in texts}
"""What the page's texts mean, and the statuses with which they come."""

NO_TEXT: Final = {
    "Bad Request": "says nothing: its status decides",
    "X: is required": "short for texts of their own",
    "X: must be a string": "short for texts of their own",
    "X: must not be empty": "short for texts of their own",
    'data: {"error":{"message":"…"}}': "the shape of an event, of which test_reading has examples",
    "data: {error object}": "the same",
}
"""Backticked words that look like an error text and have no row, and why."""

NOT_ON_THE_PAGE: Final = {
    r"^Inference node response with an error\. code = (400|422)\.": "§3.2 row 21: the same text, where n is 400 or 422",
    r"post failed: Post \"http": "§3.2 row 14 is raw; this is what CometBFT's client says when its node is away",
    r"\bnil pointer dereference\b": "§3.11 tells of the panic; Go's runtime puts it so",
    r"^rpc error: code = ": "§3.2 row 10 is raw; for gRPC errors other than the three of §3.4",
    r"^invalid character .* (looking for|in|after) ": "§3.3 names the decoder, encoding/json; its error of syntax",
    r"^Transfer Agent capacity reached": "the text of row 17 where it is cut short",
}
"""Rows without a text on the page, and where they come from."""


def section(number: str) -> str:
    found = re.search(rf"^##+ {re.escape(number)}[. ].*?(?=^###? |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, number
    return found[0]


def is_no_error(text: str) -> bool:
    """Formulas, routes, headers, shapes of good answers: what else stands in backticks, with a space in it."""
    marks = r"[‖×≥<>+] |^(GET|POST|data: \[DONE\])|^[A-Z][\w-]+: [\w*/]+(\S*)(; charset.*)?$| = latest_|\"pubkey\""
    return bool(re.search(marks, text)) and not text.startswith("Unable")


def texts_of(number: str) -> set[str]:
    """The error texts of a section: backticked words of two and more, and the lines of fences that hold one."""
    whole = section(number)
    lines = {line for fence in FENCE.findall(whole) for line in fence.splitlines()}
    fenced = {line for line in lines if re.match(r"rpc error|Transfer Agent|\{\"error\"", line)}
    spans = {text for text in re.findall(r"`([^`\n]+)`", FENCE.sub("", whole)) if " " in text}
    return fenced | {text for text in spans if not is_no_error(text)}


TEXTS: Final = {text for number in SECTIONS for text in texts_of(number)}


def body_of(text: str) -> bytes:
    """The body with which a text of the page comes: its placeholders filled, in the shape of the generation."""
    for short, full in {
        "messages[i]": "messages[3]", "[j]": "[0]", "height N": "height 2294222", "<PublicUrl>": "http://node:8000",
        "<n>": "503", "<ml-node body>": "{}", "<phase>": "PoC", "{id}": "7", "[ for …]": " for gonka1x",
        "models: …": "models: a/b, c", "…": " something ", "404 {": "{",
    }.items():  # fmt: skip
        text = text.replace(short, full)
    return (text if text.startswith("{") else json.dumps({"error": text})).encode()


def refused(status: int, body: bytes | str, request: Request = SIGNED, **headers: str) -> NodeError:
    told = body if isinstance(body, bytes) else json.dumps({"error": body}).encode()
    return refusal(request, Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, told))


class TestTheTableAndThePage:
    def test_every_text_of_the_page_is_expected_and_every_expected_one_is_there(self) -> None:
        assert set(EXPECTED) | set(NO_TEXT) == TEXTS

    @pytest.mark.parametrize("text", sorted(EXPECTED))
    def test_every_text_of_the_page_has_its_class(self, text: str) -> None:
        kind, statuses = EXPECTED[text]
        for status in statuses:
            assert type(refused(status, body_of(text))) is kind

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.pattern.pattern)
    def test_every_row_is_the_first_for_a_text_of_the_page(self, row: Row) -> None:
        pattern = row.pattern.pattern
        answered = [
            (status, refused(status, body_of(text)).node_text)
            for text, (_, statuses) in EXPECTED.items()
            for status in statuses
        ]
        first = {next((row.pattern.pattern for row in ROWS if row.match(*told)), None) for told in answered}
        assert (pattern in first) != (pattern in NOT_ON_THE_PAGE)

    def test_a_text_taken_from_its_status_is_still_known(self) -> None:
        """Without the table the status decides, so the texts that prove it are those that the status would not tell."""
        told = [text for text, (kind, statuses) in EXPECTED.items() for status in statuses
                if type(refused(status, "something new")) is not kind]  # fmt: skip
        assert len(told) > 40

    def test_every_kind_has_a_next_step_and_a_row_or_a_status(self) -> None:
        kinds = {row.kind for row in ROWS} | {kind for kind, _ in BY_STATUS.values()}
        assert set(STEPS) == kinds | {MovedError, StreamFailedError, UnavailableError}

    @pytest.mark.parametrize(
        "wrap", ["{}", "rpc error: code = X desc = {}", "rpc error: code = X desc = rpc error: code = X desc = {}: y"]
    )
    @pytest.mark.parametrize("text", ["invalid address", "account not found", "account has no public key"])
    def test_wrapping_changes_nothing(self, wrap: str, text: str) -> None:
        assert type(refused(500, wrap.format(text))) is EXPECTED[text][0]

    @pytest.mark.parametrize("text", ["account not found by the model", "messages is required", "model not found"])
    def test_words_of_a_models_server_are_not_those_of_a_node(self, text: str) -> None:
        said = f'Inference node response with an error. code = {{}}. error = {{{{"message":"{text}"}}}}'
        assert type(refused(500, said.format(500))) is ExecutorError
        assert type(refused(400, said.format(400))) is PayloadRejectedError
        assert type(refused(500, said.format(422))) is PayloadRejectedError


@pytest.mark.parametrize(
    ("status", "signed", "bearer"),
    [
        (300, MovedError, MovedError),
        (302, MovedError, MovedError),
        (308, MovedError, MovedError),
        (400, PayloadRejectedError, PayloadRejectedError),
        (401, ApiKeyError, ApiKeyError),
        (402, InsufficientBalanceError, InsufficientBalanceError),
        (403, ProviderNotAllowedError, ProviderNotAllowedError),
        (404, PayloadRejectedError, PayloadRejectedError),
        (405, PayloadRejectedError, PayloadRejectedError),
        (408, IncompleteRequestError, IncompleteRequestError),
        (410, RetiredError, RetiredError),
        (413, PayloadRejectedError, PayloadRejectedError),
        (422, PayloadRejectedError, PayloadRejectedError),
        (429, RateLimitedError, RateLimitedError),
        (444, RateLimitedError, RateLimitedError),
        (499, PayloadRejectedError, PayloadRejectedError),
        (500, UnavailableError, UnavailableError),
        (502, UnavailableError, UnavailableError),
        (503, RateLimitedError, RateLimitedError),
        (504, UnavailableError, UnavailableError),
        (599, UnavailableError, UnavailableError),
        (999, UnavailableError, UnavailableError),
    ],
)
@pytest.mark.parametrize("body", [b"<html><body><h1>Nginx</h1></body></html>", b'{"error":"something new"}', b""])
def test_where_the_text_is_not_known_the_status_decides(
    status: int, signed: type[NodeError], bearer: type[NodeError], body: bytes
) -> None:
    assert type(refused(status, body)) is signed
    assert type(refused(status, body, BEARER)) is bearer


class TestInsideOfAStream:
    def test_an_unknown_error_is_the_streams(self) -> None:
        error = refused(200, "ran out of memory")
        assert type(error) is StreamFailedError
        assert error.maybe_billed

    @pytest.mark.parametrize("text", ["rate limit exceeded: too many concurrent requests", "account not found"])
    def test_a_known_one_keeps_its_class_and_may_have_been_billed(self, text: str) -> None:
        error = refused(200, text)
        assert type(error) is EXPECTED[text][0]
        assert error.maybe_billed


class TestWhatElseIsTold:
    def test_where_other_nodes_are_listed(self) -> None:
        text = "Transfer Agent capacity reached. Try another TA from http://n:8000/v1/epochs/current/participants"
        error = refused(429, text)
        assert isinstance(error, CapacityError)
        assert error.participants_url == "http://n:8000/v1/epochs/current/participants"
        cut = refused(429, "Transfer Agent capacity reached")
        assert isinstance(cut, CapacityError)
        assert cut.participants_url is None

    @pytest.mark.parametrize(
        ("text", "height"), [("2294222", 2_294_222), ("9" * 18, int("9" * 18)), ("9" * 5000, None)]
    )
    def test_the_height_of_the_developer_gate(self, text: str, height: int | None) -> None:
        error = refused(403, f"inference requests are restricted until block height {text}")
        assert getattr(error, "until_height", None) == height

    def test_the_models_that_a_gateway_serves(self) -> None:
        error = refused(400, 'unsupported model "x, y"; supported models: a/b, c', BEARER)
        assert isinstance(error, ModelNotFoundError)
        assert error.served == ("a/b", "c")
        many = [f"org/model-{number}" for number in range(200)]
        long = refused(400, f'unsupported model "x"; supported models: {", ".join(many)}')
        assert isinstance(long, ModelNotFoundError)
        assert long.served == tuple(many)
        none = refused(404, "model not found")
        assert isinstance(none, ModelNotFoundError)
        assert none.served == ()

    @pytest.mark.parametrize(
        ("answer", "url"),
        [
            (Answer(308, {}, b'{"message":"gone","new_url":"https://new/v1","status":308}'), "https://new/v1"),
            (Answer(302, {"location": "https://new/v1"}, b"<html>"), "https://new/v1"),
            (Answer(308, {"location": "https://old"}, b'{"new_url":"https://new/v1"}'), "https://new/v1"),
            (Answer(308, {}, b'{"new_url":7}'), None),
            (Answer(308, {}, b""), None),
            (Answer(308, {"location": "http://{address}\n" + "x" * 400}, b""), "http://{address} " + "x" * 282 + "…"),
        ],
    )
    def test_where_it_moved(self, answer: Answer, url: str | None) -> None:
        error = refusal(SIGNED, answer)
        assert isinstance(error, MovedError)
        assert error.new_url == url
        assert (url or "the URL that it names") in error.next_step
        assert "not followed" in error.next_step

    @pytest.mark.parametrize("text", ["account not found", "Insufficient balance"])
    def test_amounts_that_no_text_tells_are_unknown(self, text: str) -> None:
        error = refused(402 if "bal" in text else 500, text)
        assert isinstance(error, AccountError)
        assert getattr(error, "needed_ngonka", None) is getattr(error, "available_ngonka", None) is None


class TestTheNextStep:
    @pytest.mark.parametrize(
        ("status", "text", "words"),
        [
            (401, "Unable to validate request against PubKey:invalid signature",
             ("http://host/v1/identity", NODE.provider_address, ADDRESS, "scheme than raw", "gonka verify")),
            (400, "signature is too old", ("clock",)),
            (500, "invalid address", (ADDRESS,)),
            (500, "account not found", (ADDRESS, "coins")),
            (500, "account has no public key", (ADDRESS, "inferenced publish-pubkey", "http://host/chain-rpc/")),
            (402, "Insufficient balance", (ADDRESS, "max_tokens")),
            (403, "Transfer Agent not allowed", ("another endpoint",)),
            (403, "inference requests are restricted until block height 9", (ADDRESS,)),
            (404, "model not found", ("http://host/v1/models",)),
            (401, "model \"x\" requires an API key", ("GONKA_BROKER_API_KEY",)),
            (401, "who are you", ("Endpoint.broker", "signed")),
            (404, "Not Found", ("http://host/v1",)),
            (410, "gone", ("broker", "GONKA_BROKER_URL", "GONKA_BROKER_API_KEY")),
            (413, "x", ("10 MiB",)),
        ],
    )  # fmt: skip
    def test_it_names_what_is_needed_for_it(self, status: int, text: str, words: tuple[str, ...]) -> None:
        error = refused(status, text)
        assert all(word in error.next_step for word in words), error.next_step
        assert str(error) == f"http://host/v1 answered {status}: {text}; {error.next_step}"

    def test_no_placeholder_is_left_and_no_key_shown(self) -> None:
        for request in (SIGNED, BEARER):
            for text, (_, statuses) in EXPECTED.items():
                step = refused(statuses[0], body_of(text), request).next_step
                assert not re.search(r"[{}]", step)
                assert "sk-0123" not in step

    @pytest.mark.parametrize(
        "text",
        ["Authorization is required", "Unable to validate request against PubKey:illegal base64 data at input byte 6"],
    )
    def test_a_key_sent_to_a_node_is_told_to_sign(self, text: str) -> None:
        error = refused(401, text, BEARER)
        assert type(error) is ApiKeyError
        assert "provider address" in error.next_step
