"""The conformance kit: does a signer, transport, selector, client or node do what the network demands?

One list of checks for each kind, read by several fronts: functions such as `check_signer` here,
`python -m gonka_conformance` on the command line, and the pytest suites in `gonka_conformance.suite`. Each kind has a
room of its own: `signers`, `transports`, `selectors`, `clients`, `nodes`.
"""

from __future__ import annotations

from .checks import Check, CheckFailed
from .report import KIT_VERSION, Report, Result, Status
from .signers import SignerSubject, check_signer, installed_signer, installed_signers

__all__ = [
    "KIT_VERSION",
    "Check",
    "CheckFailed",
    "Report",
    "Result",
    "SignerSubject",
    "Status",
    "check_signer",
    "installed_signer",
    "installed_signers",
]
