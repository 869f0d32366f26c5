"""An error that nobody foresaw: one line for the user, the traceback for who mends it."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from monitor import __version__
from monitor.cli import console
from monitor.cli.invocation import Invocation
from monitor.environment import variables

log = logging.getLogger(__name__)

REPORT = "last-error.txt"  # in the state folder


def tell(error: Exception, invocation: Invocation) -> None:
    """Say in one line what failed and where its traceback is; with ``-v`` the traceback follows."""
    if isinstance(error, OSError) and error.strerror:
        name = error.filename if isinstance(error.filename, str) else ""
        console.complain(f"{name}: {error.strerror}" if name else error.strerror)
        return
    text = "".join(traceback.format_exception(error))
    kept = _keep(text, invocation)
    where = f"its traceback is in {kept}" if kept else "-v shows its traceback"
    said = " ".join(str(error).split())
    console.complain(
        f"unexpected {type(error).__name__}{': ' if said else ''}{said[:300]}: a fault of Newsbell; {where}"
    )
    if invocation.verbose:
        console.note(text.rstrip())


def _keep(text: str, invocation: Invocation) -> Path | None:
    """Write ``text`` into the state folder, so that cron cannot lose it; None when there is no such folder."""
    from monitor.config.peek import peek_state_dir

    try:
        folder = peek_state_dir(invocation.config_path, variables(), state_dir=invocation.state_dir)
        path = folder / REPORT
        path.write_text(f"newsbell {__version__}\n{text}", encoding="utf-8", errors="backslashreplace")
        path.chmod(0o600)
    except Exception as second:  # noqa: BLE001 - what failed may well fail again on the way to the folder
        log.debug("the traceback was not kept: %s", second)
        return None
    return path
