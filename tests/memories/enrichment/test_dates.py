from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.enrichment import dates
from mnemosyne.memories.enrichment.dates import DateMention
from mnemosyne.memories.model import Precision
from tests.requirements import requirement

TUESDAY = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)

UNDERSTOOD = """
What did I do in May?            | May | 2026-05-01 | 2026-06-01 | month
last summer                      | last summer | 2026-06-01 | 2026-09-01 | month
this winter                      | this winter | 2026-12-01 | 2027-03-01 | month
I saw her yesterday evening      | yesterday | 2026-11-23 | 2026-11-24 | day
the day before yesterday         | day before yesterday | 2026-11-22 | 2026-11-23 | day
two weeks ago                    | two weeks ago | 2026-11-07 | 2026-11-14 | day
10 days ago                      | 10 days ago | 2026-11-14 | 2026-11-15 | day
a couple of months ago           | a couple of months ago | 2026-09-01 | 2026-10-01 | month
half a year ago                  | half a year ago | 2026-05-01 | 2026-06-01 | month
three years ago                  | three years ago | 2023-01-01 | 2024-01-01 | year
on 3 March 2025                  | 3 March 2025 | 2025-03-03 | 2025-03-04 | day
the 3rd of March, 2025           | 3rd of March, 2025 | 2025-03-03 | 2025-03-04 | day
March 3rd                        | March 3rd | 2026-03-03 | 2026-03-04 | day
on 3 may                         | 3 may | 2026-05-03 | 2026-05-04 | day
2024                             | 2024 | 2024-01-01 | 2025-01-01 | year
in 1789                          | 1789 | 1789-01-01 | 1790-01-01 | year
in the 1990s                     | 1990s | 1990-01-01 | 2000-01-01 | year
in March 2024                    | March 2024 | 2024-03-01 | 2024-04-01 | month
in may or june                   | may | 2026-05-01 | 2026-06-01 | month
Q3 2024                          | Q3 2024 | 2024-07-01 | 2024-10-01 | month
last Friday                      | last Friday | 2026-11-20 | 2026-11-21 | day
last Tuesday                     | last Tuesday | 2026-11-17 | 2026-11-18 | day
next Friday                      | next Friday | 2026-11-27 | 2026-11-28 | day
on Monday                        | Monday | 2026-11-23 | 2026-11-24 | day
last week                        | last week | 2026-11-16 | 2026-11-23 | day
last weekend                     | last weekend | 2026-11-21 | 2026-11-23 | day
next month                       | next month | 2026-12-01 | 2027-01-01 | month
last night                       | last night | 2026-11-23 | 2026-11-24 | day
the past three weeks             | past three weeks | 2026-11-03 | 2026-11-25 | day
the week after Easter            | week after Easter | 2026-04-07 | 2026-04-14 | day
the week before 9 June 2023      | week before 9 June 2023 | 2023-06-02 | 2023-06-09 | day
The sunday before 25 May 2023    | sunday before 25 May 2023 | 2023-05-21 | 2023-05-22 | day
the Friday after 15 July 2023    | Friday after 15 July 2023 | 2023-07-21 | 2023-07-22 | day
two weekends before 17 July 2023 | two weekends before 17 July 2023 | 2023-07-08 | 2023-07-10 | day
first weekend of August 2023     | first weekend of August 2023 | 2023-08-05 | 2023-08-07 | day
the last Friday of March         | last Friday of March | 2026-03-27 | 2026-03-28 | day
on the first of May              | first of May | 2026-05-01 | 2026-05-02 | day
the night before Christmas       | night before Christmas | 2025-12-23 | 2025-12-24 | day
two days after 3 May 2024        | two days after 3 May 2024 | 2024-05-05 | 2024-05-06 | day
any plans for the summer         | summer | 2026-06-01 | 2026-09-01 | month
last week of May                 | last week of May | 2026-05-25 | 2026-06-01 | day
Christmas 2023                   | Christmas 2023 | 2023-12-24 | 2023-12-27 | day
at Christmas                     | Christmas | 2025-12-24 | 2025-12-27 | day
New Year’s Eve                   | New Year’s Eve | 2025-12-31 | 2026-01-01 | day
Good Friday 2024                 | Good Friday 2024 | 2024-03-29 | 2024-03-30 | day
thanksgiving 2024 dinner         | thanksgiving 2024 | 2024-11-28 | 2024-11-29 | day
spring 2024                      | spring 2024 | 2024-03-01 | 2024-06-01 | month
winter 2023/24                   | winter 2023/24 | 2023-12-01 | 2024-03-01 | month
early June                       | early June | 2026-06-01 | 2026-06-11 | month
mid-June                         | mid-June | 2026-06-11 | 2026-06-21 | month
end of April                     | end of April | 2026-04-21 | 2026-05-01 | month
late last year                   | late last year | 2025-09-01 | 2026-01-01 | year
at the end of the month          | end of the month | 2026-11-21 | 2026-12-01 | month
between March and May 2024       | March and May 2024 | 2024-03-01 | 2024-06-01 | month
from 3 May to 7 June 2024        | 3 May to 7 June 2024 | 2024-05-03 | 2024-06-08 | day
3–7 May 2024                     | 3–7 May 2024 | 2024-05-03 | 2024-05-08 | day
between 2019 and 2021            | 2019 and 2021 | 2019-01-01 | 2022-01-01 | year
since last May                   | since last May | 2026-05-01 | 2026-11-25 | month
before 2020                      | before 2020 | 0001-01-03 | 2020-01-01 | year
on 2025-03-05.                   | 2025-03-05 | 2025-03-05 | 2025-03-06 | day
2025-03                          | 2025-03 | 2025-03-01 | 2025-04-01 | month
12.04.2024                       | 12.04.2024 | 2024-04-12 | 2024-04-13 | day
25/12/2024                       | 25/12/2024 | 2024-12-25 | 2024-12-26 | day
Monday, 5 January 2026           | 5 January 2026 | 2026-01-05 | 2026-01-06 | day
29 February                      | 29 February | 2024-02-29 | 2024-03-01 | day
am 3. März 2024                  | 3. März 2024 | 2024-03-03 | 2024-03-04 | day
im Mai                           | Mai | 2026-05-01 | 2026-06-01 | month
le 12 mars 2024                  | 12 mars 2024 | 2024-03-12 | 2024-03-13 | day
el 3 de marzo de 2024            | 3 de marzo de 2024 | 2024-03-03 | 2024-03-04 | day
gestern war es kalt              | gestern | 2026-11-23 | 2026-11-24 | day
"""

