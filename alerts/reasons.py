"""Why the system refused something, in its own words."""

from __future__ import annotations

import os
import re
import ssl

_ERRNO = re.compile(r"\[Errno (\d+)\]")
_AROUND = re.compile(r"Error connecting to \S+ on port \d+: ")
_PLAINER = {"Unexpected EOF received": "the server closed the connection", "Connection lost": "the connection was lost"}
_SSL_DETAIL = re.compile(r"\[\w+(?:: \w+)?\] | \(_ssl\.c:\d+\)")


def in_words(error: BaseException) -> str:
    """Why something failed, as the system says it: without its numbers, and without what was tried around it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and (said := _system_says(cause)):
            return said
        cause = cause.__cause__ or cause.__context__
    text = _AROUND.sub("", str(error))
    return _PLAINER.get(text, text) or type(error).__name__


def _system_says(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        said = error.strerror or " ".join(map(str, error.args))  # Python's own have one argument
        return _SSL_DETAIL.sub("", said) or type(error).__name__
    number = error.errno or next(map(int, _ERRNO.findall(str(error))), 0)  # asyncio gathers those of every address
    return os.strerror(number).lower() if number > 0 else (error.strerror or "").lower()
