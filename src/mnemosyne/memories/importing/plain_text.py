"""Plain text: one file, or a folder of them. A long one is cut at its paragraphs."""

from dataclasses import replace
from pathlib import PurePosixPath

from mnemosyne.memories.importing import dates, markup, splitting
from mnemosyne.memories.importing.entry import Entry, ReadOptions
from mnemosyne.memories.importing.files import Interpretation, TextFiles
from mnemosyne.memories.importing.parts import fitting_title, in_thread
from mnemosyne.memories.importing.source_file import SourceFile
from mnemosyne.memories.model import MemoryType, Moment


def text_files(options: ReadOptions) -> TextFiles:
    """Return the format of .txt files."""
    return TextFiles("text", {".txt": note, ".text": note}, options)


def note(file: SourceFile, text: str, options: ReadOptions) -> Interpretation:
    """Return the memories of one text; nothing in it is taken for markup."""
    named = dates.from_name(file.name, options.zone)
    modified = Moment(file.modified) if file.modified else None
    stem = PurePosixPath(file.name).stem
    whole = Entry(
        text=text,
        source_id=file.name,
        title=fitting_title(stem, options.limits.title_characters),
        occurred=named or modified,
        attributes={"path": file.name, "date_from": "file name" if named else "mtime"},
    )
    sizes = splitting.Sizes(largest=options.limits.memory)
    texts = splitting.split(text, sizes, markup.plain_lines)
    kind = MemoryType.NOTE if len(texts) == 1 else MemoryType.DOCUMENT
    return in_thread(whole, (replace(whole, text=part, type=kind) for part in texts)), ()
