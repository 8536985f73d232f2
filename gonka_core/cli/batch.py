"""`gonka batch`."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

import click

from gonka_core.async_client import AsyncClient
from gonka_core.batch import Batch, BatchOptions, Ledger, Summary, open_ledger
from gonka_core.batch.ray_engine import RayBatch
from gonka_core.retry import RetryPolicy

from . import batch_shown, client_choice, given
from .client_choice import ClientChoice

FAILED: Final = 1
UNFINISHED: Final = 3
INTERRUPTED: Final = 130
_WAITING: Final = "gonka: waiting for the requests that are under way; once more to drop them"


def _ngonka(_context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """An amount in GNK, as whole ngonka."""
    if value is None:
        return None
    try:
        ngonka = Decimal(value) * 10**9
        if ngonka.is_finite() and ngonka >= 0 and ngonka == int(ngonka):
            return int(ngonka)
    except InvalidOperation:
        pass
    raise given.wrong(
        f"{parameter.opts[0]} is {value!r}, which is no amount", "give GNK, such as 0.25, with nine decimals at most"
    )


@click.command()
@click.argument("input_file", metavar="INPUT")
@click.argument("output_file", metavar="OUTPUT")
@click.option("--concurrency", type=click.IntRange(1, 4096), metavar="N", help="Requests at once. Default: 16 a node.")
@click.option("--requests-per-endpoint", type=click.IntRange(1, 4096), default=16, show_default=True, metavar="N")
@click.option("--max-cost", callback=_ngonka, metavar="GNK", help="Stop before all runs of the job cost more.")
@click.option("--price", type=click.IntRange(0), metavar="NGONKA", help="A token's. Default: what the network tells.")
@click.option("--retry-failed", is_flag=True, help="Send lines again that failed before.")
@click.option("--may-bill-twice", is_flag=True, help="Repeat also what may have been billed.")
@click.option("--no-repeat-started", is_flag=True, help="Lines under way when a run was killed fail.")
@click.option("--attempts", type=click.IntRange(1, 100), default=8, show_default=True, metavar="N", help="For a line.")
@click.option(
    "--stop-after", type=click.IntRange(0), metavar="N", help="Failures in a row that end the job; 0 for never."
)
@click.option("--engine", type=click.Choice(["asyncio", "ray"]), default="asyncio", show_default=True)
@click.option("--workers", type=click.IntRange(1, 1024), default=2, show_default=True, metavar="N", help="Of Ray.")
@client_choice.options
@click.option("--quiet", is_flag=True, help="Print nothing while it runs.")
@given.as_json
def batch(
    input_file: str,
    output_file: str,
    concurrency: int | None,
    requests_per_endpoint: int,
    max_cost: int | None,
    price: int | None,
    retry_failed: bool,
    may_bill_twice: bool,
    no_repeat_started: bool,
    attempts: int,
    stop_after: int | None,
    engine: str,
    workers: int,
    choice: ClientChoice,
    quiet: bool,
    as_json: bool,
) -> int:
    """Answer every line of INPUT, in OpenAI's batch format, with a line of OUTPUT.

    The same command goes on with a job that was stopped or killed: finished lines are not sent again. Exit status: 0
    every line is answered; 1 some have failed; 3 some are left, because of a limit or an outage; 130 interrupted.
    """
    options = BatchOptions(
        concurrency=concurrency,
        per_endpoint=requests_per_endpoint,
        price=price,
        repeat_started=not no_repeat_started,
        stop_after=stop_after,
        may_bill_twice=may_bill_twice,
    )
    client = AsyncClient(
        **choice.settings(),
        retry=RetryPolicy(attempts=attempts, longest_backoff=30.0, may_bill_twice=may_bill_twice),
        requests_per_endpoint=requests_per_endpoint,
    )
    opening = _Opening(input_file, output_file, max_cost, retry_failed)
    with batch_shown.reporter(quiet=quiet or as_json) as report:
        if engine == "ray":
            if choice.key.option is not None:
                raise given.wrong(
                    f"{choice.key.option} is given, and Ray's workers do not see it", "set GONKA_PRIVATE_KEY"
                )
            told = _on_ray(client, opening, options, workers, report)
        else:
            told = _here(client, opening, options, report)
    batch_shown.summary(told, as_json=as_json)
    return _status(told)


class _Opening(NamedTuple):
    """How a job is opened."""

    input: str
    output: str
    max_cost: int | None
    retry_failed: bool


def _here(client: AsyncClient, opening: _Opening, options: BatchOptions, report: batch_shown.Report | None) -> Summary:
    ledger = open_ledger(
        opening.input,
        opening.output,
        max_cost=opening.max_cost,
        retry_failed=opening.retry_failed,
        may_bill_twice=options.may_bill_twice,
    )
    try:
        return asyncio.run(_run(client, ledger, options, report))
    finally:
        ledger.close()


def _on_ray(
    client: AsyncClient, opening: _Opening, options: BatchOptions, workers: int, report: batch_shown.Report | None
) -> Summary:
    job = RayBatch(client, **opening._asdict(), options=options, workers=workers, report=report)

    def asked(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        click.echo(_WAITING, err=True)
        job.finish()

    before = signal.signal(signal.SIGINT, asked)
    try:
        return job.run()
    finally:
        signal.signal(signal.SIGINT, before)


async def _run(
    client: AsyncClient, ledger: Ledger, options: BatchOptions, report: batch_shown.Report | None
) -> Summary:
    async with client:
        job = Batch(client, ledger, options, report=report)
        _end_on_signals(job, asyncio.get_running_loop())
        return await job.run()


def _end_on_signals(job: Batch, loop: asyncio.AbstractEventLoop) -> None:
    """The first SIGINT or SIGTERM lets requests under way come to their end, the second one does not."""

    def asked(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        loop.add_signal_handler(number, job.abandon)
        click.echo(_WAITING, err=True)
        job.finish()

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows the first one ends everything
            loop.add_signal_handler(number, asked, number)


def _status(summary: Summary) -> int:
    if summary.end == "stopped":
        return INTERRUPTED
    if summary.end != "done":
        return UNFINISHED
    return FAILED if summary.progress.failed else 0
