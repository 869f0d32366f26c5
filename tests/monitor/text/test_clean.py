"""Feed text to plain text, feed links to safe links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.clean import LINK_LIMIT, plain_paragraphs, plain_text, safe_link


class TestPlainText:
    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("Ferry sails again", "Ferry sails again"),
            ("", ""),
            (" Ferry\r\n\t sails\xa0again ", "Ferry sails again"),
            ("Night <em>train</em> returns", "Night train returns"),
            ("one<br>two<p>three", "one two three"),
            ("AT&amp;T &mdash; caf&eacute;", "AT&T — café"),
            ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),
            ("a&#xD800;b&#99999999999;c", "a\ufffdb\ufffdc"),
            ("<!-- a > b -->seen", "seen"),
            ("<![CDATA[seen]]>", "seen"),
            ("seen<script>if (a < b) alert('</x>')</script> and <STYLE>p{}</STYLE>heard", "seen and heard"),
            ("İzmir <ScripT>alert(1)</ScRIPT>seen İ<style>p</STYLE>", "İzmir seen İ"),
            ("one<bR>two<DiV>three</dIv> <eM>four</Em>", "one two three four"),
            ("<a title='5 > 4' href=\"x>y\">link</a>", "link"),
            ("<o:p>office</o:p> <my-tag>x</my-tag>", "office x"),
            ("<!-- <script> -->seen<script>x</script> <!--\n<style>-->heard", "seen heard"),
            ("seen<script><!-- code --></script> <!--> heard", "seen"),
        ],
    )
    def test_markup_and_blanks_go_and_words_stay(self, raw: str, text: str) -> None:
        assert plain_text(raw, 500) == text

    @pytest.mark.parametrize("raw", ["5 < 6", "a <3 b", "shares of <Japan> rose", "if <x then", "1 <- 2"])
    def test_what_is_no_tag_stays_as_text(self, raw: str) -> None:
        assert plain_text(raw, 500) == raw

    @pytest.mark.parametrize("name", ["script", "Style", "TEMPLATE", "noScript", "iframe", "svg", "math", "select"])
    def test_a_silent_element_without_an_end_loses_only_its_tag(self, name: str) -> None:
        assert plain_text(f"before <{name}>inside", 500) == "before inside"
        assert plain_text(f"<{name}>a</{name}>between<{name}>after", 500) == "betweenafter"

    @given(st.text("aİßΣςſK"), st.text("İß<>/ script"))
    def test_no_letter_shifts_what_is_taken_out(self, before: str, inside: str) -> None:
        inside = inside.replace("</", "")
        assert plain_text(f"{before}.<script>{inside}</SCRIPT>.", 500) == plain_text(f"{before}..", 500)

    @pytest.mark.parametrize("digits", [11, 999, 1000, 4300, 4301, 50_000])
    @pytest.mark.parametrize("form", ["&#{};", "&#{}", "&#x{};"])
    def test_a_reference_to_no_character_is_one_sign(self, digits: int, form: str) -> None:
        """However long: Python reads no number of more than 4,300 digits."""
        end = " b" if not form.endswith(";") else "b"
        assert plain_text(f"a{form.format('9' * digits)}{end}", 500) == f"a\ufffd{end}"
        assert plain_paragraphs(f"a{form.format('0' * 20 + '65')}{end}", 500) in (f"aA{end}", f"ae{end}")

    def test_controls_and_direction_overrides_go(self) -> None:
        assert plain_text("a\x00b\x1b[31mc\u202ed\u2066e\ufefff\u00adg\u2028h", 500) == "ab[31mcdefg h"

    def test_a_control_between_blanks_leaves_one_blank(self) -> None:
        assert plain_text("a \u200e b", 500) == "a b"

    @pytest.mark.parametrize("text", ["សាឡាង\u200bដំណើរការ", "ລາວ\u200bໃໝ່", "ক\u200dষ", "می\u200cخواهم", "👩\u200d🚀"])
    def test_scripts_that_need_joiners_keep_them(self, text: str) -> None:
        assert plain_text(text, 500) == text

    def test_joiners_between_latin_letters_go(self) -> None:
        assert plain_text("pass\u200bword\u200d", 500) == "password"

    @pytest.mark.parametrize("mark", ["\u0300", "\u0e47", "\u20dd"])
    def test_a_flood_of_marks_is_cut(self, mark: str) -> None:
        assert plain_text(f"Z{mark * 2000} end", 500) == f"Z{mark * 4} end"

    def test_a_flood_in_a_long_text_is_cut_too(self) -> None:
        assert len(plain_paragraphs("word " * 200 + "Z" + "\u0336" * 2000, 4000)) < 1010

    def test_a_long_text_is_cut(self) -> None:
        assert plain_text("word " * 1000, 500) == ("word " * 100).strip()

    @pytest.mark.parametrize("opening", ["<!--", "<script>", "<!--<script>", "<!-- --><script>"])
    def test_of_what_never_ends_nothing_is_told(self, opening: str) -> None:
        assert plain_text(f"<x-y>{opening * 20_000}", 500) in ("", "x")

    def test_many_tags_take_no_more_than_linear_time(self) -> None:
        hostile = ["<div>", "<a ", '<a "', "<script>", "<!--", "<!", "</ ", "&#9999999;", "<svg><math>"]
        for piece in hostile:
            assert len(plain_paragraphs(piece * 5_000 + "end", 4000)) <= 4000

    @given(st.text())
    def test_any_text_becomes_one_printable_line(self, raw: str) -> None:
        line = plain_text(raw, 500)
        joiners_aside = line.translate(dict.fromkeys(map(ord, "\u200b\u200c\u200d")))
        assert line == line.strip()
        assert "\n" not in line
        assert not any(char < " " or "\u202a" <= char <= "\u202e" for char in joiners_aside)

    @given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1))
    def test_letters_and_digits_pass_unchanged(self, word: str) -> None:
        assert plain_text(word, 500) == word[:500]


class TestPlainParagraphs:
    def test_each_block_becomes_a_line(self) -> None:
        raw = "<h2>Fields</h2><p>Rain  came\nlate.</p><ul><li>Jasmine</li><li>Sticky</li></ul>"
        assert plain_paragraphs(raw, 4000) == "Fields\nRain came late.\nJasmine\nSticky"

    def test_text_without_blocks_is_one_line(self) -> None:
        assert plain_paragraphs("one\ntwo  three", 4000) == "one two three"

    def test_every_line_is_cleaned(self) -> None:
        assert plain_paragraphs("<p>a\u202eb</p><p> </p><p>c  d</p>", 4000) == "ab\nc d"


class TestSafeLink:
    @pytest.mark.parametrize(
        "link", ["https://port.example/a?b=c&d=e#f", "http://port.example", "http://port.example:8080/x"]
    )
    def test_a_plain_address_is_kept_as_it_is(self, link: str) -> None:
        assert safe_link(f" {link}\n") == link

    @pytest.mark.parametrize(
        ("raw", "link"),
        [
            ("/news/1", "https://port.example/news/1"),
            ("1.html", "https://port.example/feeds/1.html"),
            ("//cdn.example/x", "https://cdn.example/x"),
            ("https://port.example/?a=1&amp;b=2", "https://port.example/?a=1&b=2"),
            ("https://port.example/a b", "https://port.example/a%20b"),
            ("https://port.example/ຂ່າວ", "https://port.example/%E0%BA%82%E0%BB%88%E0%BA%B2%E0%BA%A7"),
            ("https://zürich.example/", "https://xn--zrich-kva.example/"),
            ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
            ("HTTPS://Port.Example/x", "HTTPS://Port.Example/x"),
        ],
    )
    def test_relative_and_foreign_addresses_become_absolute_ascii(self, raw: str, link: str) -> None:
        assert safe_link(raw, "https://port.example/feeds/main.xml") == link

    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "javascript:alert(1)",
            "JaVa\tscript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://bank.example@evil.example/",
            "https://user:secret@port.example/",
            "http://[::1/",
            "http://port.example:99999/",
            "http://port.example:0/",
            "http:///path",
            "https://port.example\\@evil.example/",
            "https://port.example/a\nb",
            "https://port.example/" + "a" * LINK_LIMIT,
            "https://port.example/" + "ຂ" * 1000,
        ],
    )
    def test_what_is_not_safe_is_no_link(self, raw: str) -> None:
        assert safe_link(raw) == ""

    @given(st.text(), st.sampled_from(["", "https://port.example/feed"]))
    def test_any_text_gives_a_safe_address_or_none(self, raw: str, base: str) -> None:
        link = safe_link(raw, base)
        assert link == "" or link.lower().startswith(("http://", "https://"))
        assert link.isascii()
        assert link.isprintable()
        assert len(link) <= LINK_LIMIT
