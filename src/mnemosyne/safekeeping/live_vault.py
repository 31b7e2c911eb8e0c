"""What a restore has to know of the vault that it would replace."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, inspect, select

from mnemosyne.accounts import store as accounts
from mnemosyne.audit.tables import audit_entry
from mnemosyne.identity.service.standing import KnownLog, logs_of
from mnemosyne.identity.store import did
from mnemosyne.kit.database import DatabaseDamagedError, ReadFailedError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity, node_keys
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import VaultIdentity, VaultUnfinishedError
from mnemosyne.kit.vault.node_keys import EarlierKey
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import NoPortableSlotError, SlotsAlteredError
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.safekeeping import ledger, snapshot, store
from mnemosyne.safekeeping.ledger import Ledger
from mnemosyne.safekeeping.store import EarlierRoot, KnownBackup
from mnemosyne.safekeeping.ways_in import WaysIn, ways_in


@dataclass(frozen=True, slots=True)
class LiveVault:
    """A vault that can be read: who it is, what opens it, what it erased, which backups it made.

    ``did_logs`` is what it knows of the DIDs of its people, of whom ``first`` came first;
    ``ways_in`` is by what they are let in, None where an earlier version wrote the vault.
    """

    identity: VaultIdentity
    root: RootKey
    earlier_roots: tuple[EarlierRoot, ...]
    unwrapped_roots: tuple[RootKey, ...]
    node_keys: tuple[EarlierKey, ...]
    erasures: Ledger
    backups: tuple[KnownBackup, ...]
    last_act: datetime
    did_logs: tuple[KnownLog, ...]
    first: Identifier
    ways_in: WaysIn | None


@dataclass(frozen=True, slots=True)
class UnreadableVault:
    """A vault of the same root key whose database is damaged: the reason for many a restore."""


@dataclass(frozen=True, slots=True)
class ForeignVault:
    """A vault that another root key opens."""


def look_at(home: VaultHome, root: RootKey) -> LiveVault | UnreadableVault | ForeignVault | None:
    """Return what lives in ``home``, as far as ``root`` opens it; None where nothing does.

    Raises:
        VaultIncompleteError: there is half of a vault.
        SlotsDamagedError: nobody can say whose it is.
    """
    if not home.exists():
        return None
    if not _is_root_of(home, root):
        return ForeignVault()
    try:
        # Opened to write: what stands in its log belongs to it.
        return snapshot.look(home.database, root.database_key(), lambda tx: _facts(tx, root))
    except (DatabaseDamagedError, ReadFailedError, VaultUnfinishedError):
        return UnreadableVault()


def _is_root_of(home: VaultHome, root: RootKey) -> bool:
    try:
        KeySlots(home).portable(root)
    except SlotsAlteredError:
        return False
    except NoPortableSlotError:
        return True
    return True


def _facts(tx: Connection, root: RootKey) -> LiveVault:
    vault = identity.load(tx)
    # A vault that an earlier version wrote was never given a new key of either kind.
    renewable = inspect(tx).has_table(store.earlier_root.name)
    last = tx.execute(select(func.max(audit_entry.c.at))).scalar() or vault.created_at
    return LiveVault(
        identity=vault,
        root=root,
        earlier_roots=store.earlier_roots(tx) if renewable else (),
        unwrapped_roots=store.unwrapped_roots(tx, root) if renewable else (),
        node_keys=node_keys.earlier(tx) if renewable else (),
        erasures=ledger.of_vault(tx, vault.vault_id),
        backups=tuple(store.known(tx)),
        last_act=last,
        did_logs=logs_of(tx) if inspect(tx).has_table(did.name) else (),
        first=next(iter(accounts.everybody(tx)), ""),
        ways_in=ways_in(tx),
    )
