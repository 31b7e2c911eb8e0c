from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.enrichment.language import recognise
from tests.requirements import requirement

TEXTS = {
    "Went to the market with Anna and bought bread.": "en",
    "Heute war ich mit Anna auf dem Markt.": "de",
    "Je suis allé au marché avec Anna.": "fr",
    "Vandaag ben ik naar de markt geweest.": "nl",
    "Ayer fui al mercado con mi hermana y compramos pan.": "es",
    "Сегодня я ходил на рынок с Анной.": "ru",
    "今日は疲れた": "ja",
    "我今天很累": "zh",
}


@requirement("enrichment.language")
@pytest.mark.parametrize(("text", "code"), TEXTS.items())
def test_the_language_of_a_sentence_is_recognised(text: str, code: str) -> None:
    assert recognise(text) == code


@pytest.mark.parametrize("text", ["", "ok", "Dinner", "1234 5678", "??", "https://example.org/a"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert recognise(text) == ""


def test_threads_get_the_same_answers() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(recognise, [*TEXTS] * 5)) == [*TEXTS.values()] * 5


def test_a_megabyte_is_read_no_further_than_needed() -> None:
    assert recognise("We went to the market and bought bread. " * 25000) == "en"


@given(st.text())
def test_any_text_gives_a_short_code_or_nothing(text: str) -> None:
    assert len(recognise(text)) <= 3
