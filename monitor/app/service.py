"""The application as the daemon drives it: many passes, one set of connections, a configuration that may change."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import timedelta

from alerts.amount import amount
from monitor.app.application import Application
from monitor.config.settings import Settings
from monitor.cycle.tools import PassResult
from monitor.environment import variables
from monitor.errors import ConfigError, StoreInUseError
from monitor.schedule import due_window
from monitor.waiting import event_loop

log = logging.getLogger(__name__)

_IN_USE = timedelta(minutes=1)  # how long a store is left to others that work on it
_SET_BACK = timedelta(minutes=1)  # a clock that is corrected by less leaves everything in order
_RETRY_LOOK = timedelta(seconds=15)  # how often deliveries that wait for another try are looked at


class Service:
    """``application`` under the daemon. ``read``: reads the configuration anew, raises ``ConfigError``."""

    def __init__(self, application: Application, read: Callable[[], Settings], *, backlog: int | None = None) -> None:
        self._application = application
        self._read = read
        self._backlog = backlog
        self._refused = application.settings.stamp
        self._looked = application.clock.now()
        self._next_look = self._in_use_until = self._looked
        self._fresh = True

    def due(self) -> bool:
        """Whether a feed, a digest or a delivery is due."""
        application, now = self._application, self._application.clock.now()
        if self.clock_was_set_back():
            return True  # the pass sees to what was planned by the other clock
        if now < self._in_use_until:
            return False
        due = application.store.next_due()
        if self._fresh or (due is not None and due <= now):
            return True
        if now < self._next_look:
            return False
        self._next_look = now + _RETRY_LOOK
        return any(
            due_window(watch.clock, application.store.profile_state(watch.name), now, found_something=False)
            for watch in application.watches
        )

    def clock_was_set_back(self) -> bool:
        """Whether it is earlier now than at the last call: once for each time the clock is set back."""
        now = self._application.clock.now()
        back = now < self._looked - _SET_BACK
        self._looked = now
        if back:
            log.warning("the clock was set back: what was planned by it is planned anew")
            self._next_look = self._in_use_until = now
        return back

    async def run_pass(self) -> PassResult | None:
        """One pass; none where workers have taken over the store, which is said once a minute."""
        if self._fresh:
            self._fresh = False
            await self._application.aclose()  # what was built for other settings
        try:
            return await self._application.run_pass(backlog=self._backlog)
        except StoreInUseError as used:
            log.warning("nothing is done here: %s", used)
            self._in_use_until = self._application.clock.now() + _IN_USE
            return None

    async def upkeep(self) -> None:
        """Forget what has been kept long enough, in small steps."""
        application, now = self._application, self._application.clock.now()
        retention = application.config.retention
        while application.store.purge(entries_before=now - retention.entries, seen_before=now - retention.seen):
            await event_loop()  # whatever else runs gets its turn between two steps
        while application.store.index_text():
            await event_loop()

    def config_changed(self) -> bool:
        """Whether a configuration file has changed since it was last read, well or not."""
        from monitor.config.sources import current_stamp

        return current_stamp(self._application.settings) not in (self._application.settings.stamp, self._refused)

    def reload(self) -> None:
        """Take over the configuration as the files say now; a broken one is named and the last good one stays."""
        settings = self.read_anew()
        if settings is not None:
            self.take_over(settings)

    def read_anew(self) -> Settings | None:
        """The configuration as the files say now; None, and a word about it, when it is broken."""
        from monitor.config.sources import current_stamp

        try:
            return self._read()
        except ConfigError as error:
            self._refused = current_stamp(self._application.settings)
            log.error("the configuration is broken, the last good one stays in force:\n%s", error)
            return None

    def take_over(self, settings: Settings) -> None:
        """Work with ``settings`` from now on."""
        self._application.adopt(settings)
        self._fresh = True
        feeds, profiles = amount(len(settings.feeds), "feed"), amount(len(settings.profiles), "profile")
        log.info("the configuration was read anew: %s, %s", feeds, profiles)

    async def aclose(self) -> None:
        """End connections and workers."""
        await self._application.aclose()


def notifier() -> Callable[[str], None]:
    """What tells the service manager how things are (sd_notify(3)); it does nothing where there is none."""
    address = variables().get("NOTIFY_SOCKET", "")
    if not address:
        return lambda state: None
    if address.startswith("@"):  # the abstract namespace of Linux
        address = "\0" + address[1:]

    def notify(state: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            try:
                channel.connect(address)
                channel.send(state.encode())
            except OSError as error:
                log.debug("the service manager was not told %s: %s", state, error)

    return notify
