"""Rows of a person that operations name: each made through the services, as the person would."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Final

from sqlalchemy import Connection

from demo.authenticator import Authenticator
from mnemosyne.accounts import alarms, enrolments
from mnemosyne.accounts.alarms import AlarmKind
from mnemosyne.accounts.enrolments import EnrolmentKind
from mnemosyne.accounts.model import Person
from mnemosyne.events.jobs import Report
from mnemosyne.http.admission import stepped_up
from mnemosyne.identity import cards
from mnemosyne.identity.cards import Card
from mnemosyne.identity.examples import UNKNOWN, Examples
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.phrase import parse_phrase
from mnemosyne.memories.model import Draft
from mnemosyne.safekeeping import store
from mnemosyne.safekeeping.store import KnownBackup
from tests.security.world import CANARY, World
from tests.serving import ADDRESS

OWN: Final = "own_"
"""Before the name of a row that is the caller's, whosever the others are."""

# The phrases of BIP-39 that everybody knows.
PHRASE: Final = "abandon " * 23 + "art"
ANOTHER_PHRASE: Final = "zoo " * 23 + "vote"

Maker = Callable[[World, Person], Awaitable[str]]


class Rows:
    """The rows of one person, each made when it is first named."""

    def __init__(self, world: World, who: Person) -> None:
        self._world = world
        self._who = who
        self._made: dict[str, str] = {}

    async def __call__(self, kind: str) -> str:
        """Return the identifier of the person's row of this kind."""
        if kind not in self._made:
            self._made[kind] = await MAKERS[kind.removeprefix(OWN)](self._world, self._who)
        return self._made[kind]


def absent(world: World, kind: str) -> str:
    """Return an identifier as one of this kind looks, which nobody has."""
    return ABSENT[kind] if kind in ABSENT else new_id(world.clock())


async def memory(world: World, who: Person) -> str:
    """Return a memory whose text and tag nobody else may see."""
    word = _word(world, who)
    text = f"{word} {new_id(world.clock())}"
    captured = await world.node.memories.capture(_of(who), Draft(text, tags=(word,)), text)
    return captured.memory.id


async def superseded(world: World, who: Person) -> str:
    """Return a memory in whose place another holds."""
    older, text = await memory(world, who), f"newer {new_id(world.clock())}"
    await world.node.revisions.supersede(_of(who), older, Draft(text), text)
    return older


async def reworded(world: World, who: Person) -> str:
    """Return a memory that had another text before."""
    made = await memory(world, who)
    text = f"{_word(world, who)} {new_id(world.clock())}"
    await world.node.revisions.edit(_of(who), made, content=text)
    return made


async def version(world: World, who: Person) -> str:
    """Return the number of the text that a memory had first."""
    del world, who
    return "1"


async def binned(world: World, who: Person) -> str:
    """Return a memory that is in the bin."""
    made = await memory(world, who)
    await world.node.bin.forget(_of(who), [made])
    return made


async def erasure(world: World, who: Person) -> str:
    """Return an erase that was asked for."""
    return (await world.node.erasure.erase(_of(who), [await memory(world, who)])).request


async def contact(world: World, who: Person) -> str:
    """Return somebody of the people list, with an alias."""
    world.clock.advance(timedelta(milliseconds=1))  # so that the newest one is known by its id
    name = f"{_word(world, who)} {new_id(world.clock())}"
    return (await world.node.contacts.add(_of(who), name, (f"{name} the Second",))).id


async def alias(world: World, who: Person) -> str:
    """Return an alias of the person's newest contact."""
    everyone = await world.node.contacts.everyone(_of(who))
    return max(everyone, key=lambda each: each.id).aliases[0]


async def token(world: World, who: Person) -> str:
    """Return a token of a script."""
    return (await world.token(who))[1]


async def session(world: World, who: Person) -> str:
    """Return another browser."""
    return (await world.session(who))[1]


async def invitation(world: World, who: Person) -> str:
    """Return an invitation that was not used yet."""
    return (await _invited(world, who))[0]


async def invited(world: World, who: Person) -> str:
    """Return the secret of an invitation."""
    return (await _invited(world, who))[1]


