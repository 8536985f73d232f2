"""Every mistake of a client is found out by name, alone and together with others, and nothing right is called wrong."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ecdsa.util import sigencode_der
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core.address import address_of
from gonka_mock_node.curve import CURVE, Recovery
from gonka_mock_node.diagnosis import (
    Diagnoser,
    Diagnosis,
    Evidence,
    addresses,
    bodies,
    diagnose,
    diagnoser,
    digests,
    search,
    wording,
)
from gonka_mock_node.diagnosis.keccak import blocks, keccak_256
from gonka_mock_node.diagnosis.messages import Candidates
from tests.mock_node.broken_client import (
    BODY,
    NOW,
    ORDER,
    OTHER_NODE,
    PROVIDER,
    Broken,
    Scheme,
    head,
    right_bytes,
    sha256,
)

SCHEMES: tuple[Scheme, ...] = ("raw", "hash")
VALUE = json.loads(BODY)
STAMP = b"%d" % NOW
END = PROVIDER.encode()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def found(evidence: Evidence) -> Diagnosis:
    diagnosis = diagnose(evidence)
    assert diagnosis is not None
    return diagnosis


def other(scheme: Scheme) -> Scheme:
    return "hash" if scheme == "raw" else "raw"


def joined(*pieces: bytes) -> Callable[[Broken], bytes]:
    """A message of a head of the client's scheme and these pieces."""
    return lambda broken: b"".join((head(broken.scheme, broken.body), *pieces))


def of_body(signed: bytes) -> Callable[[Broken], bytes]:
    return lambda broken: head(broken.scheme, signed) + STAMP + END


def dumped(**options: Any) -> bytes:
    return json.dumps(VALUE, **options).encode()


SPELLINGS: dict[str, tuple[tuple[str, ...], Callable[[int, int], str]]] = {
    "der": (("der",), lambda r, s: b64(sigencode_der(r, s, ORDER))),
    "der in hex": (("hex", "der"), lambda r, s: sigencode_der(r, s, ORDER).hex()),
    "hex": (("hex",), lambda r, s: right_bytes(r, s).hex()),
    "upper-case hex": (("hex",), lambda r, s: right_bytes(r, s).hex().upper()),
    "hex with 0x": (("hex",), lambda r, s: "0x" + right_bytes(r, s).hex()),
    "130 hex digits": (("hex", "recovery-id"), lambda r, s: "0x" + right_bytes(r, s).hex() + "1b"),
    "no padding": (("padding",), lambda r, s: b64(right_bytes(r, s)).rstrip("=")),
    "recovery id behind": (("recovery-id",), lambda r, s: b64(right_bytes(r, s) + b"\x01")),
    "recovery id in front": (("recovery-id",), lambda r, s: b64(b"\x1c" + right_bytes(r, s))),
    "recovery id zero in front": (("recovery-id",), lambda r, s: b64(b"\x00" + right_bytes(r, s))),
    "high s": (("high-s",), lambda r, s: b64(right_bytes(r, ORDER - s))),
    "halves swapped": (("halves-swapped",), lambda r, s: b64(right_bytes(s, r))),
    "little-endian": (("little-endian",), lambda r, s: b64(r.to_bytes(32, "little") + s.to_bytes(32, "little"))),
    "reversed": (("reversed",), lambda r, s: b64(right_bytes(r, s)[::-1])),
    "der, high s": (("der", "high-s"), lambda r, s: b64(sigencode_der(r, ORDER - s, ORDER))),
    "Bearer": (("bearer",), lambda r, s: "Bearer " + b64(right_bytes(r, s))),
    "Signature": (("authorization-prefix",), lambda r, s: "Signature " + b64(right_bytes(r, s))),
    "sig=": (("authorization-prefix",), lambda r, s: "sig=" + b64(right_bytes(r, s))),
    "quotes": (("quotes",), lambda r, s: f'"{b64(right_bytes(r, s))}"'),
    "bytes literal": (("python-bytes",), lambda r, s: repr(base64.b64encode(right_bytes(r, s)))),
    "Bearer, quotes, hex": (("bearer", "quotes", "hex"), lambda r, s: f'Bearer "{right_bytes(r, s).hex()}"'),
    "0x, base64": (("0x-prefix",), lambda r, s: "0x" + b64(right_bytes(r, s))),
    "base64 of hex": (("base64-of-hex",), lambda r, s: b64(right_bytes(r, s).hex().encode())),
    "base64 twice": (("base64-twice",), lambda r, s: b64(b64(right_bytes(r, s)).encode())),
    "percent-encoded": (("percent-encoded",), lambda r, s: b64(right_bytes(r, s)).replace("=", "%3D")),
    "white space": (("white-space",), lambda r, s: b64(right_bytes(r, s))[:40] + " " + b64(right_bytes(r, s))[40:]),
}

