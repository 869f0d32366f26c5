"""Bytes to text, whatever the labels say: byte order marks, HTTP, XML declaration, and lies about all three.

Order: a byte order mark or the zero bytes of UTF-16 and UTF-32, also behind junk; UTF-8 when the bytes are valid
UTF-8 (no other encoding's text passes for it by chance, so the labels are not asked); then the charset of the HTTP
header and of the XML declaration; then UTF-8 with replacements or windows-1252, whichever spoils less. UTF-7 is never
decoded.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
# How "<?" or "<r" looks without a byte order mark (XML 1.0, appendix F); the last one is EBCDIC's "<?xm".
_UNMARKED: Final = (
    (re.compile(rb"\0\0\0<\0\0"), "utf-32-be"),
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
# Text of a wide encoding somewhere behind what is none.
_PAIRS: Final = re.compile(rb"(?:[^\0]\0){12}|(?:\0[^\0]){12}")
_PAIRS_WITHIN: Final = 4_096
_MARKED_ZERO: Final = 64  # bytes behind a true mark among which there is one of ASCII, and its zero
_ASCII: Final = bytes(range(128))
# Codecs whose labels mean a larger set on the web (WHATWG Encoding Standard), by Python's names.
_LARGER: Final = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "iso2022_jp": "iso2022_jp_ext",
    "big5": "cp950",
}  # fmt: skip
# Labels that Python knows by other names; it knows most without "x-", and "windows-874" as "cp874".
_LABELS: Final = {
    "windows-31j": "cp932", "unicode-1-1-utf-8": "utf-8", "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8",
    "mac": "mac-roman", "koi8": "koi8-r", "koi8-ru": "koi8-u", "gb_2312": "gb18030", "gb_2312-80": "gb18030",
    "csgb2312": "gb18030", "cn-big5": "cp950", "cseuckr": "cp949", "ksc_5601": "cp949", "ks_c_5601-1989": "cp949",
}  # fmt: skip
_VENDOR: Final = re.compile(r"\A(?:x-)+")
_CODE_PAGE: Final = re.compile(r"\A(?:windows|dos)-(?=\d)")
# Python codecs that are no character set of the web, or let bytes mean what no filter expects; by their own names.
_REFUSED: Final = frozenset("utf-7 unicode-escape raw-unicode-escape idna punycode undefined mbcs oem charmap".split())
_WEAK: Final = frozenset(("cp1252",))  # decodes almost anything, so it proves nothing
_WIDE: Final = frozenset(("utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"))
_HEADER_CHARSET: Final = re.compile(r"charset\s*+=\s*+[\"']?+\s*+([\w.:+-]{1,40})", re.IGNORECASE)
_XML_ENCODING: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:+-]{1,40})", re.IGNORECASE)
_DECLARATION: Final = re.compile(rb"\A<\?xml[^>]{0,500}>\s*")
_TAG: Final = "<"
_HEAD_BYTES: Final = 1_024
# Never text in windows-1252, but what is left of a byte order mark or of half a character pair written as UTF-8.
_DEBRIS: Final = re.compile(rb"[\xfe\xff]|\xed[\xa0-\xbf][\x80-\xbf]")
_ESCAPE: Final = b"\x1b"  # begins the shifts of ISO-2022, whose text is otherwise ASCII
# UTF-8 that was taken for Latin-1 and made UTF-8 again; in Latin-1, what no text holds by itself; its pieces.
_TWICE: Final = re.compile(rb"\xc3[\x82-\xb4]\xc2")
_CERTAIN: Final = re.compile(rb"[\x80-\x9f]|\xc3[\xa1-\xba\xbc-\xbf]")
_PIECE: Final = re.compile(rb"(?<![^<>])[^<>]*?\xc3[\x82-\xb4]\xc2[^<>]*")
_MOST_PIECES: Final = 100_000  # no feed has more, and a hostile one is to be read in time


class Decoded(NamedTuple):
    """A document as UTF-8, the encoding it was read in, and what was odd about its labels ("" when nothing).

    Its XML declaration, if any is left, does not name another encoding.
    """

    utf8: bytes
    encoding: str
    warning: str = ""


def decode(body: bytes, content_type: str = "") -> Decoded:
    """``body``, as served with the HTTP header ``content_type``, in UTF-8. Never raises."""
    decoded = _decode(body, content_type)
    utf8 = decoded.utf8.lstrip()
    if b"\xc2" in utf8 and _TWICE.search(utf8):
        utf8 = _PIECE.sub(_once, utf8, count=_MOST_PIECES)
    declared = _XML_ENCODING.match(utf8)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        utf8 = _DECLARATION.sub(b"", utf8, count=1)
    return decoded if utf8 is decoded.utf8 else decoded._replace(utf8=utf8)


def _once(piece: re.Match[bytes]) -> bytes:
    """The piece as it was before it was made UTF-8 for a second time; as it is where that is not certain."""
    try:
        before = piece[0].decode().encode("latin-1")
        return before if _CERTAIN.search(before) and before.decode() else piece[0]
    except UnicodeError:
        return piece[0]


def _decode(body: bytes, content_type: str) -> Decoded:
    mark, encoding = next((each for each in _MARKS if body.startswith(each[0])), (b"", ""))
    body = body[len(mark) :] if mark else body
    zeros = body.find(b"\0", 0, _PAIRS_WITHIN) >= 0
    if mark and (encoding not in _WIDE or not body.strip() or b"\0" in body[:_MARKED_ZERO]):
        return _replacing(body, encoding)
    for pattern, encoding in _UNMARKED:
        if pattern.match(body):
            return _replacing(body, encoding)
    pairs = _PAIRS.search(body, 0, _PAIRS_WITHIN) if zeros else None
    if pairs:
        return _behind_junk(body, pairs.start())
    labels = _labels(body, content_type)
    try:
        body.decode()
    except UnicodeDecodeError:
        return _labelled(body, labels if zeros else [label for label in labels if label not in _WIDE])
    if _ESCAPE in body:
        shifted = _strictly(body, [label for label in labels if label.startswith(("iso2022", "hz"))])
        if shifted is not None:
            return shifted
    wide = [label for label in labels if label in _WIDE]
    return Decoded(body, "utf-8", f"declared as {wide[0]}, but it is utf-8" if wide else "")


def _behind_junk(body: bytes, at: int) -> Decoded:
    """``body`` in UTF-16 without a mark, its pairs of a letter and a zero ``at`` a byte: as whatever spoils least.

    A letter before the first pair may belong to the junk, and the zero to the letter behind it.
    """
    ways = ((0, "utf-16-le"), (0, "utf-16-be"), (at, "utf-16-le"), (at + 1, "utf-16-be"))
    return min((_replacing(body[start:], encoding) for start, encoding in ways), key=_spoilt)


def _spoilt(decoded: Decoded) -> tuple[int, int]:
    """How much of a text is lost, and how much is no ASCII, such as markup is."""
    text = decoded.utf8
    return text.count(b"\xef\xbf\xbd"), len(text.translate(None, _ASCII))


def _labels(body: bytes, content_type: str) -> list[str]:
    """The encodings that the header and the declaration name, the one to believe first; unknown ones left out."""
    header = _HEADER_CHARSET.search(content_type)
    declared = _XML_ENCODING.search(body, 0, _HEAD_BYTES)
    labels = [
        name
        for label in (header and header[1], declared and declared[1].decode("ascii", errors="replace"))
        if label and (name := _codec_name(label))
    ]
    labels.sort(key=_WEAK.__contains__)  # a server's default charset must not win over the document's own
    return labels


def _codec_name(label: str) -> str:
    """Python's name of the encoding that ``label`` means; "" when there is none to be used."""
    label = _VENDOR.sub("", label.strip().lower())
    codec = _lookup(label) or _lookup(_LABELS.get(label, _CODE_PAGE.sub("cp", label)))
    if codec is None:
        return ""
    codec = _lookup(_LARGER.get(codec.name, "")) or codec
    is_text: bool = getattr(codec, "_is_text_encoding", True)  # base64, zip and rot13 are codecs too
    if not is_text or codec.name in _REFUSED:
        return ""
    return codec.name if codec.name in _WIDE or _TAG.encode(codec.name) == _TAG.encode() else ""  # else it is EBCDIC


