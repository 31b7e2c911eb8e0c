"""Copies of people's own logs beside the vault: what a restored older backup is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import LARGEST_FILE, fits, lines, merge, sound_prefix
from mnemosyne.identity.refusals import CopyNotWrittenError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.durable_file import folder_locked, replace_durably
from mnemosyne.kit.vault.home import VaultHome


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside a vault: the entries up to the first fault, and whether there is one."""

    entries: tuple[Entry, ...] = ()
    damaged: bool = False

    @property
    def did(self) -> str | None:
        """Whose log it is, None where that cannot be read."""
        return self.entries[0].did if self.entries else None

    def of(self, did: str) -> tuple[Entry, ...]:
        """Return the entries of ``did``: none where it is another one's log."""
        return self.entries if self.did == did else ()


@dataclass(frozen=True, slots=True)
class PublicCopy:
    """The file of one person. It is public, and private to the account of the node all the same.

    It outlives a restore in place, so it can be ahead of the vault. It proves nothing newer is
    missing to nobody: another machine may have written on.
    """

    path: Path

    def write(self, did: str, entries: Sequence[Entry]) -> None:
        """Add ``entries`` to the copy; what it holds of this DID already stays.

        Processes take turns, so that none takes away what another one added.

        Raises:
            CopyNotWrittenError: the system refused.
        """
        self._write(did, entries, over_damage=True)

    def catch_up(self, did: str, entries: Sequence[Entry]) -> None:
        """Add ``entries`` that the copy lacks, unless it is damaged or another DID's.

        Those say that something may be missing here, which only its person can settle.

        Raises:
            CopyNotWrittenError: the system refused.
        """
        self._write(did, entries, over_damage=False)

    def remove(self) -> None:
        """Remove the file, if it is there."""
        self.path.unlink(missing_ok=True)

    def look(self) -> Beside:
        """Return what can be read of the copy. One that is missing is not damaged."""
        try:
            with self.path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
        except FileNotFoundError:
            return Beside()
        except OSError:
            return Beside(damaged=True)
        found, whole = sound_prefix(data)
        return Beside(found, damaged=not whole)

    def read(self, did: str) -> tuple[Entry, ...]:
        """Return the entries of ``did`` in the copy, up to the first that cannot be read."""
        return self.look().of(did)

    def _write(self, did: str, entries: Sequence[Entry], *, over_damage: bool) -> None:
        try:
            with folder_locked(self.path.parent):
                beside = self.look()
                every = merge(beside.of(did), entries)
                if not over_damage and (beside.damaged or beside.did not in {did, None}):
                    return
                if beside.damaged or every != beside.entries:
                    replace_durably(self.path, lines(every if fits(every) else entries))
        except OSError as error:
            raise CopyNotWrittenError(self.path, error.strerror or str(error)) from error


@dataclass(frozen=True, slots=True)
class PublicCopies:
    """The copies of one vault, a file for each person.

    The person who made the vault has ``did-log.jsonl``, everybody else one that is named for them.
    ``first`` is who comes first as the vault is opened. Whoever has a file of their own by then
    keeps it, so that the erase of the first person moves nobody's.
    """

    home: VaultHome
    first: Identifier

    def of(self, person: Identifier) -> PublicCopy:
        """Return the copy of a person."""
        named = self.home.did_log_of(person)
        if person == self.first and not named.exists():
            return PublicCopy(self.home.did_log)
        return PublicCopy(named)
