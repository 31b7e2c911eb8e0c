"""Archives as an attacker makes them: rightly signed by a key of their own, and wrong within."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.safekeeping.archive_format import MANIFEST, SIGNATURE, SIGNED_PREFIX, entry


def contents(path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the files and the manifest of a genuine archive."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop(MANIFEST))
    del files[SIGNATURE]
    return files, manifest


def stated(files: Mapping[str, bytes]) -> dict[str, dict[str, object]]:
    """Return what a manifest says of files."""
    return {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    }


def table_of(data: bytes) -> dict[str, object]:
    """Return what a manifest says of a table of one part."""
    return {"rows": data.count(b"\n"), "digest": hashlib.sha256(data).hexdigest()}


def sign(manifest: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return a manifest and its signature by a new key, which it names."""
    key = SigningKey.generate()
    content = canonical_json({**manifest, "node_key": key.public.hex()})
    return content, key.sign(SIGNED_PREFIX + content).hex().encode()


def write(path: Path, files: Mapping[str, bytes], manifest: dict[str, Any]) -> None:
    """Write an archive of ``files`` under ``manifest`` in the very form of genuine ones."""
    content, signature = sign(manifest)
    sink = _Stream()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:  # type: ignore[call-overload]
        for name, data in {**files, MANIFEST: content, SIGNATURE: signature}.items():
            with archive.open(entry(name), "w") as target:
                target.write(data)
    path.write_bytes(sink.written.getvalue())


class _Stream:
    """A sink that cannot go back, as that of the real writer."""

    def __init__(self) -> None:
        self.written = io.BytesIO()

    def write(self, data: bytes) -> int:
        return self.written.write(data)

    def flush(self) -> None:
        self.written.flush()