def _lookup(label: str) -> codecs.CodecInfo | None:
    try:
        return codecs.lookup(label)
    except LookupError:
        return None


def _labelled(body: bytes, labels: list[str]) -> Decoded:
    """``body`` is not UTF-8: by its labels, else by what spoils less."""
    exact = _strictly(body, [label for label in labels if label != "utf-8"])
    if exact is not None:
        return exact
    for label in labels:
        if label != "utf-8" and label not in _WEAK and label not in _WIDE:
            return _replacing(body, label)
    text = body.decode(errors="replace")
    wrong = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", errors="ignore")) - wrong
    if right > wrong or _DEBRIS.search(body):
        return _replacing(body, "utf-8")
    claim = "declared as utf-8, but it is not" if "utf-8" in labels else "no usable encoding declared"
    return Decoded(body.decode("cp1252", errors="replace").encode(), "windows-1252", f"{claim}: read as windows-1252")


def _replacing(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, errors="replace")
    warning = f"some bytes are not {encoding}" if "\ufffd" in text else ""
    return Decoded(text.encode(errors="replace"), encoding, warning)


def _strictly(body: bytes, labels: list[str]) -> Decoded | None:
    for label in labels:
        try:
            return Decoded(body.decode(label).encode(), label)
        except UnicodeError:
            continue
    return None
