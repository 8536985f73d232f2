"""This checkout, importable in an environment that has no code of ours in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.ecosystem.checkout import Checkout

_BUILD: Final = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"


def environ(checkout: Checkout, scratch: Path) -> Mapping[str, str]:
    """The variables with which Python, and whatever it starts, finds the checkout's code and its entry points.

    `scratch` is an empty folder, which has to stay as long as they are used.
    """
    # The wheel of an editable install: a description with the entry points, and the paths to the code.
    subprocess.run([sys.executable, "-c", _BUILD, os.fspath(scratch)], cwd=checkout.root, check=True, timeout=60)
    for wheel in scratch.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(scratch)
    folders = [line for path in scratch.glob("*.pth") for line in path.read_text(encoding="utf-8").splitlines()]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([os.fspath(scratch), *folders])}
