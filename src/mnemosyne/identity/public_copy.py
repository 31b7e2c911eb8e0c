"""A copy of one's own log beside the vault: what a restored older backup is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mnemosyne.identity.entry import Entry
from mnemosyne.identity.errors import LogError
from mnemosyne.identity.log import lines, merge, read_log
from mnemosyne.identity.refusals import CopyNotWrittenError
from mnemosyne.kit.vault.durable_file import replace_durably

_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PublicCopy:
    """The file ``did-log.jsonl`` of a vault. It is public, and private to its owner all the same.

    It outlives a restore in place, so it can be ahead of the vault. It proves nothing newer is
    missing to nobody: another machine may have written on.
    """

    path: Path

    def write(self, did: str, entries: Sequence[Entry]) -> None:
        """Add ``entries`` to the copy; what it holds of this DID already stays.

        Raises:
            CopyNotWrittenError: the system refused.
        """
        try:
            replace_durably(self.path, lines(merge(self.read(did), entries)))
        except OSError as error:
            raise CopyNotWrittenError(self.path, error.strerror or str(error)) from error

    def read(self, did: str) -> tuple[Entry, ...]:
        """Return the entries of ``did`` in the copy: none where it is missing or not whole.

        A copy that cannot be read says nothing; it is written anew with the next change.
        """
        entries = self._entries()
        return entries if entries and entries[0].did == did else ()

    def did(self) -> str | None:
        """Return whose log the copy holds, None where there is none that can be read."""
        entries = self._entries()
        return entries[0].did if entries else None

    def _entries(self) -> tuple[Entry, ...]:
        try:
            with self.path.open("rb") as file:
                return read_log(file.read(_LARGEST + 1))
        except (OSError, LogError):
            return ()