NO_DATES = [
    "I may go",
    "we march on",
    "this may be wrong, and it may not",
    "The march was long",
    "may 5 people come",
    "March!",
    "the fall of Rome",
    "pictures of Mars",
    "Easter eggs and a Christmas tree",
    "he sat in the sun and wed her",
    "from Monday to Friday",
    "1500 euros, or 2000 words",
    "version 2.2024.1 and call 555-2024",
    "03/04/2025 could be two days",
    "31 April 2024x",
    "several weeks and many years",
    "the week, the month, the year",
    "@2024 #2024 $2024",
    "",
]


def parts(text: str, *, nearest: bool = False) -> list[tuple[str, str, str, str]]:
    return [
        (
            text[m.start : m.end],
            f"{m.after:%Y-%m-%d}".zfill(10),
            f"{m.before:%Y-%m-%d}",
            m.precision,
        )
        for m in dates.find(text, TUESDAY, nearest=nearest)
    ]


@requirement("enrichment.dates")
@pytest.mark.parametrize("line", UNDERSTOOD.strip().splitlines())
def test_a_date_is_understood_with_its_precision(line: str) -> None:
    text, span, after, before, precision = (part.strip() for part in line.split("|"))

    assert parts(text)[0] == (span, after, before, precision)


@requirement("enrichment.dates")
@pytest.mark.parametrize("text", NO_DATES)
def test_words_and_numbers_that_are_no_dates_are_left_alone(text: str) -> None:
    assert dates.find(text, TUESDAY) == ()


@requirement("enrichment.dates")
@pytest.mark.parametrize("month", ["may", "march", "May", "March"])
def test_may_and_march_are_months_after_a_preposition_or_beside_a_year(month: str) -> None:
    assert parts(f"I {month.lower()} go") == []
    assert [p[0] for p in parts(f"I left in {month}")] == [month]
    assert [p[0] for p in parts(f"{month} 2024 was cold")] == [f"{month} 2024"]


def test_several_dates_come_in_order_and_do_not_overlap() -> None:
    text = "Since 2019, and on 3 May 2024 again; last week of June, yesterday."

    found = dates.find(text, TUESDAY)

    assert [text[m.start : m.end] for m in found] == [
        "Since 2019",
        "3 May 2024",
        "last week of June",
        "yesterday",
    ]


