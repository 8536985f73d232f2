"""Which link of the chain between a program and the network is broken, and what mends it.

    for finding in examine():
        ...

`examine` reads; it signs and sends only what it is told to (`Given.send`). docs/doctor.md says what each finding means.
"""

from __future__ import annotations

from .examining import examine
from .findings import Finding, Verdict
from .patient import Given

__all__ = ["Finding", "Given", "Verdict", "examine"]
