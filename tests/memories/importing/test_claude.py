"""Claude's export: conversations, speakers, moments, attachments and artifacts."""

from pathlib import Path

from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.entry import ProblemKind, ReadOptions, Unit
from mnemosyne.memories.model import JsonValue, MemoryType
from tests.memories.importing.builders import claude_chat, export, kinds, units
from tests.requirements import requirement

ASK: JsonValue = {
    "uuid": "m1",
    "sender": "human",
    "text": "When do I sow beans?",
    "created_at": "2024-03-02T10:00:01Z",
    "attachments": [],
    "files": [],
}
ANSWER: JsonValue = {
    "uuid": "m2",
    "sender": "assistant",
    "text": "After the last frost.",
    "content": [
        {"type": "thinking", "thinking": "They garden."},
        {"type": "text", "text": "After the last frost."},
        {"type": "text", "text": "Usually in May."},
    ],
    "created_at": "2024-03-02T11:00:02+01:00",
}


def read(tmp_path: Path, conversation: JsonValue, options: ReadOptions | None = None) -> Unit:
    (unit,) = units(export(tmp_path, [conversation]), Format.CLAUDE, options)
    return unit


def message(**fields: JsonValue) -> JsonValue:
    return {"uuid": "m", "sender": "human", "text": "", **fields}


@requirement("import.claude", "import.threads")
def test_messages_come_in_order_with_speakers_and_moments(tmp_path: Path) -> None:
    unit = read(tmp_path, claude_chat(ASK, ANSWER))
    ask, answer = unit.entries

    assert (ask.text, ask.speaker, ask.position) == ("When do I sow beans?", "me", 0)
    assert answer.text == "After the last frost.\n\nUsually in May."
    assert (answer.speaker, answer.position) == ("Claude", 1)
    assert ask.thread == answer.thread == unit.key
    assert ask.title == "A plan for the garden"
    assert ask.occurred is not None
    assert answer.occurred is not None
    assert (answer.occurred.at - ask.occurred.at).total_seconds() == 1
    assert answer.occurred.utc_offset_minutes == 60
    assert kinds(unit.problems) == [ProblemKind.SKIPPED]  # the reasoning


def test_the_text_of_an_attachment_is_a_document_beside_its_message(tmp_path: Path) -> None:
    attached: JsonValue = {"file_name": "seeds.txt", "extracted_content": "beans\npeas\n"}
    ask = message(text="See the list", attachments=[attached])
    first, document = read(tmp_path, claude_chat(ask)).entries

    assert first.attributes["attachments"] == ["seeds.txt"]
    assert (document.text, document.title) == ("beans\npeas\n", "seeds.txt")
    assert (document.type, document.position) == (MemoryType.DOCUMENT, 1)


def test_a_long_attachment_is_split_and_gives_itself_back(tmp_path: Path) -> None:
    content = "".join(f"# {number}\n\n{'word ' * 200}\n\n" for number in range(9))
    attached: JsonValue = {"file_name": "book.md", "extracted_content": content}
    first, *parts = read(
        tmp_path, claude_chat(message(text="Read", attachments=[attached]))
    ).entries

    assert "".join(part.text for part in parts) == content
    assert len({part.thread for part in parts} | {first.thread}) == 2


def test_an_artifact_is_kept_and_a_placeholder_is_not(tmp_path: Path) -> None:
    artifact: JsonValue = {
        "type": "tool_use",
        "name": "artifacts",
        "input": {"title": "Poem", "content": "Roses"},
    }
    placeholder = "This block is not supported on your current device yet."
    written = message(sender="assistant", text=placeholder, content=[artifact])
    (poem,) = read(tmp_path, claude_chat(written)).entries

    assert (poem.text, poem.title, poem.type) == ("Roses", "Poem", MemoryType.DOCUMENT)


def test_files_without_text_are_named_and_counted(tmp_path: Path) -> None:
    unit = read(tmp_path, claude_chat(message(files=[{"file_name": "photo.jpg"}])))

    assert [entry.text for entry in unit.entries] == ["[file: photo.jpg]"]
    assert kinds(unit.problems) == [ProblemKind.ATTACHMENT]


def test_messages_of_unknown_senders_and_shapes_are_counted(tmp_path: Path) -> None:
    unit = read(tmp_path, claude_chat(message(sender="ghost", text="boo"), "text", 3, None, ASK))

    assert [entry.text for entry in unit.entries] == ["When do I sow beans?"]
    assert [(p.kind, p.count) for p in unit.problems] == [(ProblemKind.UNREADABLE, 4)]


def test_messages_that_share_an_id_are_kept_apart_and_said_to_be(tmp_path: Path) -> None:
    unit = read(tmp_path, claude_chat(message(text="one"), message(text="two")))

    assert [entry.text for entry in unit.entries] == ["one", "two"]
    assert len({entry.source_id for entry in unit.entries}) == 2
    assert kinds(unit.problems) == [ProblemKind.UNDERSTOOD_AS_TEXT]


def test_of_a_tree_the_current_branch_is_read(tmp_path: Path) -> None:
    root = "00000000-0000-4000-8000-000000000000"
    tree = claude_chat(
        message(uuid="a", text="one", parent_message_uuid=root),
        message(uuid="b", text="left", parent_message_uuid="a"),
        message(uuid="c", text="right", parent_message_uuid="a"),
        current_leaf_message_uuid="b",
    )

    assert [entry.text for entry in read(tmp_path, tree).entries] == ["one", "left"]
    assert kinds(read(tmp_path, tree).problems) == [ProblemKind.BRANCH]
    every = read(tmp_path, tree, ReadOptions(all_branches=True))
    assert [entry.text for entry in every.entries] == ["one", "left", "right"]


def test_lone_surrogates_and_nul_are_replaced_and_reported(tmp_path: Path) -> None:
    unit = read(tmp_path, claude_chat(message(text="a\ud800b\x00"), name="T\udfff"))

    assert unit.entries[0].text == "a\ufffdb\ufffd"
    assert unit.entries[0].title == "T\ufffd"
    assert [(p.kind, p.count) for p in unit.problems] == [(ProblemKind.ALTERED, 2)]


def test_a_message_too_long_for_a_memory_is_cut_and_gives_itself_back(tmp_path: Path) -> None:
    text = "word " * 300_000
    entries = read(tmp_path, claude_chat(message(text=text), ANSWER)).entries

    assert "".join(entry.text for entry in entries[:-1]) == text
    assert [entry.position for entry in entries] == list(range(len(entries)))
