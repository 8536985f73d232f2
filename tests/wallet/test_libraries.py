"""Libraries of others are imported when they are needed, and change nothing but what they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gonka_core.errors import MissingLibraryError
from gonka_core.wallet.libraries import library


@pytest.mark.parametrize("name", ["eth_keyfile", "mnemonic", "keyring"])
def test_the_recursion_limit_of_the_process_stays(name: str) -> None:
    program = (
        "import sys\n"
        "from gonka_core.wallet.libraries import library\n"
        f"before = sys.getrecursionlimit(); library({name!r}); print(before == sys.getrecursionlimit())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True\n"


def test_one_that_is_not_there() -> None:
    with pytest.raises(MissingLibraryError, match=r"no_such_library.*gonka-core\[keys\]"):
        library("no_such_library")
