"""Use cases of the people list."""

from sqlalchemy import Connection

from mnemosyne.contacts import store
from mnemosyne.contacts.model import Contact
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope

LONGEST_NAME = 128


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

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def everyone(self, principal: Principal) -> list[Contact]:
        """Return the whole list, by name."""
        principal.require(Scope.MEMORY_READ)
        return await self._database.read(lambda tx: store.everyone(tx, principal.person))

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
        return await self._database.write(
            lambda tx: _add(tx, principal.person, name, aliases, source, new_id(at), self._clock)
        )

    async def rename(self, principal: Principal, name: str, to: str) -> Contact:
        """Give someone another main name; the old one stays a name of theirs.

        Raises:
            ContactNotFoundError: nobody goes by ``name``.
            NameTakenError: ``to`` belongs to somebody else.
            NameLengthError: ``to`` is empty or too long.
        """
        principal.require(Scope.MEMORY_WRITE)
        fresh = _checked(to)

        def write(tx: Connection) -> Contact:
            owner = principal.person
            who, holder = require(tx, owner, name), store.find(tx, owner, fresh)
            if holder is not None and holder.id != who.id:
                raise NameTakenError(fresh, holder.name)
            store.delete_alias(tx, owner, fresh)
            store.rename(tx, owner, who.id, fresh)
            if store.folded_name(fresh) != store.folded_name(who.name):
                store.insert_alias(tx, owner, who.id, who.name)
            return require(tx, owner, fresh)

        return await self._database.write(write)

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

    async def remove(self, principal: Principal, name: str) -> Contact:
        """Take someone off the list; memories that name them stay as they are.

        Raises:
            ContactNotFoundError: nobody goes by that name.
        """
        principal.require(Scope.MEMORY_WRITE)

        def write(tx: Connection) -> Contact:
            who = require(tx, principal.person, name)
            store.delete_contact(tx, principal.person, who.id)
            return who

        return await self._database.write(write)

    async def merge(self, principal: Principal, name: str, into: str) -> Contact:
        """Make two entries one: the first's names become aliases of the second.

        Raises:
            ContactNotFoundError: one of the two is not on the list.
        """
        principal.require(Scope.MEMORY_WRITE)

        def write(tx: Connection) -> Contact:
            owner = principal.person
            source, target = require(tx, owner, name), require(tx, owner, into)
            if source.id != target.id:
                store.move_aliases(tx, owner, source.id, target.id)
                store.delete_contact(tx, owner, source.id)
                store.insert_alias(tx, owner, target.id, source.name)
            return require(tx, owner, target.name)

        return await self._database.write(write)

    async def split(self, principal: Principal, alias: str) -> Contact:
        """Make an alias a person of their own.

        Raises:
            ContactNotFoundError: nobody has that alias.
        """
        principal.require(Scope.MEMORY_WRITE)
        at = self._clock()

        def write(tx: Connection) -> Contact:
            if not store.delete_alias(tx, principal.person, alias.strip()):
                raise ContactNotFoundError(alias)
            return _add(tx, principal.person, alias, (), "split", new_id(at), self._clock)

        return await self._database.write(write)


def _checked(name: str) -> str:
    stripped = name.strip()
    if not 0 < len(stripped) <= LONGEST_NAME:
        raise NameLengthError(stripped)
    return stripped


def require(tx: Connection, owner: Identifier, name: str) -> Contact:
    """Return who goes by ``name``.

    Raises:
        ContactNotFoundError: nobody does.
    """
    who = store.find(tx, owner, name.strip())
    if who is None:
        raise ContactNotFoundError(name)
    return who


def _add(
    tx: Connection,
    owner: Identifier,
    name: str,
    aliases: tuple[str, ...],
    source: str,
    fresh: Identifier,
    clock: Clock,
) -> Contact:
    wanted = [_checked(one) for one in (name, *aliases)]
    who = store.find(tx, owner, wanted[0])
    if who is None:
        who = Contact(fresh, wanted[0], (), source)
        store.insert_contact(tx, owner, who, clock())
    for alias in wanted[1:]:
        holder = store.find(tx, owner, alias)
        if holder is None:
            store.insert_alias(tx, owner, who.id, alias)
        elif holder.id != who.id:
            raise NameTakenError(alias, holder.name)
    return require(tx, owner, who.name)
