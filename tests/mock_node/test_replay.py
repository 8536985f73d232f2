"""Which signatures are remembered, and that remembering takes as long after many as after few."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.replay import ReplayMemory

RECORDS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 5), st.integers(0, 6)), max_size=60)


class Plain:
    """The rule in the words of `protocol.md` §3.7, with a list: first uses in order, those too old in front go."""

    def __init__(self, most: int) -> None:
        self.uses: list[tuple[str, int]] = []
        self.most = most

    def record(self, authorization: str, height: int, keep_blocks: int) -> None:
        while self.uses and self.uses[0][1] < height - keep_blocks:
            self.uses.pop(0)
        if authorization not in [known for known, _ in self.uses]:
            self.uses = [*self.uses, (authorization, height)][-self.most :]


@given(RECORDS, st.integers(1, 8))
def test_what_is_known_is_what_was_used_within_the_window(records: list[tuple[str, int, int]], most: int) -> None:
    memory, plain = ReplayMemory(most), Plain(most)
    height = 100
    for authorization, grown, keep_blocks in records:
        height += grown
        memory.record(authorization, height, keep_blocks)
        plain.record(authorization, height, keep_blocks)
        assert {name for name in "abcdefgh" if memory.knows(name)} == {name for name, _ in plain.uses}
        assert len(memory) == len(plain.uses)
    memory.clear()
    assert len(memory) == 0
    memory.record("a", 1, 1)
    assert memory.knows("a")


def test_a_full_memory_is_as_quick_as_an_empty_one() -> None:
    """Forgetting from the front of a plain dict took a hundred times as long by then."""
    memory = ReplayMemory(most=20_000)

    def taken(first: int) -> float:
        started = time.process_time()
        for number in range(first, first + 10_000):
            memory.record(str(number), 1, 30)
        return time.process_time() - started

    times = [taken(first) for first in range(0, 100_000, 10_000)]
    assert min(times[5:]) < 10 * min(times[:2])
