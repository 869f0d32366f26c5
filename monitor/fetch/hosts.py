"""The guard for libraries that open their connections themselves: it looks where a host leads before they do."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.errors import PostError
from monitor.addresses import AllowList, literal
from monitor.fetch import failures
from monitor.fetch.guard import AddressError, check_url, may_reach, not_public
from monitor.fetch.resolver import Lookup, in_thread, system_lookup


class CheckedHosts:
    """The ``HostGuard`` port. A name that leads elsewhere a moment later slips through: only our own door sees that."""

    def __init__(self, allow: Sequence[str], lookup: Lookup = system_lookup) -> None:
        self._allow = AllowList.parse(allow)
        self._lookup = lookup

    async def check(self, host: str, port: int) -> None:
        """Return when every address of ``host`` may be reached; raises ``PostError`` otherwise."""
        try:
            await self._check(f"[{host}]" if ":" in host and not host.startswith("[") else host, port)
        except (AddressError, OSError) as error:
            failure = failures.of_error(error, 0)
            text = f"{failure.reason}; {failure.advice}" if failure.advice else failure.reason
            raise PostError(text, sent=False) from error

    async def _check(self, host: str, port: int) -> None:
        target = check_url(f"http://{host}:{port}/", self._allow)
        if literal(target.host) or self._allow.names(target.host, port):
            return
        found = await in_thread(lambda: self._lookup(target.host, port, 0))
        if not all(may_reach(address, port, self._allow) for _, address in found):
            raise not_public(target.url, target.host, port, permanent=False)
