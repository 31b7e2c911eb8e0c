"""Say of a source in which no format was found what it is, and what could be read instead."""

from itertools import islice
from typing import Final

from mnemosyne.memories.importing.entry import ReadOptions
from mnemosyne.memories.importing.errors import SourceUnreadableError, UnknownFormatError
from mnemosyne.memories.importing.source_file import Found, SourceFile, read_at_most
from mnemosyne.memories.importing.sources import opened
from mnemosyne.memories.importing.uploads import Source

READ: Final = (
    "What can be read: Markdown (.md) and text (.txt) notes, JSON Lines (.jsonl), the exports of "
    "ChatGPT and Claude (.zip or .json), and folders of these."
)
_MOST: Final = 1_000  # files that are looked at before a verdict
_SNIFFED: Final = 1024
_PDF: Final = b"%PDF-"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")  # texts that hold zero bytes
_NAMED: Final = 3


def unknown_format(
    path: Source, formats: tuple[str, ...], options: ReadOptions
) -> UnknownFormatError:
    """Return why nothing in ``path`` can be imported."""
    with opened(path, options.limits, inflate=False) as files:
        seen = list(islice(files, _MOST))
        binary = all(map(_is_binary, seen))
    if not seen:
        return UnknownFormatError(path.name, formats, "It is empty.", READ)
    if binary:
        suffixes = sorted({each.suffix for each in seen if isinstance(each, SourceFile)} - {""})
        kinds = ", ".join(suffixes[:_NAMED])
        why = f"PDFs and other binary files{f' ({kinds})' if kinds else ''} are not read."
        return UnknownFormatError(path.name, formats, why, READ)
    why = "Neither notes nor a chat export were found in it."
    return UnknownFormatError(path.name, formats, why)


def _is_binary(file: Found) -> bool:
    if not isinstance(file, SourceFile):
        return False
    try:
        with file.stream() as stream:
            head = read_at_most(stream, _SNIFFED)
    except SourceUnreadableError:
        return False
    return head.startswith(_PDF) or (b"\0" in head and not head.startswith(_UTF_16))
