"""Restore a backup: authenticate all of it, prepare the vault aside, then exchange by rename."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.refusals import CopyNotWrittenError
from mnemosyne.identity.service.standing import ahead_of
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import CommitUnknownError, StorageFullError
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.vault import identity, node_keys
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import SlotsAlteredError, WrongKeyError
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import erased_people, replacing, sealed_backup, snapshot, store
from mnemosyne.safekeeping.erased_people import ErasedPerson
from mnemosyne.safekeeping.erasing_again import erase_again, erase_people_again
from mnemosyne.safekeeping.erasure_completion import remove_files
from mnemosyne.safekeeping.ledger_errors import LedgerMissingError, LedgerRefusedError
from mnemosyne.safekeeping.ledger_finding import Found, find, newest_first
from mnemosyne.safekeeping.live_vault import (
    ForeignVault,
    LiveVault,
    UnreadableVault,
    look_at,
)
from mnemosyne.safekeeping.losses import Loss, holdings
from mnemosyne.safekeeping.losses import lost as lost_of
from mnemosyne.safekeeping.restore_errors import (
    OlderBackupError,
    OtherVaultError,
    RestoreNotWrittenError,
)
from mnemosyne.safekeeping.sealed_backup import Opened
from mnemosyne.safekeeping.store import KnownBackup
from mnemosyne.safekeeping.temporary import temporary_folder
from mnemosyne.safekeeping.verify import Verdict, unpack_checked, verdict_of
from mnemosyne.safekeeping.ways_in import settle

Live = LiveVault | UnreadableVault | ForeignVault | None


@dataclass(frozen=True, slots=True)
class RestoreChoices:
    """What the person has said yes to, and further folders in which ledgers may lie.

    A ``rehearsal`` does all that a restore does, and stops before the vault is touched.
    """

    allow_older: bool = False
    without_ledger: bool = False
    replace_other: bool = False
    ledgers: tuple[Path, ...] = field(default=())
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """A vault that is whole again.

    ``ledger`` is the counter of the newest ledger that was applied, None where there was none;
    ``erased_again`` counts the memories it removed; ``live_unreadable`` tells that the vault which
    was replaced could not be read, so that its age was not compared; ``earlier_node_key`` that it
    signs again with a key that another had taken over from. ``did_ahead`` counts the entries that
    the copy of the DID's log beside the vault has more than the backup. ``lost`` is what the vault
    that was replaced held and the backup did not.
    """

    verdict: Verdict
    entry: int
    ledger: int | None
    erased_again: int
    refused: tuple[LedgerRefusedError, ...]
    replaced: bool
    live_unreadable: bool
    earlier_node_key: bool
    did_ahead: int = 0
    lost: Loss = field(default_factory=Loss)


class Restoration:
    """Restores backups to the vault's home; needs no open vault, and lets nobody else have it."""

    def __init__(
        self,
        home: VaultHome,
        providers: Sequence[DerivedData],
        clock: Clock,
        command: str = "restore",
    ) -> None:
        self._home = home
        self._providers = providers
        self._clock = clock
        self._lock = VaultLock(home, command, clock)

    def restore(
        self, path: Path, secret: Secret | RootKey, choices: RestoreChoices = RestoreChoices()
    ) -> Restored:
        """Put the vault of a backup in the place of the one here, or where there is none.

        Raises:
            WrongKeyError, SlotsAlteredError, SlotsDamagedError: it does not open.
            SealedFileDamagedError, BackupDamagedError, BackupExchangedError, BackupDiffersError:
                it is not whole.
            OlderBackupError, OtherVaultError, LedgerMissingError: the person has to decide.
            VaultBusyError: who else uses the vault.
            VaultHomeSharedError, RestoreNotWrittenError: the place is not private, or full.
            RestoreUnfinishedError: it is decided, and whoever opens the vault next finishes it.
        """
        if choices.rehearsal and not self._home.path.exists():
            with temporary_folder(None) as folder:
                elsewhere = Restoration(VaultHome(folder), self._providers, self._clock)
                return elsewhere.restore(path, secret, choices)
        root = sealed_backup.root_of(sealed_backup.header_of(path), secret, self._home)
        self._prepare_home()
        with self._lock.exclusive():
            replacing.finish(self._home)
            root, live = self._live(path, secret, root)
            try:
                return self._staged(path, secret, root, live, choices)
            except (OSError, StorageFullError, CommitUnknownError) as error:
                detail = error.strerror if isinstance(error, OSError) else None
                raise RestoreNotWrittenError(self._home.path, detail or str(error)) from error

    def _prepare_home(self) -> None:
        unfinished = self._home.path.exists() and any(
            path.exists() for path in replacing.traces(self._home)
        )
        if not unfinished and not self._home.exists():
            self._home.create()

    def _live(self, path: Path, secret: Secret | RootKey, root: RootKey) -> tuple[RootKey, Live]:
        """Return what opens the backup, and what it would replace.

        A vault that was given a new key since is the same vault: it opens with the same secret,
        and holds the root key of the backup.
        """
        header = sealed_backup.header_of(path)
        live = look_at(self._home, root)
        if isinstance(live, ForeignVault) and not isinstance(secret, RootKey):
            try:
                newer = look_at(self._home, KeySlots(self._home).unlock(secret))
            except (WrongKeyError, SlotsAlteredError):
                return root, live
            if isinstance(newer, LiveVault) and root in newer.unwrapped_roots:
                return root, newer
        if isinstance(live, LiveVault):
            roots = (root, *live.unwrapped_roots)
            fits = (each for each in roots if sealed_backup.written_under(header, each))
            return next(fits, root), live
        return root, live

    def _staged(
        self,
        path: Path,
        secret: Secret | RootKey,
        root: RootKey,
        live: Live,
        choices: RestoreChoices,
    ) -> Restored:
        with replacing.staging(self._home) as staged:
            opened = unpack_checked(path, root, staged.database, self._providers)
            key = root.database_key()
            lost = _lost(self._home, staged, key, live)
            _check_age(opened, live, lost, choices, self._home)
            snapshot.change(staged.database, key, runner.upgrade)
            if isinstance(live, LiveVault) and live.root != root:
                snapshot.rekey(staged.database, key, key := live.root.database_key())
            unpacked = snapshot.look(staged.database, key, lambda tx: _facts(tx, root))
            found = self._ledgers(path, root, unpacked, live, choices)
            known = _backups(path, opened, live, self._clock)

            def write(tx: Connection) -> tuple[int, int]:
                return self._complete(tx, opened, found, known, live)

            erased, entry = snapshot.change(staged.database, key, write)
            signer = snapshot.look(staged.database, key, identity.load).node_key.public
            if isinstance(live, LiveVault) and not choices.rehearsal:
                _keep_logs(live, PublicCopies(self._home, live.first))
            now, first = self._clock(), snapshot.look(staged.database, key, accounts.first)
            copies = PublicCopies(self._home, first.id if first else "")
            did_ahead = snapshot.look(staged.database, key, lambda tx: ahead_of(tx, copies, now))
            if not isinstance(live, LiveVault | UnreadableVault):
                _write_slots(staged, opened, secret)
            gone = snapshot.look(staged.database, key, erased_people.everyone)
            if not choices.rehearsal:
                replacing.replace(self._home)
                _remove_logs(self._home, unpacked.identity, gone, live, first)
        return Restored(
            verdict=verdict_of(path, opened),
            entry=entry,
            ledger=found.ledgers[0].counter if found.ledgers else None,
            erased_again=erased,
            refused=found.refused,
            replaced=live is not None,
            live_unreadable=isinstance(live, UnreadableVault),
            earlier_node_key=any(e.previous == signer for each in found.ledgers for e in each.keys),
            did_ahead=did_ahead,
            lost=lost,
        )

    def _ledgers(
        self,
        path: Path,
        root: RootKey,
        unpacked: "_Unpacked",
        live: Live,
        choices: RestoreChoices,
    ) -> Found:
        """Find what was erased since: beside the backup, where others lie, in the live vault.

        Raises:
            LedgerMissingError: nowhere, and the person has not said to go on.
        """
        own = [live.erasures] if isinstance(live, LiveVault) else []
        others = [each.destination for each in live.backups] if isinstance(live, LiveVault) else []
        places = (path.resolve().parent, *choices.ledgers, *others)
        roots = [root, *unpacked.earlier_roots]
        trusted = list(unpacked.publics)
        if isinstance(live, LiveVault):
            roots += [live.root, *live.unwrapped_roots]
            trusted += [live.identity.node_key.public, *(each.public for each in live.node_keys)]
        beside = find(places, roots, unpacked.identity, trusted)
        found = newest_first([*own, *beside.ledgers], beside.refused)
        if not found.ledgers and not choices.without_ledger:
            raise LedgerMissingError(tuple(dict.fromkeys(places)), found.refused)
        return found

    def _complete(
        self,
        tx: Connection,
        opened: Opened,
        found: Found,
        known: Sequence[KnownBackup],
        live: Live,
    ) -> tuple[int, int]:
        """Make what was unpacked the vault of today; return how much was erased and the entry."""
        at = self._clock()
        erased = erase_again(tx, self._providers, found.entries(), at)
        erased += erase_people_again(tx, self._providers, found.people(), at)
        store.take_over(tx, known)
        if isinstance(live, LiveVault):
            identity.continue_counter(tx, live.identity.backup_counter)
            node_keys.continue_as(tx, live.identity, live.node_keys)
            store.take_over_roots(tx, live.earlier_roots)
        settle(tx, live.ways_in if isinstance(live, LiveVault) else None)
        identity.new_incarnation(tx)
        contents = opened.manifest.contents
        facts: dict[str, object] = {
            "counter": contents.counter,
            "taken_at": opened.manifest.taken_at.isoformat(),
            "ledger": found.ledgers[0].counter if found.ledgers else None,
            "erased_again": erased,
        }
        entries = [
            audit.append(tx, Act(owner, "restore", "local", "shell", payload=facts), at)
            for owner in accounts.everybody(tx)
        ]
        return erased, entries[0] if entries else 0


