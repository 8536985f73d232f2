"""A pin that outlives its validators: each epoch has others, and links lead from the pinned ones to those of today."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from gonka_core.address import encode_address
from gonka_core.discovery import Discovered, Network, learn
from gonka_core.driving import run_flow
from gonka_core.errors import ConfigurationError, ProofError
from gonka_core.interfaces import Response, Transport
from gonka_core.types import Request
from gonka_mock_node import BlockClock, Chain, MockNetwork, Participant

from .asked import DEAD, asked, transport, urls

DAY_S: Final = 86_400
CURRENT: Final = "/v1/epochs/current/participants"


@dataclass
class Days:
    """A network of two nodes whose epochs last a day; letters are validators of equal power, beside the nodes."""

    network: MockNetwork
    instant: list[int] = field(default_factory=list)

    def first(self, letters: str) -> str:
        return self._settled(letters)

    def next(self, letters: str, days: float = 1.0) -> str:
        """Another epoch, so many days later. The hash of its validators."""
        self.instant[0] += int(days * DAY_S * 10**9)
        self.network.chain.next_epoch()
        return self._settled(letters)

    def _settled(self, letters: str) -> str:
        chain = self.network.chain
        nodes = tuple(
            Participant(node.provider_address, node.public_url, weight=0, models=("test",))
            for node in self.network.nodes
        )
        others = tuple(
            Participant(_address(letter), f"http://203.0.113.1:{20_000 + ord(letter)}", weight=100, models=("test",))
            for letter in letters
        )
        chain.epochs[chain.epoch] = replace(chain.current, participants=(*nodes, *others))
        return chain.validators_hash.hex()

    def asked(self, *pins: str, sources: Sequence[str] = (), **options: Any) -> Discovered:
        trusted = tuple(bytes.fromhex(pin) for pin in pins)
        now = self.instant[0] / 10**9
        places = sources or urls(self.network)[:1]
        return asked(*places, verify="validators", trusted=trusted, now=now, **options)


@pytest.fixture
def days() -> Iterator[Days]:
    instant = [time.time_ns()]
    with MockNetwork(2, chain=Chain(clock=BlockClock(lambda: instant[0]))) as network:
        yield Days(network, instant)


def reason(days: Days, *pins: str, **options: Any) -> str:
    with pytest.raises(ProofError) as caught:
        days.asked(*pins, **options)
    assert caught.value.reason == "anchor"
    return str(caught.value)


def test_validators_that_change_a_little(days: Days) -> None:
    pin = days.first("abcd")
    today = days.next("bcde")
    assert today != pin
    found = days.asked(pin)
    assert (found.level, found.anchor, found.epoch) == ("validators", pin, days.network.chain.epoch)
    # The negative: exact pins, as they are without moving on, are refused from then on.
    assert "do not lead" in reason(days, pin, trusting_s=0)
    assert days.asked(today, trusting_s=0).anchor == today


def test_one_step_after_the_other(days: Days) -> None:
    """Nobody of the first epoch is there in the last."""
    pin = days.first("abc")
    days.next("bcd")
    days.next("cde")
    days.next("def")
    assert days.asked(pin).anchor == pin


def test_a_step_that_is_too_large(days: Days) -> None:
    pin = days.first("abc")
    days.next("bcd")
    later = days.next("def")
    assert later in reason(days, pin)
    assert days.asked(later).anchor == later


def test_a_third_of_the_power_is_too_little(days: Days) -> None:
    pin = days.first("abc")
    days.next("cxyz")
    assert "do not lead" in reason(days, pin)
    other = days.next("yzuvw")
    assert other in reason(days, pin)


def test_an_older_epoch_with_the_same_validators_is_not_needed(days: Days) -> None:
    """The walk back ends at the first pinned set that it meets."""
    days.first("abc")
    pin = days.next("bcd")
    days.next("cde")
    assert days.asked(pin, bytes(32).hex()).anchor == pin


def test_nothing_is_believed_of_validators_of_long_ago(days: Days) -> None:
    pin = days.first("abc")
    for _ in range(6):
        days.next("abcx")
        days.next("abcy", days=0.2)
    assert days.asked(pin, trusting_s=9 * DAY_S).anchor == pin
    assert "the last 7 days do not lead" in reason(days, pin)


def test_an_epoch_that_nobody_tells_ends_it(days: Days) -> None:
    """Pruned, say; another source that has it still will do."""
    pin = days.first("abc")
    days.next("bcd")
    before = f"/v1/epochs/{days.network.chain.epoch - 1}/participants"
    days.network.faults.add("status", code=404, route=before, node=1)
    assert "do not lead" in reason(days, pin)
    days.network.faults.add("status", code=404, route=CURRENT, node=2)
    assert days.asked(pin, sources=urls(days.network)).anchor == pin


def test_a_header_that_nobody_signed_is_no_link(days: Days) -> None:
    """The pinned validators are named in a header that they never signed."""
    pin = days.first("abc")
    days.next("bcd")
    assert days.asked(pin).anchor == pin
    days.network.faults.add("minority-commit", node=1)
    with pytest.raises(ProofError):
        days.asked(pin)
    days.network.faults.clear()
    before = f"/v1/epochs/{days.network.chain.epoch - 1}/participants"
    days.network.faults.add("forged-app-hash", node=1, route=before)
    assert "do not lead" in reason(days, pin)


def test_a_liars_whole_chain_has_no_link_to_the_pinned_ones(days: Days) -> None:
    pin = days.first("abc")
    days.next("bcd")
    days.network.faults.add("forged-validators", node=1)
    assert "do not lead" in reason(days, pin)


def test_true_epochs_of_the_past_do_not_help_a_liar(days: Days) -> None:
    """It tells the truth about all that was, and makes up what is, with keys of its own."""
    pin = days.first("abc")
    days.next("bcd")
    liar, honest = urls(days.network)
    for route in (CURRENT, "/chain-rpc/*", "/chain-api/*"):
        days.network.faults.add("forged-validators", node=1, route=route)
    days.network.faults.add("status", code=404, route=CURRENT, node=2)
    told = reason(days, pin, sources=(liar, honest))
    assert "do not lead" in told
    days.network.faults.clear()
    assert days.asked(pin, sources=(liar, honest)).level == "validators"


@pytest.mark.parametrize(
    ("pins", "trusting_s", "walks"), [((), 7.0 * DAY_S, False), (("11" * 32,), 0.0, False), (("11" * 32,), 1.0, True)]
)
def test_who_pins_nothing_pays_nothing(days: Days, pins: tuple[str, ...], trusting_s: float, walks: bool) -> None:
    days.first("abc")
    days.next("bcd")
    before = f"/v1/epochs/{days.network.chain.epoch - 1}/participants"
    trusted = tuple(map(bytes.fromhex, pins))
    network = Network(urls(days.network)[:1], verify="validators", trusted=trusted, trusting_s=trusting_s)
    with transport() as carrier:
        noting = Noting(carrier)
        with pytest.raises(ProofError):
            run_flow(learn(network, time.monotonic, lambda: days.instant[0] / 10**9), noting)
    assert (before in noting.paths) == walks


@dataclass
class Noting:
    """A transport that keeps the paths it was asked for."""

    inner: Transport
    paths: list[str] = field(default_factory=list)

    def send(self, request: Request, timeout: float | None = None) -> Response:
        self.paths.append(request.url.removeprefix(request.endpoint.root))
        return self.inner.send(request, timeout=timeout)

    def close(self) -> None:
        self.inner.close()


class TestSomebodyIsAhead:
    """A pin is as good for an epoch that is over: other sources tell that it is."""

    def test_a_source_that_is_behind_is_passed_over(self, days: Days) -> None:
        pin = days.first("abc")
        days.next("abcd", days=0.5)
        days.network.faults.add("stale-epoch", node=1)
        late, honest = urls(days.network)
        found = days.asked(pin, sources=(late, honest))
        assert (found.source, found.epoch) == (honest, days.network.chain.epoch)
        # The negative: alone it is believed while its list is not too old.
        assert days.asked(pin, sources=(late,)).epoch == days.network.chain.epoch - 1

    def test_as_it_is_where_the_pin_moved_on(self, days: Days) -> None:
        pin = days.first("abc")
        days.next("bcd", days=0.2)
        days.next("cde", days=0.2)
        days.network.faults.add("stale-epoch", node=1)
        late, honest = urls(days.network)
        assert days.asked(pin, sources=(late, honest)).source == honest
        assert days.asked(pin, sources=(late,)).epoch == days.network.chain.epoch - 1

    def test_a_later_epoch_that_the_validators_do_not_know_stops_nobody(self, days: Days) -> None:
        pin = days.first("abc")
        days.next("xyz", days=0.5)
        days.network.faults.add("stale-epoch", node=1)
        late, ahead = urls(days.network)
        assert days.asked(pin, sources=(late, ahead)).source == late

    @pytest.mark.parametrize("fault", ["forged-validators", "forged-commit", "forged-proof"])
    def test_a_liar_who_claims_a_later_epoch_stops_nobody(self, days: Days, fault: str) -> None:
        pin = days.first("abc")
        days.next("abcd", days=0.5)
        days.network.faults.add("stale-epoch", node=1)
        days.network.faults.add(fault, node=2)
        late, liar = urls(days.network)
        assert days.asked(pin, sources=(late, liar)).source == late
        days.network.faults.clear()
        days.network.faults.add("stale-epoch", node=1)
        assert days.asked(pin, sources=(late, liar)).source == liar

    def test_one_who_is_silent_stops_nobody(self, days: Days) -> None:
        pin = days.first("abc")
        days.network.faults.add("latency", node=2, seconds=30.0)
        assert days.asked(pin, sources=urls(days.network), timeout_s=2.0).source == urls(days.network)[0]


@pytest.mark.parametrize("wrong", [-1, math.nan, math.inf, "1", None])
def test_what_is_no_trusting_period(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"trusting_s is .*; give seconds") as caught:
        asked(DEAD, trusting_s=wrong)
    assert "0 trusts the validators that are pinned alone" in str(caught.value)


def _address(letter: str) -> str:
    return encode_address(hashlib.sha256(letter.encode()).digest()[:20])
