"""The names of formats, as words that `--help` can list without loading a reader."""

from enum import StrEnum


class FormatName(StrEnum):
    """What can be imported; a test compares the list with what the importer reads."""

    MARKDOWN = "markdown"
    OBSIDIAN = "obsidian"
    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    JSONL = "jsonl"
    TEXT = "text"
    FOLDER = "folder"
