"""When two addresses are those of one feed."""

from __future__ import annotations

import pytest

from monitor.config.feeds import normal_url


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://example.org/feed", "https://example.org/feed"),
        (" HTTPS://Example.ORG./feed ", "https://example.org/feed"),
        ("https://example.org:443", "https://example.org/"),
        ("http://example.org:8080/feed?x=1#top", "http://example.org:8080/feed?x=1"),
    ],
)
def test_spellings_of_one_address_are_the_same(written: str, normal: str) -> None:
    assert normal_url(written) == normal
