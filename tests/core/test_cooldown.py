"""What lets an endpoint rest, for how long, and how it comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import ConnectError, Endpoint, TransportTimeout, errors
from gonka_core.cooldown import LONGEST_ASKED_S, PROBE_S, RESTS, SHORTEST_ASKED_S, Cooldown, rest_after

ROOT = Path(__file__).parents[2]
NODE = Endpoint("http://node", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
UNREACHABLE = ConnectError("unreachable", "try another")
FIRST_S = RESTS["ConnectError"].seconds


def node_error(kind: type[errors.NodeError], retry_after_s: float | None = None) -> errors.NodeError:
    error = kind("x", "y", endpoint=NODE, status=500, node_text="x")
    error.retry_after_s = retry_after_s
    return error


REFUSED = node_error(errors.ProviderNotAllowedError)
BALANCE = node_error(errors.InsufficientBalanceError)


ITS_OWN = {
    "ConnectError",
    "TransportTimeout",
    "TransportError",
    "CapacityError",
    "RateLimitedError",
    "NoExecutorError",
    "ExecutorError",
    "StreamFailedError",
    "ChainUnavailableError",
    "UnavailableError",
    "IncompleteRequestError",
    "UnusableAnswerError",
    "StreamTruncatedError",
    "LimitExceededError",
    "ProviderNotAllowedError",
    "RetiredError",
    "MovedError",
    "ApiKeyError",
}


class TestWho:
    """The table, and what is not in it."""

    def test_every_error_of_a_call_is_decided(self) -> None:
        kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BaseException)]
        assert {kind.__name__ for kind in kinds if rest_after(kind)} == ITS_OWN

    @pytest.mark.parametrize(
        "name",
        [
            "AccountError",
            "InsufficientBalanceError",
            "UnknownAccountError",
            "PublicKeyMissingError",
            "PayloadRejectedError",
            "ReplayedError",
            "SignatureRejectedError",
            "AuthorizationMissingError",
            "TimestampTooOldError",
            "TimestampInFutureError",
            "ModelNotFoundError",
            "DeveloperNotAllowedError",
        ],
    )
    def test_what_is_wrong_with_the_request_cools_nobody(self, name: str) -> None:
        cooldown = Cooldown()
        assert cooldown.ended("node", node_error(getattr(errors, name)), began=0, now=1) == 0
        assert cooldown.resting(1) == {}
        assert cooldown.failures("node") == 0

    def test_neither_does_what_is_no_error_of_ours(self) -> None:
        assert Cooldown().ended("node", ValueError("x"), began=0, now=1) == 0

    def test_a_class_rests_as_the_nearest_one_above_it(self) -> None:
        class Unplugged(ConnectError):
            """Somebody's own."""

        assert rest_after(Unplugged) == RESTS["ConnectError"] != RESTS["TransportError"]

    def test_what_an_endpoint_says_for_good_is_long_and_the_rest_short(self) -> None:
        long = {name for name, rest in RESTS.items() if rest.seconds >= 600}
        assert long == {"ProviderNotAllowedError", "RetiredError", "MovedError", "ApiKeyError"}
        assert all(rest.seconds <= 15 and rest.longest <= 300 for name, rest in RESTS.items() if name not in long)


