"""The conformance kit: says whether a signer does what the network demands, and what is wrong where it does not.

One list of checks, read by several fronts: `check_signer` here, `python -m gonka_conformance` on the command line,
and the pytest suite in `gonka_conformance.suite`.
"""

from __future__ import annotations

from .checks import Check, CheckFailed
from .report import KIT_VERSION, Report, Result, Status
from .runner import check_signer
from .subjects import SignerSubject, installed_signer, installed_signers

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
