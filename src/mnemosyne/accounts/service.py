"""Use cases of the ways in: list, add, remove and replace slots, each change with its entry."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import SlotMissingError
from mnemosyne.kit.vault.slot_file import Slot
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import ClosedSlot, KeySlots

T = TypeVar("T")


class Keys:
    """The slots of the open vault. What opens it never changes; ways in come and go."""

    def __init__(self, database: Database, slots: KeySlots, root: RootKey, clock: Clock) -> None:
        self._database = database
        self._slots = slots
        self._root = root
        self._clock = clock

    async def ways_in(self, principal: Principal) -> Sequence[Slot]:
        """Return every slot.

        Raises:
            SlotsDamagedError: the file is not whole.
        """
        principal.require(Scope.ADMIN)
        return self._slots.list()

    async def add(
        self, principal: Principal, secret: Secret, argon2: Argon2Parameters | None = None
    ) -> Slot:
        """Add a way in.

        Raises:
            SlotTakenError, WeakPassphraseError, SlotsAlteredError, SlotsDamagedError,
            SlotsNotWrittenError: as ``KeySlots.add``.
        """
        at = self._clock()
        return await self._changed(
            principal,
            "slot-added",
            lambda: self._slots.add(self._root, secret, at=at, argon2=argon2),
            lambda slot: {"slot": slot.id, "kind": slot.kind},
        )

    async def remove(self, principal: Principal, reference: str) -> ClosedSlot:
        """Close the way in whose identifier ends in ``reference``.

        Raises:
            SlotMissingError: none ends so, or several do.
            LastSlotError, SlotsAlteredError, SlotsDamagedError, SlotsNotWrittenError
        """
        principal.require_secret()
        wanted = reference.strip().lower()
        found = [each for each in self._slots.list() if wanted and each.id.endswith(wanted)]
        if len(found) != 1:
            raise SlotMissingError(reference)
        return await self._changed(
            principal,
            "slot-removed",
            lambda: self._slots.remove(self._root, found[0].id),
            lambda closed: {"slot": closed.slot.id, "kind": closed.slot.kind},
        )

    async def replace_passphrase(
        self, principal: Principal, new: Passphrase, argon2: Argon2Parameters | None = None
    ) -> ClosedSlot | None:
        """Let ``new`` open the vault in place of the passphrase, if there is one.

        Raises:
            WeakPassphraseError, SlotsAlteredError, SlotsDamagedError, SlotsNotWrittenError
        """
        at = self._clock()
        return await self._changed(
            principal,
            "passphrase-replaced",
            lambda: self._slots.replace_passphrase(self._root, new, at=at, argon2=argon2),
            lambda closed: {"slot": closed.slot.id if closed else ""},
        )

    async def _changed(
        self,
        principal: Principal,
        kind: str,
        change: Callable[[], T],
        payload: Callable[[T], dict[str, object]],
    ) -> T:
        principal.require(Scope.ADMIN)  # what opens the vault opens it for everybody
        principal.require_secret()
        at = self._clock()

        def write(tx: Connection) -> T:
            # The file changes inside the transaction of its entry: a refused change leaves none.
            changed = change()
            act = Act(
                principal.person,
                kind,
                principal.credential,
                principal.channel,
                payload=payload(changed),
            )
            audit.append(tx, act, at)
            return changed

        return await self._database.write(write)