def test_a_moment_with_an_offset_is_that_moment() -> None:
    (found,) = dates.find("at 2025-03-05T10:20:30+02:00", TUESDAY, ZoneInfo("Asia/Tokyo"))

    assert found == DateMention(
        3,
        28,
        datetime(2025, 3, 5, 8, 20, 30, tzinfo=UTC),
        datetime(2025, 3, 5, 8, 20, 31, tzinfo=UTC),
        Precision.INSTANT,
    )


def test_days_begin_where_the_person_is() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    late = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)  # half past midnight in Berlin

    (found,) = dates.find("today", late, berlin)

    assert found.after == datetime(2026, 7, 31, 22, 0, tzinfo=UTC)
    assert found.before == datetime(2026, 8, 1, 22, 0, tzinfo=UTC)


def test_a_question_looks_back_and_a_text_may_look_ahead() -> None:
    assert parts("on 3 December")[0][1] == "2025-12-03"
    assert parts("on 3 December", nearest=True)[0][1] == "2026-12-03"
    assert parts("on Friday")[0][1] == "2026-11-20"
    assert parts("on Friday", nearest=True)[0][1] == "2026-11-27"


def test_dates_beyond_the_calendar_are_left_out() -> None:
    first = datetime(1, 1, 2, tzinfo=UTC)
    last = datetime(9999, 12, 30, tzinfo=timezone(timedelta(hours=-9)))

    assert dates.find("5000 years ago", TUESDAY) == ()
    for anchor in (first, last):
        for text in ("last year", "next decade", "two weeks ago", "in May", "tomorrow"):
            dates.find(text, anchor, timezone(timedelta(hours=-12)))


ZONES = st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")])
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001
DATE_WORDS = st.lists(
    st.sampled_from(
        [
            "in",
            "on",
            "last",
            "next",
            "this",
            "since",
            "between",
            "and",
            "from",
            "to",
            "before",
            "after",
            "the",
            "week",
            "weekend",
            "day",
            "days",
            "of",
            "may",
            "march",
            "May",
            "sunday",
            "Friday",
            "Easter",
            "christmas",
            "summer",
            "early",
            "mid",
            "end",
            "3",
            "12",
            "31",
            "2024",
            "2",
            "two",
            "weeks",
            "years",
            "ago",
            "2024-02-30",
            "31.02.2024",
            "–",
            "-",
            ",",
            ".",
            "\n",
            "İ",
            "0",
        ]
    ),
    max_size=30,
).map(" ".join)


@given(text=st.one_of(st.text(), DATE_WORDS), anchor=MOMENTS, zone=ZONES, nearest=st.booleans())
def test_any_text_gives_ordered_spans_with_intervals(
    text: str, anchor: datetime, zone: ZoneInfo, *, nearest: bool
) -> None:
    place = 0
    for found in dates.find(text, anchor, zone, nearest=nearest):
        assert place <= found.start < found.end <= len(text)
        assert found.after < found.before
        assert found.after.tzinfo is UTC
        place = found.end


@pytest.mark.parametrize(
    "piece", ["may ", "1 ", "a", " ", "in may 5 ", "the week before ", "12.12.", "2024-", "İ"]
)
def test_a_long_hostile_text_ends(piece: str) -> None:
    text = (piece * (1024 * 1024 // len(piece)))[: 256 * 1024]

    assert len(dates.find(text, TUESDAY)) <= len(text)


@pytest.mark.parametrize("piece", ["2020 ", "3 May ", "the week before Easter "])
def test_a_megabyte_of_dates_gives_a_bounded_number(piece: str) -> None:
    text = piece * (1024 * 1024 // len(piece))

    assert 0 < len(dates.find(text, TUESDAY)) <= 2000


def test_of_a_very_long_text_the_beginning_and_the_end_are_read() -> None:
    first, middle, last = "On 3 May 2021 ", "on 4 June 2022 ", "on 5 July 2023."
    text = first + "x " * 50_000 + middle + "x " * 50_000 + last

    found = dates.find(text, TUESDAY)

    assert [text[one.start : one.end] for one in found] == ["3 May 2021", "5 July 2023"]
    assert [one.after.year for one in found] == [2021, 2023]


def test_a_date_that_the_reading_may_have_cut_is_left_out() -> None:
    text = "x " * (32 * 1024 - 3) + "3 May 2021 " + "x " * 50_000

    assert dates.find(text, TUESDAY) == ()
