"""JSON Lines: one memory a line, by the field names that notes, chats and memory tools use."""

import json
from pathlib import Path

import pytest

from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.entry import Entry, ProblemKind
from mnemosyne.memories.model import JsonValue, MemoryType, Precision
from tests.memories.importing.builders import entries, folder, kinds, limited, problems, units
from tests.requirements import requirement


def written(tmp_path: Path, *records: JsonValue | bytes, name: str = "log.jsonl") -> Path:
    lines = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
    return folder(tmp_path / "export", {name: b"\n".join(lines)}) / name


def one(tmp_path: Path, record: JsonValue) -> Entry:
    (found,) = entries(written(tmp_path, record), Format.JSONL)
    return found


@requirement("import.jsonl")
def test_a_note_comes_in_by_its_fields(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        {
            "id": "0190f0c8-0000-7000-8000-000000000001",
            "text": "The key is under the pot.",
            "title": "Key",
            "occurred_at": "2024-05-06",
            "tags": "#House, spare key",
            "url": "https://example.org",
            "mood": {"calm": True},
        },
    )

    assert found.text == "The key is under the pot."
    assert found.source_id == "0190f0c8-0000-7000-8000-000000000001"
    assert (found.title, found.tags) == ("Key", ("house", "spare key"))
    assert found.occurred is not None
    assert found.occurred.precision is Precision.DAY
    assert found.url == "https://example.org"
    assert found.attributes == {"mood": {"calm": True}}
    assert found.type is MemoryType.NOTE


@requirement("import.jsonl", "import.threads")
def test_chat_messages_become_a_thread_in_the_order_of_the_file(tmp_path: Path) -> None:
    talk: list[JsonValue] = [
        {"role": "user", "content": "Hi", "session_id": "s1", "timestamp": 1700000000},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello"}], "session_id": "s1"},
        {"speaker": "Ida", "content": "Moin", "session_id": "s2"},
        {"type": "user", "message": {"role": "user", "content": "Bye"}, "sessionId": "s1"},
    ]
    found = entries(written(tmp_path, *talk), Format.JSONL)

    assert [entry.text for entry in found] == ["Hi", "Hello", "Moin", "Bye"]
    assert [entry.position for entry in found] == [0, 1, 0, 2]
    assert [entry.speaker for entry in found] == ["me", "assistant", "Ida", "me"]
    assert {entry.type for entry in found} == {MemoryType.MESSAGE}
    assert found[0].thread == found[1].thread == found[3].thread != found[2].thread


@requirement("import.jsonl")
def test_a_memory_graph_is_read_and_an_entity_keeps_its_id(tmp_path: Path) -> None:
    entity: dict[str, JsonValue] = {
        "type": "entity",
        "name": "Rosa",
        "entityType": "person",
        "observations": ["bakes", "lives in Ulm"],
    }
    relation: JsonValue = {"type": "relation", "from": "Rosa", "to": "Ulm", "relationType": "in"}
    found = entries(written(tmp_path, entity, relation), Format.JSONL)
    later = one(tmp_path, {**entity, "observations": ["bakes", "moved"]})

    assert [entry.text for entry in found] == ["Rosa\nbakes\nlives in Ulm", "Rosa in Ulm"]
    assert found[0].source_id == later.source_id
    assert found[1].speaker == ""


def test_mem0_and_other_conventions_are_read(tmp_path: Path) -> None:
    record: JsonValue = {
        "memory": "Likes rye bread",
        "created_at": "2024-07-01T10:00:00Z",
        "categories": ["food"],
        "user_id": "u",
    }
    found = one(tmp_path, record)

    assert (found.text, found.tags) == ("Likes rye bread", ("food",))
    assert found.attributes == {"user_id": "u"}


