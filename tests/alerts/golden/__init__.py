"""Expected renderings: for each case an input made of ``samples`` and the ``.txt``, ``.html`` and ``.json`` beside it.

After a wanted change: ``python -m tests.alerts.golden``, then read the difference before it is committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alerts.model import Digest, FeedHealth, Story
from alerts.render import Renderer
from tests.alerts.samples import digest, entry

FOLDER = Path(__file__).parent
CASES: Mapping[str, Digest] = {
    "five-scripts": digest(
        6, more=4, notices=("The channel hook has failed since Monday: the receiver answered 500.",)
    ),
    "bare": digest(
        [
            Story(
                (entry(7, title="", link="", source="", published=None, parts=(), headline=(), highlight=(), lang=""),)
            )
        ],
        title="",
        health=FeedHealth(),
        activity=(),
        full_score=0.0,
    ),
    "instant": digest([Story((entry(0, score=17.0),))], kind="instant", activity=(), health=FeedHealth(27, 27, 40)),
    "notice": digest(0, kind="notice", notices=("Tonle Post answers no more.", "No match for 9 days."), activity=()),
    "empty": digest(0),
}


def renderings(case: Digest) -> Mapping[str, str]:
    """``case`` in every format, by the file's suffix."""
    renderer = Renderer(strict=True)
    return {"txt": renderer.text(case), "html": renderer.html(case), "json": renderer.json(case)}
