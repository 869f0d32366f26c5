"""Reading seed articles: text, Markdown with front matter or HTML, without what the page set around the article.

Furniture is a date line, a counter, a share button, a lead that stands there twice, an invitation to subscribe or to
read on, an address, what a feed says of where an article is from, and everything from where other news begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import regex

from monitor.text.clean import plain_paragraphs
from monitor.text.fold import words

_FRONT_MATTER = regex.compile(r"\A---\s*\n(.*?)\n---\s*\n", regex.DOTALL)
_TITLE_KEY = regex.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", regex.MULTILINE)
_HTML = regex.compile(r"<(?:!doctype|html|head|body|article|p|div)\b", regex.IGNORECASE)
_MARKDOWN = regex.compile(r"^#{1,6}\s+|[*_]{2,}|`|(?<=\])\([^)]*\)|[\[\]]", regex.MULTILINE)

_WRAPPED = regex.compile(r"(?<=\S)\n(?=[^\s•*+-])")

_BROKEN = regex.compile(r"(?<=^[^\n]{59,119}[^\s.!?:;”\"\n])\n(?=[^\s•*+-])", regex.MULTILINE)  # amid a sentence
_DIVIDED = regex.compile(r"(?<=^[^\n]{29,119}\p{Ll})-\n(?=\p{Ll})", regex.MULTILINE)  # amid a word
_BULLET = regex.compile(r"^\s*[•·▪►»›*+-]\s+")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = rf"(?:\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}|{_MONTH}\W+\d{{1,2}}\W+\d{{4}}|\d{{1,2}}\W+{_MONTH}\W+\d{{4}})"
_DATE_LINE = regex.compile(
    r"^\W*(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\W+)?"
    rf"(?:published|posted|(?:last )?updated)?\W*{_DAY}"
    r"(?:\W+\d{1,2}:\d\d(?::\d\d)?)?(?:\s*[ap]\.?m\.?)?(?:\s*[A-Z]{2,4})?\W*$",
    regex.IGNORECASE,
)
_BUTTONS = frozenset(
    """advertisement comment comments copy email e-mail facebook follow line like likes link listen mail messenger min
    photo photos pinterest print read reading save share shares telegram text top tweet twitter us video view views
    whatsapp x ago font size aa back home menu news click here page times hits points""".split()
)
_OTHER_NEWS = regex.compile(
    r"^\W*(?:related(?: (?:articles?|news|stories|posts|topics|content))?|read (?:more|also|next)|also read|see also|"
    r"more (?:news|stories|from .{1,40}|in .{1,40}|on this .{1,20})|other news|latest news|"
    r"most (?:read|popular|viewed)|trending(?: now)?|recommended(?: for you)?|popular posts|recent posts|"
    r"you (?:may|might) (?:also )?(?:like|be interested.*)|editor'?s picks?|tags?|top stories|"
    r"leave a (?:comment|reply)|comments|about the author|"
    r"ຂ່າວອື່ນໆ|ຂ່າວທີ່ກ່ຽວຂ້ອງ|ព័ត៌មានទាក់ទង|អត្ថបទទាក់ទង|"
    r"ข่าวที่เกี่ยวข้อง|tin liên quan|tin khác|"
    r"関連記事|関連ニュース|"
    r"おすすめ記事|相关新闻|相关阅读|관련 기사|"
    r"à lire aussi|sur le même sujet|lesen sie auch|mehr zum thema|lea también)"
    r"\W*:?\s*$",
    regex.IGNORECASE,
)
_APPEAL = regex.compile(
    r"(?:continue reading|to continue|subscri(?:be|ption)|sign (?:in|up)|log in|premium (?:story|article|content)|"
    r"paywall|cookies?\b.*(?:accept|use)|newsletter|all rights reserved|copyright|©|terms of (?:use|service)|"
    r"privacy policy|follow us|download (?:the|our) app|click here|"
    r"this (?:version|article|text|rewrite|translation) (?:maintains|was|has been|is) "
    r".*(?:readab|original|edited|translated|generated|published|updated|amended))",
    regex.IGNORECASE,
)
_READ_ON = (
    r"(?:read (?:more|the (?:full|whole|rest))|(?:continue|keep) reading|view (?:full|original) (?:article|post|story))"
    r"\b[^.!?]{0,200}\W*$"
)
_INVITATION = regex.compile(_READ_ON, regex.IGNORECASE)
_FEED = regex.compile(  # what feeds say of where a text is from, and addresses
    r"(?:(?:article|comments) url:\s*(?:https?://\S*)?\s*)+(?:points:\s*\d+\s*)?(?:#\s*comments:\s*\d+)?|"
    r"\bsubmitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?(?:\s*\[link\])?(?:\s*\[comments\])?|"
    r"\b(?:the post .{1,300}? (?:first )?appeared (?:first )?on|der beitrag .{1,300}? erschien zuerst auf|"
    r"l[’']article .{1,300}? est apparu en premier sur|la entrada .{1,300}? (?:se publicó|apareció) primero en|"
    r"o post .{1,300}? apareceu primeiro em) .{1,80}?(?:\.(?=\s|$)|$)|"
    rf"(?<=[.!?…»”\"\]()]\s*){_READ_ON}|"
    r"(?:https?://|\bwww\.)\S*[^\s.,;:!?)\]”\"»]",
    regex.IGNORECASE,
)
_DATELINE = regex.compile(
    r"^(?:\([^()\n]{2,30}\)\s*[-–—:]*\s+|"
    r"[A-Z][A-Z.,' ]{2,40}(?:,\s*\w+\.?\s*\d{0,2})?\s*(?:\([^()\n]{2,30}\))?\s*(?:[-–—]+|:)\s*)"
)
_AGENCY = regex.compile(r"^\W*\(?([A-Z]{2,5})\)?(?=\W*$|\)\s)")
_BYLINE = regex.compile(r"(?:By|Par|Por|Von) (?:\p{Lu}[\p{L}.’'-]*(?:,? (?:and|in|et|und|y|e) |,? |$)){1,8}")
_NUMBER = regex.compile(r"\d+")
_SENTENCE = regex.compile(r"(?<=[.!?。！？”\"])\s+(?=[\p{Lu}\p{Lo}“\"])")

_SAME = 0.85  # share of a paragraph's words that an earlier one must hold for it to be a repetition
_BUTTON_WORDS = 8
_HEADLINE = 130  # characters
_LITTLE = 200  # characters, below which the paragraphs of a web page are not its article
_LONGEST = 50_000  # characters of a seed


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed article: its title and its paragraphs, without furniture."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraphs."""
        return "\n".join(self.paragraphs)

    @property
    def whole(self) -> str:
        """Title and paragraphs."""
        return f"{self.title}\n{self.text}"


