"""Tell the format of a source from what it holds rather than from what it is called."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mnemosyne.memories.importing.archives import opened_archive
from mnemosyne.memories.importing.entry import Problem, ReadOptions
from mnemosyne.memories.importing.errors import SourceUnreadableError
from mnemosyne.memories.importing.reader import FileFormat, SourceReader
from mnemosyne.memories.importing.refusal import unknown_format
from mnemosyne.memories.importing.source_file import Found
from mnemosyne.memories.importing.sources import opened
from mnemosyne.memories.importing.uploads import Source

if TYPE_CHECKING:
    from mnemosyne.memories.importing.conversations import ConversationFiles


class Format(StrEnum):
    """What can be imported, by the name that ``--format`` takes."""

    MARKDOWN = "markdown"
    OBSIDIAN = "obsidian"
    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    JSONL = "jsonl"
    TEXT = "text"
    FOLDER = "folder"  # several of the above beside each other


# Tried in this order on each file of a folder; Markdown takes the plain text beside it.
_IN_A_FOLDER = (Format.MARKDOWN, Format.CHATGPT, Format.CLAUDE, Format.JSONL)


@cache
def _files() -> Mapping[Format, Callable[[ReadOptions], FileFormat]]:
    # The readers bring their parsers, which every other command does without.
    from mnemosyne.memories.importing.chatgpt import chatgpt_files  # noqa: PLC0415
    from mnemosyne.memories.importing.claude import claude_files  # noqa: PLC0415
    from mnemosyne.memories.importing.jsonl import JsonLines  # noqa: PLC0415
    from mnemosyne.memories.importing.markdown import (  # noqa: PLC0415
        markdown_files,
        obsidian_files,
    )
    from mnemosyne.memories.importing.plain_text import text_files  # noqa: PLC0415

    return {
        Format.MARKDOWN: markdown_files,
        Format.OBSIDIAN: obsidian_files,
        Format.CHATGPT: chatgpt_files,
        Format.CLAUDE: claude_files,
        Format.JSONL: JsonLines,
        Format.TEXT: text_files,
    }


def reader_for(chosen: Format, options: ReadOptions) -> SourceReader:
    """Return the reader of a format."""
    formats = _IN_A_FOLDER if chosen is Format.FOLDER else (chosen,)
    return SourceReader(tuple(_files()[known](options) for known in formats), options)


def detect(path: Source, options: ReadOptions) -> Format:
    """Return the format of a file, a folder or a .zip.

    Raises:
        UnknownFormatError, SourceMissingError, SourceUnreadableError, DamagedArchiveError,
        UnsafeArchiveError
    """
    if _is_vault(path, options):
        return Format.OBSIDIAN
    alone = path.is_file() and path.suffix.lower() != ".zip"
    found: set[Format] = set()
    unreadable: SourceUnreadableError | None = None
    with opened(path, options.limits, inflate=False) as files:
        for file in files:
            try:
                known = _format_of(file, options, alone=alone)
            except SourceUnreadableError as error:
                unreadable = unreadable or error
            else:
                found |= {known} if known else set()
    if unreadable and not found:
        raise unreadable
    if Format.MARKDOWN in found:
        found.discard(Format.TEXT)
    if len(found) > 1:
        return Format.FOLDER
    if found:
        return found.pop()
    raise unknown_format(path, tuple(known.value for known in Format), options)


def _format_of(file: Found, options: ReadOptions, *, alone: bool) -> Format | None:
    """Tell the format of one file; a .json that was named itself may have any name."""
    if isinstance(file, Problem):
        return None
    if alone and file.suffix == ".json":
        return next((known for known, chat in _chats(options) if chat.signed(file)), None)
    # Plain text first: Markdown would take it as well.
    candidates = (Format.TEXT, *_IN_A_FOLDER)
    return next((known for known in candidates if _files()[known](options).accepts(file)), None)


def _chats(options: ReadOptions) -> "Sequence[tuple[Format, ConversationFiles]]":
    from mnemosyne.memories.importing.chatgpt import chatgpt_files  # noqa: PLC0415 - as above
    from mnemosyne.memories.importing.claude import claude_files  # noqa: PLC0415

    return ((Format.CHATGPT, chatgpt_files(options)), (Format.CLAUDE, claude_files(options)))


def _is_vault(path: Source, options: ReadOptions) -> bool:
    if isinstance(path, Path) and path.is_dir():
        return (path / ".obsidian").is_dir()
    if path.suffix.lower() != ".zip" or not path.is_file():
        return False
    with opened_archive(path, options.limits) as archive:
        names = (PurePosixPath(member.name) for member in archive.files)
        return any(".obsidian" in name.parts[:2] for name in names)
