"""Find the erasure ledgers of a vault, wherever its backups lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.safekeeping.erased_people import ErasedPerson
from mnemosyne.safekeeping.ledger import Erased, Ledger, read
from mnemosyne.safekeeping.ledger_errors import LedgerRefusedError
from mnemosyne.safekeeping.ledger_sealing import check_of, stated


@dataclass(frozen=True, slots=True)
class Found:
    """What lay beside the backups: the ledgers of the vault, the newest first, and the refused."""

    ledgers: tuple[Ledger, ...]
    refused: tuple[LedgerRefusedError, ...]

    def entries(self) -> tuple[Erased, ...]:
        """Return what any of the ledgers names: an erase is final, whoever recorded it.

        What a memory was imported as is taken from the newest ledger that says it.
        """
        found: dict[str, Erased] = {}
        for entry in (entry for each in self.ledgers for entry in each.entries):
            newest = found.setdefault(entry.memory_id, entry)
            if entry.imports and not newest.imports:
                found[entry.memory_id] = entry
        return tuple(found.values())

    def people(self) -> tuple[ErasedPerson, ...]:
        """Return who was erased as a whole by any of the ledgers."""
        found = {gone.digest: gone for each in reversed(self.ledgers) for gone in each.people}
        return tuple(found.values())


def find(
    folders: Iterable[Path],
    roots: Sequence[RootKey],
    vault: VaultIdentity,
    trusted: Sequence[bytes] = (),
) -> Found:
    """Return the valid ledgers in ``folders``, the newest first, and what was refused.

    ``roots`` are the root keys that the vault has and had. A ledger of the same vault under
    another one, beside one that was read, is for backups of another time and is passed over.
    """
    found: list[Ledger] = []
    refused: list[LedgerRefusedError] = []
    for folder in dict.fromkeys(folders):
        here, not_ours = _in_folder(folder, roots, vault, trusted)
        found += here
        refused += not_ours
    return newest_first(found, refused)


def _in_folder(
    folder: Path, roots: Sequence[RootKey], vault: VaultIdentity, trusted: Sequence[bytes]
) -> tuple[list[Ledger], list[LedgerRefusedError]]:
    found: list[Ledger] = []
    refused: list[LedgerRefusedError] = []
    of_another_time: list[LedgerRefusedError] = []
    keys = {check_of(each): each for each in roots}
    for path in sorted(folder.glob("erasures-*.ledger")):
        said = stated(path)
        root = keys.get(str(said.get("key", "")), roots[0])
        try:
            found.append(read(path, root, vault, trusted))
        except LedgerRefusedError as error:
            other = said.get("vault_id") == vault.vault_id and said.get("key", "") not in keys
            (of_another_time if other and "key" in said else refused).append(error)
    return found, refused if found else [*refused, *of_another_time]


def newest_first(found: Sequence[Ledger], refused: Sequence[LedgerRefusedError]) -> Found:
    """Return what was found in the order in which it counts."""
    ordered = sorted(found, key=lambda ledger: (ledger.counter, _latest(ledger)), reverse=True)
    return Found(tuple(ordered), tuple(refused))


def _latest(ledger: Ledger) -> float:
    return max((each.erased_at.timestamp() for each in ledger.entries), default=0.0)