def read_seed(raw: str) -> Seed:
    """A seed from the text of a file; its first line is its title unless the markup names one."""
    title, lines = _lines(raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\f", "\n"))
    kept = list(_article(_without_page_heads("\n".join(lines)[:_LONGEST].split("\n"))))
    if not title and kept:
        title, *kept = kept
    return Seed(" ".join(_FEED.sub(" ", title).split()), tuple(_unrepeated([title], kept)))


def _lines(raw: str) -> tuple[str, list[str]]:
    """The title that the markup names ("" if none) and the lines of the text."""
    if _HTML.search(raw[:2000]):
        return _html(raw)
    if front := _FRONT_MATTER.match(raw):
        named = _TITLE_KEY.search(front[1])
        title = named[1] if named else ""
        raw = raw[front.end() :]
        return title, _WRAPPED.sub(" ", _MARKDOWN.sub("", raw)).split("\n")
    first, _, rest = raw.partition("\n")
    return "", [first, *_BROKEN.sub(" ", _DIVIDED.sub("", rest)).split("\n")]


def _html(raw: str) -> tuple[str, list[str]]:
    from lxml import html

    tree = html.document_fromstring(raw)
    for node in tree.xpath("//script|//style|//nav|//aside|//footer|//header|//form|//figure|//noscript|//button"):
        node.drop_tree()
    headings = tree.xpath("//h1") or tree.xpath("//title")
    title = " ".join(headings[0].text_content().split()) if headings else ""
    root = (tree.xpath("//article") or tree.xpath("//main") or tree.xpath("//body") or [tree])[0]
    blocks = root.xpath(".//p|.//h2|.//h3|.//h4|.//blockquote[not(.//p)]")
    lines = [" ".join(block.text_content().split()) for block in blocks]
    if sum(map(len, lines)) < _LITTLE:  # as on pages that are made of divisions
        lines = plain_paragraphs(html.tostring(root, encoding="unicode", with_tail=False), _LONGEST).split("\n")
        lines = lines[lines.index(title) + 1 :] if title in lines else lines
    return title, lines


def _without_page_heads(lines: list[str]) -> list[str]:
    """The lines without those that come again with another number, as each page of a document has."""
    alike: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        alike[_NUMBER.sub("0", line.strip())].add(line.strip())
    return [line for line in lines if len(alike[_NUMBER.sub("0", line.strip())]) == 1]


def _article(lines: list[str]) -> Iterator[str]:
    """The lines of the article itself, cleaned; a headline on the first line stays as it is."""
    agencies = frozenset(name for line in lines for name in _AGENCY.findall(line))
    for number, line in enumerate(lines):
        if _OTHER_NEWS.match(line) or _starts_a_list_of_news(lines, number):
            return
        text = _FEED.sub(" ", line).strip()
        if not text or _is_furniture(text) or (number and (_BYLINE.fullmatch(text) or _INVITATION.match(text))):
            continue
        if number == 0 and len(text) <= _HEADLINE:
            yield text
            continue
        first, _, rest = text.partition(" ")
        text = _DATELINE.sub("", rest if first in agencies else text)
        sentences = (part for part in _SENTENCE.split(text) if not _APPEAL.search(part))
        if cleaned := " ".join(sentences).strip():
            yield cleaned


def _is_furniture(text: str) -> bool:
    """Whether a line is a date, a counter, a row of buttons or a bare name of an agency."""
    if _DATE_LINE.match(text) or regex.fullmatch(r"\W*[A-Z]{2,5}\W*", text):
        return True
    bare = [word for word in regex.findall(r"[\w-]+", text.lower()) if not word.isdigit()]
    return len(bare) <= _BUTTON_WORDS and all(word in _BUTTONS for word in bare)


def _starts_a_list_of_news(lines: list[str], number: int) -> bool:
    """Whether a bullet begins a list of links: its words stand again, or a time stands, in the lines just below."""
    if not _BULLET.match(lines[number]):
        return False
    head = set(words(_BULLET.sub("", lines[number])))
    below = [line for line in lines[number + 1 : number + 8] if line.strip()][:3]
    again = any((found := set(words(line))) and len(found & head) >= _SAME * len(found) for line in below)
    return bool(head) and (again or any(_DATE_LINE.match(line.strip()) for line in below))


def _unrepeated(before: Iterable[str], paragraphs: list[str]) -> Iterator[str]:
    """The paragraphs that say something new."""
    seen = [set(words(text)) for text in before]
    for paragraph in paragraphs:
        found = set(words(paragraph))
        if found and not any(len(found & earlier) >= _SAME * len(found) for earlier in seen):
            seen.append(found)
            yield paragraph
