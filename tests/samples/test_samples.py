"""The sample diary and chats import as samples/README.md says, and their dates are right."""

import calendar
import re
from datetime import date
from typing import Any

from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.importing.entry import Entry, ProblemKind
from mnemosyne.memories.model import Precision
from tests.samples.reading import SAMPLES, Sample, day_of, read

WEEKDAYS = list(calendar.day_name)
MONTHS = list(calendar.month_name)[1:]
GERMAN_WEEKDAYS = (
    "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag",
)  # fmt: skip
WRITTEN_DAY = re.compile(
    rf"\b({'|'.join(WEEKDAYS)}),? (\d{{1,2}}) ({'|'.join(MONTHS)})\b(?: (\d{{4}}))?"
)


def test_every_note_of_the_diary_imports_without_a_problem(
    diary: Sample, planted: dict[str, Any]
) -> None:
    assert diary.format is Format.MARKDOWN
    assert diary.problems == []
    assert len(diary.units) == planted["counts"]["diary_files"]
    assert len(diary.entries) == planted["counts"]["diary_entries"]


def test_the_chats_import_with_nothing_left_out_but_what_was_hidden_or_abandoned(
    chatgpt: Sample, claude: Sample, planted: dict[str, Any]
) -> None:
    counts = planted["counts"]

    assert (chatgpt.format, claude.format) == (Format.CHATGPT, Format.CLAUDE)
    assert len(chatgpt.units) == counts["chatgpt_conversations"]
    assert len(chatgpt.entries) == counts["chatgpt_messages"]
    assert {problem.kind: problem.count for problem in chatgpt.problems} == {
        ProblemKind.SKIPPED: counts["chatgpt_hidden"],
        ProblemKind.BRANCH: counts["chatgpt_other_branches"],
    }
    assert len(claude.units) == counts["claude_conversations"]
    assert len(claude.entries) == counts["claude_messages"]
    assert claude.problems == []


def test_the_abandoned_branch_is_there_for_those_who_ask_for_all_branches(
    chatgpt: Sample, planted: dict[str, Any]
) -> None:
    everything = read("chats", all_branches=True)

    assert (
        len(everything.entries) - len(chatgpt.entries)
        == (planted["counts"]["chatgpt_other_branches"])
    )


def test_every_entry_knows_its_day_without_asking_the_file_system(
    entries: dict[str, Entry],
) -> None:
    days = [day_of(entry) for entry in entries.values()]

    assert min(days) == date(2023, 9, 2)
    assert max(days) == date(2025, 10, 18)
    assert not [e for e in entries.values() if e.attributes.get("date_from") == "mtime"]


def test_the_diary_is_dated_by_the_day_and_the_chats_by_the_moment(
    diary: Sample, chatgpt: Sample, claude: Sample
) -> None:
    notes = {entry.occurred.precision for entry in diary.entries if entry.occurred}
    messages = {
        entry.occurred.precision for entry in (*chatgpt.entries, *claude.entries) if entry.occurred
    }

    assert notes == {Precision.DAY}
    assert messages == {Precision.INSTANT}


def test_weekdays_fit_their_dates(entries: dict[str, Entry]) -> None:
    found = 0
    for entry in entries.values():
        for weekday, day, month, year in WRITTEN_DAY.findall(entry.text):
            found += 1
            written = date(int(year or day_of(entry).year), MONTHS.index(month) + 1, int(day))
            assert WEEKDAYS[written.weekday()] == weekday, entry.source_id

    assert found > 70


def test_a_heading_with_a_day_names_the_day_of_its_entry(diary: Sample) -> None:
    for entry in diary.entries:
        if match := re.match(rf"#+ {WRITTEN_DAY.pattern}", entry.text):
            written = date(int(match[4]), MONTHS.index(match[3]) + 1, int(match[2]))
            assert written == day_of(entry), entry.source_id


def test_weekdays_are_right_in_german_and_japanese(entries: dict[str, Entry]) -> None:
    german = entries["diary/2024/2024-07-16.md"]
    japanese = entries["diary/2025/2025-02-13.md"]

    assert f"{GERMAN_WEEKDAYS[day_of(german).weekday()]}, 16. Juli" in german.text
    assert f"二月十三日、{'月火水木金土日'[day_of(japanese).weekday()]}曜日" in japanese.text


def test_entries_are_of_a_length_that_people_write(diary: Sample) -> None:
    lengths = [len(entry.text.split()) for entry in diary.entries if entry.text.isascii()]

    assert min(lengths) >= 30
    assert max(lengths) <= 220


def test_no_two_entries_say_the_same(entries: dict[str, Entry]) -> None:
    assert len({entry.text for entry in entries.values()}) == len(entries)


def test_the_readme_names_notes_that_exist_and_the_numbers_that_were_counted(
    entries: dict[str, Entry], planted: dict[str, Any], questions: list[dict[str, Any]]
) -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    notes = re.findall(r"`((?:20\d\d|people|home|projects)/[^`]+)`", readme)
    counts = planted["counts"]

    assert len(set(notes)) > 60
    assert [name for name in notes if f"diary/{name}" not in entries] == []
    assert f"{counts['diary_files']} files, {counts['diary_entries']} entries" in readme
    assert (
        f"{counts['chatgpt_conversations']} conversations, {counts['chatgpt_messages']} messages"
        in readme
    )
    assert (
        f"{counts['claude_conversations']} conversations, {counts['claude_messages']} messages"
        in readme
    )
    assert f"{len(questions)}, of which the demo asks 5" in readme
    assert f"All {len(entries)} entries" in readme


def test_links_between_notes_lead_somewhere(diary: Sample) -> None:
    stems = {entry.source_id.partition("#")[0].rpartition("/")[2] for entry in diary.entries}
    linked = {link for entry in diary.entries for link in entry.links}

    assert len(linked) >= 8
    assert {f"{link}.md" for link in linked} <= stems
