"""One line of JSON for each row, written by the interpreter's own encoder.

Canonical JSON (RFC 8785) is for what is signed. Rows are only hashed and compared, a hundred
thousand at a time: measured, the canonical encoder, in pure Python, made a backup take twice as
long. ``docs/archive-format.md`` states this form for readers in other languages.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def json_line(row: Mapping[str, Any]) -> bytes:
    """Return ``row`` as one line of UTF-8: keys sorted, no spaces, a line feed at the end.

    Raises:
        ValueError: a number that is none, or an unpaired surrogate.
        TypeError: a value that JSON does not know.
    """
    return _ENCODER.encode(row).encode("utf-8") + b"\n"
