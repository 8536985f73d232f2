"""The same job as a Ray Data pipeline, on one machine or many.

The pipeline carries pieces of the input, as places in the file, so that every worker has to see the input under the
same path. A worker makes its client from what was pickled of the driver's, and reads the private key from
`GONKA_PRIVATE_KEY` where it runs. The files of the job are kept by one actor, beside the driver.
"""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from gonka_core.async_client import AsyncClient
from gonka_core.errors import GonkaError, MissingLibraryError
from gonka_core.plugins import install_line

from . import money
from .ledger import Ledger
from .opening import open_ledger
from .ray_parts import Job, Keeper, Worker, pieces_of, thawed
from .records import BatchOptions, Progress, Summary
from .settling import Run

_ROUNDS: Final = 8
"""Lines of a piece for each request that a worker has under way."""
_DEFAULTS: Final = BatchOptions()


class RayError(GonkaError):
    """Ray ended the job; `__cause__` is its own error."""


class RayBatch:
    """One run of a job with `workers` actors. The options mean what they mean for `Batch`, `concurrency` for each
    worker. Uses the Ray that was initialised, or a local one.
    """

    def __init__(
        self,
        client: AsyncClient,
        input: str,  # noqa: A002 - that is what it is
        output: str,
        options: BatchOptions = _DEFAULTS,
        *,
        workers: int = 2,
        max_cost: int | None = None,
        retry_failed: bool = False,
        report: Callable[[Progress], None] | None = None,
    ) -> None:
        self._client = client
        self._files = (input, output)
        self._options = options
        self._workers = workers
        self._max_cost = max_cost
        self._retry_failed = retry_failed
        self._report = report
        self._keeper: Any = None

    def run(self) -> Summary:
        """Do what is left of the job. Raises what `open_ledger` and `Batch.run` do, and `RayError`."""
        ray = require_ray()
        opened = open_ledger(
            *self._files,
            max_cost=self._max_cost,
            retry_failed=self._retry_failed,
            may_bill_twice=self._options.may_bill_twice,
        )
        try:
            if not opened.left:
                return Run(opened, self._options, 0, time.monotonic).summary()
            job = asyncio.run(self._job(opened))
            pieces = list(pieces_of(opened, Path(job.path), job.at_once * _ROUNDS))
        finally:
            opened.close()
        try:
            return self._carried_out(ray, job, pieces)
        except ray.exceptions.RayError as error:
            raise _told(error) from error

    def finish(self) -> None:
        """Send nothing more, and wait for what is under way."""
        if self._keeper is not None:
            self._keeper.finish.remote()

    async def _job(self, opened: Ledger) -> Job:
        async with self._client as client:
            if not client.endpoints:
                await client.discover()
            prices = await money.prices(client, opened.models, self._options.price)
            if opened.limited:
                money.require(prices, opened.models)
            at_once = self._options.at_once(len(client.endpoints))
        return Job(opened.job, str(Path(self._files[0]).absolute()), prices, self._options, at_once)

    def _carried_out(self, ray: Any, job: Job, pieces: list[dict[str, int]]) -> Summary:
        if not ray.is_initialized():
            ray.init(include_dashboard=False)
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        frozen = pickle.dumps(self._client)
        ray.get(ray.remote(_usable).options(num_cpus=1).remote(frozen))
        files = tuple(str(Path(file).absolute()) for file in self._files)
        self._keeper = keeper = (
            ray.remote(Keeper)
            .options(num_cpus=0, scheduling_strategy=here)
            .remote(*files, self._max_cost, self._options, job.at_once * self._workers)
        )
        try:
            return self._piped(ray, job, frozen, pieces)
        finally:
            ray.kill(keeper)

    def _piped(self, ray: Any, job: Job, frozen: bytes, pieces: list[dict[str, int]]) -> Summary:
        blocks = min(len(pieces), 10 * self._workers)
        done = ray.data.from_items(pieces, override_num_blocks=blocks).map_batches(
            Worker,
            fn_constructor_args=(frozen, self._keeper, job),
            batch_size=1,
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=self._workers),
        )
        for _ in done.iter_batches(batch_size=None):
            if self._report is not None:
                self._report(ray.get(self._keeper.progress.remote()))
        summary: Summary = ray.get(self._keeper.close.remote())
        return summary


def _usable(frozen: bytes) -> None:
    """Raises what is wrong with the client where a worker is: in a worker, Ray would try for ever."""
    thawed(frozen)


def require_ray() -> Any:
    """The library. Raises `MissingLibraryError` where it is not installed."""
    try:
        ray = import_module("ray")
        for part in ("ray.data", "ray.util.scheduling_strategies"):
            import_module(part)
    except ImportError:
        raise MissingLibraryError(
            "the engine ray needs ray[data], which is not installed", install_line("ray")
        ) from None
    return ray


def _told(error: Exception) -> GonkaError:
    """The error of ours that a worker ended in, or Ray's own in ours."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, GonkaError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    return RayError(
        f"Ray ended the job ({type(error).__name__}: {str(error).strip().splitlines()[-1][:300]})",
        "see Ray's logs, and give the same command again: it goes on",
    )
