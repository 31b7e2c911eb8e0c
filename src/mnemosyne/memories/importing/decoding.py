"""From bytes to text: UTF-8, with or without a mark, and UTF-16 with one. Nothing is guessed."""

import codecs

from mnemosyne.kit.text import Normalised, normalise

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # starts like UTF-16's mark, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes) -> Normalised | None:
    """Return the text of ``content`` with line ends made equal, or None if it is not text."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-32":
        return None
    try:
        return normalise(content.decode(encoding))
    except UnicodeDecodeError:
        return None
