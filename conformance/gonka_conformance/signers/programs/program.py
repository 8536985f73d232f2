"""A program as the subject of the signer exam: the same checks judge it as judge an object."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final

from gonka_conformance.checks import CheckFailed
from gonka_conformance.signers.subject import SignerSubject
from gonka_core.interfaces import Signer
from gonka_core.keys import PrivateKey

from . import messages
from .conversation import Conversation
from .process import Tail

ANSWER_TIMEOUT_S: Final = 10.0
"""Seconds for an answer; the first, which contains the start of the program, may take ten more."""
_MOST_STARTS: Final = 32
_MOST_SILENT_STARTS: Final = 3


class SignerProgram:
    """A signer that is asked over standard input and output: one process, started again only after it failed.

    It is a context manager, which ends the program. Raises OSError where `command` cannot be started; all that goes
    wrong later fails the check during which it happened. Never sign with a key that is worth something here.
    """

    def __init__(
        self, command: Sequence[str], *, claims: frozenset[str] = frozenset(), timeout: float = ANSWER_TIMEOUT_S
    ) -> None:
        self._command, self._claims, self._timeout = tuple(command), claims, timeout
        self._stdout, self._stderr = Tail(), Tail()
        self._asker: threading.Thread | None = None
        self._starts = self._silent_starts = 0
        self._conversation = self._start()
        self._hello = self._greet() or messages.Hello("", frozenset())

    @property
    def starts(self) -> int:
        """How often it was started: 1 for one that failed no check."""
        return self._starts

    @property
    def subject(self) -> SignerSubject:
        """What `check_signer` takes. Raises ValueError for a claim that does not exist."""
        name = self._hello.name or shlex.join(self._command)
        return SignerSubject(name, self.signer, self._claims | self._hello.claims, self.overheard)

    def signer(self, key: PrivateKey) -> Signer:
        """A signer that holds the key and asks the program; a program that has failed is started for it again."""
        if self._conversation.over or self._left_behind():
            self._start_again()
        self._asker = threading.current_thread()
        return _ProgramSigner(self._conversation, key)

    def overheard(self) -> Mapping[str, bytes]:
        """Everything that it has written so far, answers included: the newest mebibyte of each stream."""
        self._conversation.listen()
        return {"stdout": bytes(self._stdout.data), "stderr": bytes(self._stderr.data)}

    def close(self) -> None:
        """End the program."""
        self._conversation.end(CheckFailed("the exam is over"))

    def __enter__(self) -> SignerProgram:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> Conversation:
        self._starts += 1
        return Conversation(self._command, self._timeout, self._stdout, self._stderr)

    def _greet(self) -> messages.Hello | None:
        """None where it does not answer: every question then fails, with what it did."""
        try:
            hello = self._conversation.greet()
        except CheckFailed:
            self._silent_starts += 1
            return None
        self._silent_starts = 0
        return hello

    def _start_again(self) -> None:
        self._conversation.end(CheckFailed("a check was given up, and the program ended with it"))
        if self._starts < _MOST_STARTS and self._silent_starts < _MOST_SILENT_STARTS:
            self._conversation = self._start()
            self._greet()

    def _left_behind(self) -> bool:
        """Whether a check that took too long is still asking; each check runs in a thread of its own."""
        asker = self._asker
        return asker is not None and asker is not threading.current_thread() and asker.is_alive()


class _ProgramSigner:
    def __init__(self, conversation: Conversation, key: PrivateKey) -> None:
        self._conversation, self._key = conversation, key

    @property
    def public_key(self) -> bytes:
        return self._octets("public_key", "public_key", "public_key")

    def sign_digest(self, digest: bytes, /) -> bytes:
        if isinstance(digest, str):
            raise TypeError("a digest is bytes; in the exam's messages it is text anyway")
        if digest is None:
            return self._octets("sign_digest", "sign_digest for null", "signature", digest=None)
        what = "sign_digest" if len(digest) == 32 else f"sign_digest for {len(digest)} bytes"
        return self._octets("sign_digest", what, "signature", digest=digest.hex())

    def _octets(self, op: str, what: str, field: str, **fields: str | None) -> bytes:
        found = self._conversation.ask(op, what, private_key=self._key.reveal().hex(), **fields)
        return messages.octets(found, field, what)