MESSAGES: dict[str, tuple[tuple[str, ...], Callable[[Broken], bytes]]] = {
    "other scheme": (("other-scheme",), lambda b: head(other(b.scheme), b.body) + STAMP + END),
    "seconds": (("timestamp-seconds-signed",), joined(b"%d" % (NOW // 10**9), END)),
    "milliseconds": (("timestamp-milliseconds-signed",), joined(b"%d" % (NOW // 10**6), END)),
    "microseconds": (("timestamp-microseconds-signed",), joined(b"%d" % (NOW // 10**3), END)),
    "milliseconds, rounded up": (("timestamp-milliseconds-signed",), joined(b"%d" % (NOW // 10**6 + 1), END)),
    "no timestamp": (("timestamp-not-signed",), joined(END)),
    "no provider": (("provider-missing",), joined(STAMP)),
    "another node": (("provider-of-another-node",), joined(STAMP, OTHER_NODE.encode())),
    "requester": (("provider-is-requester",), lambda b: joined(STAMP, b.address.encode())(b)),
    "capitals": (("provider-upper-case",), joined(STAMP, PROVIDER.upper().encode())),
    "provider with line feed": (("message-newline",), joined(STAMP, END, b"\n")),
    "provider in quotes": (("provider-decorated",), joined(STAMP, b'"', END, b'"')),
    "provider in front of timestamp": (("order",), joined(END, STAMP)),
    "timestamp first": (("order",), lambda b: STAMP + head(b.scheme, b.body) + END),
    "only the body": (("only-body-signed",), joined()),
    "line feeds": (("separators",), joined(b"\n", STAMP, b"\n", END)),
    "dots": (("separators",), joined(b".", STAMP, b".", END)),
    "colons": (("separators",), joined(b":", STAMP, b":", END)),
    "bars": (("separators",), joined(b"|", STAMP, b"|", END)),
    "spaces": (("separators",), joined(b" ", STAMP, b" ", END)),
    "no body": (("body-missing",), lambda _: STAMP + END),
    "compact": (("body-reserialised",), of_body(dumped(separators=(",", ":")))),
    "spaced": (("body-reserialised",), of_body(dumped())),
    "sorted": (("body-reserialised",), of_body(dumped(sort_keys=True))),
    "sorted compact": (("body-reserialised",), of_body(dumped(sort_keys=True, separators=(",", ":")))),
    "JavaScript": (("body-reserialised",), of_body(dumped(separators=(",", ":"), ensure_ascii=False))),
    "Go": (
        ("body-reserialised",),
        of_body(
            dumped(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            .replace(b"<", b"\\u003c")
            .replace(b">", b"\\u003e")
        ),
    ),
    "indent 2": (("body-reserialised",), of_body(dumped(indent=2))),
    "indent 4 sorted": (("body-reserialised",), of_body(dumped(indent=4, sort_keys=True, ensure_ascii=False))),
    "compact with line feed": (("body-reserialised",), of_body(dumped(separators=(",", ":")) + b"\n")),
    "line feed added": (("body-newline",), of_body(BODY + b"\n")),
    "Python repr": (("body-reserialised",), of_body(str(VALUE).encode())),
    "field added later": (
        ("body-changed",),
        of_body(json.dumps({k: v for k, v in VALUE.items() if k != "stream"}, ensure_ascii=False).encode()),
    ),
    "messages alone": (("body-part",), of_body(json.dumps(VALUE["messages"], ensure_ascii=False).encode())),
    "UTF-16": (("body-encoding",), of_body(BODY.decode().encode("utf-16-le"))),
}

HASH_FORMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "bytes": ("body-hash-bytes", sha256),
    "upper case": ("body-hash-upper-case", lambda body: hashlib.sha256(body).hexdigest().upper().encode()),
    "base64": ("body-hash-base64", lambda body: base64.b64encode(sha256(body))),
    "0x": ("body-hash-prefix", lambda body: b"0x" + hashlib.sha256(body).hexdigest().encode()),
    "sha512": ("body-hash-function", lambda body: hashlib.sha512(body).hexdigest().encode()),
}


def envelope(data: bytes) -> bytes:
    return keccak_256(b"\x19Ethereum Signed Message:\n%d" % len(data) + data)


DIGESTS: dict[str, tuple[tuple[str, ...], Callable[[bytes], bytes]]] = {
    "twice": (("digest-twice",), lambda m: sha256(sha256(m))),
    "not hashed": (("not-hashed",), lambda m: m[:32]),
    "hex text": (("digest-hex",), lambda m: sha256(sha256(m).hex().encode())),
    "hex text, cut": (("digest-hex",), lambda m: sha256(m).hex().encode()[:32]),
    "keccak": (("keccak-256",), keccak_256),
    "sha3": (("sha3-256",), lambda m: hashlib.sha3_256(m).digest()),
    "sha512/256": (("sha-512-256",), lambda m: hashlib.new("sha512_256", m).digest()),
    "sha512": (("sha-512",), lambda m: hashlib.sha512(m).digest()[:32]),
    "sha384": (("sha-384",), lambda m: hashlib.sha384(m).digest()[:32]),
    "sha1": (("sha-1",), lambda m: hashlib.sha1(m).digest()),
    "sha1 of digest": (("digest-twice", "sha-1"), lambda m: hashlib.sha1(sha256(m)).digest()),
    "personal_sign": (("ethereum-personal-sign",), envelope),
    "personal_sign of digest": (("ethereum-personal-sign", "digest-twice"), lambda m: envelope(sha256(m))),
    "personal_sign of keccak": (("ethereum-personal-sign", "keccak-256"), lambda m: envelope(keccak_256(m))),
}


def agrees(broken: Broken, *mistakes: str) -> None:
    """Found out by name, whether the chain knows the account or not."""
    for known in (True, False):
        diagnosis = found(broken.evidence(known=known))
        assert (diagnosis.mistakes, diagnosis.certain) == (mistakes, True)
        assert "There is more" not in diagnosis.explanation
        assert diagnosis.explanation.endswith(".")
        assert diagnosis.next_step.endswith(".")


@pytest.mark.parametrize("scheme", SCHEMES)
class TestSingleMistakes:
    @pytest.mark.parametrize("name", SPELLINGS)
    def test_of_the_spelling(self, scheme: Scheme, name: str) -> None:
        mistakes, spell = SPELLINGS[name]
        agrees(Broken(scheme, spell=spell), *mistakes)

    @pytest.mark.parametrize("name", MESSAGES)
    def test_of_the_message(self, scheme: Scheme, name: str) -> None:
        mistakes, message = MESSAGES[name]
        broken = Broken(scheme, message=message)
        agrees(broken, *mistakes)
        assert found(broken.evidence()).signed == message(broken)

    @pytest.mark.parametrize("name", DIGESTS)
    def test_of_the_digest(self, scheme: Scheme, name: str) -> None:
        mistakes, digest = DIGESTS[name]
        broken = Broken(scheme, digest=digest)
        agrees(broken, *mistakes)
        assert found(broken.evidence()).signed is None

    @pytest.mark.parametrize("name", HASH_FORMS)
    def test_of_the_hash_in_the_message(self, scheme: Scheme, name: str) -> None:
        mistake, form = HASH_FORMS[name]
        before = () if scheme == "hash" else ("other-scheme",)
        agrees(Broken(scheme, message=lambda b: form(b.body) + STAMP + END), *before, mistake)

    def test_a_cosmos_sign_document(self, scheme: Scheme) -> None:
        def signed(message: bytes) -> bytes:
            data = f'{{"data":"{b64(message)}","signer":"{Broken().address}"}}'
            return sha256(
                b'{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"",'
                b'"msgs":[{"type":"sign/MsgSignData","value":' + data.encode() + b'}],"sequence":"0"}'
            )

        agrees(Broken(scheme, digest=signed), "cosmos-adr-036")

    def test_a_url_safe_signature(self, scheme: Scheme) -> None:
        def spelled(broken: Broken) -> str:
            return base64.urlsafe_b64encode(right_bytes(*broken.numbers())).decode()

        broken = Broken(scheme)
        stamps = (b"%d" % (NOW + n) for n in range(200))
        attempts = (broken.but(signed_stamp=stamp, stamp=stamp.decode()) for stamp in stamps)
        shown = next(b for b in attempts if "-" in spelled(b) or "_" in spelled(b))
        agrees(shown.but(spell=lambda r, s: base64.urlsafe_b64encode(right_bytes(r, s)).decode()), "url-safe")
        both = shown.but(spell=lambda r, s: base64.urlsafe_b64encode(right_bytes(r, s)).decode().rstrip("="))
        agrees(both, "url-safe", "padding")

    @pytest.mark.parametrize("hexed", [False, True])
    @pytest.mark.parametrize("half", [0, 1])
    def test_a_half_without_its_zeros(self, scheme: Scheme, half: int, hexed: bool) -> None:
        broken = short(Broken(scheme), half)

        def spell(r: int, s: int) -> str:
            if hexed:
                return f"{r:x}{s:x}"
            return b64(b"".join(n.to_bytes((n.bit_length() + 7) // 8, "big") for n in (r, s)))

        agrees(broken.but(spell=spell), *(("hex", "unpadded") if hexed else ("unpadded",)))

    def test_the_sign_byte_of_a_big_integer(self, scheme: Scheme) -> None:
        attempts = (at(Broken(scheme), NOW + n) for n in range(64))
        broken = next(b for b in attempts if b.numbers()[0] >> 255)
        both = broken.but(spell=lambda r, s: b64(r.to_bytes(33, "big") + (ORDER - s).to_bytes(33, "big")))
        agrees(both, "sign-byte", "high-s")
        agrees(broken.but(spell=lambda r, s: b64(r.to_bytes(33, "big") + s.to_bytes(32, "big"))), "recovery-id")

    def test_a_line_feed_that_is_sent_and_not_signed(self, scheme: Scheme) -> None:
        broken = Broken(scheme, body=BODY + b"\n")
        agrees(broken.but(message=lambda b: head(b.scheme, BODY) + STAMP + END), "body-newline")


def at(broken: Broken, timestamp_ns: int) -> Broken:
    return broken.but(stamp=str(timestamp_ns), signed_stamp=b"%d" % timestamp_ns)


def short(broken: Broken, half: int) -> Broken:
    """A client whose r (0) or s (1) is short by a byte."""
    attempts = (at(broken, NOW + n) for n in range(4000))
    return next(b for b in attempts if b.numbers()[half] < 2**248)


UNITS = {"seconds": 10**9, "milliseconds": 10**6, "microseconds": 10**3}


@pytest.mark.parametrize("unit", UNITS)
class TestUnitsOfTheHeader:
    def test_in_both_places_the_signature_is_right(self, unit: str) -> None:
        broken = at(Broken(), NOW // UNITS[unit])
        diagnosis = found(broken.evidence(rule="timestamp"))
        assert (diagnosis.mistakes, diagnosis.certain) == ((f"timestamp-{unit}",), True)
        assert f"read as {unit} it lies 1." in diagnosis.explanation

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_in_both_places_and_in_der(self, unit: str, scheme: Scheme) -> None:
        mistakes, spell = SPELLINGS["der"]
        agrees(at(Broken(scheme, spell=spell), NOW // UNITS[unit]), *mistakes, f"timestamp-{unit}")

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_in_the_header_alone(self, unit: str, scheme: Scheme) -> None:
        whole = NOW // UNITS[unit] * UNITS[unit]
        broken = Broken(scheme, stamp=str(NOW // UNITS[unit]), signed_stamp=b"%d" % whole)
        agrees(broken, f"timestamp-{unit}-sent")

    def test_a_right_clock_behind_another_mistake_is_still_named(self, unit: str) -> None:
        """What is signed cannot be told, and the unit of the header is wrong whatever it is."""
        broken = Broken(stamp=str(NOW // UNITS[unit]), message=lambda _: b"something else")
        diagnosis = found(broken.evidence())
        assert diagnosis.mistakes == (f"timestamp-{unit}",)
        assert "There is more" in diagnosis.explanation


ODD_STAMPS = {
    "": "timestamp-missing",
    f"{NOW}.5": "timestamp-decimal",
    f"{NOW / 10**9:.6f}": "timestamp-decimal",
    "1.766422712e18": "timestamp-exponent",
    "2025-12-22T16:58:32.123456+00:00": "timestamp-iso",
    "2025-12-22T16:58:32Z": "timestamp-iso",
    "-5": "timestamp-negative",
    "1_766_422_712": "timestamp-unusable",
    str(2**63): "timestamp-unusable",
    "now": "timestamp-unusable",
}


class TestOddStamps:
    @pytest.mark.parametrize("text", ODD_STAMPS)
    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_signed_as_written(self, scheme: Scheme, text: str) -> None:
        if text:
            agrees(Broken(scheme, stamp=text, signed_stamp=text.encode()), ODD_STAMPS[text])

    @pytest.mark.parametrize("text", ODD_STAMPS)
    def test_not_signed(self, text: str) -> None:
        broken = Broken(stamp=text, signed_stamp=b"")
        assert found(broken.evidence(rule="timestamp")).mistakes == (ODD_STAMPS[text],)
        _, spell = SPELLINGS["der"]
        agrees(broken.but(spell=spell), "der", ODD_STAMPS[text])

    def test_signed_and_not_sent(self) -> None:
        """The value is lost; what is missing is not."""
        diagnosis = found(Broken(stamp="").evidence())
        assert (diagnosis.mistakes, diagnosis.certain) == (("timestamp-missing",), True)

    @pytest.mark.parametrize("signed", [1_766_422_712_123_456_000, 1_766_422_712_123_456, 1_766_422_712_123])
    def test_a_date_in_the_header_and_a_number_in_the_message(self, signed: int) -> None:
        broken = Broken(stamp="2025-12-22T16:58:32.123456+00:00", signed_stamp=b"%d" % signed)
        agrees(broken, "timestamp-iso")

    def test_zeros_in_front_are_signed(self) -> None:
        agrees(Broken(stamp=f"00{NOW}", signed_stamp=f"00{NOW}".encode()), "timestamp-spelling")


class TestClocks:
    @pytest.mark.parametrize(
        ("late", "mistake", "said"),
        [
            (75 * 10**9, "timestamp-behind", "75.000 s behind"),
            (-75 * 10**9, "timestamp-ahead", "75.000 s ahead of"),
            (7200 * 10**9, "timestamp-behind", "close to 2 h"),
            (400 * 86_400 * 10**9, "timestamp-behind", "400 days behind"),
        ],
    )
    def test_the_distance_is_told(self, late: int, mistake: str, said: str) -> None:
        diagnosis = found(at(Broken(), NOW).evidence(rule="timestamp", block_time_ns=NOW + late))
        assert diagnosis.mistakes == (mistake,)
        assert said in diagnosis.explanation

    def test_a_clock_with_another_beginning(self) -> None:
        assert found(at(Broken(), 12_345_678_901).evidence(rule="timestamp")).mistakes == ("timestamp-no-time",)


SECOND = (
    "milliseconds",
    "no timestamp",
    "no provider",
    "another node",
    "provider in front of timestamp",
    "only the body",
    "bars",
    "compact",
    "indent 4 sorted",
    "messages alone",
)


class TestTwoMistakesInTheMessage:
    @pytest.mark.parametrize("name", SECOND)
    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_the_other_scheme_and_another(self, scheme: Scheme, name: str) -> None:
        mistakes, message = MESSAGES[name]

        def signed(broken: Broken) -> bytes:
            return message(broken.but(scheme=other(broken.scheme)))

        agrees(Broken(scheme, message=signed), "other-scheme", *mistakes)

    def test_milliseconds_and_no_provider(self) -> None:
        agrees(
            Broken("hash", message=joined(b"%d" % (NOW // 10**6))),
            "timestamp-milliseconds-signed",
            "provider-missing",
        )


UNUSUAL = {"timestamp first", "provider in quotes", "Python repr", "field added later", "messages alone", "UTF-16"}
"""Found alone and with one more mistake, not with two."""


class TestCombinations:
    @settings(max_examples=12, deadline=None)
    @given(st.sampled_from(SCHEMES), st.sampled_from(sorted(SPELLINGS)), st.sampled_from(sorted(MESSAGES)))
    def test_of_spelling_and_message(self, scheme: Scheme, spelling: str, message: str) -> None:
        broken = Broken(scheme, spell=SPELLINGS[spelling][1], message=MESSAGES[message][1])
        assert found(broken.evidence()).mistakes == (*SPELLINGS[spelling][0], *MESSAGES[message][0])

    @settings(max_examples=12, deadline=None)
    @given(
        st.sampled_from(SCHEMES),
        st.sampled_from(sorted(SPELLINGS)),
        st.sampled_from(sorted(set(MESSAGES) - UNUSUAL)),
        st.sampled_from(["twice", "hex text", "keccak", "sha3", "sha512/256", "sha512", "sha1", "personal_sign"]),
    )
    def test_of_spelling_message_and_digest(self, scheme: Scheme, spelling: str, message: str, digest: str) -> None:
        mistakes = (*SPELLINGS[spelling][0], *MESSAGES[message][0], *DIGESTS[digest][0])
        broken = Broken(scheme, spell=SPELLINGS[spelling][1], message=MESSAGES[message][1], digest=DIGESTS[digest][1])
        assert found(broken.evidence()).mistakes == mistakes


STRANGER = Broken(key=43)


class TestAnotherKey:
    def test_of_a_known_account(self) -> None:
        broken = Broken(requester=STRANGER.address)
        evidence = broken.evidence(known_accounts=frozenset({broken.address, STRANGER.address}))
        diagnosis = found(evidence)
        assert (diagnosis.mistakes, diagnosis.certain) == (("another-key",), True)
        assert broken.address in diagnosis.explanation
        assert broken.address in diagnosis.next_step

    def test_of_a_known_account_behind_other_mistakes(self) -> None:
        broken = Broken(requester=STRANGER.address, spell=SPELLINGS["der"][1], message=MESSAGES["no provider"][1])
        evidence = broken.evidence(known_accounts=frozenset({broken.address}))
        assert found(evidence).mistakes == ("der", "provider-missing", "another-key")

    def test_of_nobody_known_it_is_a_guess(self) -> None:
        broken = Broken(requester=STRANGER.address)
        diagnosis = found(broken.evidence())
        assert (diagnosis.mistakes, diagnosis.certain) == (("another-key",), False)
        assert "If exactly these bytes were meant, it was made with the key of" in diagnosis.explanation
        assert broken.address in diagnosis.explanation

    def test_seen_again_over_other_bytes_it_is_certain(self) -> None:
        remembering = Diagnoser()
        broken = Broken(requester=STRANGER.address)
        assert not remembering.diagnose(broken.evidence()).certain  # type: ignore[union-attr]
        assert not remembering.diagnose(broken.evidence()).certain  # type: ignore[union-attr]
        again = remembering.diagnose(at(broken, NOW + 1).evidence())
        assert again is not None
        assert (again.mistakes, again.certain) == (("another-key",), True)
        assert broken.address in again.explanation

    def test_what_was_forgotten_proves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(diagnoser, "REMEMBERED", 2)
        forgetful = Diagnoser()
        broken = Broken(requester=STRANGER.address)
        for stamp in (NOW, NOW + 1):
            diagnosis = forgetful.diagnose(at(broken, stamp).evidence())
            assert diagnosis is not None
            assert not diagnosis.certain

    def test_a_chain_with_another_key_for_the_account_is_not_the_clients_mistake(self) -> None:
        diagnosis = found(
            Broken().evidence(public_key=STRANGER.public_key, known_accounts=frozenset({Broken().address}))
        )
        assert diagnosis.mistakes == ("unknown",)

    def test_a_key_that_is_none_counts_as_unknown(self) -> None:
        diagnosis = found(Broken(spell=SPELLINGS["der"][1]).evidence(public_key=b"\x02" + bytes(32)))
        assert diagnosis.mistakes == ("der",)


class TestNothingRightIsCalledWrong:
    @pytest.mark.parametrize("known", [False, True])
    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_a_right_signature(self, scheme: Scheme, known: bool) -> None:
        diagnosis = found(Broken(scheme).evidence(known=known))
        assert (diagnosis.mistakes, diagnosis.certain) == (("unknown",), False)
        assert "gonka verify" in diagnosis.next_step

    @pytest.mark.parametrize("rule", ["balance", "messages", "model", "json", "model-served", "provider-allowed", ""])
    def test_rules_that_are_not_about_signing(self, rule: str) -> None:
        assert diagnose(Broken().evidence(rule=rule)) is None
        assert diagnose(Broken(spell=SPELLINGS["der"][1]).evidence(rule=rule)) is None

    @settings(max_examples=3, deadline=None)
    @given(st.lists(st.binary(min_size=64, max_size=64), min_size=2, max_size=3, unique=True))
    def test_noise_is_never_certain(self, noise: list[bytes]) -> None:
        remembering = Diagnoser()
        for raw in noise:
            evidence = Broken().evidence(known=True, authorization=b64(raw))
            diagnosis = remembering.diagnose(evidence)
            assert diagnosis is not None
            assert not diagnosis.certain or diagnosis.mistakes == ("signature-zero",)
            assert set(diagnosis.mistakes) <= {"unknown", "another-key", "high-s", "signature-zero"}

    def test_a_missing_account_says_nothing_of_the_signature(self) -> None:
        for broken in (Broken(), Broken(spell=SPELLINGS["der"][1]), Broken(message=lambda _: b"x")):
            diagnosis = found(broken.evidence(rule="account"))
            assert diagnosis.mistakes == ("account-unknown",)

    def test_a_random_s_that_is_low_is_not_called_high(self) -> None:
        assert "high-s" not in found(Broken(spell=SPELLINGS["der"][1]).evidence()).mistakes


HEADERS = {
    "Bearer sk-0123456789abcdef": ("bearer", "api-key"),
    "Bearer": ("bearer",),
    "Bearer 0123456789abcdef": ("bearer", "api-key"),
    "sk-0123456789abcdef": ("api-key",),
    "Bearer eyJhbGciOi.eyJzdWIiOi.abc": ("bearer", "api-key"),
    "ECDSA_SIG_FALLBACK_MTIzNDU2Nzg5MA==": ("sdk-fallback",),
    "%%%": ("not-base64",),
    b64(bytes(64)): ("signature-zero",),
    b64(b"x" * 32): ("signature-length",),
    "A" * 5000: ("signature-length",),
    "": ("authorization-missing",),
}


@pytest.mark.parametrize("text", HEADERS)
def test_headers_without_a_signature(text: str) -> None:
    diagnosis = found(Broken().evidence(authorization=text))
    assert (diagnosis.mistakes, diagnosis.certain) == (HEADERS[text], True)
    assert "0123456789abcdef" not in diagnosis.explanation + diagnosis.next_step


def test_an_absent_header() -> None:
    assert found(Broken().evidence(rule="authorization", authorization="")).mistakes == ("authorization-missing",)


def test_a_replay() -> None:
    diagnosis = found(Broken().evidence(rule="replay"))
    assert diagnosis.mistakes == ("replayed",)
    assert "sign anew" in diagnosis.next_step


def ethereum_address(broken: Broken) -> str:
    return "0x" + keccak_256(broken.signing_key.verifying_key.to_string("raw"))[12:].hex()


ADDRESSES: dict[str, tuple[str, bool]] = {
    "cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k0xaz7d": ("address-checksum", False),
    "cosmos1waj8q9g2ekgardafc6plg77rgu2l3vfrclrm4v": ("address-prefix", True),
    "": ("address-missing", False),
    PROVIDER[:-1] + "q": ("address-checksum", False),
    PROVIDER[:8] + PROVIDER[8:].upper(): ("address-mixed-case", True),
    f'"{PROVIDER}"': ("address-decorated", True),
    "a" * 64: ("address-key-material", False),
    "nonsense": ("address-malformed", False),
    "gonka1": ("address-malformed", False),
    "x" * 5000: ("address-malformed", False),
}


class TestAccounts:
    def test_of_another_prefix_the_right_address_is_told(self) -> None:
        text = "cosmos1waj8q9g2ekgardafc6plg77rgu2l3vfrclrm4v"
        diagnosis = found(Broken().evidence(rule="account", requester=text))
        assert diagnosis.mistakes == ("address-prefix",)
        assert "gonka1waj8q9g2ekgardafc6plg77rgu2l3vfrg2y9jw" in diagnosis.next_step

    @pytest.mark.parametrize("text", [text for text in ADDRESSES if not text.startswith("cosmos1w5")])
    def test_texts_that_are_no_account_address(self, text: str) -> None:
        mistake, _ = ADDRESSES[text]
        diagnosis = found(Broken().evidence(rule="account", requester=text))
        assert diagnosis.mistakes == (mistake,)
        assert not text or len(text) < 60 or text not in diagnosis.explanation + diagnosis.next_step

    @pytest.mark.parametrize("form", ["base64", "hex", "uncompressed hex"])
    def test_a_public_key_in_place_of_its_address(self, form: str) -> None:
        key = Broken().signing_key.verifying_key
        text = {
            "base64": b64(key.to_string("compressed")),
            "hex": key.to_string("compressed").hex(),
            "uncompressed hex": "0x" + key.to_string("uncompressed").hex(),
        }[form]
        diagnosis = found(Broken().evidence(rule="account", requester=text))
        assert diagnosis.mistakes == ("address-public-key",)
        assert Broken().address in diagnosis.next_step

    def test_an_ethereum_address_of_the_key_that_signed(self) -> None:
        diagnosis = found(Broken().evidence(rule="account", requester=ethereum_address(Broken())))
        assert (diagnosis.mistakes, diagnosis.certain) == (("address-ethereum",), True)
        assert Broken().address in diagnosis.next_step

    def test_an_ethereum_address_of_some_key(self) -> None:
        diagnosis = found(Broken().evidence(rule="account", requester=ethereum_address(STRANGER)))
        assert (diagnosis.mistakes, diagnosis.certain) == (("address-ethereum",), False)
        assert Broken().address not in diagnosis.next_step

    @pytest.mark.parametrize("prefix", ["", "0x"])
    def test_the_account_in_hex(self, prefix: str) -> None:
        text = prefix + addresses.account_of(Broken().public_key).hex()
        diagnosis = found(Broken().evidence(rule="account", requester=text))
        assert (diagnosis.mistakes, diagnosis.certain) == (("address-hex",), True)
        assert Broken().address in diagnosis.next_step

    def test_a_key_that_is_not_published(self) -> None:
        evidence = Broken().evidence(rule="account", known_accounts=frozenset({Broken().address}))
        diagnosis = found(evidence)
        assert diagnosis.mistakes == ("key-not-published",)
        assert "publish-pubkey" in diagnosis.next_step

    def test_an_account_that_is_unknown_while_that_of_the_key_is_known(self) -> None:
        broken = Broken(requester=STRANGER.address)
        evidence = broken.evidence(rule="account", known_accounts=frozenset({broken.address}))
        diagnosis = found(evidence)
        assert (diagnosis.mistakes, diagnosis.certain) == (("another-key",), True)
        assert broken.address in diagnosis.next_step


TEXTS = st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, NOW, NOW // 10**9])
HEADER_TEXTS = (
    TEXTS | st.binary(min_size=60, max_size=130).map(b64) | st.binary(min_size=60, max_size=75).map(bytes.hex)
)
STAMP_TEXTS = TEXTS | st.sampled_from(
    ["1e999999999", "-1e-99999", "9" * 60, "nan", "inf", "0.1e5", "9999-12-31", "1.e18"]
)


class TestWhateverArrives:
    @settings(max_examples=40, deadline=None)
    @given(
        st.sampled_from(["signature", "account", "timestamp", "replay", "authorization", "x"]),
        st.fixed_dictionaries(
            {
                "scheme": st.sampled_from(SCHEMES),
                "body": st.binary(max_size=60)
                | st.sampled_from([b"[" * 50_000, b"null", b'"\\ud800"', b'{"a":NaN}', b"9" * 5000]),
                "authorization": HEADER_TEXTS,
                "requester": TEXTS,
                "timestamp_text": STAMP_TEXTS,
                "timestamp_ns": NUMBERS,
                "block_time_ns": NUMBERS,
                "provider_address": TEXTS,
                "other_providers": st.lists(TEXTS, max_size=3).map(tuple),
                "public_key": st.none() | st.binary(max_size=34),
                "known_accounts": st.frozensets(TEXTS, max_size=3),
            }
        ),
    )
    def test_it_returns(self, rule: str, fields: dict[str, Any]) -> None:
        diagnosis = diagnose(Evidence(rule=rule, **fields))
        assert (diagnosis is None) == (rule == "x")
        if diagnosis is not None:
            assert diagnosis.mistakes
            assert (diagnosis.explanation + diagnosis.next_step).encode()

    def test_a_body_of_ten_mebibytes(self) -> None:
        broken = Broken(body=b'"' + b"x" * 10 * 2**20 + b'"', message=lambda b: head("hash", b.body) + STAMP + END)
        assert found(broken.evidence()).mistakes == ("other-scheme",)

    def test_the_work_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[bytes] = []
        kind = type(CURVE.recovery(*Broken().numbers()))
        keys = kind.keys

        def counted(self: Recovery, digest: bytes) -> Any:
            calls.append(digest)
            return keys(self, digest)

        monkeypatch.setattr(kind, "keys", counted)
        many = tuple(f"gonka1{number}" for number in range(1000))
        found(Broken(message=lambda _: b"noise").evidence(other_providers=many))
        assert 1000 < len(calls) <= search.RECOVERIES

    def test_a_long_body_is_neither_rewritten_nor_copied(self) -> None:
        long = json.dumps(["x" * bodies.REWRITTEN_UP_TO]).encode()
        assert not list(bodies.other_bodies(long))
        assert list(bodies.other_bodies(long[-1000:]))
        candidates = Candidates(Broken(body=long, message=lambda _: b"noise").evidence())
        assert all(
            len(part) < 1000 for group in range(5) for tried in candidates.group(group) for part in tried.parts[1:]
        )

    def test_hashing_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hashed: list[int] = []

        def counted(name: str, data: bytes, **options: Any) -> Any:
            hashed.append(len(data))
            return hashlib.new(name, data, **options)

        evidence = Broken(body=b" " * 2**22, message=lambda _: b"noise").evidence()
        monkeypatch.setattr(digests, "hashlib", SimpleNamespace(new=counted, sha256=hashlib.sha256))
        found(evidence)
        assert 2**22 <= sum(hashed) <= 24 * 2**20

    @pytest.mark.parametrize("size", [100, 3_000, 60_000, 300_000])
    def test_keccak_is_bounded(self, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
        runs: list[int] = []

        def counted(messages: list[bytes]) -> list[bytes]:
            runs.extend({blocks(len(message)) for message in messages})
            return [bytes(32)] * len(messages)

        monkeypatch.setattr(digests, "keccak_256_each", counted)
        found(Broken(body=json.dumps(["x" * size]).encode(), message=lambda _: b"noise").evidence())
        assert 0 < sum(runs) <= 500


def test_accounts_without_ripemd160_in_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = addresses.account_of(Broken().public_key)

    def without(name: str, *_: Any) -> Any:
        raise ValueError(name)

    monkeypatch.setattr(addresses, "hashlib", SimpleNamespace(new=without, sha256=hashlib.sha256))
    assert addresses.account_of(Broken().public_key) == expected
    assert addresses.address(expected) == address_of(Broken().public_key)


@pytest.mark.parametrize("mistake", wording.MISTAKES)
def test_every_mistake_has_its_words(mistake: str) -> None:
    names = "scheme other_scheme rule provider requester size written separator other_provider signer"
    facts = dict.fromkeys(names.split(), "…")
    explanation, step = wording.describe((mistake,), facts)
    assert explanation.endswith(".")
    assert step.endswith(".")