class TestHowLong:
    def test_it_is_avoided_until_its_rest_is_over(self) -> None:
        cooldown = Cooldown()
        assert cooldown.ended("node", UNREACHABLE, began=9, now=10) == FIRST_S
        assert cooldown.resting(10 + FIRST_S / 2) == {"node": FIRST_S / 2}
        assert cooldown.resting(10 + FIRST_S) == {}

    def test_repetition_doubles_it_up_to_a_bound(self) -> None:
        cooldown, now, rests = Cooldown(), 0.0, []
        for _ in range(2000):
            cooldown.asked("node", now)
            rests.append(cooldown.ended("node", UNREACHABLE, began=now, now=now))
            now += rests[-1]
        assert rests[:4] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S]
        assert set(rests[10:]) == {300.0}
        assert cooldown.failures("node") == 2000

    def test_an_answer_ends_it_and_the_next_rest_is_a_first_one(self) -> None:
        cooldown = Cooldown()
        for now in (0, 100):
            cooldown.ended("node", UNREACHABLE, began=now, now=now)
        assert cooldown.ended("node", None, began=100, now=101) == 0
        assert cooldown.resting(101) == {}
        assert cooldown.failures("node") == 0
        assert cooldown.ended("node", UNREACHABLE, began=102, now=102) == FIRST_S

    @pytest.mark.parametrize(("asked", "rest"), [(7, 7), (0, SHORTEST_ASKED_S), (86400, LONGEST_ASKED_S)])
    @pytest.mark.parametrize("kind", [errors.CapacityError, errors.RateLimitedError, errors.UnavailableError])
    def test_retry_after_is_taken_at_its_word_within_bounds(
        self, kind: type[errors.NodeError], asked: float, rest: float
    ) -> None:
        assert Cooldown().ended("node", node_error(kind, asked), began=0, now=0) == rest

    def test_retry_after_of_an_error_that_cools_nobody_does_not(self) -> None:
        error = node_error(errors.InsufficientBalanceError, 60)
        assert Cooldown().ended("node", error, began=0, now=0) == 0

    def test_no_failure_makes_a_rest_shorter(self) -> None:
        cooldown = Cooldown()
        cooldown.ended("node", REFUSED, began=0, now=0)
        assert cooldown.ended("node", UNREACHABLE, began=1, now=1) == 0
        assert cooldown.resting(1) == {"node": 599}

    def test_each_has_its_own(self) -> None:
        cooldown = Cooldown()
        cooldown.ended("a", UNREACHABLE, began=0, now=0)
        cooldown.ended("b", REFUSED, began=0, now=0)
        assert cooldown.resting(5) == {"b": 595}
        cooldown.keep({"a"})
        assert cooldown.resting(1) == {"a": FIRST_S - 1}


class TestIncident:
    """Requests that were under way together."""

    def test_it_is_one_failure_however_many_met_it(self) -> None:
        cooldown = Cooldown()
        rests = [cooldown.ended("node", UNREACHABLE, began=0, now=10) for _ in range(50)]
        assert rests == [FIRST_S, *[0] * 49]
        assert cooldown.failures("node") == 1

    def test_a_worse_one_of_them_makes_the_rest_longer(self) -> None:
        cooldown = Cooldown()
        cooldown.ended("node", UNREACHABLE, began=0, now=10)
        assert cooldown.ended("node", REFUSED, began=0, now=11) == 600
        assert cooldown.failures("node") == 1

    def test_a_success_that_began_before_it_does_not_end_it(self) -> None:
        cooldown = Cooldown()
        cooldown.ended("node", REFUSED, began=0, now=10)
        cooldown.ended("node", None, began=9, now=11)
        assert cooldown.resting(11) == {"node": 599}
        cooldown.ended("node", None, began=11, now=12)
        assert cooldown.resting(12) == {}

    def test_a_late_report_of_it_does_not_put_off_its_beginning(self) -> None:
        cooldown = Cooldown()
        cooldown.ended("node", UNREACHABLE, began=0, now=10)
        cooldown.ended("node", UNREACHABLE, began=0, now=11)
        cooldown.ended("node", None, began=10.5, now=11)
        assert cooldown.resting(11) == {}

    def test_rounding_does_not_put_a_request_before_its_cause(self) -> None:
        cooldown = Cooldown()
        cooldown.ended("node", UNREACHABLE, began=0, now=0.3)
        cooldown.ended("node", None, began=0.5 - 0.2 - 1e-16, now=0.5)
        assert cooldown.resting(0.5) == {}


