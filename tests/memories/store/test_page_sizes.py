from mnemosyne.memories.store.page_sizes import MOST_BYTES, fitting


def test_a_page_holds_what_fits_and_one_text_always() -> None:
    half = MOST_BYTES // 2

    assert fitting([]) == 0
    assert fitting([1, 2, 3]) == 3
    assert fitting([half, half, 1]) == 2
    assert fitting([MOST_BYTES + 1, 1]) == 1
