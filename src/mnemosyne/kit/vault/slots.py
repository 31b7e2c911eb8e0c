"""The ways into a vault: make, open, add, remove and replace them. The root key never changes."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.durable_file import create_durably, replace_durably
from mnemosyne.kit.vault.home import VaultExistsError, VaultHome
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase
from mnemosyne.kit.vault.phrase import Phrase
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import (
    LastSlotError,
    NoPortableSlotError,
    SlotMissingError,
    SlotsDamagedError,
    SlotsNotWrittenError,
    SlotTakenError,
    WrongKeyError,
)
from mnemosyne.kit.vault.slot_file import (
    MOST_SLOTS,
    KeyFileSlot,
    KeyringSlot,
    PassphraseSlot,
    PhraseSlot,
    Slot,
    SlotFile,
    SlotScope,
    SlotTable,
    decode_slots,
    encode_slots,
)
from mnemosyne.kit.vault.slot_wrapping import Secret, is_for, name_of, seal, unseal

_PORTABLE: Final = (PassphraseSlot, PhraseSlot)


@dataclass(frozen=True, slots=True)
class ClosedSlot:
    """A slot that opens the vault no more, and a statement of what still opens with it."""

    slot: Slot

    @property
    def statement(self) -> str:
        """What has to be said to the person, in whole sentences."""
        copies = (
            "so do older copies of the vault's folder, and until the next change of slots the file "
            "vault.slots.previous."
        )
        match self.slot:
            case PassphraseSlot():
                return f"Backups made until now still open with the old passphrase; {copies}"
            case PhraseSlot():
                return f"Backups made until now still open with the old phrase; {copies}"
            case KeyFileSlot():
                return (
                    "Backups carry no slot for a key file. Older backups made by copying the "
                    "vault's folder still open with it, and until the next change of slots so does "
                    "the file vault.slots.previous."
                )
            case KeyringSlot():
                return (
                    "Backups carry no slot for the keyring. Older backups made by copying the "
                    "vault's folder open with its entry, as long as that is there; until the next "
                    "change of slots so does the file vault.slots.previous."
                )
            case _:
                assert_never(self.slot)


@dataclass(frozen=True, slots=True)
class OpenedSlot:
    """The slot that a secret opened, and the root key in it."""

    slot: Slot
    root: RootKey


class KeySlots:
    """The slot file of one vault. Every change replaces it at once and keeps the one before.

    ``argon2`` is the cost of new passphrases; it is calibrated on this machine unless given.
    """

    def __init__(self, home: VaultHome, argon2: Argon2Parameters | None = None) -> None:
        self.home = home
        self.argon2 = argon2

    def create(
        self, secrets: Sequence[Secret], *, at: datetime, argon2: Argon2Parameters | None = None
    ) -> RootKey:
        """Make a root key, write one slot for each of ``secrets`` and return the key.

        Raises:
            VaultExistsError: there are slots already.
            WeakPassphraseError: a passphrase can be guessed.
            SlotsNotWrittenError: the system refused; nothing is left.
        """
        root = RootKey.generate()
        slots: tuple[Slot, ...] = ()
        for secret in secrets:
            slots = _with(slots, seal(root, secret, at, argon2 or self.argon2))
        self._write_first(root, slots)
        return root

    def restore(self, portable: bytes, secret: Secret) -> RootKey:
        """Make the slots of a backup those of this vault, which has none, and return the root key.

        Raises:
            VaultExistsError: there are slots already.
            WrongKeyError, SlotsAlteredError, SlotsDamagedError: as ``open_portable_slots``.
            SlotsNotWrittenError: the system refused; nothing is left.
        """
        root = open_portable_slots(portable, secret)
        self._write_first(root, decode_slots(portable).table.slots)
        return root

    def unlock(self, secret: Secret) -> RootKey:
        """Return the root key.

        Raises:
            WrongKeyError: ``secret`` opens no slot.
            SlotsAlteredError: it does, but the file is not as the vault wrote it.
            SlotsDamagedError: the file is not whole.
        """
        return self.open(secret).root

    def open(self, secret: Secret) -> OpenedSlot:
        """Return the root key, and the slot that ``secret`` opened.

        Raises:
            WrongKeyError, SlotsAlteredError, SlotsDamagedError: as ``unlock``.
        """
        return _open(self._read(), secret, SlotScope.VAULT)

    def list(self) -> tuple[Slot, ...]:
        """Return the slots as they stand in the file; only ``unlock`` says whether it is genuine.

        Raises:
            SlotsDamagedError: the file is not whole.
        """
        return self._read().table.slots

    def add(
        self,
        root: RootKey,
        secret: Secret,
        *,
        at: datetime,
        argon2: Argon2Parameters | None = None,
    ) -> Slot:
        """Add one more way in and return it.

        Raises:
            SlotTakenError: there is a passphrase or a phrase already, or no room.
            WeakPassphraseError, SlotsAlteredError, SlotsDamagedError, SlotsNotWrittenError
        """
        new = seal(root, secret, at, argon2 or self.argon2)  # before the lock: it may take a second
        with self._changing(root) as slots:
            self._replace(root, _with(slots, new))
        return new

    def remove(self, root: RootKey, slot_id: Identifier) -> ClosedSlot:
        """Close one way in; what is returned says what still opens with it.

        Raises:
            LastSlotError: it is the only one.
            SlotMissingError: there is none of this identifier.
            SlotsAlteredError, SlotsDamagedError, SlotsNotWrittenError
        """
        with self._changing(root) as slots:
            closed = next((slot for slot in slots if slot.id == slot_id), None)
            if closed is None:
                raise SlotMissingError(slot_id)
            if len(slots) == 1:
                raise LastSlotError
            self._replace(root, tuple(slot for slot in slots if slot.id != slot_id))
        return ClosedSlot(closed)

    def replace_passphrase(
        self,
        root: RootKey,
        new: Passphrase,
        *,
        at: datetime,
        argon2: Argon2Parameters | None = None,
    ) -> ClosedSlot | None:
        """Wrap the root key for ``new`` and return the slot it replaces, if there was one.

        Raises:
            WeakPassphraseError, SlotsAlteredError, SlotsDamagedError, SlotsNotWrittenError
        """
        sealed = seal(root, new, at, argon2 or self.argon2)
        with self._changing(root) as slots:
            closed = next((slot for slot in slots if isinstance(slot, PassphraseSlot)), None)
            self._replace(root, _with(tuple(s for s in slots if s is not closed), sealed))
        return None if closed is None else ClosedSlot(closed)

    def replace_phrase(self, root: RootKey, new: Phrase, *, at: datetime) -> ClosedSlot | None:
        """Wrap the root key for ``new`` and return the slot it replaces, if there was one.

        Raises:
            SlotsAlteredError, SlotsDamagedError, SlotsNotWrittenError
        """
        sealed = seal(root, new, at, None)
        with self._changing(root) as slots:
            closed = next((slot for slot in slots if isinstance(slot, PhraseSlot)), None)
            self._replace(root, _with(tuple(s for s in slots if s is not closed), sealed))
        return None if closed is None else ClosedSlot(closed)

    def portable(self, root: RootKey) -> bytes:
        """Return the passphrase and phrase slots as a slot file for a backup.

        Raises:
            NoPortableSlotError: there is neither.
            SlotsAlteredError, SlotsDamagedError
        """
        slots = self._read().authenticate(root, SlotScope.VAULT).slots
        kept = tuple(slot for slot in slots if isinstance(slot, _PORTABLE))
        if not kept:
            raise NoPortableSlotError
        return encode_slots(SlotTable(scope=SlotScope.BACKUP, slots=kept), root)

    def _read(self) -> SlotFile:
        try:
            return decode_slots(self.home.slots.read_bytes())
        except OSError as error:
            raise SlotsDamagedError(f"The system says: {error.strerror or error}") from error

    def _write_first(self, root: RootKey, slots: tuple[Slot, ...]) -> None:
        table = SlotTable(scope=SlotScope.VAULT, slots=slots)
        try:
            create_durably(self.home.slots, encode_slots(table, root))
        except FileExistsError as error:
            raise VaultExistsError(self.home.path) from error
        except OSError as error:
            raise SlotsNotWrittenError(error.strerror or str(error)) from error

    def _replace(self, root: RootKey, slots: tuple[Slot, ...]) -> None:
        table = SlotTable(scope=SlotScope.VAULT, slots=slots)
        try:
            replace_durably(self.home.previous_slots, self.home.slots.read_bytes())
            replace_durably(self.home.slots, encode_slots(table, root))
        except OSError as error:
            raise SlotsNotWrittenError(error.strerror or str(error)) from error

    @contextmanager
    def _changing(self, root: RootKey) -> Iterator[tuple[Slot, ...]]:
        """Give the genuine slots to one process at a time, so that no change is lost."""
        folder = os.open(self.home.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield self._read().authenticate(root, SlotScope.VAULT).slots
        finally:
            os.close(folder)


def open_portable_slots(content: bytes, secret: Secret) -> RootKey:
    """Return the root key from the slots that a backup carries.

    Raises:
        WrongKeyError: ``secret`` opens no slot.
        SlotsAlteredError: it does, but the slots are not as the vault wrote them.
        SlotsDamagedError: they are not whole.
    """
    return _open(decode_slots(content), secret, SlotScope.BACKUP).root


def _open(file: SlotFile, secret: Secret, scope: SlotScope) -> OpenedSlot:
    candidates = [slot for slot in file.table.slots if is_for(slot, secret)]
    for slot in candidates:
        if root := unseal(slot, secret):
            file.authenticate(root, scope)
            return OpenedSlot(slot, root)
    place = "backup" if scope is SlotScope.BACKUP else "vault"
    raise WrongKeyError(name_of(secret), has_slot=bool(candidates), place=place)


def _with(slots: tuple[Slot, ...], new: Slot) -> tuple[Slot, ...]:
    """Return ``slots`` and ``new``: one passphrase, one phrase, and key files as there is room."""
    if not isinstance(new, KeyFileSlot) and any(slot.kind == new.kind for slot in slots):
        raise SlotTakenError(f"There is a slot for a {new.kind} already.")
    if len(slots) == MOST_SLOTS:
        raise SlotTakenError(f"There is room for {MOST_SLOTS} slots.")
    return (*slots, new)
