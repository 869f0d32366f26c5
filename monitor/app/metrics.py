"""The numbers of ``monitor.metrics`` taken from the application, counted and written after each pass."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from monitor import __version__
from monitor.metrics import Snapshot, exposition, pass_counts

if TYPE_CHECKING:
    from monitor.app.application import Application
    from monitor.model import PassReport

log = logging.getLogger(__name__)


def snapshot(application: Application) -> Snapshot:
    """How everything stands now. Raises ``StoreError``."""
    return Snapshot(
        version=__version__,
        now=application.clock.now(),
        tally=application.store.tally(),
        profiles=tuple(profile.name for profile in application.profiles),
        report=application.store.last_report(),
    )


def publish(application: Application, report: PassReport) -> None:
    """Count a pass and write the file that the configuration names; a file that cannot be written is only logged."""
    application.store.count(pass_counts(report))
    written = application.config.metrics.file
    if written is None:
        return
    from alerts.channels.file import write_atomically

    path = application.settings.resolve(written)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, exposition(snapshot(application)).encode())
    except OSError as error:
        log.warning("the metrics cannot be written to %s: %s", path, error.strerror)
