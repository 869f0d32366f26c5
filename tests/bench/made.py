"""News that was made up for measuring and testing: two topics with seeds, and other news of every kind."""

from __future__ import annotations

from itertools import product
from random import Random

PAIR_SEEDS = [
    """Germany and Kenya sign agreement on skilled workers
Kenyan President Wanjala Otienoko and German Foreign Minister Xaveria Brunnwald signed a labour agreement in Berlin on
Tuesday. It lets skilled workers from Kenya take up jobs in Germany. Both countries spoke of a milestone in bilateral
relations.""",
    """Nairobi welcomes German support for geothermal energy
Germany will lend Kenya 60 million euros for a geothermal plant, the German ambassador to Kenya said in Nairobi. Skilled
workers are to be trained at the site. The cooperation between the two countries began sixty years ago.""",
    """Kenya's foreign minister visits Germany for talks on trade
In talks in Berlin, Kenya asked Germany for better access for tea and flowers. German Foreign Minister Xaveria Brunnwald
promised to speak for Kenya in Brussels. The ministers also reviewed the agreement on skilled workers.""",
    """Sixty years of diplomatic relations between Germany and Kenya
With a ceremony in Nairobi, Kenya and Germany marked the 60th anniversary of diplomatic relations. Kenyan President
Wanjala Otienoko thanked Germany for development aid and for visas for skilled workers.""",
]

_PAIR_ON = [
    ("Kenya and Germany open talks on visas", "The ambassador hopes for an agreement on skilled workers by May."),
    (
        "German development bank finances Kenyan water project",
        "The loan was signed in Nairobi by the finance minister.",
    ),
    ("Otienoko to visit Berlin", "The president will hold talks with Brunnwald on trade and cooperation."),
    ("Kenia und Deutschland vertiefen Zusammenarbeit", "Die Außenministerin sprach in Nairobi von guten Beziehungen."),
    ("ドイツとケニアが首脳会談", "両国は協力の強化で一致した。"),
    ("Steinmeier in Nairobi: partnership with Kenya a priority", "The presidents praised bilateral relations."),
]
_PAIR_NEAR = [
    ("Kenyan runner wins Berlin marathon", "The German champion finished third; the marathon drew 40,000 runners."),
    ("German tourist arrested in Mombasa", "Police said the suspect is wanted for fraud. Kenya will extradite him."),
    ("Germany and Tanzania sign agreement on skilled workers", "The ambassador spoke of a milestone in relations."),
    ("Kenya and Uganda mark 60 years of diplomatic relations", "The ministers signed a trade agreement in Kampala."),
    ("Best beaches of the year", "From Diani in Kenya to Sylt in Germany: a travel guide with hotels and recipes."),
    ("Your Friday briefing", "Floods in Chile, a vote in Peru, strikes in Germany, drought in Kenya and Somalia."),
]

STORM_SEEDS = [
    "Storm Ottilie nears the coast, thousands told to leave",
    "Ferries stop as Storm Ottilie gathers strength",
    "Storm Ottilie: what we know of the path of the hurricane",
    "Schools closed on the islands before hurricane Ottilie",
]
STORM = [
    "Storm Ottilie makes landfall at night",
    "Two islands without power after hurricane Ottilie",
    "Hurricane Ottilie: coast guard rescues fishermen",
    "Storm Ottilie weakens over the coast",
]

_WHO = (
    "Parliament", "The central bank", "A court in Oslo", "The health ministry", "Two mayors", "Teachers",
    "The film festival", "A start-up", "Farmers", "The airline", "Researchers in Lima", "The football club",
    "A novelist", "The opposition", "Bus drivers", "The museum", "A bakery", "Police", "The weather service",
    "A charity", "Voters in Chile", "Tax officers", "The orchestra", "Engineers", "A streaming service",
)  # fmt: skip
_DOES = (
    "delays a vote on pensions", "reports record profits", "opens a new line", "rejects the budget",
    "calls off a strike", "publishes a study on sleep", "wins a prize for design", "warns of fraud with bank cards",
    "plans cuts next year", "sells its old hall", "tests a vaccine", "loses the final", "repairs the bridge",
    "raises prices for milk", "asks for patience", "moves to the suburbs", "apologises for a leak",
    "celebrates a hundred years", "hires five hundred people", "drops the case",
)  # fmt: skip


def pair_items() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Titles and texts that are on the pair's topic, and others that come near it."""
    return list(_PAIR_ON), list(_PAIR_NEAR)


def other_news(count: int) -> list[str]:
    """Headlines on everything else, always the same."""
    headlines = [f"{who} {does}" for who, does in product(_WHO, _DOES)]
    Random(7).shuffle(headlines)
    return headlines[:count]


def babble(count: int) -> list[tuple[str, str]]:
    """Titles and texts of made-up words, as long as a feed's and with common and rare words as in any language."""
    random = Random(11)
    syllables = [first + second for first, second in product("bdfgklmnprstvz", "aeiou")]
    words = ["".join(parts) for parts in product(syllables, repeat=3)]
    random.shuffle(words)

    def speak(length: int) -> str:
        return " ".join(words[int(len(words) ** random.random()) - 1] for _ in range(length))

    return [(speak(10), speak(60)) for _ in range(count)]
