"""Bytes to UTF-8, whatever the labels say. (The samples in ``tests/data/feeds`` cover the encodings one by one.)"""

from __future__ import annotations

import codecs
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parse import encodings
from monitor.parse.encodings import decode

JA = "日本のお知らせ、港にて"
DE = "„Möwe“ fährt für 5 €"


def declared(encoding: str, text: str) -> bytes:
    codec = {"x-sjis": "cp932", "windows-31j": "cp932", "gb2312": "gb18030", "tis-620": "cp874"}.get(encoding, encoding)
    return f'<?xml version="1.0" encoding="{encoding}"?><t>{text}</t>'.encode(codec)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (JA.encode(), "", JA),
        (JA.encode("cp932"), "text/xml; charset=Shift_JIS", JA),
        (JA.encode("euc_jp"), 'text/xml; charset="x-euc-jp"', JA),
        (JA.encode("iso2022_jp"), "text/xml; charset=iso-2022-jp", JA),
        (DE.encode("cp1252"), "text/xml; charset=ISO-8859-1", DE),
        (DE.encode("cp1252"), "text/xml; charset=us-ascii", DE),
        (DE.encode("cp1252"), "", DE),
        (DE.encode("cp1252"), "text/xml; charset=x-nope", DE),
        (DE.encode("utf-16"), "", DE),
        (DE.encode("utf-32"), "text/xml; charset=utf-8", DE),
    ],
)
def test_the_charset_of_the_header(body: bytes, content_type: str, text: str) -> None:
    assert decode(body, content_type).utf8.decode() == text


@pytest.mark.parametrize("encoding", ["x-sjis", "windows-31j", "euc-jp", "iso-2022-jp", "big5", "gb2312", "utf-16"])
def test_the_encoding_of_the_declaration(encoding: str) -> None:
    text = decode(declared(encoding, "一二三")).utf8.decode()
    assert text == "<t>一二三</t>"


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("windows-874", "cp874", "ข่าว “ลาว”"),
        ("ISO_8859-1", "cp1252", "“é”"),
        ("latin5", "cp1254", "İ “”"),
        ("x-cp1251", "cp1251", "Лаос"),
        ("x-x-big5", "cp950", "寮國"),
        ("big5", "cp950", "寮國 碁 €"),
        ("iso-8859-11", "cp874", "ลาว “€”"),
        ("gbk", "gb18030", "老挝 囍"),
        ("euc-kr", "cp949", "라오스 똠"),
        ("shift_jis", "cp932", "ラオス ①"),
        ("iso-2022-jp", "iso2022_jp_ext", "ラオス ｱ"),
        ("gb_2312-80", "gb18030", "老挝"),
        ("windows-949", "cp949", "라오스 똠"),
        ("ks_c_5601-1989", "cp949", "라오스 똠"),
        ("ISO-8859-8-I", "iso8859-8", "לאוס"),
        ("x-mac-cyrillic", "mac-cyrillic", "Лаос"),
    ],
)
def test_labels_mean_what_they_mean_on_the_web(label: str, encoding: str, text: str) -> None:
    body = f"<?xml version='1.0' encoding='{label}'?><t>{text}</t>".encode(encoding)
    assert decode(body).utf8.decode().endswith(f"<t>{text}</t>")


def test_a_servers_default_charset_does_not_win_over_the_document() -> None:
    body = declared("Shift_JIS", JA)
    assert JA in decode(body, "text/xml; charset=iso-8859-1").utf8.decode()


@pytest.mark.parametrize("label", ["iso-8859-1", "shift_jis", "utf-16", "big5", "ascii", "utf-7", "rot13", "zip"])
@pytest.mark.parametrize("where", ["header", "declaration"])
def test_valid_utf8_is_utf8_whatever_it_is_called(label: str, where: str) -> None:
    body = f'<?xml version="1.0" encoding="{label if where == "declaration" else "utf-8"}"?><t>{JA}</t>'.encode()
    decoded = decode(body, f"text/xml; charset={label}" if where == "header" else "")
    assert JA in decoded.utf8.decode()
    assert label.encode() not in decoded.utf8


@pytest.mark.parametrize(
    "label", ["utf-7", "UTF7", "unicode-1-1-utf-7", "unicode_escape", "punycode", "idna", "base64"]
)
def test_some_encodings_are_never_used(label: str) -> None:
    body = b"+ADw-b+AD4- \\u003cb\\u003e \xe9"
    assert decode(body, f"text/xml; charset={label}").utf8 == "+ADw-b+AD4- \\u003cb\\u003e é".encode()


@pytest.mark.parametrize("text", ["versión nº 2", "it’s «PERÚ»", "ກະຊວງ", "日本 — café", "É»"])
def test_what_was_made_utf8_twice_is_read_as_it_was(text: str) -> None:
    plain = f"<a>über</a><b>{text}</b>".encode()
    twice = f"<a>über</a><b>{text.encode().decode('latin-1')}</b>".encode()
    assert decode(twice).utf8 == decode(plain).utf8 == plain


