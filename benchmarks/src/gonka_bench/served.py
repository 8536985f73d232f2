"""A mock node in a process of its own, which `node_process` starts: `python -m gonka_bench.served`.

The first line on stdout says where it is. It serves until its stdin is closed, which also happens when whoever
started it is gone.
"""

from __future__ import annotations

import json
import sys

from gonka_mock_node import MockNode


def main() -> None:
    with MockNode() as node:
        where = {"url": node.url, "provider_address": node.provider_address, "scheme": node.profile.scheme}
        print(json.dumps(where), flush=True)
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
