"""ChatGPT's export: a tree whose current branch is the conversation a person saw."""

from pathlib import Path

from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.entry import Entry, Problem, ProblemKind, ReadOptions, Unit
from mnemosyne.memories.model import JsonValue, MemoryType
from tests.memories.importing.builders import chat, export, kinds, node, units
from tests.requirements import requirement

BRANCHED = chat(
    node("root", None, None),
    node("system", "root", "You are helpful.", "system", weight=0),
    node("ask", "system", "How do I true a wheel?", create_time=1700000001.25),
    node("old", "ask", "Throw it away.", "assistant", create_time=1700000002),
    node("new", "ask", "Loosen one spoke, tighten two.", "assistant", create_time=1700000003),
    node("thanks", "new", "Thank you!", create_time=None),
    current="thanks",
)


def read(tmp_path: Path, *conversations: JsonValue, options: ReadOptions | None = None) -> Unit:
    (unit,) = units(export(tmp_path, list(conversations)), Format.CHATGPT, options)
    return unit


def said(unit: Unit) -> list[str]:
    return [entry.text for entry in unit.entries]


def content(name: str, role: str = "assistant", **fields: JsonValue) -> tuple[str, JsonValue]:
    return node(name, None, "", role, content=fields)


def one(tmp_path: Path, *nodes: tuple[str, JsonValue]) -> tuple[list[Entry], list[Problem]]:
    unit = read(tmp_path, chat(*nodes, current=nodes[-1][0]))
    return list(unit.entries), list(unit.problems)


@requirement("import.chatgpt", "import.threads")
def test_the_path_to_the_current_node_becomes_a_thread(tmp_path: Path) -> None:
    unit = read(tmp_path, BRANCHED)

    assert said(unit) == [
        "How do I true a wheel?",
        "Loosen one spoke, tighten two.",
        "Thank you!",
    ]
    assert [entry.position for entry in unit.entries] == [0, 1, 2]
    assert [entry.speaker for entry in unit.entries] == ["me", "ChatGPT", "me"]
    assert {entry.thread for entry in unit.entries} == {unit.key}
    assert {entry.type for entry in unit.entries} == {MemoryType.MESSAGE}
    assert {entry.title for entry in unit.entries} == {"Repairing a bicycle"}
    assert unit.entries[0].source_id == f"{unit.key}/ask"


def test_a_message_without_a_time_has_that_of_its_conversation(tmp_path: Path) -> None:
    first, _, thanks = read(tmp_path, BRANCHED).entries

    assert first.occurred is not None
    assert first.occurred.at.timestamp() == 1700000001.25
    assert thanks.occurred is not None
    assert thanks.occurred.at.timestamp() == 1700000000.5
    assert thanks.attributes["date_from"] == "conversation"


def test_what_was_left_out_is_counted(tmp_path: Path) -> None:
    problems = read(tmp_path, BRANCHED).problems

    assert sorted(kinds(problems)) == [ProblemKind.BRANCH, ProblemKind.SKIPPED]


def test_all_branches_are_kept_on_request_each_in_its_thread(tmp_path: Path) -> None:
    unit = read(tmp_path, BRANCHED, options=ReadOptions(all_branches=True))

    assert said(unit)[3:] == ["Throw it away."]
    assert unit.entries[3].thread == f"{unit.key}~old"
    assert kinds(unit.problems) == [ProblemKind.SKIPPED]


@requirement("import.chatgpt")
def test_without_a_current_node_the_newest_leaf_is_taken(tmp_path: Path) -> None:
    nodes = (
        node("ask", None, "Which?", create_time=1),
        node("late", "ask", "This one.", "assistant", create_time=1700000009),
        node("early", "ask", "That one.", "assistant", create_time=1700000005),
    )

    for current in (None, "nowhere"):
        assert said(read(tmp_path, chat(*nodes, current=current))) == ["Which?", "This one."]


@requirement("import.chatgpt")
def test_a_cycle_ends_and_is_reported(tmp_path: Path) -> None:
    nodes = (node("a", "c", "one"), node("b", "a", "two"), node("c", "b", "three"))
    unit = read(tmp_path, chat(*nodes, current="c"))

    assert said(unit) == ["one", "two", "three"]
    assert kinds(unit.problems) == [ProblemKind.UNREADABLE]


def test_a_lost_parent_costs_only_what_is_above_it(tmp_path: Path) -> None:
    unit = read(tmp_path, chat(node("b", "lost", "two"), node("c", "b", "three"), current="c"))

    assert said(unit) == ["two", "three"]
    assert kinds(unit.problems) == [ProblemKind.UNREADABLE]


