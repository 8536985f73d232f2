"""The conformance kit: does a signer, transport, selector, client or node do what the network demands?

One list of checks for each kind, read by several fronts: functions such as `check_signer` here,
`python -m gonka_conformance` on the command line, and the pytest suites in `gonka_conformance.suite`. Each kind has a
room of its own: `signers`, `transports`, `selectors`, `clients`, `nodes`.
"""

from __future__ import annotations

from .checks import Check, CheckFailed
from .clients import ClientSubject, check_client
from .nodes import NodeSubject, check_node
from .report import KIT_VERSION, Report, Result, Status
from .selectors import SelectorSubject, check_selector, installed_selector, installed_selectors
from .signers import SignerProgram, SignerSubject, check_signer, installed_signer, installed_signers
from .transports import TransportSubject, check_transport, installed_transport, installed_transports

__all__ = [
    "KIT_VERSION",
    "Check",
    "CheckFailed",
    "ClientSubject",
    "NodeSubject",
    "Report",
    "Result",
    "SelectorSubject",
    "SignerProgram",
    "SignerSubject",
    "Status",
    "TransportSubject",
    "check_client",
    "check_node",
    "check_selector",
    "check_signer",
    "check_transport",
    "installed_selector",
    "installed_selectors",
    "installed_signer",
    "installed_signers",
    "installed_transport",
    "installed_transports",
]
