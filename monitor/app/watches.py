"""Watch profiles as the pass needs them: how a digest looks, when it goes, and how feeds are polled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.config.model import Config
from monitor.cycle.tools import Watch
from monitor.digest import Layout
from monitor.notices import NoticePlan
from monitor.schedule import DigestClock, PollPolicy

if TYPE_CHECKING:
    from alerts.model import Fragment
    from monitor.profiles import Matcher, Profile


def build_watch(profile: Profile, matcher: Matcher) -> Watch:
    """``profile`` with the marks of its words in titles and excerpts."""
    plan = profile.digest

    def headline(text: str) -> tuple[Fragment, ...]:
        from monitor.excerpt import marked

        return marked(text, matcher.spans(profile.name, text))

    def lead(text: str) -> tuple[Fragment, ...]:
        from monitor.excerpt import excerpt

        return excerpt(text, matcher.spans(profile.name, text))

    return Watch(
        layout=Layout(
            profile=profile.name,
            title=profile.heading,
            timezone=plan.timezone,
            threshold=profile.threshold,
            headline=headline,
            excerpt=lead,
            instant=profile.instant,
            max_items=plan.max_items,
            template=plan.template,
        ),
        clock=DigestClock(plan.schedule, plan.timezone, plan.quiet),
        channels=plan.channels,
        min_items=plan.min_items,
        send_empty=plan.send_empty,
        stories=plan.stories,
        feeds=frozenset(profile.scope.feeds),
    )


def poll_policy(config: Config, *, service: bool) -> PollPolicy:
    """How often feeds are asked, from the configuration; ``service``: by the daemon, not by passes that cron starts."""
    fetch = config.fetch
    policy = PollPolicy(
        interval=fetch.interval, max_interval=fetch.max_interval, failing_after=config.notices.feed_down
    )
    return policy if service else policy.under_cron()


def notice_plan(config: Config) -> NoticePlan:
    """What Newsbell says of itself, and where, from the configuration."""
    notices = config.notices
    return NoticePlan(notices.channels, notices.no_match, notices.spike)
