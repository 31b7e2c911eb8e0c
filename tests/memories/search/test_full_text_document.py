"""What full text holds of a memory."""

from datetime import UTC, datetime

import pytest

from mnemosyne.memories.model import Moment, Precision
from mnemosyne.memories.search.full_text_document import date_words, document

MAY = datetime(2023, 5, 8, 22, 30, tzinfo=UTC)


def test_speaker_date_source_tags_and_caption_are_the_context() -> None:
    found = document(
        "Look at THIS",
        title="Über Tee",
        speaker="Nora",
        source="chatgpt",
        tags=("garden",),
        occurred=Moment(MAY),
        caption="a photo of a heron",
    )

    assert found.title == "uber tee"
    assert found.body == "look at this"
    assert found.context == "nora monday 8 may 2023 chatgpt garden a photo of a heron"
    assert found.bigrams == ""


def test_the_day_is_the_one_on_the_wall_of_the_writer() -> None:
    assert date_words(Moment(MAY, utc_offset_minutes=120)) == "Tuesday 9 May 2023"


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        (Precision.DAY, "Monday 8 May 2023"),
        (Precision.MONTH, "May 2023"),
        (Precision.YEAR, "2023"),
    ],
)
def test_no_more_is_said_of_a_date_than_is_known(precision: Precision, words: str) -> None:
    assert date_words(Moment(MAY, precision)) == words
