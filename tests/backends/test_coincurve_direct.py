"""The short way into libsecp256k1 gives what coincurve's documented call gives, and can be done without."""

from __future__ import annotations

import subprocess
import sys
import traceback

import coincurve
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_coincurve import direct, signer
from gonka_core import PrivateKey
from gonka_core.keys import ORDER

secrets = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))


@given(secrets, st.binary(min_size=32, max_size=32))
@example((1).to_bytes(32, "big"), bytes(32))
@example((ORDER - 1).to_bytes(32, "big"), b"\xff" * 32)
def test_both_ways_give_the_same_bytes(secret: bytes, digest: bytes) -> None:
    key = coincurve.PrivateKey(secret)
    assert direct.compact_signature(key, digest) == signer.by_recoverable(key, digest)


def test_the_short_way_is_taken_where_it_is_there() -> None:
    assert signer.compact_signature is direct.compact_signature


def test_without_it_the_documented_call_signs() -> None:
    program = (
        "import sys; sys.modules['gonka_coincurve.direct'] = None\n"
        "from gonka_coincurve import signer\n"
        "from gonka_core import PrivateKey\n"
        "assert signer.compact_signature is signer.by_recoverable\n"
        "print(signer.CoincurveSigner(PrivateKey(bytes(31) + b'\\x07')).sign_digest(bytes(32)).hex())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    expected = signer.CoincurveSigner(PrivateKey(bytes(31) + b"\x07")).sign_digest(bytes(32)).hex()
    assert done.stdout.strip() == expected


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_digest_of_another_length_never_reaches_it(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signer, "compact_signature", lambda key, digest: pytest.fail("it was called"))
    with pytest.raises(ValueError, match=f"32 bytes, not {size}"):
        signer.CoincurveSigner(PrivateKey(bytes(31) + b"\x07")).sign_digest(bytes(size))


def test_a_traceback_with_local_names_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = bytes(range(1, 33))
    monkeypatch.setattr(direct, "_SIGN", lambda *given: 0)
    with pytest.raises(ValueError, match="no signature") as caught:
        direct.compact_signature(coincurve.PrivateKey(secret), bytes(32))
    stack = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    (frame,) = [frame for frame in stack if frame.filename == direct.__file__]
    assert frame.locals
    assert "digest" in frame.locals
    assert not any(repr(secret) in shown or secret.hex() in shown for shown in frame.locals.values())
