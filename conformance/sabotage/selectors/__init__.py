"""Sabotaged selectors, with the checks that must say so, and correct ones that no check may blame."""

from __future__ import annotations

from typing import Final

from gonka_conformance.selectors import SelectorSubject, installed_selector
from gonka_conformance.selectors.checks import SELECTOR_CHECKS
from gonka_conformance.signers.subject import claimed
from gonka_core.hookspecs import SelectorFactory
from sabotage.record import Correct, Sabotaged

from . import choosing as c
from . import claiming as k
from .correct import MostlyTheBest, Sound, Table


def _sabotaged(
    factory: SelectorFactory, caught_by: str, words: str, bug: str, claims: str | tuple[str, ...] = (), name: str = ""
) -> Sabotaged[SelectorSubject]:
    called = name or getattr(factory, "__name__", "")
    return Sabotaged(
        called,
        bug,
        f"selector.{caught_by}",
        words,
        SELECTOR_CHECKS,
        lambda: SelectorSubject(called, factory, claimed(claims)),
    )


def _correct(name: str, factory: SelectorFactory, claims: tuple[str, ...] = ()) -> Correct[SelectorSubject]:
    return Correct(name, SELECTOR_CHECKS, lambda: SelectorSubject(name, factory, claimed(claims)))


def _installed(name: str) -> Correct[SelectorSubject]:
    return Correct(name, SELECTOR_CHECKS, lambda: installed_selector(name))


SABOTAGED: Final = (
    _sabotaged(c.ReturnsNone, "candidate", "of 1, it returned NoneType", "no answer where there is one candidate"),
    _sabotaged(c.ReturnsUrl, "candidate", "str instead of an endpoint", "returns the URL of the endpoint"),
    _sabotaged(c.Tournament, "many", "RecursionError", "compares candidates by recursion"),
    _sabotaged(c.Loyal, "exclusion", "not among the candidates", "goes back to who answered, though excluded"),
    _sabotaged(c.FirstList, "exclusion", "not among the candidates", "keeps the candidates that it saw first"),
    _sabotaged(c.CachedOrder, "shapes", "TypeError: unhashable type: 'list'", "uses the candidates as a key"),
    _sabotaged(c.Sorts, "unchanged", "another after `select`: its order changed", "sorts the list that it is given"),
    _sabotaged(c.Pops, "unchanged", "another after `select`: 1 left", "takes the chosen one out of the list"),
    _sabotaged(c.ByIdentity, "equal-endpoints", "KeyError", "knows endpoints by `id`"),
    _sabotaged(c.NeedsAffinity, "context", "for the first attempt it raised AttributeError", "needs an affinity"),
    _sabotaged(c.StrictText, "context", "no UTF-8 it raised UnicodeEncodeError", "encodes the affinity strictly"),
    _sabotaged(c.KnowsCandidatesOnly, "reports", "raised KeyError", "knows the last candidates only"),
    _sabotaged(c.ComparesStatus, "outcomes", "of no answer raised TypeError", "compares a status that may be None"),
    _sabotaged(c.NoneForNobody, "empty", "it returned NoneType", "answers None to an empty list"),
    _sabotaged(c.WaitsForSomebody, "empty", "did not come to an end", "waits for a candidate to come"),
    _sabotaged(c.SharedTurn, "own-state", "a second selector was in use", "keeps its turn on the class"),
    _sabotaged(c.the_only_one, "own-state", "same object twice", "the factory has one for all", name="TheOnlyOne"),
    _sabotaged(c.RacingTurn, "threads", "IndexError", "checks the turn, and uses it after other threads moved it"),
    _sabotaged(c.RacingTable, "threads", "changed size during iteration", "walks through a table that threads change"),
    _sabotaged(c.KeepsEverything, "bounded", "it forgets nothing", "keeps a count for every endpoint for ever"),
    _sabotaged(c.KeepsConversations, "bounded", "it forgets nothing", "keeps every affinity for ever"),
    _sabotaged(c.HalfPickled, "pickle", "AttributeError", "comes back from pickle without what it needs"),
    _sabotaged(c.KeyInRepr, "no-key-shown", r"repr: it shows the API key of a broker \(raw\)", "API key in its repr"),
    _sabotaged(c.KeyInPickle, "no-key-shown", r"pickle \d: it shows the API key", "API key in its pickle"),
    _sabotaged(k.AlwaysFirst, "fair-shares", "20000 times of 20000", "always the first, said to be fair", "fair"),
    _sabotaged(k.NeverLast, "fair-shares", "of 2 candidates", "never the last: off by one", "fair"),
    _sabotaged(k.OneByte, "fair-shares", "of 100 candidates", "a random byte modulo their number", "fair"),
    _sabotaged(k.Turns, "fair-independence", "1 later in 0 of", "takes turns, said to be chance", "fair"),
    _sabotaged(k.Bag, "fair-independence", "1 later in", "deals a shuffled bag, said to be chance", "fair"),
    _sabotaged(k.SameSeed, "fair-own-chance", "the same 32 choices", "every one begins from the same seed", "fair"),
    _sabotaged(Sound, "weighted-shares", "of 2 candidates", "ignores weights", "weighted", "IgnoresWeights"),
    _sabotaged(k.FirstWeights, "weighted-shares", "of 2 candidates", "keeps the weight seen first", "weighted"),
    _sabotaged(k.TotalOfZero, "weighted-zero", "all of 1 weigh nothing it raised", "falls over zeros", "weighted"),
    _sabotaged(k.AtLeastOne, "weighted-zero", "it chose a 0", "takes a weight of zero for one", "weighted"),
    _sabotaged(Sound, "sticky-same", "to another endpoint", "ignores the affinity", "sticky", "IgnoresAffinity"),
    _sabotaged(k.ByPlace, "sticky-same", "in another order", "the affinity leads to a place", "sticky"),
    _sabotaged(k.ByRemainder, "sticky-leaving", "another endpoint left", "all move when one leaves", "sticky"),
    _sabotaged(k.OneForAll, "sticky-spreads", r"4000", "one endpoint for all affinities", "sticky"),
    _sabotaged(k.TwoSteps, "round-robin", "of 4 candidates", "goes on by two", "round-robin"),
    _sabotaged(k.CountsReports, "round-robin", "in a row", "reports move its turn", "round-robin"),
    _sabotaged(k.LikesSlow, "learns-pace", "9 s for an answer", "prefers the slower", "learns"),
    _sabotaged(k.SharedLessons, "learns-pace", "taught the reverse|against 0.1 s", "all share a table", "learns"),
    _sabotaged(k.QuickFailureIsFast, "learns-failures", "ConnectError at once", "a quick failure is fast", "learns"),
    _sabotaged(k.FirstImpression, "learns-anew", "in the last 60 answers", "keeps its first impression", "learns"),
)

CORRECT: Final = (
    _installed("random"),
    _installed("round-robin"),
    _installed("first"),
    _installed("weighted"),
    _installed("fastest"),
    _installed("sticky"),
    _correct("Sound", Sound, ("fair",)),
    _correct("Table", Table, ("sticky",)),
    _correct("MostlyTheBest", MostlyTheBest, ("learns",)),
)
