"""What an HTTP status means to the person who runs Newsbell: a reason, and what can be done about it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from monitor.model import FetchFailed


class Failure(NamedTuple):
    """Why there is no usable answer."""

    reason: str
    advice: str = ""
    permanent: bool = False

    def at(self, url: str, status: int | None = None) -> FetchFailed:
        """The result of a fetch of ``url`` that failed so."""
        return FetchFailed(url, self.reason, status, self.permanent, advice=self.advice)


_STATUS = {
    204: Failure("the site sent no feed (204 No Content)"),
    206: Failure("the site sent only a part of the feed (206), which was not asked for"),
    304: Failure("the site says “not changed” (304) although nothing is known of this feed yet"),
    400: Failure("the site does not understand the request (400)", "check the address in a browser"),
    401: Failure("the feed is behind a password (401)", "look for a public address of this feed"),
    402: Failure("the feed must be paid for (402)"),
    403: Failure(
        "the site refuses programs (403)", "ask the site to let Newsbell in, or look for another address of this feed"
    ),
    404: Failure("there is no feed at this address (404)", "look for the feed's new address on the site"),
    410: Failure("the feed was removed for good (410)", "remove it, or look for the feed's new address", True),
    429: Failure("the site asks for fewer requests (429)", "poll this feed less often"),
    451: Failure("the feed is blocked for legal reasons (451)"),
    503: Failure("the site is overloaded or under repair (503)"),
}


def of_status(status: int) -> Failure:
    """The failure that an HTTP status other than a good answer means."""
    if status in _STATUS:
        return _STATUS[status]
    if status >= 500:
        return Failure(f"the site has a fault of its own ({status})")
    if status >= 400:
        return Failure(f"the site refuses the request ({status})", "check the address in a browser")
    return Failure(f"the site gave an answer that is no feed ({status})")
