import pytest

from mnemosyne.memories.service.embedding import within


@pytest.mark.parametrize(
    ("sizes", "count"),
    [((), 1), ((5,), 1), ((50,), 1), ((4, 6, 1), 2), ((4, 5, 1), 3), ((11, 1), 1)],
)
def test_a_batch_ends_before_it_is_too_much_and_holds_at_least_one(
    sizes: tuple[int, ...], count: int
) -> None:
    assert within(10, sizes) == count
