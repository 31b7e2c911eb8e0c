"""Tell an archive inside an archive, by its name and by its first bytes."""

import re
from pathlib import PurePosixPath

_MAGIC = re.compile(
    rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|BZh[1-9](?:1AY&SY|\x17rE8P\x90)|\xfd7zXZ\x00|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd|\x60\xea"
)
_TAR = slice(257, 262)
_ARCHIVES = frozenset(
    [
        ".zip",
        ".7z",
        ".rar",
        ".gz",
        ".tgz",
        ".bz2",
        ".tbz",
        ".xz",
        ".txz",
        ".zst",
        ".tar",
        ".lz",
        ".lzma",
        ".z",
        ".arj",
        ".cab",
        ".jar",
    ]
)
# Documents whose own format is a .zip. They are attachments here and never opened.
_DOCUMENTS = frozenset(
    [
        ".docx",
        ".xlsx",
        ".pptx",
        ".odt",
        ".ods",
        ".odp",
        ".odg",
        ".epub",
        ".pages",
        ".numbers",
        ".key",
        ".svgz",
        ".xmind",
    ]
)


def is_archive(name: str, head: bytes) -> bool:
    """Tell whether a file called ``name``, beginning with ``head``, is an archive."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _DOCUMENTS:
        return False
    return suffix in _ARCHIVES or bool(_MAGIC.match(head)) or head[_TAR] == b"ustar"
