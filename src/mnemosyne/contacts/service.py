"""Use cases of the people list."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Self

from sqlalchemy import Connection

from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.contacts import store
from mnemosyne.contacts.model import ById, Contact, Who
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope

LONGEST_NAME = 128
Released = Callable[[Connection, Identifier, str], None]
"""Told of a DID that is no contact's any more: what was kept of it can go."""


def _keep(_tx: Connection, _owner: Identifier, _did: str) -> None:
    return None


KEEP: Final[Released] = _keep


class NameTakenError(MnemosyneError):
    """A name would stand for two people."""

    code = "name-taken"

    def __init__(self, name: str, holder: str) -> None:
        super().__init__(
            f"“{name}” is a name of {holder} already",
            why="One name stands for one person, or search could not tell them apart.",
            hint=f"Are they the same? `mnemosyne people merge NAME {holder!r}`.",
        )
        self.name = name
        self.holder = holder


class ContactNotFoundError(MnemosyneError):
    """Nobody on the list goes by that name."""

    code = "contact-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"nobody on your people list is called “{name[:40]}”",
            hint="`mnemosyne people list` shows everyone, `mnemosyne people add NAME` adds one.",
        )
        self.name = name


class ContactDidError(MnemosyneError):
    """Somebody would have two DIDs, or two people one."""

    code = "contact-did"

    def __init__(self, did: str, why: str, hint: str) -> None:
        super().__init__(f"{did[:24]}… does not go to this contact", why=why, hint=hint)
        self.did = did

    @classmethod
    def second(cls, did: str, name: str) -> Self:
        """Return the refusal of a second DID for ``name``."""
        return cls(
            did,
            f"{name} is known by another DID already, and one contact has one.",
            "Ask them which one they use. If these are two people, use another name for this one; "
            f"if they changed their DID for good, `mnemosyne people remove {name!r}` comes first.",
        )

    @classmethod
    def taken(cls, did: str, name: str) -> Self:
        """Return the refusal of a DID that is known to be ``name``."""
        return cls(
            did,
            f"It is the DID of {name} on your list.",
            f"Are they one person? Add the name with `mnemosyne people add {name!r} --alias NAME`.",
        )


class NameLengthError(MnemosyneError):
    """A name has 1 to 128 characters."""

    code = "name-length"

    def __init__(self, name: str) -> None:
        super().__init__(
            "a name has 1 to 128 characters",
            why=f"This one has {len(name)}.",
            hint="Give the name people use.",
        )
        self.name = name


