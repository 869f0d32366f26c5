"""What the explanations say is what the program does: their figures and tables are checked, not believed."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from alerts.errors import DeliveryError
from alerts.fakes import MemoryOutbox
from alerts.model import Delivery, DeliveryState, Message
from alerts.retry import POLICIES, after_failure, after_success
from monitor.profiles import Matcher, build_profile, load_profile
from monitor.profiles.score import IMPLIED, TITLE, saturated
from monitor.profiles.subjects import LANGUAGES
from tests.alerts.outbox_contract import NOW, message
from tests.bench.made import PAIR_SEEDS, STORM_SEEDS, other_news

EXPLAINED = Path(__file__).parents[2] / "docs" / "explanation"
PROMISES = " ".join((EXPLAINED / "promises.md").read_text(encoding="utf-8").split())
SCORING = " ".join((EXPLAINED / "scoring.md").read_text(encoding="utf-8").split())
DAY = timedelta(days=1)


def points(terms: str, title: str, body: str = "") -> float:
    [found] = Matcher([load_profile(f"{{name: p, threshold: 1, {terms}}}", name="p")]).score(title=title, text=body)
    return found.value


class TestScoring:
    VISIT = "terms: [{term: visit, weight: 3}]"

    def test_one_hit_is_worth_the_weight_and_many_at_most_1_6_times_that(self) -> None:
        assert "One hit in the text is worth the weight" in SCORING
        assert points(self.VISIT, "", "a visit") == 3
        assert "up to 1.6 times the weight" in SCORING
        assert 1.55 * 3 < points(self.VISIT, "", "visit " * 100) < 1.6 * 3

    def test_a_hit_in_the_title_counts_for_two_and_a_half(self) -> None:
        assert "A hit in the title counts for two and a half in the text" in SCORING
        assert saturated(TITLE) * 3 == points(self.VISIT, "a visit")
        assert (
            points(self.VISIT, "", "visit visit") < points(self.VISIT, "visit") < points(self.VISIT, "", "visit " * 3)
        )

    def test_the_tenth_mention_says_hardly_more_than_the_second(self) -> None:
        second, tenth = (points(self.VISIT, "", "visit " * count) for count in (2, 10))
        assert 1 < tenth / second < 1.25

    def test_a_script_implies_a_country_for_less_than_its_full_weight(self) -> None:
        assert "for less than its full weight" in SCORING
        laos = "concepts: {laos: {country: LA, scripts: [Lao], weight: 2}}, terms: [{term: ສະບາຍດີ, weight: 1}]"
        assert points(laos, "", "ສະບາຍດີ") == 1 + IMPLIED * 2 < 1 + points(laos, "", "Laos")

    def test_the_threshold_of_what_is_built_is_always_5(self) -> None:
        assert "**The threshold** is always 5" in SCORING
        for seeds, background in product((PAIR_SEEDS, STORM_SEEDS, STORM_SEEDS[:1]), ([], other_news(60))):
            assert build_profile(seeds, background, name="p").threshold == 5

    def test_subjects_have_words_in_as_many_languages_as_it_says(self) -> None:
        assert "a list of subjects in nineteen languages" in SCORING
        assert len(LANGUAGES) == 19


class TestDeliveries:
    def rows(self) -> dict[str, list[str]]:
        """The table of states: the states that may come next, by state."""
        table = re.findall(r"^\| (\w+) \| [^|]+ \| ([^|]+) \|$", (EXPLAINED / "promises.md").read_text("utf-8"), re.M)
        return {state: re.findall(r"pending|failed|sent|dead", following) for state, following in table[1:]}

    def attempts(self) -> list[tuple[str, str]]:
        """Every state before and after an attempt, whatever its outcome and however many there were."""
        found = []
        errors = [DeliveryError("desk", "x", permanent=a, unknown=b) for a, b in product((False, True), repeat=2)]
        for (kind, policy), tries, hold in product(POLICIES.items(), range(23), ("resend", "hold")):
            state = DeliveryState.FAILED if tries else DeliveryState.PENDING
            delivery = Delivery(message(kind), state, tries, NOW, NOW)
            receipts = [after_failure(delivery, error, NOW, policy, hold) for error in errors]
            found += [(state.value, each.state.value) for each in (*receipts, after_success(delivery, NOW))]
        return found

    def test_the_table_names_every_state_and_where_each_leads(self) -> None:
        leads: dict[str, set[str]] = defaultdict(set)
        for before, after in self.attempts():
            leads[before].add(after)
        table = self.rows()
        assert set(table) == {state.value for state in DeliveryState}
        assert {state: set(table[state]) for state in ("pending", "failed")} == leads

    @pytest.mark.parametrize("final", [DeliveryState.SENT, DeliveryState.DEAD])
    def test_what_is_final_is_not_tried_again_unless_a_dead_one_is_asked_for(self, final: DeliveryState) -> None:
        outbox = MemoryOutbox()
        only: Message = message()
        outbox.enqueue([only], NOW)
        [claimed] = outbox.claim(NOW, limit=1, lease=DAY)
        error = DeliveryError("desk", "550 no", permanent=True)
        outbox.settle(
            after_success(claimed, NOW)
            if final is DeliveryState.SENT
            else after_failure(claimed, error, NOW, POLICIES["email"])
        )
        assert outbox.claim(NOW + 400 * DAY, limit=1, lease=DAY) == []
        assert outbox.retry([only.key], NOW) == (final is DeliveryState.DEAD)
        assert len(outbox.claim(NOW, limit=1, lease=DAY)) == (final is DeliveryState.DEAD)

    @pytest.mark.parametrize(("kind", "least", "most"), [("email", 4.5, 5.0), ("webhook", 3.0, 3.5)])
    def test_tries_go_on_for_as_long_as_it_says(self, kind: str, least: float, most: float) -> None:
        assert "E-mail is tried for nearly five days, as mail servers do; webhooks for three." in PROMISES
        policy = POLICIES[kind]
        for key in map(str, range(50)):
            pauses = [policy.pause(key, number + 1) for number in range(len(policy.pauses))]
            assert least * DAY <= sum((pause for pause in pauses if pause), timedelta()) <= most * DAY
