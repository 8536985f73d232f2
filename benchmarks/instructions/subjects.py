"""The subjects by name: what is counted, how often it is done, and whose version changes the figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Subject:
    """`name` is its word on the command line and its key in `work.WORK`. `uses` are the distributions that do a part
    of it. It is done `shorter` and then `longer` times.
    """

    name: str
    what: str
    uses: tuple[str, ...] = ()
    shorter: int = 20
    longer: int = 120


_ECDSA: Final = ("ecdsa", "gmpy2")

SUBJECTS: Final = (
    Subject("c-limit", "a signature in C, 200 bytes", ("coincurve",)),
    Subject("documented", "the documented program's signing, 200 bytes", _ECDSA, 2, 8),
    Subject("sign-coincurve", "sign_request with coincurve, 200 bytes", ("coincurve",)),
    Subject("sign-coincurve-hash", "the same under the scheme hash", ("coincurve",)),
    Subject("sign-coincurve-4k", "the same with 4 KB, raw", ("coincurve",)),
    Subject("sign-ecdsa", "sign_request with ecdsa, 200 bytes", _ECDSA, 3, 103),
    Subject("sign-itself", "sign_request without what its signer does, 200 bytes"),
    Subject("sign-itself-hash", "the same under the scheme hash"),
    Subject("chat", "Client.chat without its signer and without a network", ("orjson",)),
    Subject("chat-async", "AsyncClient.chat, the same, with an answer that is there at once", ("orjson",)),
    Subject("decoding", "a stream of 100 chunks through EventReader", ("orjson",), 3, 13),
    Subject("verifying-server", "a bare aiohttp server that verifies a request", ("aiohttp", "coincurve"), 50, 250),
    Subject("mock-node", "the mock node, a verified request", ("aiohttp", "coincurve", "orjson"), 50, 250),
    Subject("import", "import gonka_core", (), 0, 1),
    Subject("import-client", "from gonka_core import Client", ("pluggy",), 0, 1),
)

BY_NAME: Final = {subject.name: subject for subject in SUBJECTS}