class Contacts:
    """The people of a person: search, redaction and sharing all look here for names."""

    def __init__(self, database: Database, clock: Clock, released: Released = KEEP) -> None:
        self._database = database
        self._clock = clock
        self._released = released

    async def everyone(self, principal: Principal) -> list[Contact]:
        """Return the whole list, by name."""
        principal.require(Scope.MEMORY_READ)
        return await self._database.read(lambda tx: store.everyone(tx, principal.person))

    async def get(self, principal: Principal, who: Who) -> Contact:
        """Return one of the list.

        Raises:
            ContactNotFoundError: nobody is ``who``.
        """
        principal.require(Scope.MEMORY_READ)
        return await self._database.read(lambda tx: require(tx, principal.person, who))

    async def add(
        self, principal: Principal, name: str, aliases: tuple[str, ...] = (), source: str = "given"
    ) -> Contact:
        """Add someone, or add names to someone who is on the list already.

        Raises:
            NameTakenError: one of the aliases belongs to somebody else.
            NameLengthError: a name is empty or too long.
        """
        principal.require(Scope.MEMORY_WRITE)
        at = self._clock()
        return await self._write(
            principal, lambda tx: add_contact(tx, principal.person, name, at, aliases, source)
        )

    async def rename(self, principal: Principal, name: Who, to: str) -> Contact:
        """Give someone another main name; the old one stays a name of theirs.

        Raises:
            ContactNotFoundError: nobody goes by ``name``.
            NameTakenError: ``to`` belongs to somebody else.
            NameLengthError: ``to`` is empty or too long.
        """
        return await self.change(principal, name, to=to)

    async def change(
        self,
        principal: Principal,
        name: Who,
        *,
        to: str | None = None,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
    ) -> Contact:
        """Take names off someone, give them others, and another main name: all or nothing.

        Raises:
            ContactNotFoundError: nobody is ``name``, or one of ``remove`` is no alias of theirs.
            NameTakenError: a name belongs to somebody else.
            NameLengthError: a name is empty or too long.
        """
        principal.require(Scope.MEMORY_WRITE)
        fresh = None if to is None else _checked(to)

        def write(tx: Connection) -> Contact:
            owner = principal.person
            who = require(tx, owner, name)
            for alias in remove:
                _take_off(tx, owner, who, alias)
            for alias in add:
                _give(tx, owner, who, _checked(alias))
            if fresh is not None:
                _rename(tx, owner, who, fresh)
            return require(tx, owner, ById(who.id))

        return await self._write(principal, write)

    async def remove_alias(self, principal: Principal, alias: str) -> None:
        """Take a name off whoever has it.

        Raises:
            ContactNotFoundError: nobody has that alias.
        """
        principal.require(Scope.MEMORY_WRITE)
        gone = await self._database.write(
            lambda tx: store.delete_alias(tx, principal.person, alias.strip())
        )
        if not gone:
            raise ContactNotFoundError(alias)

    async def remove(self, principal: Principal, name: Who) -> Contact:
        """Take someone off the list; memories that name them stay as they are.

        Raises:
            ContactNotFoundError: nobody goes by that name.
        """
        principal.require(Scope.MEMORY_WRITE)

        def write(tx: Connection) -> Contact:
            who = require(tx, principal.person, name)
            store.delete_contact(tx, principal.person, who.id)
            if who.did is not None:
                self._released(tx, principal.person, who.did)
            return who

        return await self._database.write(write)

    async def merge(self, principal: Principal, name: Who, into: Who) -> Contact:
        """Make two entries one: the first's names become aliases of the second.

        Raises:
            ContactNotFoundError: one of the two is not on the list.
            ContactDidError: each has a DID of their own.
        """
        principal.require(Scope.MEMORY_WRITE)

        def write(tx: Connection) -> Contact:
            owner = principal.person
            source, target = require(tx, owner, name), require(tx, owner, into)
            if source.id != target.id:
                if source.did is not None and target.did is not None:
                    raise ContactDidError.second(source.did, target.name)
                store.move_aliases(tx, owner, source.id, target.id)
                store.delete_contact(tx, owner, source.id)
                store.set_did(tx, owner, target.id, target.did or source.did)
                store.insert_alias(tx, owner, target.id, source.name)
            return require(tx, owner, target.name)

        return await self._write(principal, write)

    async def split(self, principal: Principal, alias: str, of: Who | None = None) -> Contact:
        """Make an alias a person of their own.

        Raises:
            ContactNotFoundError: nobody has that alias, or not the one it should be ``of``.
        """
        principal.require(Scope.MEMORY_WRITE)
        at = self._clock()

        def write(tx: Connection) -> Contact:
            if of is not None:
                _take_off(tx, principal.person, require(tx, principal.person, of), alias)
            elif not store.delete_alias(tx, principal.person, alias.strip()):
                raise ContactNotFoundError(alias)
            return add_contact(tx, principal.person, alias, at, source="split")

        return await self._write(principal, write)

    async def _write(
        self, principal: Principal, change: Callable[[Connection], Contact]
    ) -> Contact:
        """Change the list, unless its person wants nothing done; taking names off is always free.

        Raises:
            ProcessingRestrictedError: they do not.
        """

        def write(tx: Connection) -> Contact:
            require_unrestricted(tx, principal.person)
            return change(tx)

        return await self._database.write(write)


def _checked(name: str) -> str:
    stripped = name.strip()
    if not 0 < len(stripped) <= LONGEST_NAME:
        raise NameLengthError(stripped)
    return stripped


def require(tx: Connection, owner: Identifier, name: Who) -> Contact:
    """Return who goes by ``name``, or has that identifier.

    Raises:
        ContactNotFoundError: nobody does.
    """
    match name:
        case ById(identifier):
            who = next((c for c in store.everyone(tx, owner) if c.id == identifier), None)
            called = identifier
        case _:
            who, called = store.find(tx, owner, name.strip()), name
    if who is None:
        raise ContactNotFoundError(called)
    return who


def _rename(tx: Connection, owner: Identifier, who: Contact, to: str) -> None:
    holder = store.find(tx, owner, to)
    if holder is not None and holder.id != who.id:
        raise NameTakenError(to, holder.name)
    store.delete_alias(tx, owner, to)
    store.rename(tx, owner, who.id, to)
    if store.folded_name(to) != store.folded_name(who.name):
        store.insert_alias(tx, owner, who.id, who.name)


def _give(tx: Connection, owner: Identifier, who: Contact, alias: str) -> None:
    holder = store.find(tx, owner, alias)
    if holder is None:
        store.insert_alias(tx, owner, who.id, alias)
    elif holder.id != who.id:
        raise NameTakenError(alias, holder.name)


def _take_off(tx: Connection, owner: Identifier, who: Contact, alias: str) -> None:
    folded = store.folded_name(alias)
    if folded not in map(store.folded_name, who.aliases):
        raise ContactNotFoundError(alias)
    store.delete_alias(tx, owner, alias)


def add_contact(
    tx: Connection,
    owner: Identifier,
    name: str,
    at: datetime,
    aliases: tuple[str, ...] = (),
    source: str = "given",
) -> Contact:
    """Add someone, or names to whoever goes by ``name``, in the transaction of the caller.

    Raises:
        NameTakenError: one of the aliases belongs to somebody else.
        NameLengthError: a name is empty or too long.
    """
    wanted = [_checked(one) for one in (name, *aliases)]
    who = store.find(tx, owner, wanted[0])
    if who is None:
        who = Contact(new_id(at), wanted[0], (), source)
        store.insert_contact(tx, owner, who, at)
    for alias in wanted[1:]:
        _give(tx, owner, who, alias)
    return require(tx, owner, who.name)
