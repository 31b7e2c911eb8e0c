"""A whole record as JSON lines: a checkpoint first, then each entry with what is left of it.

Whoever has the file can compute every leaf and the root that was signed, with no program of ours.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mnemosyne.audit.model import Entry
from mnemosyne.kit import strict_json
from mnemosyne.kit.json_lines import json_line

FORMAT: Final = "mnemosyne-record/1"
_LONGEST_LINE: Final = 1024 * 1024


def lines(note: str, entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the lines of an exported record, its entries in the order of their numbers."""
    yield json_line({"checkpoint": note, "format": FORMAT})
    for entry in entries:
        line: dict[str, Any] = {"entry": base64.b64encode(entry.canonical).decode("ascii")}
        if entry.payload is not None and entry.salt is not None:
            line["payload"] = dict(entry.payload)
            line["salt"] = base64.b64encode(entry.salt).decode("ascii")
        yield json_line(line)


def parts_of(data: bytes) -> tuple[str, list[bytes]]:
    """Return the checkpoint and the canonical bytes of every entry of an exported record.

    Raises:
        ValueError, KeyError, TypeError: it is none.
        StrictJsonError: a line is no sound JSON.
    """
    first, *rest = data.splitlines()
    head = strict_json.parse(first, largest=_LONGEST_LINE)
    if head["format"] != FORMAT:
        raise ValueError("another format")
    entries = [json.loads(line)["entry"] for line in rest]
    return str(head["checkpoint"]), [base64.b64decode(each, validate=True) for each in entries]