async def alarm(world: World, who: Person) -> str:
    """Return an alarm that was not acknowledged."""
    at = world.clock()

    def ring(tx: Connection) -> None:
        alarms.ring(tx, who.id, AlarmKind.CODE_REDEEMED, new_id(at), at, channel="http", facts={})

    await world.node.database.write(ring)
    return (await world.node.alarms.all(_of(who)))[0].id


async def passkey(world: World, who: Person) -> str:
    """Return a passkey of a device of its own."""
    return await add_passkey(world, who, Authenticator())


async def add_passkey(world: World, who: Person, device: Authenticator) -> str:
    """Let ``device`` make a passkey of somebody who is signed in and confirmed it."""
    begun = await world.served.session(who)
    current, party = stepped_up(begun.admitted), ADDRESS.relying_party
    options = await world.node.passkeys.options(current, party)
    answer = device.create(options, party.origin)
    return (await world.node.passkeys.add(current, answer, party)).id


async def job(world: World, who: Person) -> str:
    """Return a job that has ended."""

    async def work(_report: Report) -> None:
        return None

    started = world.node.jobs.start(who.id, "import", work, scope=Scope.MEMORY_WRITE)
    async for _ in world.node.jobs.follow(who.id, started.id):
        pass
    return started.id


async def unknown(_world: World, _who: Person) -> str:
    """Return a DID that is hosted nowhere."""
    return UNKNOWN


async def followed(world: World, who: Person) -> str:
    """Return the DID of somebody elsewhere that a person follows."""
    made = Examples(world.clock)
    theirs = Card(made.active, tuple(made.history(made.active).entries))
    await world.node.following.accept(_of(who), theirs, f"{_word(world, who)} abroad")
    return made.active


async def card(world: World, _who: Person) -> str:
    """Return the card of somebody else of this node."""
    other = await world.person(f"Zoe {new_id(world.clock())}")
    await with_did(world, other)
    shown = await world.node.identities.card(_of(other), None, None)
    return cards.encode(shown).decode("utf-8")


async def with_did(world: World, who: Person) -> None:
    """Let somebody have a DID."""
    await world.node.identities.create(_of(who), parse_phrase(PHRASE))


async def folder(world: World, who: Person) -> str:
    """Return a folder on a medium that is not there: a job that writes a backup to it fails."""
    return str(world.folder / "away" / who.id)


async def backup(world: World, who: Person) -> str:
    """Return a backup whose medium is not there: a job that verifies it fails."""
    place = Path(await folder(world, who)) / f"{new_id(world.clock())}.backup"
    at, counter = world.clock(), int(new_id(world.clock())[-6:], 16)
    known = KnownBackup(new_id(at), place, counter, at, at, None, "", 0)
    await world.node.database.write(lambda tx: store.add(tx, known))
    return known.id


async def slot(world: World, who: Person) -> str:
    """Return a further way into the vault."""
    added = await world.node.keys.add(_of(who), KeyFile(token_bytes(32)))
    return added.id


async def entry(world: World, who: Person) -> str:
    """Return the number of an entry that has a receipt."""
    erased = await world.node.erasure.erase(_of(who), [await memory(world, who)])
    return str(erased.entry)


def _word(world: World, who: Person) -> str:
    return CANARY if who.id == world.ada.id else "amsel"


async def _invited(world: World, who: Person) -> tuple[Identifier, str]:
    at = world.clock()
    made, secret = await world.node.database.write(
        lambda tx: enrolments.add(tx, EnrolmentKind.INVITATION, who.id, new_id(at), at)
    )
    return made.id, secret


def _of(who: Person) -> Principal:
    return Principal.local(who.id)


MAKERS: Final[Mapping[str, Maker]] = {
    each.__name__: each
    for each in (
        memory,
        superseded,
        reworded,
        version,
        binned,
        erasure,
        contact,
        alias,
        token,
        session,
        invitation,
        invited,
        alarm,
        passkey,
        job,
        unknown,
        followed,
        card,
        folder,
        backup,
        slot,
        entry,
    )
}
ABSENT: Final[Mapping[str, str]] = {
    "alias": "nobody at all",
    "invited": "mnemenrol_nothing",
    "followed": UNKNOWN,
    "entry": "999999",
    "version": "1",
}
_ORDER: Final = tuple(MAKERS)


def order(kind: str) -> int:
    """Return when a row is made: after those that it is part of."""
    return _ORDER.index(kind.removeprefix(OWN))