@pytest.mark.parametrize("text", ["LIBERTÉ\u00a0!", "PERÚ»", "MANHÃ»", "Ãb", "Ã³ 日", "É£ «"])
def test_letters_that_only_might_have_been_others_stay(text: str) -> None:
    assert decode(f"<b>{text}</b>".encode()).utf8.decode() == f"<b>{text}</b>"


def test_only_pieces_that_may_have_been_made_twice_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document may consist of millions of others, and of more than anybody needs that are."""
    monkeypatch.setattr(encodings, "_once", lambda piece: piece[0].upper())
    monkeypatch.setattr(encodings, "_MOST_PIECES", 2)
    said = "x<a>x</a>yÃ©z<b>zÃz<i>zÃ©</i>zÃ©"
    assert decode(said.encode()).utf8.decode() == "x<a>x</a>YÃ©Z<b>zÃz<i>ZÃ©</i>zÃ©"


def test_a_character_that_was_cut_in_half_is_replaced() -> None:
    decoded = decode(JA.encode()[:-1])
    assert decoded.utf8.decode() == JA[:-1] + "\ufffd"
    assert decoded.warning == "some bytes are not utf-8"


@pytest.mark.parametrize("debris", [b"\xff\xfe", b"\xed\xa0\x80"])
def test_debris_in_ascii_is_replaced_and_not_read_as_letters(debris: bytes) -> None:
    assert "\ufffd" in decode(b"plain words " + debris + b" and more").utf8.decode()


def test_wrong_labels_are_told() -> None:
    assert decode(declared("utf-8", "").replace(b"<t>", b"<t>\xe9")).warning == (
        "declared as utf-8, but it is not: read as windows-1252"
    )
    assert decode(b'<?xml version="1.0" encoding="utf-16"?><t/>').warning == "declared as utf-16, but it is utf-8"
    assert decode(declared("shift_jis", JA)[:-4] + b"\x81</t>").warning == "some bytes are not cp932"
    assert decode(b"<t/>").warning == ""


@given(
    st.binary(max_size=200), st.sampled_from(["", "charset=utf-16", "charset=iso-2022-jp", "charset=hz", "charset="])
)
def test_any_bytes_become_utf8(body: bytes, content_type: str) -> None:
    decode(body, content_type).utf8.decode()


# Without what UTF-8 that was made UTF-8 twice looks like.
once = st.text(st.characters(codec="utf-8")).filter(lambda text: not re.search("[\xc2-\xf4][\x80-\xbf]", text))


@given(once, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
def test_a_byte_order_mark_settles_it(text: str, encoding: str) -> None:
    marks = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
        "utf-32-le": codecs.BOM_UTF32_LE,
        "utf-32-be": codecs.BOM_UTF32_BE,
    }
    body = marks[encoding] + f"<t>{text}</t>".encode(encoding, errors="replace")
    assert decode(body, "charset=big5").utf8.decode() == f"<t>{text}</t>"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE])
@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
def test_a_byte_order_mark_before_what_is_no_utf16_means_nothing(mark: bytes, encoding: str) -> None:
    assert decode(mark + declared(encoding, JA)).utf8.endswith(f"<t>{JA}</t>".encode())
    assert f"<t>{JA}</t>" in decode(mark + declared(encoding, JA) + bytes(9)).utf8.decode()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "junk", [b"x", b"\r\n", b"Warning: junk\n", "\n\n".encode("utf-16-le"), "<!-- -->\n".encode("utf-16-be")]
)
def test_utf16_is_seen_behind_junk(encoding: str, junk: bytes) -> None:
    if b"\0" in junk and (junk[0] == 0) != encoding.endswith("be"):
        junk = junk.replace(b"\0", b"")
    body = junk + f'<?xml version="1.0" encoding="utf-16"?><rss><title>{JA}</title></rss>'.encode(encoding)
    assert f"<rss><title>{JA}</title></rss>" in decode(body).utf8.decode()


@pytest.mark.parametrize("zeros", range(1, 5))
def test_zeros_before_utf8_are_no_utf32(zeros: int) -> None:
    assert decode(bytes(zeros) + f"<rss>{JA}</rss>".encode()).utf8.endswith(f"<rss>{JA}</rss>".encode())


def test_zeros_in_utf8_are_no_utf16() -> None:
    body = f"<rss>\0<title>\0{JA}</title></rss>".encode()
    assert decode(body) == (body, "utf-8", "")


@pytest.mark.parametrize("encoding", ["cp037", "utf-16", "utf-16-be", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("filling", ["", "!"])
def test_a_declaration_that_could_not_be_read_in_what_it_declares_is_wrong(encoding: str, filling: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{filling}<t>\xe9t\xe9</t>'.encode("latin-1")
    assert "<t>été</t>" in decode(body).utf8.decode()