@dataclass(frozen=True, slots=True)
class _Unpacked:
    """Who the vault is that was unpacked, and what it has signed with and been opened by."""

    identity: VaultIdentity
    publics: tuple[bytes, ...]
    earlier_roots: tuple[RootKey, ...]


def _facts(tx: Connection, root: RootKey) -> _Unpacked:
    earlier = store.unwrapped_roots(tx, root)  # wrapped under the root key of that backup
    return _Unpacked(identity.load(tx), node_keys.publics(tx), earlier)


def _lost(home: VaultHome, staged: VaultHome, key: bytes | None, live: Live) -> Loss:
    """Return what the vault here holds and the unpacked backup does not, as far as it opens."""
    if not isinstance(live, LiveVault):
        return Loss()
    return lost_of(
        snapshot.look(home.database, live.root.database_key(), holdings),
        snapshot.look(staged.database, key, holdings),
    )


def _check_age(
    opened: Opened,
    live: Live,
    lost: Loss,
    choices: RestoreChoices,
    home: VaultHome,
) -> None:
    match live:
        case LiveVault():
            taken, counter = opened.manifest.taken_at, opened.manifest.contents.counter
            newest = live.identity.backup_counter
            if (counter < newest or lost) and not choices.allow_older:
                raise OlderBackupError(taken, counter, live.last_act, newest, lost)
        case ForeignVault():
            if not choices.replace_other:
                raise OtherVaultError(home.path)
        case UnreadableVault() | None:
            return
        case _:
            assert_never(live)


