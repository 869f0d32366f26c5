"""The jobs as Procrastinate knows them: their names, locks and times."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from monitor.scale.crew import Crew
from monitor.store.postgres.server import StoreTooNewError, conninfo

R = TypeVar("R")

log = logging.getLogger(__name__)

# Seconds without a heartbeat after which a worker counts as dead. One that was only slow has to begin its shift anew;
# what it had under way is done again by whoever gets it, and told once all the same.
STALLED_AFTER = 10.0
HEARTBEAT = 2.5
LOOK = 5.0  # seconds between looks for new jobs, should a notification be lost
# What keeps the work going comes before the work, what a reader waits for before polls, of which there may be many.
_REQUEUE, _PLAN, _DELIVER, _DIGEST, _AGAIN, _POLL, _RETAIN = 60, 50, 40, 30, 20, 10, 0
_EVERY_5_SECONDS = "* * * * * */5"
_EVERY_10_MINUTES = "*/10 * * * *"


def build_app(url: str, crew: Crew, refuse: Callable[[StoreTooNewError], None]) -> App:
    """The jobs of ``crew`` over the queue in the database at ``url``.

    ``refuse`` is called when a newer program has taken over the store.
    """
    app = App(connector=PsycopgConnector(conninfo=conninfo(url), min_size=1, max_size=4, timeout=10.0))

    @app.task(name="poll_shard", priority=_POLL)
    async def poll_shard(index: int, count: int) -> int:
        return await _or_refuse(refuse, crew.poll_shard(index, count))

    @app.task(name="build_digest", priority=_DIGEST)
    async def build_digest(profile: str, window: str) -> int:
        made = await _or_refuse(refuse, crew.build_digest(profile))
        if made:
            await _defer(app, "deliver", "deliver")
        return made

    @app.task(name="deliver", priority=_DELIVER)
    async def deliver() -> int:
        return await _or_refuse(refuse, crew.deliver())

    @app.periodic(cron=_EVERY_10_MINUTES)
    @app.task(name="retain", lock="retain", queueing_lock="retain", priority=_RETAIN)
    async def retain(timestamp: int) -> None:
        await _or_refuse(refuse, crew.retain())

    @app.periodic(cron=_EVERY_5_SECONDS)
    @app.task(name="plan", queueing_lock="plan", priority=_PLAN)
    async def plan(timestamp: int) -> None:
        try:
            shards = crew.due_shards()
        except StoreTooNewError as newer:
            refuse(newer)
            return
        for index in shards:
            name = f"shard {index}/{crew.shards}"
            await _defer(app, "poll_shard", name, lock=name, index=index, count=crew.shards)
        for profile, window in crew.due_profiles().items():
            await _defer(app, "build_digest", f"digest {profile}", profile=profile, window=window)
        if crew.deliveries_due():
            await _defer(app, "deliver", "deliver")

    # Without a lock of its own: a stalled one would keep itself from being started again.
    @app.periodic(cron=_EVERY_5_SECONDS)
    @app.task(name="requeue", queueing_lock="requeue", priority=_REQUEUE)
    async def requeue(timestamp: int) -> None:
        await requeue_stalled(app)

    return app


async def _or_refuse(refuse: Callable[[StoreTooNewError], None], work: Awaitable[R]) -> R:
    """``work``; every worker has to notice by itself that a newer program has taken over."""
    try:
        return await work
    except StoreTooNewError as newer:
        refuse(newer)
        raise


async def requeue_stalled(app: App) -> int:
    """Put the jobs of dead workers back into the queue; returns how many. One that waits there again is not doubled.

    They have waited long enough: they come before polls that nobody has begun.
    """
    manager = app.job_manager
    await manager.prune_stalled_workers(STALLED_AFTER)
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER))
    for job in stalled:
        log.warning("a worker died at %s: it is done again", job.call_string)
        try:
            await manager.retry_job(job, priority=max(job.priority, _AGAIN))
        except ConnectorException:
            await manager.finish_job(job, Status.FAILED, delete_job=True)
    return len(stalled)


async def _defer(app: App, task: str, waiting: str, *, lock: str | None = None, **arguments: Any) -> None:
    """Queue a job unless one like it waits already."""
    try:
        await app.configure_task(task, lock=lock, queueing_lock=waiting).defer_async(**arguments)
    except AlreadyEnqueued:
        log.debug("%s waits already", waiting)
