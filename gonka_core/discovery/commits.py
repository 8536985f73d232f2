"""What sealing a header takes: the commit of its block, and the validators of its height (`protocol.md` §6.7, §7.4).

Both certify themselves: signatures and hashes tell whether they belong to the header, so that it does not matter who
hands them out. Two ways lead to them, CometBFT's RPC and the SDK's REST interface, and an operator may have closed
either or both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gonka_core.asking import Asking, object_of
from gonka_core.numbers import whole
from gonka_core.steps import Steps

MOST_VALIDATORS: Final = 10_000
"""As many votes as CometBFT lets a commit have (MaxVotesCount)."""
_PAGE: Final = 100
_REST: Final = "/chain-api/cosmos/base/tendermint/v1beta1"


class Way(NamedTuple):
    """How commits and validators are had: paths to format, and where in the answers they stand.

    The commit of a block stands in an answer about its own height, or in the block behind it; the header that belongs
    to it beside it, or nowhere.
    """

    name: str
    commit_path: str
    commit_places: tuple[tuple[str, ...], ...]
    header_place: tuple[str, ...]
    rows_path: str
    rows_place: tuple[str, ...]
    total_place: tuple[str, ...]

    def path_of_commit(self, height: int) -> str:
        return self.commit_path.format(height=height, next=height + 1)

    def path_of_rows(self, height: int, page: int) -> str:
        """`page` counts from 0."""
        return self.rows_path.format(height=height, page=page + 1, offset=page * _PAGE, size=_PAGE)


class Committed(NamedTuple):
    """JSON of a commit, and of the header that stands beside it, None (or anything) where none does."""

    commit: Mapping[str, Any]
    header: object


WAYS: Final = (
    Way(
        "/chain-rpc",
        "/chain-rpc/commit?height={height}",
        (("result", "signed_header", "commit"),),
        ("result", "signed_header", "header"),
        "/chain-rpc/validators?height={height}&page={page}&per_page={size}",
        ("result", "validators"),
        ("result", "total"),
    ),
    Way(
        "/chain-api",
        f"{_REST}/blocks/{{next}}",
        (("block", "last_commit"), ("sdk_block", "last_commit")),
        (),
        f"{_REST}/validatorsets/{{height}}?pagination.offset={{offset}}&pagination.limit={{size}}"
        "&pagination.count_total=true",
        ("validators",),
        ("pagination", "total"),
    ),
)


def commit(asking: Asking, source: str, way: Way, height: int) -> Steps[Committed | None]:
    """The commit of the block at a height; None where this way does not lead to one."""
    tree = object_of((yield from asking.read(source, way.path_of_commit(height))).content)
    found = (_at(tree, place) for place in way.commit_places)
    commit = next((value for value in found if isinstance(value, dict)), None)
    return None if commit is None else Committed(commit, _at(tree, way.header_place))


def validators(asking: Asking, source: str, way: Way, height: int) -> Steps[list[Any] | None]:
    """The validators at a height, as JSON, from all pages; None where this way does not lead to them."""
    rows: list[Any] = []
    for page in range(MOST_VALIDATORS // _PAGE):
        tree = object_of((yield from asking.read(source, way.path_of_rows(height, page))).content)
        more, total = _at(tree, way.rows_place), whole(_at(tree, way.total_place))
        if not isinstance(more, list) or len(rows) + len(more) > MOST_VALIDATORS:
            return None
        rows += more
        if not more or total is None or len(rows) >= total:
            return rows
    return None


def _at(value: Any, place: tuple[str, ...]) -> Any:
    """What stands at a place of a tree; None where nothing does, and at no place."""
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value if place else None
