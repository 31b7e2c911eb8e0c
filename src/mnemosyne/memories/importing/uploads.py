"""A source that came over a wire: one file, with a name and a time but no place of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from mnemosyne.memories.importing.source_file import SourceFile, storable_name


@dataclass(frozen=True, slots=True)
class Upload:
    """One file and how to open it, as often as it is asked for, at its beginning.

    ``called`` names it as a path does, so that the same file from the same folder is known again
    whichever way it came; ``modified`` dates what says nothing of its own time.
    """

    called: PurePosixPath
    size: int
    open: Callable[[], BinaryIO]
    modified: datetime | None = None

    @property
    def name(self) -> str:
        """The name without folders."""
        return self.called.name

    @property
    def stem(self) -> str:
        """The name without folders and without its suffix."""
        return self.called.stem

    @property
    def suffix(self) -> str:
        """The end of the name that tells the format."""
        return self.called.suffix

    def is_file(self) -> bool:
        """Say yes."""
        return True

    def is_dir(self) -> bool:
        """Say no."""
        return False

    def file(self) -> SourceFile:
        """Return it as a file that is read as it stands."""
        return SourceFile(storable_name(str(self.called)), self.modified, self.size, self.open)


Source = Path | Upload
"""Where an import reads from."""
