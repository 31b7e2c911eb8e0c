"""The samples, read once for all tests, and what is said to be planted in them."""

from typing import Any

import pytest

from mnemosyne.memories.importing.entry import Entry
from tests.samples.reading import Sample, read, toml


@pytest.fixture(scope="session")
def diary() -> Sample:
    return read("diary")


@pytest.fixture(scope="session")
def chatgpt() -> Sample:
    return read("chats")


@pytest.fixture(scope="session")
def claude() -> Sample:
    return read("claude")


@pytest.fixture(scope="session")
def entries(diary: Sample, chatgpt: Sample, claude: Sample) -> dict[str, Entry]:
    everything = [*diary.entries, *chatgpt.entries, *claude.entries]
    found = {entry.source_id: entry for entry in everything}
    assert len(found) == len(everything)
    return found


@pytest.fixture(scope="session")
def planted() -> dict[str, Any]:
    return toml("planted.toml")


@pytest.fixture(scope="session")
def questions() -> list[dict[str, Any]]:
    return list(toml("questions.toml")["question"])
