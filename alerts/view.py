"""A Digest as a template sees it: every text clean, every time local, every figure in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.amount import amount
from alerts.clean import clean, clean_fragments, safe_lang, safe_link
from alerts.model import DayCount, Digest, DigestEntry, FeedHealth, FeedProblem, Fragment, Story
from alerts.titles import bare_title, title_key
from alerts.why import why

MAX_TITLE = 300
MAX_EXCERPT = 360
MAX_COPIES = 5  # further sources of a story under a title that is shown already
MAX_SOURCES = 5  # of what was held back that are named
MAX_LINES = 12  # notices, failing feeds and held entries that are named
_EYEBROWS = {"digest": "News digest", "instant": "Instant alert", "notice": "Notice", "test": "Test message"}
_KEPT = "Newsbell keeps what is not shown here; whoever runs it reads it with"
_SPARKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Bar:
    """A score bar: three widths in percent that add up to 100."""

    needed: int  # up to the threshold
    beyond: int  # above it
    rest: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry, ready to print."""

    title: str
    headline: tuple[Fragment, ...]
    excerpt: tuple[Fragment, ...]
    lang: str  # "" when unknown
    link: str  # "" when there is none that is safe
    source: str
    time: str  # local
    score: str
    threshold: str
    why: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story: its lead and where else it was met, each title once."""

    rank: int
    update: bool
    lead: EntryView
    also: tuple[EntryView, ...]  # under another title; all of them, as each may tell something else
    copies: tuple[EntryView, ...]  # under a title that is shown already
    copies_more: str  # "" or such as "3 more"


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of the activity plot."""

    label: str  # such as "2 Mar"
    count: int
    height: int  # percent of the busiest day, at least 1 when anything was found
    spark: str  # the same as a block character


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One feed that is not well."""

    title: str
    url: str  # "" when it is no http(s) address
    state: str
    reason: str
    since: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """What a template is given under the name ``digest``."""

    kind: str
    eyebrow: str  # such as "News digest"
    profile: str
    title: str
    headline: str  # one line for a subject or a notification
    preheader: str
    counted: str  # such as "8 stories" or "Nothing new"
    window: str
    zone: str
    stories: tuple[StoryView, ...]
    more: str  # "" or such as "12 more stories"
    more_hint: str  # words that lead there, before a colon
    more_at: str  # where to read them
    more_link: str  # the same as an address, "" when it is none
    legend: str  # what a full bar means
    notices: tuple[str, ...]
    held: tuple[EntryView, ...]  # held back, as copies of what was told before
    held_text: str  # "" or the same as one sentence, without titles
    held_more: int
    activity: tuple[DayView, ...]
    activity_text: str
    health: str
    problems: tuple[ProblemView, ...]
    problems_more: int


def view(digest: Digest, more_at: str = "") -> DigestView:
    """``digest`` ready to print; ``more_at`` is an address or words saying where to read what is left out."""
    zone = ZoneInfo(digest.timezone)
    top = max((entry.score for entry in digest.entries), default=0.0)
    full = digest.full_score or top
    where = rest_at(digest, more_at)
    days = digest.activity if sum(day.count > 0 for day in digest.activity) > 1 else ()  # one bar compares nothing
    untold = [problem for problem in digest.health.problems if not problem.told]
    return DigestView(
        kind=digest.kind,
        eyebrow=_EYEBROWS.get(digest.kind, _EYEBROWS["digest"]),
        profile=clean(digest.profile, 100),
        title=clean(digest.title or digest.profile, 120),
        headline=headline(digest),
        preheader=_preheader(digest),
        counted=_counted(digest),
        window=window(digest.start.astimezone(zone), digest.end.astimezone(zone)),
        zone=digest.timezone,
        stories=tuple(_story(rank, story, full, zone) for rank, story in enumerate(digest.stories, 1)),
        more=amount(digest.more, "more story", "more stories") if digest.more else "",
        more_hint="See them all" if more_at else _KEPT,
        more_at=where,
        more_link=safe_link(where),
        legend=_legend(digest, full),
        notices=_notices(digest.notices),
        held=tuple(_entry(entry, full, zone) for entry in digest.held[:MAX_LINES]),
        held_text=_held(digest.held),
        held_more=max(0, len(digest.held) - MAX_LINES),
        activity=_activity(days),
        activity_text=_activity_text(days),
        health=_health(digest.health),
        problems=_problems(untold, zone),
        problems_more=max(0, len(untold) - MAX_LINES),
    )


def rest_at(digest: Digest, more_at: str = "") -> str:
    """Where to read what a message leaves out: ``more_at``, else the command that shows it."""
    return clean(more_at or f"newsbell digest {digest.profile} --since 7d", 500)


def headline(digest: Digest) -> str:
    """The digest in one line: the profile, how many stories, the top story; at most 200 characters."""
    title = clean(digest.title or digest.profile, 80)
    if digest.kind == "test":
        return f"Test message: {title}"
    if not digest.stories:
        return clean(f"{title}: {digest.notices[0] if digest.notices else 'nothing new'}", 200)
    mark = "alert" if digest.kind == "instant" else str(len(digest.stories) + digest.more)
    top = clean(digest.stories[0].lead.title, 200) or "(no title)"
    return clean(f"{title} ({mark}): {top}", 200)


def window(start: datetime, end: datetime) -> str:
    """A stretch of local time in words; a date that both ends share is said once."""
    if start.date() == end.date():
        return f"{_date(start)}, {start:%H:%M} – {end:%H:%M}"
    first = _date(start) if start.year != end.year else f"{start:%a} {start.day} {start:%b}"
    return f"{first}, {start:%H:%M} – {_date(end)}, {end:%H:%M}"


def _counted(digest: Digest) -> str:
    number = len(digest.stories) + digest.more
    return amount(number, "story", "stories") if number else "Nothing new"


def _date(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def _entry(entry: DigestEntry, full: float, zone: ZoneInfo) -> EntryView:
    title = _title(entry)
    moment = (entry.published or entry.found).astimezone(zone)
    prefix = "" if entry.published else "found "
    return EntryView(
        title=title,
        headline=clean_fragments(entry.headline, MAX_TITLE) or (Fragment(title),),
        excerpt=clean_fragments(entry.highlight, MAX_EXCERPT),
        lang=safe_lang(entry.lang),
        link=safe_link(entry.link),
        source=_source(entry),
        time=f"{prefix}{moment:%a} {moment.day} {moment:%b, %H:%M}",
        score=f"{entry.score:.1f}",
        threshold=f"{entry.threshold:.1f}",
        why=why(entry.parts),
        bar=_bar(entry, full),
    )


def _title(entry: DigestEntry) -> str:
    return clean(entry.title, MAX_TITLE) or "(no title)"


def _source(entry: DigestEntry) -> str:
    return clean(entry.source, 80) or "Unknown source"


def _bar(entry: DigestEntry, full: float) -> Bar:
    if full <= 0:
        return Bar(0, 0, 100)
    reached = round(100 * min(max(entry.score, 0.0), full) / full)
    needed = min(reached, round(100 * min(max(entry.threshold, 0.0), full) / full))
    return Bar(needed, reached - needed, 100 - reached)


def _story(rank: int, story: Story, full: float, zone: ZoneInfo) -> StoryView:
    also: dict[str, DigestEntry] = {}
    copies: list[DigestEntry] = []
    for entry in story.entries:
        key = title_key(bare_title(_title(entry), _source(entry), safe_link(entry.link)))
        if key in also:
            copies.append(entry)
        else:
            also[key] = entry
    lead, *others = (_entry(entry, full, zone) for entry in also.values())
    shown = tuple(_entry(entry, full, zone) for entry in copies[:MAX_COPIES])
    more = story.more + max(0, len(copies) - MAX_COPIES)
    said = f"{more:,} more" if more else ""
    return StoryView(rank, story.update, lead, tuple(others), shown, said)


def _held(held: Sequence[DigestEntry]) -> str:
    if not held:
        return ""
    reports = amount(len(held), "further report", "further reports")
    names = ", ".join(sorted({clean(entry.source, 80) for entry in held if entry.source})[:MAX_SOURCES])
    where = f" ({names})" if names else ""
    return f"{reports} of stories you already have {'was' if len(held) == 1 else 'were'} held back{where}."


def _preheader(digest: Digest) -> str:
    """What a mail program shows after the subject, which has named the first story already."""
    titles = [story.lead.title for story in digest.stories[1:4]]
    if not titles and digest.stories:
        titles = ["".join(fragment.text for fragment in digest.stories[0].lead.highlight)]
    return clean(" · ".join(titles or digest.notices[:1]), 200)


def _legend(digest: Digest, full: float) -> str:
    if not digest.stories or full <= 0:
        return ""
    needed = digest.stories[0].lead.threshold
    return f"A full bar is {full:.1f} points; its first part is the {needed:.1f} that this profile asks for."


def _notices(notices: Sequence[str]) -> tuple[str, ...]:
    lines = [clean(notice, 300) for notice in notices[:MAX_LINES]]
    if len(notices) > MAX_LINES:
        lines.append(f"… and {amount(len(notices) - MAX_LINES, 'more notice', 'more notices')}")
    return tuple(lines)


def _activity(days: Sequence[DayCount]) -> tuple[DayView, ...]:
    most = max((day.count for day in days), default=0)
    return tuple(
        DayView(
            label=_day(day.day),
            count=day.count,
            height=max(1, round(100 * day.count / most)) if day.count else 0,
            spark=_SPARKS[round(7 * day.count / most)] if day.count else _SPARKS[0],
        )
        for day in days
    )


def _activity_text(days: Sequence[DayCount]) -> str:
    """The plot in words, for the text part and for readers who cannot see it."""
    if not days:
        return ""
    total = sum(day.count for day in days)
    busiest = max(days, key=lambda day: day.count)
    since, until = _day(days[0].day), _day(days[-1].day)
    found = f"{amount(total, 'match', 'matches')} from {since} to {until}"
    return f"{found}, most on {_day(busiest.day)} ({busiest.count})"


def _day(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    return f"{moment.day} {moment:%b}"


def _health(health: FeedHealth) -> str:
    read = f"{amount(health.entries, 'entry', 'entries')} of {amount(health.feeds, 'feed', 'feeds')} read"
    sick = health.feeds - health.healthy
    if not health.feeds:
        return ""
    if sick <= 0:
        return f"{read}; all feeds are well."
    well = "it is not well" if health.feeds == 1 else f"{health.healthy} of {health.feeds} feeds are well"
    return f"{read}; {well}."


def _problems(problems: Sequence[FeedProblem], zone: ZoneInfo) -> tuple[ProblemView, ...]:
    return tuple(
        ProblemView(
            title=clean(problem.title or problem.url, 80),
            url=safe_link(problem.url),
            state=clean(problem.state, 20),
            reason=clean(problem.reason, 200),
            since=_date(problem.since.astimezone(zone)) if problem.since else "",
        )
        for problem in problems[:MAX_LINES]
    )
