"""Words for dates: English in full, names of months and a few days in three more languages."""

import re
from collections.abc import Mapping

from mnemosyne.memories.enrichment import periods
from mnemosyne.memories.enrichment.periods import ONE_DAY, YearlyPeriod


def _numbered(rows: str) -> dict[str, int]:
    return {
        name: number
        for number, row in enumerate(rows.strip().splitlines(), start=1)
        for name in row.split()
    }


MONTHS: Mapping[str, int] = _numbered("""
    january jan
    february feb
    march mar
    april apr
    may
    june jun
    july jul
    august aug
    september sept sep
    october oct
    november nov
    december dec
""")
FOREIGN_MONTHS: Mapping[str, int] = _numbered("""
    januar jänner janvier enero
    februar feber février fevrier febrero
    märz maerz mars marzo
    avril abril
    mai mayo
    juni juin junio
    juli juillet julio
    août aout agosto
    septembre septiembre
    oktober octobre octubre
    novembre noviembre
    dezember décembre decembre diciembre
""")
AMBIGUOUS = frozenset({"may", "march", "mar", "jan", "dec", "sep", "jun"})
"""Also verbs, names or fragments: in lower case they need more than a number beside them."""

WEEKDAYS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "monday mon",
            "tuesday tue tues",
            "wednesday wed",
            "thursday thu thur thurs",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}
SEASONS: Mapping[str, int] = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""Their first months, as north of the equator; winter belongs to the year it begins in."""

DAYS: Mapping[str, int] = {
    "day before yesterday": -2,
    "yesterday": -1,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "day after tomorrow": 2,
    "vorgestern": -2,
    "gestern": -1,
    "heute": 0,
    "avant-hier": -2,
    "aujourd'hui": 0,
    "anteayer": -2,
    "ayer": -1,
}
NUMBERS: Mapping[str, int] = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "a couple of": 2,
    "couple of": 2,
    "couple": 2,
    "three": 3,
    "a few": 3,
    "few": 3,
    "four": 4,
    "several": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}
ORDINALS: Mapping[str, int] = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "last": 5,
}
THIRDS: Mapping[str, int] = {
    "early": 0,
    "beginning of": 0,
    "start of": 0,
    "anfang": 0,
    "début": 0,
    "principios de": 0,
    "mid": 1,
    "middle of": 1,
    "mitte": 1,
    "mi": 1,
    "mediados de": 1,
    "late": 2,
    "end of": 2,
    "ende": 2,
    "fin": 2,
    "fin de": 2,
    "finales de": 2,
}


def _fixed(month: int, day: int, length: int = 1) -> YearlyPeriod:
    return lambda year: periods.day(periods.month(year, month).first + (day - 1) * ONE_DAY, length)


def _from_easter(days: int, length: int = 1) -> YearlyPeriod:
    return lambda year: periods.day(periods.easter(year) + days * ONE_DAY, length)


FEASTS: Mapping[str, YearlyPeriod] = {
    "christmas eve": _fixed(12, 24),
    "christmas day": _fixed(12, 25),
    "boxing day": _fixed(12, 26),
    "christmas": _fixed(12, 24, 3),
    "xmas": _fixed(12, 24, 3),
    "new year's eve": _fixed(12, 31),
    "new year's day": _fixed(1, 1),
    "new year's": _fixed(12, 31, 2),
    "new year": _fixed(12, 31, 2),
    "valentine's day": _fixed(2, 14),
    "halloween": _fixed(10, 31),
    "thanksgiving": lambda year: periods.day(periods.nth_weekday(year, 11, 3, 4)),
    "good friday": _from_easter(-2),
    "easter sunday": _from_easter(0),
    "easter monday": _from_easter(1),
    "easter": _from_easter(-2, 4),
    "pentecost": _from_easter(49, 2),
    "whitsun": _from_easter(49, 2),
}
LOOSE_FEASTS = frozenset(
    {"christmas", "xmas", "easter", "new year", "new year's", "pentecost", "whitsun"}
)
"""Said of trees, eggs and resolutions too: they need a word before them."""


def one_of(*words: Mapping[str, object]) -> str:
    """Return a pattern for the keys of ``words``, longest first, any space or apostrophe."""
    names = sorted({name for table in words for name in table}, key=len, reverse=True)
    escaped = (re.escape(name).replace(r"\ ", r"\s{1,3}") for name in names)
    return "(?:" + "|".join(name.replace("'", "['’]") for name in escaped) + ")"
