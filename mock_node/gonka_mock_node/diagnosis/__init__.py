"""Why a request was refused. The node's answer stays the node's; this tells the developer what the client did.

`evidence` holds the two records. A diagnosis of a signature reads the header leniently (`header`, `spelling`,
`halves`), lists the messages that may have been signed instead of the right one (`messages`, `stamps`, `bodies`) and
what may have been done to them (`digests`), and searches for the combination that fits (`search`, `curve`). `accounts`
and `timing` explain the other two rules at which clients fail; `wording` has the words. `diagnoser` is the way in.
"""

from __future__ import annotations

from .diagnoser import Diagnoser, diagnose
from .evidence import Diagnosis, Evidence

__all__ = ["Diagnoser", "Diagnosis", "Evidence", "diagnose"]
