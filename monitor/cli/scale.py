"""Commands for more than one machine: ``worker``, ``store copy``, ``store migrate``."""

from __future__ import annotations

import click

from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, run_async
from monitor.environment import variables
from monitor.errors import NewsbellError

_SHARDS = 64


@click.command("worker")
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Jobs at a time.")
@click.option(
    "--shards",
    type=click.IntRange(1, 4096),
    default=_SHARDS,
    show_default=True,
    help="Shards that hosts fall into; the same for all workers.",
)
@click.option(
    "--probes",
    metavar="HOST:PORT",
    help="Answer GET /live and /ready there, for whatever looks after this worker. /ready: it takes jobs.",
)
@invoked
def worker_command(invocation: Invocation, jobs: int, shards: int, probes: str | None) -> int:
    """Be one of several workers on one PostgreSQL store. It works until SIGTERM; another is started just like it.

    \b
    Example:  newsbell -c /etc/newsbell/newsbell.yaml worker
    """
    if invocation.settings.database is None:
        raise click.UsageError("workers share a PostgreSQL store: write store: postgresql://... in the configuration")
    try:
        import procrastinate  # noqa: F401 - whether it is installed
    except ImportError:
        raise NewsbellError("workers need Procrastinate: pip install 'newsbell[scale]'") from None
    if probes is not None and not probes.rpartition(":")[2].isdigit():
        raise click.UsageError(f"'{probes}' is not an address such as 0.0.0.0:8081")
    run_async(_work(invocation, jobs, shards, probes))
    return Exit.OK


async def _work(invocation: Invocation, jobs: int, shards: int, probes: str | None) -> None:
    from monitor.app.metrics import snapshot
    from monitor.app.metrics_server import answering, serving
    from monitor.app.service import notifier
    from monitor.metrics import exposition
    from monitor.scale.crew import Crew
    from monitor.scale.probes import pages
    from monitor.scale.worker import Worker, when_there
    from monitor.store.postgres.store import PostgresStore

    database = invocation.settings.database
    assert database is not None  # seen above
    with invocation.application(service=True) as application:
        working = list[Worker]()
        async with answering(probes, pages(lambda: any(worker.at_work for worker in working)), "probes"):
            store = await when_there(lambda: application.store)
            assert isinstance(store, PostgresStore)
            crew = Crew(application, store, invocation.read_settings, shards=shards)
            working.append(Worker(database.reveal(), crew, jobs=jobs, notify=notifier()))
            async with serving(application.config.metrics.listen, lambda: exposition(snapshot(application))):
                await working[0].run()


@click.group("store")
def store_group() -> None:
    """Look after what is remembered."""


@store_group.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--json", "as_json", is_flag=True, help="Print what was copied as JSON.")
@invoked
def store_copy_command(invocation: Invocation, source: str, target: str, as_json: bool) -> int:
    """Copy everything from one store to an empty one. What arrived is compared by counts and hashes.

    Each is a SQLite file, the address of a PostgreSQL database, or env:NAME for an address in a variable.

    \b
    Example:  newsbell store copy var/newsbell.db env:NEWSBELL_STORE
    """
    from monitor.store.transfer import copy_store

    copied = copy_store(_named(source), _named(target))
    if as_json:
        console.show_json(copied)
    elif not invocation.quiet:
        console.table([(each.table, each.rows, each.digest) for each in copied], ["table", "rows", "hash"])
    return Exit.OK


def _named(store: str) -> str:
    if not store.startswith("env:"):
        return store
    name = store.removeprefix("env:")
    if name not in variables():
        raise click.UsageError(f"the environment variable {name} is not set")
    return variables()[name]


@store_group.command("migrate")
@invoked
def store_migrate_command(invocation: Invocation) -> int:
    """Make the store's tables, or bring them up to date. Once, before the workers of a new version start.

    \b
    Example:  newsbell store migrate
    """
    from monitor.app.stores import open_store
    from monitor.clock import SystemClock

    settings = invocation.settings
    open_store(settings, SystemClock().now()).close()
    if settings.database is not None:
        from monitor.scale.tables import prepare

        prepare(settings.database.reveal())
    if not invocation.quiet:
        console.note("the store is up to date")
    return Exit.OK


COMMANDS = (worker_command, store_group)
