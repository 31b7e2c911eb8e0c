"""The built graph, kept outside the vault so that a new vault does not build it again.

Nothing in a cache is trusted: a graph is hashed before it is loaded, against the digest that the
vault keeps, and built again when that differs.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnemosyne.adapters.embedders.errors import GraphCacheError, GraphChangedError


@dataclass(frozen=True, slots=True)
class CachedGraph:
    """A serialised graph on disk and its SHA-256 in hexadecimal."""

    file: Path
    digest: str


def load_or_build(
    folder: Path, key: str, build: Callable[[], bytes], expected_digest: str | None
) -> CachedGraph:
    """Return the graph ``key`` of the cache ``folder``, built and kept there when it must be.

    Without ``expected_digest`` (a new vault) the digest written beside the graph decides. Any
    number of processes may do this at once: each writes files of its own and renames them.

    Raises:
        GraphCacheError: the folder cannot be written to.
        GraphChangedError: it was built again and still is not the expected one. The new graph is
            kept, so that a caller may take it as a new embedder.
    """
    file = folder / f"{key}.onnx"
    digest = _digest_of(file)
    if digest is not None and digest == (expected_digest or _noted_digest(file)):
        return CachedGraph(file, digest)
    content = build()
    built = hashlib.sha256(content).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(file, content)
        # Last: a graph without its digest counts as not there.
        _replace(_note(file), built.encode("ascii"))
    except OSError as error:
        raise GraphCacheError(folder, error.strerror or str(error)) from error
    if expected_digest is not None and built != expected_digest:
        raise GraphChangedError(expected_digest, built)
    return CachedGraph(file, built)


def _digest_of(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:  # not there, or not readable, which building again will mend or name
        return None


def _noted_digest(file: Path) -> str | None:
    try:
        return _note(file).read_bytes().decode("ascii", "replace")
    except OSError:
        return None


def _note(file: Path) -> Path:
    return file.with_suffix(".sha256")


def _replace(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
