"""Who may call a gateway, and whether it still serves at all. Keys are kept as hashes: a mock stores no secret."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


class Access:
    """Open by default: every key that is not empty is admitted. With `api_keys`, or `admit`, only those are.

    `moved_to`: the URL that a disabled gateway names instead of serving (`protocol.md` §11.4); empty while it serves.
    """

    def __init__(self, api_keys: Iterable[str] = (), moved_to: str = "") -> None:
        self._hashes = {_hash(key) for key in api_keys}
        self.moved_to = moved_to

    def admit(self, api_key: str) -> None:
        """Let a key in from now on; all others stay out. Only its hash is kept."""
        self._hashes.add(_hash(api_key))

    def admits(self, api_key: str) -> bool:
        """Whether a key is let in: any that is not empty, until one has been admitted."""
        return bool(api_key) and (not self._hashes or _hash(api_key) in self._hashes)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
