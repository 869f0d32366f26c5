"""Whether a profile can do what it says; what of a broken configuration is still looked at; its remarks on itself."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.config.checks import Surroundings, check_config, check_profile_file
from monitor.config.model import Config
from monitor.config.salvage import salvage
from monitor.config.sense import check_profile
from monitor.profiles.model import Profile
from monitor.yamldoc import Document
from monitor.yamldoc import load as load_text

BASE = "name: p\nthreshold: 1.0\n"
LAOS = "concepts: {laos: {country: LA, weight: 1.0}, japan: {terms: [Japan], weight: 1.0}}\n"
WORD = "terms: [{term: rice, weight: 1.0}]\n"


def told(text: str) -> list[str]:
    """What makes no sense in a profile, with its place and what to do."""
    profile = Document.parse(text, "f").validate(Profile)
    return [f"{'.'.join(map(str, place))}: {message} ({hint})" for place, message, hint in check_profile(profile)]


NOTHING = "threshold: nothing in this profile gives points, so it can never match (add concepts or terms)"
BELOW = "make it higher than the threshold"
LOWER = "lower it, or give more weight to what matters"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (BASE + LAOS, []),
        (BASE + WORD, []),
        (BASE, [NOTHING]),
        (BASE + "terms: [{term: rice, weight: -1.0}]\n", [NOTHING]),
        (BASE + "terms: [{term: rice, weight: -9.0}, {term: laos, weight: 1.0}]\n", []),
        (BASE + LAOS + "require: [laos, [laos, japan]]\n", []),
        (
            BASE + LAOS + "require: [loas]\n",
            ['require.0: there is no concept "loas" (did you mean "laos"?)'],
        ),
        (
            BASE + LAOS + "require: [japan, [laos, thailand]]\n",
            ['require.1.1: there is no concept "thailand" (there are: laos, japan)'],
        ),
        (BASE + WORD + "require: [laos]\n", ['require.0: there is no concept "laos" (add it to concepts)']),
        (
            BASE + LAOS + "require: [[]]\n",
            ["require.0: an empty list can never be met (name at least one concept)"],
        ),
        (
            BASE + "concepts: {x: {country: XX}}\n",
            ["concepts.x.country: no country has the code XX (ISO 3166, such as JP or LA)"],
        ),
        (
            BASE + "concepts: {x: {terms: [rice], scripts: [Lao, Klingon, 'Lao}']}}\n",
            [
                'concepts.x.scripts.1: no script is called "Klingon" (such as Lao, Khmer or Hiragana)',
                'concepts.x.scripts.2: no script is called "Lao}" (such as Lao, Khmer or Hiragana)',
            ],
        ),
        (
            BASE + WORD + "exclude: ['!?', lottery]\n",
            ['exclude.0: "!?" holds no letter or digit, so it can never be found (remove it)'],
        ),
        (
            BASE + "concepts: {x: {terms: ['…', a], ignore: ['--']}}\n",
            [
                'concepts.x.terms.0: "…" holds no letter or digit, so it can never be found (remove it)',
                'concepts.x.ignore.0: "--" holds no letter or digit, so it can never be found (remove it)',
            ],
        ),
        (
            BASE + "terms: [{near: [rice, '?'], weight: 1.0}]\n",
            ['terms.0.near.1: "?" holds no letter or digit, so it can never be found (remove it)'],
        ),
        (
            BASE + "terms: [{term: 'a*', weight: 1.0}, {term: 'ab*', weight: 1.0}, {term: '*e', weight: 1.0}]\n",
            [
                'terms.0.term: "a*" is found in nearly every text (write more letters)',
                'terms.2.term: "*e" is found in nearly every text (write more letters)',
            ],
        ),
        (BASE + "terms: [{term: '日*', weight: 1.0}]\n", []),
        (
            BASE + "terms: [{regex: 'a*', weight: 1.0}]\n",
            [
                "terms.0.regex: a* also matches nothing at all, so it is found in every text "
                "(ask for at least one character)"
            ],
        ),
        (BASE + "terms: [{regex: 'a+', weight: 1.0}]\n", []),
        (BASE + WORD + "scope: {langs: [en, pt-BR, zh-Hant, lao]}\n", []),
        (
            BASE + WORD + "scope: {langs: [en, english, 'x']}\n",
            [
                'scope.langs.1: no language has the code "english" (such as en, ja or km)',
                'scope.langs.2: no language has the code "x" (such as en, ja or km)',
            ],
        ),
        (BASE + LAOS + "instant: 2.0\n", []),
        (BASE + LAOS + "instant: 1.0\n", []),
        (BASE + LAOS + "instant: 0.5\n", [f"instant: is below the threshold of 1 ({BELOW})"]),
    ],
)
def test_what_can_never_work_is_told_at_its_place(profile: str, expected: list[str]) -> None:
    assert told(profile) == expected


@pytest.mark.parametrize(
    ("points", "reached"), [("2.9", True), ("3.09", True), ("3.2", False), ("9", False), ("900", False)]
)
@pytest.mark.parametrize("key", ["threshold", "instant"])
def test_a_threshold_is_within_reach_or_told(points: str, reached: bool, key: str) -> None:
    """Two words of one point each give less than 3.2: one that comes again and again counts for nearly 1.6."""
    words = "terms: [{term: rice, weight: 1.0}, {term: laos, weight: 1.0}, {term: cup, weight: -5.0}]\n"
    base = BASE if key == "instant" else "name: p\n"
    expected = f"{key}: {float(points):g} can never be reached: all concepts and terms together give less than"
    assert [line.startswith(expected) for line in told(f"{base}{words}{key}: {points}\n")] == (
        [] if reached else [True]
    )


# what fits around a profile ---------------------------------------------------------------------------


def fits(profile: str, **around: Any) -> list[str]:
    surroundings = Surroundings(
        around.get("channels", ["files", "desk"]), around.get("feeds", {"https://a.example/feed"}), []
    )
    found = check_profile_file(Document.parse(profile, "f"), surroundings)
    return [f"{each.weight} {'.'.join(map(str, each.place))}: {each.message} ({each.hint})" for each in found]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("digest: {channels: [files]}\n", []),
        (
            "digest: {channels: [files, dsk]}\n",
            ['error digest.channels.1: there is no channel "dsk" (did you mean "desk"?)'],
        ),
        (
            "digest: {channels: [mail]}\n",
            ['error digest.channels.0: there is no channel "mail" (there are: desk, files)'],
        ),
        (
            "digest: {channels: []}\n",
            ["warning digest.channels: no channel: its digests reach nobody (name some of: desk, files)"],
        ),
        ("a: 1\n", ["warning digest.channels: no channel: its digests reach nobody (name some of: desk, files)"]),
        (
            "digest: {channels: [files]}\nscope: {feeds: ['https://a.example/fed', 'https://a.example/feed']}\n",
            ['error scope.feeds.0: there is no feed "https://a.example/fed" (did you mean "https://a.example/feed"?)'],
        ),
        (
            'digest: {channels: [files], schedule: "0 0 7 * * *"}\n',
            [
                "error digest.schedule: a cron line has five fields, not 6 "
                '(minute, hour, day of month, month, day of week, such as "0 7 * * mon-fri")'
            ],
        ),
        ('digest: {channels: [files], schedule: "0 7 * * *"}\n', []),
        (
            "digest: {channels: [files], template: letter}\n",
            [
                'error digest.template: there is no template "letter" '
                "(write letter.html.j2 or letter.txt.j2 in the templates folder)"
            ],
        ),
        ("digest: {channels: [files], template: 5}\n", []),  # told by the type already
        ("digest: 5\n", ["warning digest.channels: no channel: its digests reach nobody (name some of: desk, files)"]),
    ],
)
def test_a_profile_is_looked_at_with_what_is_around_it(profile: str, expected: list[str]) -> None:
    assert fits(profile) == expected


def test_without_any_channel_one_is_suggested() -> None:
    assert fits("a: 1\n", channels=[]) == [
        "warning digest.channels: no channel: its digests reach nobody (such as [files])"
    ]


def remarks(config: str) -> list[str]:
    loaded = load_text(config, file="f", model=Config)
    found = check_config(loaded, list(loaded.channels))
    return [f"{each.weight} {'.'.join(map(str, each.place))}: {each.message}" for each in found]


WELL = "contact: a@b\nfeeds: [{url: 'https://a.example/'}]\n"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (WELL, []),
        ("contact: a@b\n", ["warning feeds: no feed is watched"]),
        ("feeds: [{url: 'https://a.example/'}]\n", ["advice contact: is missing"]),
        (WELL + "fetch: {interval: 5m}\n", []),
        (
            WELL + "fetch: {interval: 299s}\n",
            ["advice fetch.interval: polls more often than most publishers welcome"],
        ),
        (WELL + "notices: {channels: [ops]}\n", ['error notices.channels.0: there is no channel "ops"']),
        (
            "contact: a@b\nfeeds: [{url: 'https://a.example/'}, {url: 'https://A.example'}, {url: 'http://a.example/'}]\n",
            [
                "error feeds.1.url: this feed is already there as feeds[0]",
                "advice feeds.2.url: differs from feeds[0] only in http and https",
            ],
        ),
        (
            "contact: a@b\nfeeds: [{url: 'http://10.0.0.1/'}, {url: 'http://10.0.0.2/', enabled: false}]\n",
            ["warning feeds.0.url: is not a public address"],
        ),
    ],
)
def test_a_configuration_is_looked_at_as_a_whole(config: str, expected: list[str]) -> None:
    assert remarks(config) == expected


# what is right in one that is not ---------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "contact": "a@b",
    "state_dir": "var",
    "fetch": {"interval": "1h"},
    "feeds": [{"url": "https://a.example/"}, {"url": "https://b.example/"}],
    "channels": {"files": {"type": "file", "dir": "out"}},
    "retention": {"entries": "30d"},
}


@pytest.mark.parametrize("broken", sorted(GOOD))
@pytest.mark.parametrize("value", [7, [7], {"no": "such key"}, None], ids=["number", "list", "section", "nothing"])
def test_one_broken_section_hides_no_other(broken: str, value: object) -> None:
    whole, saved = salvage(GOOD), salvage({**GOOD, broken: value})
    for name in GOOD:
        if name != broken:
            assert getattr(saved, name) == getattr(whole, name)


def test_of_lists_and_sections_what_is_right_is_kept_in_its_place() -> None:
    feeds = [{"url": "https://a.example/"}, 5, {"url": "gopher://x/"}, {"url": "https://b.example/", "title": "B"}]
    channels = {"files": {"type": "file", "dir": "out"}, "hook": {"type": "webhok"}, 7: {}}
    saved = salvage({"feeds": feeds, "channels": channels})
    assert [(feed.url, feed.enabled) for feed in saved.feeds] == [
        ("https://a.example/", True),
        ("https://1.invalid/", False),
        ("https://2.invalid/", False),
        ("https://b.example/", True),
    ]
    assert list(saved.channels) == ["files"]


@pytest.mark.parametrize("value", [None, [], "text", 7, {}])
def test_of_what_is_no_section_at_all_the_defaults_are_left(value: object) -> None:
    assert salvage(value) == Config()
