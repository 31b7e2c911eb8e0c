"""Use cases of the people of this node: who am I, call me something else, who is here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mnemosyne.accounts import names, restriction, store
from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.accounts.model import Person
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope


class PersonNotFoundError(MnemosyneError):
    """Nobody on this node is called that."""

    code = "person-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"nobody on this node is called “{name[:100]}”",
            why="They never were here, were erased, or are called something else.",
            hint="`mnemosyne account people` lists who is here.",
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Account:
    """A person as they see themself; ``first`` is whose node it is."""

    id: Identifier
    name: str
    created_at: datetime
    first: bool
    restricted_since: datetime | None


@dataclass(frozen=True, slots=True)
class Resident:
    """A person as whoever runs the node sees them: a name and a date, and nothing of theirs."""

    name: str
    created_at: datetime
    first: bool


class People:
    """The people who have an account on this node."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def account(self, principal: Principal) -> Account:
        """Return who asks."""
        return await self._database.read(lambda tx: _account(tx, principal.person))

    async def rename(self, principal: Principal, name: str) -> Account:
        """Call the person something else.

        Raises:
            PersonNameError, PersonNameTakenError: they cannot be called so here.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()

        def write(tx: Connection) -> Account:
            before = _account(tx, principal.person)
            called = names.free(tx, name, besides=principal.person)
            if called != before.name:
                store.rename(tx, principal.person, called)
                facts: dict[str, object] = {"from": before.name, "to": called}
                audit.append(tx, _act(principal, "renamed", facts), at)
            return _account(tx, principal.person)

        return await self._database.write(write)

    async def everyone(self, principal: Principal) -> Sequence[Resident]:
        """Return who is on this node, the first person first: names and dates alone."""
        principal.require(Scope.ADMIN)
        found = await self._database.read(store.people)
        return [Resident(each.name, each.created_at, each is found[0]) for each in found]

    async def find(self, principal: Principal, name: str) -> Person:
        """Return the person of this node who is called ``name``, for the shell of the node.

        Raises:
            PersonNotFoundError: nobody is.
        """
        principal.require(Scope.ADMIN)
        return await self._database.read(lambda tx: named(tx, name))

    async def restrict(self, principal: Principal) -> Account:
        """Have nothing done with what is the person's until they lift it (GDPR Art. 18)."""
        return await self._changed(principal, "processing-restricted", restriction.restrict)

    async def unrestrict(self, principal: Principal) -> Account:
        """Let what waits go on, and everything be done again."""
        return await self._changed(
            principal, "restriction-lifted", lambda tx, owner, _at: restriction.lift(tx, owner)
        )

    async def _changed(
        self,
        principal: Principal,
        kind: str,
        change: Callable[[Connection, Identifier, datetime], bool],
    ) -> Account:
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()

        def write(tx: Connection) -> Account:
            _account(tx, principal.person)
            if change(tx, principal.person, at):
                audit.append(tx, _act(principal, kind, {}), at)
            return _account(tx, principal.person)

        return await self._database.write(write)


def named(tx: Connection, name: str) -> Person:
    """Return the person of this node who is called ``name``, in any case.

    Raises:
        PersonNotFoundError: nobody is.
    """
    wanted = " ".join(name.split()).casefold()
    for each in store.people(tx):
        if each.name.casefold() == wanted:
            return each
    raise PersonNotFoundError(name)


def _account(tx: Connection, owner: Identifier) -> Account:
    found = store.get(tx, owner)
    first = store.first(tx)
    if found is None or first is None:
        raise NotSignedInError  # erased while the request was under way
    since = restriction.since(tx, owner)
    return Account(found.id, found.name, found.created_at, found.id == first.id, since)


def _act(principal: Principal, kind: str, facts: dict[str, object]) -> Act:
    return Act(principal.person, kind, principal.credential, principal.channel, payload=facts)
