"""Which values a message must not show."""

from __future__ import annotations

import re

# ``password_env`` and ``password_file`` only say where the secret is. Each name is looked at once, from its beginning:
# a line may be long.
_NAME = r"(?<![\w-])[\w-]*(?:pas+w|pwd|passphrase|secret|token|credential|api_?key)[\w-]*(?<!_env)(?<!_file)"
_KEY = re.compile(_NAME, re.IGNORECASE)
_VALUE = re.compile(rf"({_NAME}[\"']?\s*[:=]\s*)\S.*", re.IGNORECASE)
_USER_INFO = re.compile(r"(://)[^/@\s]+@")
# Addresses of chat services hold their secrets: in schemes of Apprise's own, or as long random words in the path.
# A mistyped http (htp, hhtps) is none of them, and what is plainly the name of a host is no secret.
_SERVICE = re.compile(
    r"\b((?!(?:[hxtps]{3,7}|feed|ftp):)[a-z][a-z0-9+.-]{0,40}://"
    r"(?:(?:\*\*\*@)?(?-i:(?:[a-z][a-z0-9-]{0,39}\.)+[a-z]{2,20})(?=[/:\s]))?)"
    r"[^\s\"',}\]]+",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"([?&](?:sig|signature|key|code|auth)=)[^&\s\"']{8,}", re.IGNORECASE)
_RANDOM = re.compile(r"(?<=/)(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[\w-]{16,}")


def is_secret(path: tuple[str | int, ...]) -> bool:
    """Whether a value at ``path`` must never be shown: a key on the way speaks of a password or its like."""
    return any(_KEY.fullmatch(str(name)) for name in path)


def mask(line: str, path: tuple[str | int, ...] = ()) -> str:
    """A line of a file without its secrets: nothing after the name of one is left, nor what is private in addresses."""
    masked = _USER_INFO.sub(r"\1***@", _VALUE.sub(r"\1***", line))
    masked = _SIGNATURE.sub(r"\1***", _RANDOM.sub("***", _SERVICE.sub(r"\1***", masked)))
    return "" if masked == line and is_secret(path) else masked


def holds_secret(url: str) -> bool:
    """Whether a web address seems to let whoever has it do what others may not."""
    return mask(url) != url
