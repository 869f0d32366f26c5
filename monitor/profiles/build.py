"""From a handful of seed articles to a watch profile: deterministic, without network or clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import shorten

from monitor.profiles import pair, topic
from monitor.profiles.corpus import Background
from monitor.profiles.draft import Draft
from monitor.profiles.facets import find_facets
from monitor.profiles.furniture import Seed, read_seed
from monitor.profiles.model import Profile
from monitor.profiles.unspaced import Pieces
from monitor.text.fold import fold

_TITLE = 100  # characters of a seed's title in the comment


def build_profile(seeds: Sequence[str], background: Sequence[str] = (), *, name: str) -> Profile:
    """A profile from seed articles and other news, each a text whose first line is its title.

    Raises ``ValueError`` when no seed holds a word.
    """
    return draft_profile(seeds, background, name=name).profile


def draft_profile(seeds: Sequence[str], background: Sequence[str] = (), *, name: str) -> Draft:
    """The same with the provenance of every term."""
    different = {fold(seed.whole).strip(): seed for seed in map(read_seed, seeds)}
    if not (read := [seed for folded, seed in different.items() if folded]):
        raise ValueError("no seed holds any text")
    facets = find_facets(read)
    pieces = Pieces.of([seed.whole for seed in read])
    other = Background.of(sorted(background), pieces)  # in one order: what is learnt must not depend on theirs
    draft = pair.draft(read, facets, other, name) if facets else topic.draft(read, other, name)
    return replace(draft, head=_head(read, other))


def _head(seeds: Sequence[Seed], background: Background) -> tuple[str, ...]:
    """Where the profile comes from."""
    large = "not compared with other news" if background.pieces.alone else "compared with English at large"
    compared = f"compared with {background.size} other texts" if background.size else large
    titles = (f"- {shorten(seed.title, _TITLE, placeholder=' …')}" for seed in seeds)
    count = f"{len(seeds)} seeds" if len(seeds) > 1 else "one seed"
    return (f"Built from {count}, {compared}; weights and words are yours to change:", *titles)
