"""A made-up digest for template checks, previews and ``channel test``. Its news never happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.model import DayCount, Digest, DigestEntry, FeedHealth, FeedProblem, Fragment, ScorePart, Story

_THEN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


def sample_digest(
    *, kind: str = "test", profile: str = "sample", title: str = "Sample profile", end: datetime = _THEN
) -> Digest:
    """A digest that uses every field, ending at ``end``; the same for the same arguments."""
    lead = _entry("Example Times", "Two lighthouses reopen after the storm", end - timedelta(hours=3), 12.4)
    other = _entry("Harbour Post", "Storm-hit lighthouses open again", end - timedelta(hours=5), 9.1)
    update = _entry("Example Times", "Lighthouse keepers thank volunteers", end - timedelta(hours=9), 6.2)
    return Digest(
        profile=profile,
        title=title,
        start=end - timedelta(days=1),
        end=end,
        timezone="UTC",
        stories=(Story((lead, other)), Story((update,), update=True)),
        health=FeedHealth(
            feeds=12,
            healthy=11,
            entries=340,
            problems=(FeedProblem("Quay News", "https://quay.example/feed", "failing", "no answer in 30 s", end),),
        ),
        kind=kind,
        more=1,
        full_score=20.0,
        notices=("This is a sample: none of it happened.",),
        activity=tuple(
            DayCount((end - timedelta(days=6 - day)).date().isoformat(), count)
            for day, count in enumerate((1, 0, 2, 3, 0, 1, 3))
        ),
        overflow=(Story((_entry("Harbour Post", "A third lighthouse is painted", end - timedelta(days=1), 5.5),)),),
    )


def empty_digest(*, profile: str = "sample", title: str = "Sample profile", end: datetime = _THEN) -> Digest:
    """A digest that found nothing, for the other half of a template."""
    return Digest(profile, title, end - timedelta(days=1), end, "UTC", stories=())


def _entry(source: str, title: str, published: datetime, score: float) -> DigestEntry:
    first, _, rest = title.partition(" ")
    return DigestEntry(
        id=f"sample-{title.lower().replace(' ', '-')}",
        title=title,
        link="https://news.example/" + title.lower().replace(" ", "-"),
        source=source,
        published=published,
        found=published + timedelta(minutes=20),
        score=score,
        threshold=5.0,
        parts=(
            ScorePart("concept", "lighthouse", "title", 1, 2.0, 2.0),
            ScorePart("term", "storm", "content", 2, 1.5, score - 2.0),
        ),
        headline=(Fragment(first, marked=True), Fragment(" " + rest)),
        highlight=(Fragment("The "), Fragment("lighthouse", marked=True), Fragment(" is open to visitors again.")),
        lang="en",
    )
