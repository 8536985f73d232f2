"""Clients that are wrong on purpose, each in one way; most bugs were found in real peers.

`python -m sabotage.client_programs.broken NAME` runs one. Each is the honest client with a method or two done wrong.
"""

from __future__ import annotations

import os
import sys

from . import wrong_deciding, wrong_sending, wrong_signing, wrong_telling

if __name__ == "__main__":
    rooms = (wrong_signing, wrong_sending, wrong_deciding, wrong_telling)
    program = next(found for room in rooms if (found := getattr(room, sys.argv[1], None)))
    sys.exit(program(os.environ).run())