def test_hidden_messages_and_reasoning_are_counted_and_not_stored(tmp_path: Path) -> None:
    hidden = node("h", None, "secret", metadata={"is_visually_hidden_from_conversation": True})
    thoughts = content("t", content_type="thoughts", thoughts=[{"content": "hm"}])
    for message in (hidden, thoughts, node("s", None, "system words", "system")):
        found, problems = one(tmp_path, message)
        assert found == []
        assert kinds(problems) == [ProblemKind.SKIPPED]


def test_code_the_tool_that_ran_it_and_the_model_are_known(tmp_path: Path) -> None:
    (code,), _ = one(tmp_path, content("a", content_type="code", language="python", text="1 + 1"))
    assert code.text == "1 + 1"
    assert (code.attributes["content_type"], code.attributes["language"]) == ("code", "python")

    output = node(
        "b",
        None,
        "",
        "tool",
        author={"role": "tool", "name": "python"},
        content={"content_type": "execution_output", "text": "2"},
        metadata={"model_slug": "gpt-4o"},
    )
    (tool,), _ = one(tmp_path, output)
    assert tool.text == "2"
    assert (tool.attributes["tool"], tool.attributes["model"]) == ("python", "gpt-4o")
    assert tool.speaker == "ChatGPT"


def test_a_picture_is_named_beside_the_words_or_instead_of_them(tmp_path: Path) -> None:
    picture: dict[str, JsonValue] = {
        "content_type": "image_asset_pointer",
        "asset_pointer": "sediment://file_0001",
    }
    (both,), _ = one(
        tmp_path, content("a", content_type="multimodal_text", parts=[picture, "What is it?"])
    )
    assert both.text == "What is it?"
    assert both.attributes["attachments"] == [{"kind": "image", "name": "sediment://file_0001"}]

    (alone,), _ = one(tmp_path, content("a", content_type="multimodal_text", parts=[picture]))
    assert alone.text == "[image]"


def test_spoken_words_are_text(tmp_path: Path) -> None:
    spoken: JsonValue = {"content_type": "audio_transcription", "text": "Hello out there"}
    (found,), _ = one(tmp_path, content("a", content_type="multimodal_text", parts=[spoken]))

    assert found.text == "Hello out there"


def test_a_kind_that_holds_no_text_we_know_is_reported(tmp_path: Path) -> None:
    found, problems = one(tmp_path, content("a", content_type="hologram", beam="words"))

    assert found == []
    assert kinds(problems) == [ProblemKind.UNREADABLE]


def test_nothing_of_the_expected_shape_is_no_crash(tmp_path: Path) -> None:
    broken: dict[str, JsonValue] = {
        "a": None,
        "b": {"message": "text", "parent": 7},
        "c": {"message": {"author": "me", "content": [], "create_time": {}}, "parent": "a"},
        "d": {"message": {"author": {"role": ["user"]}, "content": {"parts": {}}}, "parent": None},
    }
    found = units(
        export(tmp_path, [chat(), {"mapping": broken}, {"mapping": 3}, 7, [], None]),
        Format.CHATGPT,
    )

    assert [entry for unit in found for entry in unit.entries] == []
    assert ProblemKind.UNREADABLE in kinds(problem for unit in found for problem in unit.problems)


def test_two_conversations_of_one_id_are_kept_apart_and_equal_ones_are_one(tmp_path: Path) -> None:
    first = chat(node("a", None, "one"), current="a")
    other = chat(node("a", None, "two"), current="a")
    found = units(export(tmp_path, [first, other, first]), Format.CHATGPT)
    keys = [unit.key for unit in found]

    assert keys[0] == keys[2] != keys[1]
    assert found[0].digest == found[2].digest
    assert len({entry.source_id for unit in found for entry in unit.entries}) == 2


def test_an_endless_id_is_replaced_by_its_digest(tmp_path: Path) -> None:
    unit = read(tmp_path, chat(node("n" * 5000, None, "x"), conversation_id="c" * 5000))

    assert len(unit.entries[0].source_id) == 64 + 1 + 64


def test_numbered_pieces_of_an_export_are_read(tmp_path: Path) -> None:
    export(tmp_path, [chat(node("a", None, "one"))], "conversations-000.json")
    export(tmp_path, [chat(node("b", None, "two"))], "conversations-001.json")
    export(tmp_path, [], "message_feedback.json")

    assert [said(unit) for unit in units(tmp_path, Format.CHATGPT)][:2] == [["one"], ["two"]]
