"""The kit as pytest suites to subclass. Nothing loads them by itself; importing one is opting in.

from gonka_conformance.suite import SignerSuite

class TestMine(SignerSuite):
    claims = {"deterministic"}

    def make_signer(self, key):
        return MySigner(key)
"""

from __future__ import annotations

from .clients.suite import ClientSuite
from .nodes.suite import NodeSuite
from .selectors.suite import SelectorSuite
from .signers.suite import SignerSuite
from .transports.suite import TransportSuite

__all__ = ["ClientSuite", "NodeSuite", "SelectorSuite", "SignerSuite", "TransportSuite"]
