"""More pairs of countries, made up for measuring: seeds, items on the topic and items that come near it."""

from __future__ import annotations

from dataclasses import dataclass

Item = tuple[str, str]
"""Title and text."""


@dataclass(frozen=True)
class Pair:
    """A topic that stands on countries. ``near``: other matters of the same countries, or the same with others."""

    name: str
    codes: tuple[str, ...]
    seeds: tuple[str, ...]
    on: tuple[Item, ...]
    near: tuple[Item, ...]


BRAZIL_ANGOLA = Pair(
    "brazil-angola",
    ("AO", "BR"),
    (
        "Brazil and Angola agree on a credit line for farming\nThe Brazilian president and his Angolan counterpart "
        "signed an agreement in Luanda on Friday. It is to help Angola grow maize with Brazilian machines.",
        "Angolan foreign minister in Brasilia\nIn talks in Brasilia the foreign ministers of Angola and Brazil "
        "reviewed fifty years of diplomatic relations. Both countries want more cooperation in health and in oil.",
        "Fifty years on, Brazil and Angola praise their ties\nAt a ceremony in Luanda the Brazilian ambassador "
        "recalled that Brazil was the first to recognise Angola. The two countries signed a memorandum on defence.",
    ),
    (
        ("Brasil e Angola assinam acordo de cooperação", "O embaixador e o ministro assinaram o acordo em Luanda."),
        ("Luanda hosts Brazilian trade delegation", "The minister of trade spoke of investment and partnership."),
        ("Lula and Lourenço hold talks in Brasilia", "The presidents of Brazil and Angola discussed cooperation."),
        ("Angola: Brazilian development bank signs loan for a dam", "The agreement was signed by both governments."),
    ),
    (
        ("Angola beat Brazil in handball world championship", "The Angolan team won its match in the second half."),
        ("Brazilian priest murdered in Luanda", "Police in Angola arrested two suspects."),
        ("Brazil and Mozambique sign farming agreement", "The ministers met in Maputo; Angola signed a like one."),
        (
            "Portuguese-speaking countries hold summit",
            "Leaders of Angola, Brazil, Cape Verde, Guinea-Bissau, Mozambique and Portugal met in Praia.",
        ),
        ("The world's most expensive cities, the full list", "Luanda in Angola ranks high, Sao Paulo in Brazil lower."),
        ("Oil price: output falls in Angola, rises in Brazil and Guyana", "Shares of oil companies fell."),
    ),
)  # fmt: skip

INDIA_HIMALAYA = Pair(
    "india-nepal-bhutan",
    ("BT", "IN", "NP"),
    (
        "India and Nepal sign power trade agreement\nThe Indian foreign minister and his Nepali counterpart signed the "
        "agreement in Kathmandu. Nepal will sell hydropower to India for ten years.",
        "Bhutan's king received in New Delhi\nThe King of Bhutan met the Indian president and prime minister in New "
        "Delhi. India promised aid for Bhutan's five-year plan; both countries spoke of a special friendship.",
        "Nepal's prime minister ends visit to India\nIn New Delhi the prime minister of Nepal and the Indian prime "
        "minister agreed on a railway and on talks about the border. Diplomatic relations were called close.",
        "India to finance hydropower dam in Bhutan\nA loan agreement for the dam was signed in Thimphu by the Indian "
        "ambassador and the finance minister of Bhutan. The cooperation began sixty years ago.",
    ),
    (
        ("Kathmandu, Delhi to resume boundary talks", "India and Nepal agreed that the foreign secretaries meet."),
        ("India gives Bhutan aid package for roads", "The ambassador handed over the grant in Thimphu."),
        ("भारत और नेपाल के विदेश मंत्रियों की वार्ता", "India and Nepal signed an agreement on rail cooperation."),
        ("Jaishankar in Kathmandu for joint commission", "He will meet Nepal's foreign minister and speak of trade."),
    ),
    (
        ("India thrash Nepal in Asia Cup opener", "Nepal lost five wickets; the captain praised the bowlers."),
        ("Indian trekker dies on Annapurna, Nepal", "Police said the body was found after an avalanche."),
        ("India and Bangladesh sign transit agreement", "Dhaka wants transit to Nepal and Bhutan too."),
        ("China invites Nepal's prime minister to Beijing", "India watches the talks on railways closely."),
        ("Earthquake shakes Nepal, felt in northern India", "The magnitude was 5.9; no deaths were reported."),
        ("Gang that smuggled gold from Nepal to India busted", "Eight suspects were arrested at the border."),
    ),
)  # fmt: skip

POLAND_GEORGIA = Pair(
    "poland-georgia",
    ("GE", "PL"),
    (
        "Polish president visits Tbilisi\nThe presidents of Poland and Georgia spoke in Tbilisi about Georgia's "
        "way to the European Union. Poland will train Georgian officials.",
        "Georgia and Poland sign agreement on labour migration\nThe agreement was signed in Warsaw by the Polish "
        "labour minister and the ambassador of Georgia. It covers seasonal workers from Georgia.",
        "Thirty years of diplomatic relations between Poland and Georgia\nThe foreign ministers of Poland and Georgia "
        "met in Warsaw to mark the anniversary and praised the partnership of the two countries.",
    ),
    (
        ("Georgian foreign minister in Warsaw for talks", "Poland and Georgia want closer cooperation on energy."),
        ("Polska i Gruzja podpisały umowę o współpracy", "Ministrowie spraw zagranicznych spotkali się w Tbilisi."),
        ("Warsaw promises aid to Tbilisi", "The Polish prime minister and the Georgian ambassador signed a grant."),
    ),
    (
        ("Poland beat Georgia in Nations League qualifier", "The striker scored twice in Warsaw."),
        ("Atlanta, Georgia: Polish film festival opens", "The museum in Atlanta shows ten films from Poland."),
        ("Georgians arrested in Poland over car thefts", "Police in Warsaw detained four suspects."),
        ("Poland and Moldova sign defence agreement", "Georgia is another country of the eastern partnership."),
        ("EU leaders meet in Brussels", "Leaders of France, Germany, Poland, Hungary and others discussed Georgia."),
    ),
)  # fmt: skip

PAIRS = (BRAZIL_ANGOLA, INDIA_HIMALAYA, POLAND_GEORGIA)
