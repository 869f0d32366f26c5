"""Digests for tests: made-up news in five scripts, always the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts.model import DayCount, Digest, DigestEntry, FeedHealth, FeedProblem, Fragment, ScorePart, Story

END = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
START = END - timedelta(days=1)

# title, excerpt, source, lang; ``[...]`` marks a matched word
NEWS = (
    (
        "[Japan] and [Laos] open a ferry school on the Mekong",
        "The school in [Vientiane] will train sixty pilots a year; [Tokyo] lends two boats and three instructors, "
        "the ministry of transport said on Monday, and the first course starts after the rains.",
        "Mekong Daily",
        "en",
    ),
    (
        "[日本]と[ラオス]、メコン川の渡し船学校を開校 操縦士を毎年60人育成",
        "[ビエンチャン]に置かれる学校は、年間60人の操縦士を育てる。[東京]から練習船2隻と教官3人が派遣され、雨季明けに最初の講習が始まる。",
        "河辺新聞",
        "ja",
    ),
    (
        "[ຍີ່ປຸ່ນ] ແລະ [ລາວ] ເປີດໂຮງຮຽນເຮືອຂ້າມຟາກ ຢູ່ແມ່ນ້ຳຂອງ",
        "ໂຮງຮຽນຢູ່ [ວຽງຈັນ] ຈະຝຶກອົບຮົມຄົນຂັບເຮືອ 60 ຄົນຕໍ່ປີ ໂດຍມີເຮືອສອງລຳ ແລະ ຄູສາມຄົນຈາກ[ໂຕກຽວ] ມາຊ່ວຍສອນ.",
        "ຂ່າວແຄມຂອງ",
        "lo",
    ),
    (
        "[ជប៉ុន] និង[កម្ពុជា] ចាប់ផ្តើមសិក្សាកំពង់ផែទន្លេថ្មី",
        "ក្រុមវិស្វករពី[តូក្យូ]នឹងធ្វើការជាមួយអាជ្ញាធរ[ភ្នំពេញ] រយៈពេលប្រាំបីខែ ដើម្បីជ្រើសរើសទីតាំងសម្រាប់កំពង់ផែ។",
        "សារព័ត៌មានទន្លេ",
        "km",
    ),
    (
        "[ญี่ปุ่น]และ[ลาว]เปิดโรงเรียนเรือข้ามฟากแห่งใหม่ริมแม่น้ำโขง",
        "โรงเรียนใน[เวียงจันทน์]จะฝึกคนขับเรือปีละหกสิบคน โดยมีเรือสองลำและครูสามคนจาก[โตเกียว]มาช่วยสอนหลังสิ้นฤดูฝน",
        "ข่าวริมโขง",
        "th",
    ),
    (
        "River port study brings [Japanese] engineers to [Phnom Penh]",
        "Eight months are planned for the soundings. The port is meant for barges that now unload by hand, and for the "
        "rice trade of the lake provinces.",
        "Tonle Post",
        "en",
    ),
    (
        "What the ferry school means for the villages of [Savannakhet]",
        "Boat owners hope for cheaper repairs. “My father learned by sinking twice,” says one of them, “and I would "
        "rather learn in a classroom.”",
        "Mekong Daily",
        "en",
    ),
    (
        "[Laos] names a rail envoy to [Tokyo]",
        "The envoy will look after spare parts and the training of signal staff.",
        "Plain of Jars Herald",
        "en",
    ),
)
PARTS = (
    ScorePart("concept", "Japan", "title", 1, 2.0, 2.0),
    ScorePart("concept", "Laos", "title", 1, 2.0, 2.0),
    ScorePart("term", "strategic partnership", "content", 2, 1.55, 3.1),
    ScorePart("near", "upgrade … ties", "summary", 1, 1.2, 1.2),
    ScorePart("penalty", "football", "content", 1, -1.0, -1.0),
)
HEALTH = FeedHealth(
    feeds=27,
    healthy=25,
    entries=1_482,
    problems=(
        FeedProblem(
            "Tonle Post",
            "https://tonle.example/feed",
            "failing",
            "the server answered 503 for the last 14 polls",
            END - timedelta(days=4),
        ),
        FeedProblem(
            "河辺新聞", "https://kawabe.example/rss", "silent", "nothing new for 9 days", END - timedelta(days=9)
        ),
    ),
)
ACTIVITY = tuple(
    DayCount((END.date() - timedelta(days=13 - index)).isoformat(), count)
    for index, count in enumerate((2, 0, 1, 3, 3, 0, 0, 4, 2, 6, 3, 1, 0, 8))
)


def fragments(text: str) -> tuple[Fragment, ...]:
    """``text`` with ``[...]`` read as marks."""
    pieces = [piece.split("]") for piece in text.split("[")]
    found = [Fragment(pieces[0][0])]
    for marked, rest in pieces[1:]:
        found += [Fragment(marked, marked=True), Fragment(rest)]
    return tuple(fragment for fragment in found if fragment.text)


def entry(number: int = 0, **changes: object) -> DigestEntry:
    """Entry ``number`` of the made-up news, with some fields changed."""
    title, excerpt, source, lang = NEWS[number % len(NEWS)]
    score = max(5.2, round(16.4 - 1.3 * number, 1))
    values: dict[str, object] = {
        "id": f"entry-{number}",
        "title": title.replace("[", "").replace("]", ""),
        "link": f"https://news.example/{lang}/{number}",
        "source": source,
        "published": END - timedelta(hours=1 + number, minutes=7),
        "found": END - timedelta(hours=1 + number),
        "score": score,
        "threshold": 5.0,
        "parts": (*PARTS, ScorePart("term", "ferry", "any", 3, 1.0, score - 7.3)),
        "headline": fragments(title),
        "highlight": fragments(excerpt),
        "lang": lang,
    }
    return DigestEntry(**(values | changes))  # type: ignore[arg-type]


def digest(stories: int | Sequence[Story] = 1, **changes: object) -> Digest:
    """A digest of as many stories; the first has three sources, the third is an update."""
    if isinstance(stories, int):
        stories = [
            Story((entry(n), entry(n + 5), entry(n + 6)) if n == 0 else (entry(n),), update=n == 2)
            for n in range(stories)
        ]
    values: dict[str, object] = {
        "profile": "japan-mekong",
        "title": "Japan and the Mekong",
        "start": START,
        "end": END,
        "timezone": "Asia/Vientiane",
        "stories": tuple(stories),
        "health": HEALTH,
        "full_score": 20.0,
        "activity": ACTIVITY,
    }
    return Digest(**(values | changes))  # type: ignore[arg-type]
