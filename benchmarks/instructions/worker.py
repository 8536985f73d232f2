"""The process that is counted: `python worker.py SUBJECT SHORTER LONGER`.

The work is done so many times and then so many times, and a call that nothing else makes stands around both, at which
valgrind writes down what it has counted. What comes before, such as imports and the first runs, is not counted.
"""

import gc
import os
import sys


def main(name: str, shorter: int, longer: int) -> None:
    from benchmarks.instructions.work import WORK

    run = WORK[name]()
    run(shorter)  # what is done once only is done now
    gc.collect()
    gc.disable()
    mark()
    run(shorter)
    mark()
    run(longer)
    mark()


def mark() -> None:
    """Call the function of libc with the name `counting.MARK`."""
    os.getsid(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
