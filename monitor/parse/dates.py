"""Dates as feeds write them: ISO 8601 (RFC 3339) and RFC 822, with the oddities of both. Never a guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from functools import cache
from typing import Final

_OLDEST: Final = 1990  # year
_BUDDHIST: Final = 2400  # a later year is one of the Thai calendar, which is 543 ahead
_LIMIT: Final = 80  # characters; longer texts are not dates
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::0?(\d\d?))?(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE,
)
# Names of zones that RFC 822 does not list, in minutes east of Greenwich.
_ZONES: Final = {
    "AEDT": 660, "AEST": 600, "BST": 60, "CEST": 120, "CET": 60, "EEST": 180, "EET": 120, "HKT": 480, "ICT": 420,
    "IST": 330, "JST": 540, "KST": 540, "MMT": 390, "MSK": 180, "MYT": 480, "NZDT": 780, "NZST": 720, "PHT": 480,
    "SGT": 480, "WEST": 60, "WET": 0, "WIB": 420,
}  # fmt: skip
_YEAR_ZERO: Final = re.compile(
    r"\b0\d\d\d\b(?<![+-]\d{4})(?!:)"
)  # a year of four digits that the library would complete
_ZONE_NAME: Final = re.compile(r"\b([A-Z]{3,4})(?=(?: \d{4})?$)")
_OFFSET: Final = re.compile(r"(?<=:\d\d)\s*(?:GMT|UTC?|Z)?\s*([+-])(\d\d?)(?::?(\d\d))?$")
_HALF_DAY: Final = re.compile(r"\b(\d\d?)(:\d\d(?::\d\d)?) ?([AP])\.?M\b\.?", re.IGNORECASE)
# Months behind a day as other languages write them: how their names begin, without accents; none that mean two months.
_MONTH_NAMES: Final = """
Jan: jan ian ene gen oca sty tam led sau янв ян січ ιαν ม.ค มกรา ມັງກອນ មករា 一月 1月 1월
Feb: feb fev lut sub hel uno veeb фев лют φεβ ก.พ กุมภา ກຸມພາ កុម្ភៈ 二月 2月 2월
Mar: mar mrt mac maal maart maerz bre мар бер μαρ มี.ค มีนา ມີນາ មីនា 三月 3月 3월
Apr: apr abr avr nis kwi huh dub апр кві απρ เม.ย เมษา ເມສາ មេសា 四月 4月 4월
May: may mai mag maj mei tou kve май мая тра μαι พ.ค พฤษภา ພຶດສະພາ ឧសភា 五月 5月 5월
Jun: jun iun giu juin juun meith haz cze kes cvn июн юни чер ιουν มิ.ย มิถุนา ມິຖຸນາ មិថុនា 六月 6月 6월
Jul: jul iul lug juil juul lipc lipie tem hei cvc июл юли лип ιουλ ก.ค กรกฎา ກໍລະກົດ កក្កដា 七月 7月 7월
Aug: aug ago agu ags agt ogo aou sie elo авг сер αυγ ส.ค สิงหา ສິງຫາ សីហា 八月 8月 8월
Sep: sep set szep eyl wrz syy zar сен вер σεπ ก.ย กันยา ກັນຍາ កញ្ញា 九月 9月 9월
Oct: oct okt ott out eki paz lok rij окт жов οκτ ต.ค ตุลา ຕຸລາ តុលា 十月 10月 10월
Nov: nov noi kas marras ноя ное лис νοε พ.ย พฤศจิกา ພະຈິກ វិច្ឆិកា 十一月 11月 11월
Dec: dec dez dic dis des dets ara gru jou pro дек гру δεκ ธ.ค ธันวา ທັນວາ ធ្នូ 十二月 12月 12월
"""
_MONTH: Final = re.compile(r"(?<=\d )([^\s\d]{1,16}|\d\d?[月월])(?= \d)")
_YEAR_FIRST: Final = re.compile(r"^(\d{4})(?:-|\. ?)([^\s\d-]{3,12})(?:-| )(\d\d?)(?:T|\.?,? )")
_ACCENTS: Final = dict.fromkeys(range(0x300, 0x370))


def iso_date(text: str) -> str:
    """The moment that ``text`` names, in ISO 8601 and UTC; "" when it names none. Without a zone it is taken as UTC."""
    text = text.strip()
    if not text or len(text) > _LIMIT:
        return ""
    try:
        match = _ISO.fullmatch(text)
        moment = _iso(*match.groups()) if match else _rfc822(text)
    except (ValueError, OverflowError, TypeError, IndexError):  # no such day, hour or offset
        return ""
    return moment.isoformat() if moment else ""


def from_iso(text: str) -> datetime | None:
    """The moment that a parser's ISO text in UTC names, in whole seconds; None for "", nonsense and before 1990.

    There were no feeds before 1999: such dates are clocks that were never set.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.year > _BUDDHIST:
            moment = moment.replace(year=moment.year - 543)
    except ValueError:
        return None
    if moment.year < _OLDEST:
        return None
    return moment if moment.tzinfo is UTC and not moment.microsecond else moment.replace(microsecond=0, tzinfo=UTC)


def _iso(day: str, time: str | None, second: str | None, zone: str | None) -> datetime:
    zone = "+00:00" if not zone or zone[0] not in "+-" else zone
    return datetime.fromisoformat(f"{day}T{time or '00:00'}:{second or '':0>2}{zone}").astimezone(UTC)


def _rfc822(text: str) -> datetime | None:
    text = _HALF_DAY.sub(_full_day, text)
    minutes: int | None = None
    if offset := _OFFSET.search(text):
        minutes = (int(offset[2]) * 60 + int(offset[3] or 0)) * (-1 if offset[1] == "-" else 1)
        text = text[: offset.start()]
    elif (named := _ZONE_NAME.search(text)) and named[1] in _ZONES:
        minutes = _ZONES[named[1]]
        text = text[: named.start()] + text[named.end() :]
    fields = parsedate_tz(text) or parsedate_tz(_in_english(text))
    if fields is None or _YEAR_ZERO.search(text):
        return None
    seconds = minutes * 60 if minutes is not None else fields[9] or 0
    return datetime(*fields[:6], tzinfo=timezone(timedelta(seconds=seconds))).astimezone(UTC)


def _full_day(match: re.Match[str]) -> str:
    """A time of twelve hours as one of twenty-four; one that says 13 PM already is."""
    hour, afternoon = int(match[1]), match[3] in "pP"
    return f"{hour % 12 + 12 * afternoon if hour <= 12 else hour:02}{match[2]}"


def _in_english(text: str) -> str:
    """``text`` with the name of its month in English, and its day before that."""
    return _MONTH.sub(_month, _YEAR_FIRST.sub(r"\3 \2 \1 ", text, count=1), count=1)


def _month(match: re.Match[str]) -> str:
    name = _unaccented(match[1])
    return next((english for begins, english in _months() if name.startswith(begins)), match[1])


@cache
def _months() -> list[tuple[str, str]]:
    """How names of months begin, the longest first, and the month in English; made when first needed."""
    lines = (line.partition(": ") for line in _unaccented(_MONTH_NAMES).split("\n"))
    found = [(begins, english) for english, _, names in lines for begins in names.split()]
    return sorted(found, key=lambda pair: len(pair[0]), reverse=True)


def _unaccented(text: str) -> str:
    return unicodedata.normalize("NFD", text.casefold()).translate(_ACCENTS)
