"""Private folders for what must not outlive a command; ``doctor`` finds what a crash left."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "temporary-"


@contextmanager
def temporary_folder(inside: Path | None) -> Iterator[Path]:
    """Give a folder of mode 0700 below ``inside``, or the system's place, and remove it after."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=inside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leftovers(inside: Path) -> list[Path]:
    """Return the temporary folders that a crash left below ``inside``."""
    return sorted(inside.glob(f"{PREFIX}*"))