def _backups(
    path: Path,
    opened: Opened,
    live: Live,
    clock: Clock,
) -> list[KnownBackup]:
    """Return the backups that the restored vault has to know: this one, and those made since."""
    manifest = opened.manifest
    this = KnownBackup(
        id=new_id(manifest.taken_at),
        path=path.resolve(),
        counter=manifest.contents.counter,
        taken_at=manifest.taken_at,
        expires_at=manifest.expires_at,
        verified_at=clock(),
        digest=opened.digest,
        size=opened.size,
    )
    if not isinstance(live, LiveVault):
        return [this]
    return [
        replace(this, path=each.path) if each.counter == this.counter else each
        for each in live.backups
    ] or [this]


def _keep_logs(live: LiveVault, copies: PublicCopies) -> None:
    """Put what the vault knew that is replaced into the copies, which stay beside the next one.

    A crash, or whoever removed the copy, may have left it behind. A damaged copy is only replaced
    by a vault that was not itself behind: else it keeps others from stating that nothing is newer.

    Raises:
        RestoreNotWrittenError: the system refused.
    """
    for each in live.did_logs:
        copy = copies.of(each.owner)
        try:
            (copy.write if each.compared else copy.catch_up)(each.did, each.entries)
        except CopyNotWrittenError as error:
            raise RestoreNotWrittenError(copy.path, error.detail) from error


def _remove_logs(
    home: VaultHome,
    vault: VaultIdentity,
    gone: Sequence[ErasedPerson],
    live: Live,
    first: Person | None,
) -> None:
    """Remove the copies of the logs of those who were erased again, now that the vault stands."""
    before = [live.first] if isinstance(live, LiveVault) else []
    theirs = first is None or bool(erased_people.among(before, vault.vault_id, gone))
    remove_files(home, vault.vault_id, gone, first=theirs)


def _write_slots(staged: VaultHome, opened: Opened, secret: Secret | RootKey) -> None:
    if isinstance(secret, RootKey):
        message = "slots are restored with the secret that opens them"
        raise TypeError(message)
    KeySlots(staged).restore(opened.header.slots, secret)
