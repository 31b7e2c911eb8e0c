"""Walks through trees of messages end on any graph, and miss no node."""

from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.importing.message_tree import Tree
from tests.requirements import requirement

NAMES = st.sampled_from([*"abcdefgh", ""])
PARENTS = st.dictionaries(NAMES, NAMES | st.just("missing"), max_size=9)
TIMES = st.dictionaries(NAMES, st.floats(allow_nan=False), max_size=9)


@requirement("import.chatgpt")
@given(PARENTS, TIMES, NAMES)
def test_every_node_is_on_the_path_or_on_one_branch(
    parents: dict[str, str], times: dict[str, float], current: str
) -> None:
    tree = Tree(parents, times)
    path = tree.current_path(current)
    lanes = tree.lanes(path)

    assert len(set(path)) == len(path)
    assert set(path) | set(lanes) == set(parents)
    assert not set(path) & set(lanes)
    assert set(lanes.values()) <= set(lanes)
    assert sorted(tree.by_time(lanes)) == sorted(lanes)
    if current in parents:
        assert path[-1] == current


def test_a_very_deep_tree_needs_no_recursion() -> None:
    parents = {str(n): str(n - 1) for n in range(1, 100_000)} | {"0": ""}
    tree = Tree(parents, {})

    assert len(tree.current_path("99999")) == 100_000
    assert tree.lanes(tree.current_path("5"))["99999"] == "6"


def test_of_equal_times_the_later_leaf_is_newer() -> None:
    tree = Tree({"root": "", "a": "root", "b": "root"}, {"a": 1.0, "b": 1.0})

    assert tree.current_path("") == ("root", "b")


def test_an_empty_tree_has_an_empty_path() -> None:
    assert Tree({}, {}).current_path("x") == ()