@requirement("import.report")
def test_a_line_that_cannot_be_read_is_named_and_the_rest_comes_in(tmp_path: Path) -> None:
    lines: list[JsonValue | bytes] = [
        {"text": "first"},
        b"{broken",
        b"\xff\xfe",
        b"[1, 2]",
        b'{"text": ""}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"text": ' + b"[" * 100_000,
        b'{"text": "deep", "a": ' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"text": "' + b"x" * 5000 + b'"}',
        b"",
        {"text": "last"},
    ]
    path = written(tmp_path, *lines)
    options = limited(line=4000, line_values=50_000)

    assert [entry.text for entry in entries(path, Format.JSONL, options)] == ["first", "last"]
    found = problems(path, Format.JSONL, options)
    assert set(kinds(found)) == {ProblemKind.UNREADABLE}
    assert [problem.where.rpartition(" ")[2] for problem in found] == [*"23456", "7", "8", "9"]


def test_a_line_of_too_many_values_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    bomb = b'{"text": "x", "a": [' + b"[]," * 300_000 + b"0]}"
    (found,) = problems(written(tmp_path, bomb), Format.JSONL)

    assert "values" in found.reason


def test_numbers_that_json_cannot_carry_are_kept_as_text(tmp_path: Path) -> None:
    line = b'{"text": "x", "a": NaN, "b": 1e999, "c": 123456789012345678901, "d": "\\ud800"}'
    (found,) = entries(written(tmp_path, line), Format.JSONL)

    assert found.attributes == {"a": "nan", "b": "inf", "c": "123456789012345678901", "d": "\ufffd"}


@pytest.mark.parametrize("records", [[{"id": 1, "text": "a"}, {"id": 1, "text": "b"}]])
def test_different_lines_of_one_id_are_two_memories(
    tmp_path: Path, records: list[JsonValue]
) -> None:
    found = entries(written(tmp_path, *records, *records), Format.JSONL)
    ids = [entry.source_id for entry in found]

    assert ids[0] == ids[2] != ids[1] == ids[3]


def test_short_ids_of_two_files_or_threads_are_not_confused(tmp_path: Path) -> None:
    line = b'{"id": 7, "text": "x", "thread": "%s"}'
    files = {"a/log.jsonl": line % b"t", "b/log.jsonl": line % b"t" + b"\n" + line % b"u"}
    found = entries(folder(tmp_path / "export", files), Format.JSONL)

    assert len({entry.source_id for entry in found}) == 3


def test_a_line_without_an_id_is_known_by_what_it_says(tmp_path: Path) -> None:
    first = entries(written(tmp_path, {"text": "a"}, {"text": "b"}), Format.JSONL)
    again = entries(written(tmp_path, {"text": "new"}, {"text": "b"}), Format.JSONL)

    assert first[1].source_id == again[1].source_id


def test_an_uncertain_date_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, {"text": "x", "date": "03/04/2025"})

    assert kinds(problems(path, Format.JSONL)) == [ProblemKind.UNDERSTOOD_AS_TEXT]
    assert entries(path, Format.JSONL)[0].occurred is None


def test_what_a_field_cannot_hold_stays_among_the_attributes(tmp_path: Path) -> None:
    odd: dict[str, JsonValue] = {
        "date": "03/04/2025",
        "url": "javascript:alert(1)",
        "id": 1.5,
        "thread": {"name": "t"},
        "position": "third",
        "tags": 7,
    }
    found = one(tmp_path, {"text": "x", **odd})

    assert found.attributes == odd


def test_some_hundred_lines_are_one_unit_named_after_the_first(tmp_path: Path) -> None:
    found = units(written(tmp_path, *({"text": f"{n}"} for n in range(1200))), Format.JSONL)

    assert [len(unit.entries) for unit in found] == [500, 500, 200]
    assert [unit.key.rpartition(":")[2] for unit in found] == ["1", "501", "1001"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    path = folder(tmp_path, {"a.ndjson": b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "b"}\r\n'})

    assert [entry.text for entry in entries(path, Format.JSONL)] == ["a", "b"]
    assert problems(path, Format.JSONL) == []


@pytest.mark.parametrize("value", [True, -1, 2**31, "3", 1.5])
def test_a_position_that_is_none_is_not_used(tmp_path: Path, value: JsonValue) -> None:
    found = one(tmp_path, {"text": "x", "thread": "t", "position": value})

    assert found.position == 0
