"""A signature by the two functions of libsecp256k1 that it takes, through coincurve's bindings to them.

coincurve's own call also makes a recovery id and copies the signature, which is 4 % more (`bench_choices.py`). The
bindings are not part of its documented interface: `signer` does without this module where a release has others.

Buffers belong to a call. While libsecp256k1 signs, other threads run, and one that shared them would change them.
"""

from __future__ import annotations

from typing import Any, Final

import coincurve
from coincurve._libsecp256k1 import ffi, lib

_SIGNATURE: Final[Any] = ffi.typeof("secp256k1_ecdsa_signature *")
_COMPACT: Final[Any] = ffi.typeof("unsigned char[64]")
_SIGN: Final[Any] = lib.secp256k1_ecdsa_sign
_SERIALIZE: Final[Any] = lib.secp256k1_ecdsa_signature_serialize_compact
_NEW: Final[Any] = ffi.new
_BYTES: Final[Any] = ffi.buffer
_NONE: Final[Any] = ffi.NULL
"""No nonce function of ours: then it is that of RFC 6979."""


def compact_signature(key: coincurve.PrivateKey, digest: bytes) -> bytes:
    """64 bytes r‖s, low-S, over a digest of 32 bytes. Raises ValueError where libsecp256k1 makes none."""
    context = key.context.ctx
    signature, compact = _NEW(_SIGNATURE), _NEW(_COMPACT)
    # The key stays an attribute: a local name would stand in a traceback that shows them.
    if not _SIGN(context, signature, digest, key.secret, _NONE, _NONE):
        raise ValueError("libsecp256k1 made no signature; use another key")
    _SERIALIZE(context, compact, signature)
    signed: bytes = _BYTES(compact)[:]
    return signed
