"""Give the vault a new root key: every page encrypted anew, every way in wrapped anew or closed.

The new vault is prepared aside and exchanged as a restored one is, so that an interruption leaves
the old vault or the new one, whole. What the old root key opens is the copies of the old vault.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.identity import store as logs
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import CommitUnknownError, DatabaseDamagedError, StorageFullError
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.passphrase import Argon2Parameters
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import LastSlotError
from mnemosyne.kit.vault.slot_file import PhraseSlot, Slot
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import replacing, snapshot, store
from mnemosyne.safekeeping.manifest import Contents, differences
from mnemosyne.safekeeping.rekey_errors import PhraseNeededError, RekeyNotWrittenError
from mnemosyne.safekeeping.temporary import remove_leftovers

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WaysIn:
    """The slots whose secret is at hand, and those that a rekey closes."""

    kept: tuple[Slot, ...]
    closed: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """A vault under a new key: what opens it, what does not any more, and the entry of the act.

    ``backups`` are those of before, which still open with what opened the vault then.
    """

    kept: tuple[Slot, ...]
    closed: tuple[Slot, ...]
    backups: tuple[Path, ...]
    entry: int


class Rekeying:
    """Rekeys the vault in ``home``, which nobody else may use meanwhile.

    ``argon2`` is the cost of the passphrase; it is calibrated on this machine unless given.
    """

    def __init__(
        self,
        home: VaultHome,
        providers: Sequence[DerivedData],
        clock: Clock,
        argon2: Argon2Parameters | None = None,
        command: str = "key rekey",
    ) -> None:
        self._home = home
        self._providers = providers
        self._clock = clock
        self._argon2 = argon2
        self._lock = VaultLock(home, command, clock)

    def ways_in(self, secrets: Sequence[Secret]) -> WaysIn:
        """Return which slots ``secrets`` would keep and which would be closed; change nothing.

        Raises:
            VaultMissingError, VaultIncompleteError: there is no whole vault.
            WrongKeyError: one of the secrets opens nothing.
            PhraseNeededError: the recovery phrase is not among them.
            SlotsAlteredError, SlotsDamagedError: the slots cannot be trusted.
        """
        self._home.require()
        return _sorted_out(KeySlots(self._home), secrets)[1]

    def rekey(self, secrets: Sequence[Secret], told: Progress = lambda _step: None) -> Rekeyed:
        """Put the vault under a new root key that each of ``secrets`` opens, and nothing else.

        Raises:
            VaultMissingError, VaultIncompleteError: there is no whole vault.
            WrongKeyError, PhraseNeededError, SlotsAlteredError, SlotsDamagedError: as ``ways_in``.
            VaultBusyError: who else uses it.
            NewerVaultError, OlderVaultError: its tables are of another version.
            DatabaseDamagedError: it is not whole; nothing was changed.
            RekeyNotWrittenError: the system refused; the vault is as it was.
            RestoreUnfinishedError: it is decided, and whoever opens the vault next finishes it.
        """
        replacing.finish_interrupted(self._home, self._lock)
        self._home.require()
        with self._lock.exclusive():
            replacing.finish(self._home)
            remove_leftovers(self._home.path)
            root, ways_in = _sorted_out(KeySlots(self._home), secrets)
            try:
                return self._staged(root, secrets, ways_in, told)
            except (OSError, StorageFullError, CommitUnknownError) as error:
                detail = error.strerror if isinstance(error, OSError) else None
                raise RekeyNotWrittenError(self._home.path, detail or str(error)) from error

    def _staged(
        self, root: RootKey, secrets: Sequence[Secret], ways_in: WaysIn, told: Progress
    ) -> Rekeyed:
        old = root.database_key()
        snapshot.look(self._home.database, old, runner.check)
        with replacing.staging(self._home) as staged:
            told("copying the vault")
            snapshot.take(self._home.database, old, staged.database)
            before = snapshot.contents(staged.database, old, self._providers)
            told("encrypting every page under the new key")
            slots = KeySlots(staged)
            present = slots.create(secrets, at=self._clock(), argon2=self._argon2)
            new = present.database_key()
            snapshot.rekey(staged.database, old, new)
            told("checking every page and every row")
            _compare(before, snapshot.contents(staged.database, new, self._providers))
            made = slots.list()

            def write(tx: Connection) -> int:
                return self._enter(tx, root, present, WaysIn(tuple(made), ways_in.closed))

            entry = snapshot.change(staged.database, new, write)
            if found := snapshot.look(staged.database, new, snapshot.damage):
                raise DatabaseDamagedError(found[0])
            for each in secrets:
                slots.unlock(each)
            known = snapshot.look(staged.database, new, store.known)
            replacing.replace(self._home)
        return Rekeyed(made, ways_in.closed, tuple(each.path for each in known), entry)

    def _enter(self, tx: Connection, root: RootKey, present: RootKey, ways_in: WaysIn) -> int:
        at = self._clock()
        store.retire(tx, root, at, present)
        before = identity.load(tx).incarnation
        logs.carry_confirmation(tx, before, identity.new_incarnation(tx))
        facts: dict[str, object] = {
            "kept": [{"slot": each.id, "kind": each.kind} for each in ways_in.kept],
            "closed": [{"slot": each.id, "kind": each.kind} for each in ways_in.closed],
        }
        entries = [
            audit.append(tx, Act(owner, "rekey", "local", "shell", payload=facts), at)
            for owner in accounts.everybody(tx)
        ]
        return entries[0] if entries else 0


def _sorted_out(slots: KeySlots, secrets: Sequence[Secret]) -> tuple[RootKey, WaysIn]:
    """Open the vault with each of ``secrets``; return the root key, what stays, what closes."""
    opened: set[str] = set()
    root: RootKey | None = None
    for secret in secrets:
        found = slots.open(secret)
        root = found.root
        opened.add(found.slot.id)
    every = slots.list()
    if any(isinstance(each, PhraseSlot) and each.id not in opened for each in every):
        raise PhraseNeededError
    if root is None:
        raise LastSlotError
    kept = tuple(each for each in every if each.id in opened)
    return root, WaysIn(kept, tuple(each for each in every if each.id not in opened))


def _compare(before: Contents, after: Contents) -> None:
    if differing := differences(before, after):
        first = differing[0]
        raise DatabaseDamagedError(f"“{first.what}” was {first.expected} and is {first.found}")