class TestProbe:
    def half_open(self) -> Cooldown:
        cooldown = Cooldown()
        cooldown.ended("node", UNREACHABLE, began=0, now=0)
        return cooldown

    def test_others_avoid_it_until_the_probe_is_back(self) -> None:
        cooldown = self.half_open()
        assert cooldown.resting(10) == {}
        cooldown.asked("node", 10)
        assert cooldown.resting(10) == {"node": PROBE_S}
        cooldown.ended("node", None, began=10, now=20)
        assert cooldown.resting(20) == {}

    def test_a_probe_that_fails_begins_a_longer_rest(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 10)
        assert cooldown.ended("node", UNREACHABLE, began=10, now=11) == 2 * FIRST_S
        assert cooldown.resting(11) == {"node": 2 * FIRST_S}

    def test_a_probe_that_never_reports_is_given_up(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 10)
        assert cooldown.resting(10 + PROBE_S - 1) == {"node": 1}
        assert cooldown.resting(10 + PROBE_S) == {}
        cooldown.asked("node", 200)
        assert cooldown.resting(200) == {"node": PROBE_S}

    def test_one_that_is_cancelled_frees_it_at_once(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 10)
        cooldown.abandoned("node")
        assert cooldown.resting(10) == {}
        cooldown.abandoned("stranger")

    def test_the_report_of_an_older_request_does_not_end_it(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 10)
        cooldown.ended("node", BALANCE, began=5, now=11)
        assert cooldown.resting(11) == {"node": PROBE_S - 1}

    def test_nor_does_its_failure(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 10)
        cooldown.ended("node", UNREACHABLE, began=-1, now=11)
        assert cooldown.resting(20) == {"node": PROBE_S - 10}

    def test_others_that_ask_it_all_the_same_do_not_prolong_it(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 10)
        cooldown.asked("node", 100)
        assert cooldown.resting(10 + PROBE_S) == {}

    def test_an_error_of_the_requests_own_proves_nothing_and_the_next_one_probes(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 10)
        assert cooldown.ended("node", BALANCE, began=10, now=11) == 0
        assert cooldown.resting(11) == {}
        assert cooldown.failures("node") == 1
        cooldown.asked("node", 12)
        assert cooldown.resting(12) == {"node": PROBE_S}

    def test_a_request_during_the_rest_is_no_probe(self) -> None:
        cooldown = self.half_open()
        cooldown.asked("node", 1)
        assert cooldown.resting(1) == {"node": FIRST_S - 1}

    def test_the_healthy_need_none(self) -> None:
        cooldown = Cooldown()
        cooldown.asked("node", 0)
        assert cooldown.resting(0) == {}


ENDS = st.sampled_from([None, UNREACHABLE, TransportTimeout("x", "y", sent=True), BALANCE, REFUSED,
                        node_error(errors.CapacityError, 7)])  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("ab"), ENDS, st.integers(0, 400), st.integers(0, 400))))
def test_whatever_happens_a_rest_is_bounded_and_told_as_it_is(
    story: list[tuple[str, BaseException | None, int, int]],
) -> None:
    cooldown, now = Cooldown(), 1000
    for name, error, later, took in story:
        now += later
        cooldown.asked(name, now - took)
        told = cooldown.ended(name, error, began=now - took, now=now)
        left = cooldown.resting(now).get(name, 0.0)
        assert 0 <= told <= 600
        assert not told or left >= told
        assert all(0 < seconds <= LONGEST_ASKED_S for seconds in cooldown.resting(now).values())
        assert cooldown.resting(now + LONGEST_ASKED_S + PROBE_S) == {}


def spelled(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def test_the_page_has_the_table_that_the_code_has() -> None:
    rows = [f"| `{name}` | {spelled(rest.seconds)} | {spelled(rest.longest)} |" for name, rest in RESTS.items()]
    table = "\n".join(["| error | first rest | longest |", "|---|---|---|", *rows])
    assert table in (ROOT / "docs" / "selection.md").read_text(encoding="utf-8"), f"put this there:\n{table}"
