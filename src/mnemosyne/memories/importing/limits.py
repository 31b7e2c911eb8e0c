"""How much of a source is read before it is refused. Every number is counted, never declared."""

from dataclasses import dataclass

from mnemosyne.kit.text import CONTENT_BYTES

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of an import, in bytes unless the name says otherwise."""

    archive_entries: int = 50_000
    archive_directory: int = 32 * MIB  # the list of contents, read before anything else
    total: int = 4 * 1024 * MIB  # of an archive uncompressed, or of one JSON file
    ratio: int = 100  # uncompressed to compressed …
    ratio_from: int = 50_000_000  # … once this much came out
    text_file: int = 64 * MIB
    conversation: int = 64 * MIB
    line: int = 8 * MIB  # of a JSONL file
    line_values: int = 250_000
    json_depth: int = 200
    json_values: int = 2_000_000  # of one conversation; a value in memory is far larger than “[],”
    front_matter: int = 64 * KIB
    memory: int = CONTENT_BYTES
    title_characters: int = 255
    marks: int = 200  # tags, and links, of one memory
    tag_characters: int = 100
    key_characters: int = 300  # of what names a message or a conversation within its source
    days: int = 20_000  # of one diary file
