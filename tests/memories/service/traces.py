"""Look for traces of a text in the raw files of a folder, however it may be written there."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def traces(folder: Path, words: dict[str, str]) -> set[str]:
    """Return the names of those ``words`` that some file under ``folder`` holds."""
    everything = _everything(folder)
    return {
        name
        for name, word in words.items()
        if any(form in everything for form in set(_forms(word)))
    }


def vector_traces(folder: Path, vector: NDArray[np.float32]) -> set[str]:
    """Return in which precisions some file under ``folder`` holds a stretch of ``vector``."""
    everything = _everything(folder)
    found = set()
    for precision in (np.float16, np.float32):
        data = vector.astype(precision).tobytes()
        # Stretches: a row may be torn over two pages. Of nothing but zeros every file has some.
        parts = [data[start : start + 16] for start in range(0, len(data) - 15, 16)]
        if any(part in everything for part in parts if len(set(part)) >= _TELLING):
            found.add(np.dtype(precision).name)
    return found


_TELLING = 5  # so many different bytes or letters in a row are no chance


def _everything(folder: Path) -> bytes:
    return b"\0\0\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _forms(word: str) -> Iterator[bytes]:
    for text in (word, word.casefold(), word.upper()):
        yield from _encoded(text)
        for before in range(3):  # base64 of it anywhere inside of something longer
            data = b"\0" * before + text.encode()
            whole = base64.b64encode(data)
            yield whole[4 if before else 0 : len(whole) - (4 if len(data) % 3 else 0)]
    # The middle alone too: an index writes a term without what it shares with the one before, and
    # without its ending.
    if len(middle := word.casefold()[3:-3]) >= _TELLING:
        yield from _encoded(middle)


def _encoded(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield json.dumps(text)[1:-1].encode()
