"""Neighbours are those who stand beside each other in a thread."""

import numpy as np

from mnemosyne.memories.search.threads import Threads, follow, taken_from


def threads(thread: list[int], position: list[int]) -> Threads:
    return Threads.of(np.array(thread, np.int64), np.array(position, np.int64))


def test_neighbours_follow_the_position_within_a_thread() -> None:
    found = threads([1, 2, 1, 1], [5, 0, 3, 9])

    assert found.before.tolist() == [2, -1, -1, 0]
    assert found.after.tolist() == [3, -1, 0, -1]


def test_what_stands_in_no_thread_has_no_neighbour() -> None:
    found = threads([0, 0, 0], [1, 2, 3])

    assert found.before.tolist() == found.after.tolist() == [-1, -1, -1]


def test_equal_positions_keep_the_order_of_the_rows() -> None:
    assert threads([1, 1], [0, 0]).after.tolist() == [1, -1]


def test_nothing_is_taken_from_where_nobody_stands() -> None:
    values = np.array([1, 2, 4], np.float32)

    assert taken_from(values, np.array([-1, 0, 1])).tolist() == [0, 1, 2]
    assert follow(np.array([1, 2, -1]), np.array([0, 2, -1])).tolist() == [1, -1, -1]


def test_no_rows_have_no_neighbours() -> None:
    assert threads([], []).before.tolist() == []
