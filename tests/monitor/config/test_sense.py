"""What a profile's words are asked before anything is folded for them."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.config.sense import is_findable
from monitor.text.fold import pattern

ODD = "as/.'’ʼʹ\u0374*- wW:htp1ก\u0e31é\u0301・ﷺ_°"


@given(st.text(max_size=8) | st.text(ODD, min_size=1, max_size=8))
@example("\u0374")
@example("www.x")
@example("'s")
def test_a_text_is_findable_when_folding_leaves_something_of_it(text: str) -> None:
    assert is_findable(text) is bool(pattern(text).strip())
