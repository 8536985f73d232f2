"""What is examined: a node, and what the exam may do there."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from gonka_core.keys import ApiKey, PrivateKey

from .generations import GENERATIONS

if TYPE_CHECKING:
    from .survey import Survey

AUTO: Final = "auto"
"""The generation is found out."""


@dataclass(frozen=True)
class NodeSubject:
    """A node under test, of which nothing is controlled.

    `url` with or without `/v1`. `provider_address`: the node's account; without it `/v1/identity` is asked. `key`: of
    an account that the chain knows, for what needs a signature; `api_key`: for a gateway. `profile`: a generation by
    the name of a mock node's profile, or `auto`. `paid`: also requests that are computed and billed, for one token
    each. `rude`: also bodies over 10 MiB, broken ones, and many requests at once. `model`: one that is served; without
    it the first that the node lists. `block_time_ns`: where the node's block time stands still (a mock node), its
    nanoseconds: windows are then tested to the nanosecond. `unpublished_address`: an account whose public key the
    chain does not have. `timeout_s` bounds every wait for an answer.

    Raises ValueError for a profile that does not exist.
    """

    url: str
    provider_address: str | None = None
    key: PrivateKey | None = field(default=None, repr=False)
    profile: str = AUTO
    paid: bool = False
    rude: bool = False
    model: str | None = None
    api_key: ApiKey | None = field(default=None, repr=False)
    block_time_ns: int | None = None
    unpublished_address: str | None = None
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        if self.profile != AUTO and self.profile not in GENERATIONS:
            raise ValueError(f"there is no profile {self.profile!r}; choose one of: {AUTO}, {', '.join(GENERATIONS)}")

    @property
    def name(self) -> str:
        """Its URL, which reports call it by."""
        return self.url

    @property
    def claims(self) -> frozenset[str]:
        """The generation as which the node is judged."""
        return frozenset({self.survey.generation.name})

    @cached_property
    def survey(self) -> Survey:
        """What has been learned of the node; asked once, when it is needed."""
        # Here and not above, so that the package can be imported, and say what is missing, without cryptography.
        from .survey import Survey

        return Survey(
            url=self.url,
            profile=None if self.profile == AUTO else self.profile,
            provider_address=self.provider_address,
            key=self.key,
            api_key=self.api_key,
            model=self.model,
            block_time_ns=self.block_time_ns,
            timeout_s=self.timeout_s,
        )
